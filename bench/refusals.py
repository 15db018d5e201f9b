"""How fast the app says no: over HTTP through the local host on SQLite, with the upstream's count as the witness."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from bench import gateways
from bench.gateways import CREDITS, Gateway
from bench.load import Load, Target, as_json, ask, closed_loop
from bench.results import Section, Table, quantiles, verdict
from bench.upstream import PAGE
from promptready.store.sqlite import SqliteStore
from tests.support.apps import add_user
from tests.support.process import ROOT

ROUNDS = 3
SECONDS = 2.0
SETTLE_S = 1.2  # a process may believe for a second what it saw of the budget


async def run() -> Section:
    """Send what must be refused, kind by kind, in interleaved rounds; the breaker last, since it refuses everything."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store.db"
        async with gateways.upstream() as upstream_url, gateways.ours_on_sqlite(upstream_url, Path(folder)) as ours:
            await _add_poor_user(database)
            calls_before = await _calls(upstream_url)
            rows = {"the host alone: an unknown path": _target(ours, _page, path="/nowhere")}
            rows |= {
                "bad input: not JSON": _target(ours, lambda _: b"{"),
                "bad input: a field is missing": _target(ours, lambda _: as_json({"userId": "bench-user-0"})),
                "unknown user": _target(ours, lambda n: _page(n, "nobody-0001")),
                "no credits": _target(ours, lambda n: _page(n, "bench-user-poor")),
            }
            expected = dict(
                zip(
                    rows,
                    (HTTPStatus.NOT_FOUND, 400, 400, HTTPStatus.NOT_FOUND, HTTPStatus.PAYMENT_REQUIRED),
                    strict=True,
                )
            )
            loads: dict[str, list[Load]] = {}
            for _ in range(ROUNDS):
                for name, target in rows.items():
                    load = (await closed_loop(target, callers=1, seconds=SECONDS)).only(expected[name])
                    loads.setdefault(name, []).append(load)
            _open_breaker(database)
            await asyncio.sleep(SETTLE_S)
            target = _target(ours, _page)
            loads["breaker open"] = [
                (await closed_loop(target, callers=1, seconds=SECONDS)).only(HTTPStatus.SERVICE_UNAVAILABLE)
                for _ in range(ROUNDS)
            ]
            calls = await _calls(upstream_url) - calls_before
    return _section(loads, calls)


def _section(loads: dict[str, list[Load]], calls: int) -> Section:
    spread = {name: quantiles([ms for load in runs for ms in load.latencies_ms]) for name, runs in loads.items()}
    table = Table(
        f"One caller, {ROUNDS} rounds of {SECONDS:.0f} s, ms as the caller sees them",
        ("refused for", "p50", "p95", "p99", "refusals"),
        [
            (name, *(f"{ms:.2f}" for ms in spread[name]), f"{sum(len(load.latencies_ms) for load in runs):,}")
            for name, runs in loads.items()
        ],
    )
    bars = [verdict(f"p99, {name}", spread[name][2], 2, "ms") for name in spread if "host alone" not in name]
    notes = [
        f"Calls to the provider during all of it: {calls}.",
        "tests/test_round_trips.py holds that an open breaker asks the store at most once a second.",
    ]
    return Section("4 Refusals", [table], bars, notes)


def _target(ours: Gateway, body: Callable[[int], bytes], *, path: str = "/api/process-ai") -> Target:
    return Target(ours.target.url, path, body)


def _page(number: int, user: str | None = None) -> bytes:
    user = user or f"bench-user-{number % CREDITS}"
    return as_json({"userId": user, "cohort": "A", "content": PAGE})


async def _add_poor_user(database: Path) -> None:
    store = SqliteStore(database)
    await add_user(store, "bench-user-poor", credits_=0)
    await store.close()


async def _calls(upstream_url: str) -> int:
    _, body = await ask(upstream_url, "/calls")
    return int(body.rpartition(b":")[2].strip(b" }"))


def _open_breaker(database: Path) -> None:
    """Open it as an operator does."""
    environment = {"STORE_URL": f"sqlite:///{database}", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "promptready.admin", "breaker", "open"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
