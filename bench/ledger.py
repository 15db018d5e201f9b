"""
How many answers a second the ledger carries on SQLite, every hold durable before its provider call.

Whole requests of `trial.process_ai` on a short page with a provider that answers at once, from one process and from
four on the same file; then with group commit switched off: each change of the budget its own write, and each
operation of the store its own transaction.
"""

import asyncio
import itertools
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.inside import CAP_USD, Clock, app_inside, process
from bench.results import Section, Table, quantiles, verdict
from promptready.budget import Budget
from promptready.credits import User
from promptready.group_commit import GroupCommit, _Attempt, _Seen
from promptready.money import usd_to_nano
from promptready.store import Document
from promptready.store.sqlite import SqliteStore
from tests.support.apps import add_user
from tests.support.process import python_module, running

ROUNDS = 3
SECONDS = 4.0
CALLERS = 32
USERS_PER_CALLER = 20  # so that no user's document grows as no real one does
CREDITS = 150
CHECK_EVERY = 25
START_UP_S = 4.0
PAGE = "# Tea\n\nTea is made with water at 95 degrees."


class LoneWrites(SqliteStore):
    """Every operation a transaction of its own."""

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        for operation in self._gathered.pop(loop, ()):
            self._operations.put([operation])

    def _with_others_waiting(self, first: list) -> list:  # type: ignore[type-arg]
        return first


class LoneCommits(GroupCommit):
    """Every change of the budget a write of its own."""

    def _compose(self, seen: _Seen) -> _Attempt:
        everybody, self._waiting = self._waiting, self._waiting[:1]
        try:
            return super()._compose(seen)
        finally:
            self._waiting = everybody


@dataclass(frozen=True, slots=True)
class Worker:
    """What one process counted: answers, seconds of processor, latencies, and holds found durable by another reader."""

    answers: int
    cpu_s: float
    latencies_ms: list[float]
    checked: int
    missing: int


@dataclass(frozen=True, slots=True)
class Way:
    """One configuration."""

    name: str
    processes: int
    is_grouped: bool = True


WAYS = (
    Way("1 process", 1),
    Way("1 process, no group commit", 1, is_grouped=False),
    Way("4 processes", 4),
    Way("4 processes, no group commit", 4, is_grouped=False),
)


async def run() -> Section:
    """Measure every configuration in turn, several times."""
    rounds: dict[str, list[list[Worker]]] = {}
    for _ in range(ROUNDS):
        for way in WAYS:
            rounds.setdefault(way.name, []).append(await asyncio.to_thread(_round, way))
    rates = {name: statistics.median(_per_second(workers) for workers in runs) for name, runs in rounds.items()}
    table = Table(
        f"{CALLERS} callers in all, median of {ROUNDS} rounds of {SECONDS:.0f} s",
        ("", "answers/s", "p50 ms", "p99 ms", "CPU ms an answer", "holds looked up at the call", "not durable"),
        [_row(name, runs, rates[name]) for name, runs in rounds.items()],
    )
    best = max(rates["1 process"], rates["4 processes"])
    gain = rates["1 process"] / rates["1 process, no group commit"]
    return Section(
        "2 Ledger",
        [table],
        [verdict("answers a second on this machine", best, 1000, "a second", at_least=True)],
        [f"Group commit makes one process {gain:.1f} times as fast."],
    )


def _per_second(workers: Sequence[Worker]) -> float:
    return sum(worker.answers for worker in workers) / SECONDS


def _row(name: str, runs: Sequence[Sequence[Worker]], rate: float) -> tuple[str, ...]:
    workers = [worker for run in runs for worker in run]
    p50, _, p99 = quantiles([latency for worker in workers for latency in worker.latencies_ms])
    cpu_ms = 1000 * sum(worker.cpu_s for worker in workers) / sum(worker.answers for worker in workers)
    checked, missing = sum(worker.checked for worker in workers), sum(worker.missing for worker in workers)
    return name, f"{rate:,.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{cpu_ms:.2f}", f"{checked:,}", str(missing)


def _round(way: Way) -> list[Worker]:
    """Run one configuration on a file of its own; all its processes begin at the same time."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store.db"
        asyncio.run(_fill(database))
        begin_at = time.time() + START_UP_S
        share = CALLERS // way.processes
        servers = [
            running(
                python_module(
                    "bench.ledger", str(database), str(begin_at), str(share * n), str(share), str(int(way.is_grouped))
                )
            )
            for n in range(way.processes)
        ]
        started = [server.__enter__() for server in servers]
        workers = [Worker(**json.loads(server.wait_for(r"(?m)^\{.*\}$", timeout_s=60)[0])) for server in started]
        for server in servers:
            server.__exit__(None, None, None)
        return workers


async def _fill(database: Path) -> None:
    store = SqliteStore(database)
    users = [_user(caller, n) for caller in range(CALLERS) for n in range(USERS_PER_CALLER)]
    await asyncio.gather(*(add_user(store, user, credits_=CREDITS) for user in users))
    await store.close()


def _user(caller: int, n: int) -> str:
    return f"bench-user-{caller}-{n % USERS_PER_CALLER}"


async def _work(database: Path, begin_at: float, callers: range, *, is_grouped: bool) -> Worker:
    """Be one of the processes: keep one request of each caller under way for the time of a round."""
    latencies_ms: list[float] = []
    store = SqliteStore(database) if is_grouped else LoneWrites(database)
    witness = Witness(database)
    with tempfile.TemporaryDirectory() as folder:
        async with app_inside(store, Path(folder), on_call=witness.look) as app:
            if not is_grouped:
                lone = LoneCommits(store, Clock(), f"{os.getpid():016x}", usd_to_nano(int(CAP_USD)))
                app.budget._commits = lone  # noqa: SLF001 - what is switched off
            await asyncio.sleep(max(0.0, begin_at - time.time()))
            started_s, cpu_before_s = time.perf_counter(), time.process_time()

            async def call(caller: int) -> None:
                for n in itertools.count():
                    sent_s = time.perf_counter()
                    if sent_s - started_s >= SECONDS:
                        return
                    user = _user(caller, n)
                    await process(app, user, f"{PAGE} {user}")
                    latencies_ms.append((time.perf_counter() - sent_s) * 1000)

            await asyncio.gather(*(call(caller) for caller in callers))
            cpu_s = time.process_time() - cpu_before_s
    return Worker(len(latencies_ms), cpu_s, latencies_ms, witness.looked, witness.missing)


class Witness:
    """
    Looks at the file over a connection of its own, at every so many provider calls.

    What another connection sees has been committed, and a commit returns when it is on the disk. It looks for the
    user's hold, and for a spend that covers all of this process's calls, the present one included.
    """

    def __init__(self, database: Path) -> None:
        self._connection = sqlite3.connect(database, isolation_level=None)
        self._calls = 0
        self._cost_nanousd = 0
        self.looked = 0
        self.missing = 0

    def look(self, page: str, cost_nanousd: int) -> None:
        """Hear of a call that is about to be made."""
        self._calls += 1
        self._cost_nanousd += cost_nanousd
        if self._calls % CHECK_EVERY:
            return
        user = User.from_document(self._document("users", page.rsplit(" ", 1)[-1]))
        budget = Budget.from_document(self._document("global_config", "budget"))
        is_held = any(request.state == "held" for request in user.requests)
        self.looked += 1
        self.missing += not is_held or budget.spend_nanousd < self._cost_nanousd

    def _document(self, container: str, id_: str) -> Document:
        query = "SELECT body FROM documents WHERE container = ? AND id = ?"
        document: Document = json.loads(self._connection.execute(query, (container, id_)).fetchone()[0])
        return document


if __name__ == "__main__":
    path, begin, first, count, grouped = sys.argv[1:]
    mine = range(int(first), int(first) + int(count))
    print(json.dumps(asdict(asyncio.run(_work(Path(path), float(begin), mine, is_grouped=grouped == "1")))), flush=True)
