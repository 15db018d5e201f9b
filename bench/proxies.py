"""What a proxy adds to its provider: ours beside the bare framework, Portkey and LiteLLM, in interleaved rounds."""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench import gateways, tools
from bench.disk import commits_ms
from bench.gateways import Gateway
from bench.load import HTTP_OK, Load, Target, ask, closed_loop
from bench.processes import used
from bench.results import Section, Table, quantiles, verdict

ROUNDS = 3
SECONDS = 1.5
WARM_UP_S = 0.5
CALLERS = (1, 32)
DELAYS_MS = (0, 50)
NOTHING = "nothing (the client straight to the upstream)"

Case = tuple[int, int]
"""Callers and the upstream's delay."""


@dataclass(slots=True)
class Runs:
    """One server's rounds, by case; the processor time a request took, and how much memory it held at the end."""

    loads: dict[Case, list[Load]] = field(default_factory=dict)
    cpu_ms: dict[Case, list[float]] = field(default_factory=dict)
    start_s: float | None = None
    resident_mb: float | None = None

    def per_second(self, case: Case) -> float:
        """Return the median of the rounds."""
        return statistics.median(load.per_second for load in self.loads[case])

    def cpu_ms_per_request(self, case: Case) -> float:
        """Return the median of the rounds."""
        return statistics.median(self.cpu_ms[case])

    def added_ms(self, case: Case, nothing: "Runs") -> tuple[float, float, float]:
        """Return how much later than straight from the upstream p50, p95 and p99 are, medians over the rounds."""
        rounds = [
            [here - there for here, there in zip(quantiles(a.latencies_ms), quantiles(b.latencies_ms), strict=True)]
            for a, b in zip(self.loads[case], nothing.loads[case], strict=True)
        ]
        p50, p95, p99 = (statistics.median(column) for column in zip(*rounds, strict=True))
        return p50, p95, p99


async def run() -> Section:
    """Start all servers, load them in turn, round by round."""
    absent: list[str] = []
    runs: dict[str, Runs] = {NOTHING: Runs()}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        upstream_url = await stack.enter_async_context(gateways.upstream())
        servers: list[Gateway] = []
        for starter in gateways.CONTESTANTS:
            own = folder / starter.__name__
            own.mkdir()
            try:
                servers.append(await stack.enter_async_context(starter(upstream_url, own)))
            except tools.NotInstalled as exc:
                absent.append(f"{starter.__name__} was not measured: {exc}")
        for server in servers:
            runs[server.name] = Runs(start_s=server.start_s)
            await closed_loop(server.target, callers=8, seconds=WARM_UP_S)
        floor_ms: list[float] = []
        for _ in range(ROUNDS):
            floor_ms += commits_ms(folder)
            for delay_ms in DELAYS_MS:
                await ask(upstream_url, f"/delay/{delay_ms}", b"{}")
                for callers in CALLERS:
                    await _one_round((callers, delay_ms), servers, gateways.direct(upstream_url), runs)
        for server in servers:
            runs[server.name].resident_mb = used(server.pid).resident_mb
    p50, p95, _ = quantiles(floor_ms)
    floor = (
        f"A commit by SQLite alone took {p50:.2f} ms at p50 and {p95:.2f} at p95 on this disk; a request waits for two."
    )
    return _section(runs, [floor, *absent])


async def _one_round(case: Case, servers: Sequence[Gateway], direct: Target, runs: dict[str, Runs]) -> None:
    callers, _ = case
    load = (await closed_loop(direct, callers=callers, seconds=SECONDS)).only(HTTP_OK)
    runs[NOTHING].loads.setdefault(case, []).append(load)
    for server in servers:
        before_s = used(server.pid).cpu_s
        load = (await closed_loop(server.target, callers=callers, seconds=SECONDS)).only(HTTP_OK)
        cpu_ms = (used(server.pid).cpu_s - before_s) * 1000 / len(load.latencies_ms)
        runs[server.name].loads.setdefault(case, []).append(load)
        runs[server.name].cpu_ms.setdefault(case, []).append(cpu_ms)


def _section(runs: dict[str, Runs], notes: Sequence[str]) -> Section:
    nothing = runs.pop(NOTHING)
    tables = [_table(runs, nothing, (callers, delay_ms)) for delay_ms in DELAYS_MS for callers in CALLERS]
    sizes = Table(
        "Start and memory",
        ("server", "process start to first answer", "resident after the rounds"),
        [(name, f"{run.start_s:.2f} s", f"{run.resident_mb:.0f} MB") for name, run in runs.items()],
    )
    return Section("1 Proxy overhead", [*tables, sizes], _bars(runs, nothing), [*notes, _versions()])


def _table(runs: dict[str, Runs], nothing: Runs, case: Case) -> Table:
    callers, delay_ms = case
    baseline = quantiles([latency for load in nothing.loads[case] for latency in load.latencies_ms])
    rows = [
        (
            name,
            *(f"{ms:.2f}" for ms in run.added_ms(case, nothing)),
            f"{run.per_second(case):,.0f}",
            f"{run.cpu_ms_per_request(case):.2f}",
        )
        for name, run in runs.items()
    ]
    rows.append((NOTHING, *("0" for _ in baseline), f"{nothing.per_second(case):,.0f}", ""))
    caption = (
        f"Upstream of {delay_ms} ms, {callers} caller{'s' if callers > 1 else ''}: added ms (the client alone needs "
        f"{baseline[0]:.2f} at p50), requests a second, processor time a request"
    )
    return Table(caption, ("server", "p50", "p95", "p99", "requests/s", "CPU ms"), rows)


def _bars(runs: dict[str, Runs], nothing: Runs) -> list[str]:
    def named(start: str) -> Runs | None:
        return next((run for name, run in runs.items() if name.startswith(start)), None)

    ours, memory = runs.get("PromptReady, full ledger, SQLite"), named("PromptReady, full ledger, SQLite in memory")
    portkey, litellm = named("Portkey"), named("LiteLLM")
    one, many = (1, 0), (max(CALLERS), 0)
    bars: list[str] = []
    if ours is None:
        return bars
    mine = ours.added_ms(one, nothing)[0]
    bars.append(verdict("p50 added, one caller, SQLite", mine, 5, "ms"))
    if memory:
        bars.append(verdict("the same with SQLite in memory", memory.added_ms(one, nothing)[0], 5, "ms"))
    if portkey:
        theirs = portkey.added_ms(one, nothing)[0]
        bars.append(verdict("p50 added with the full ledger, beside Portkey's without any", mine, theirs, "ms"))
    if litellm:
        rate, cpu = litellm.per_second(many), litellm.cpu_ms_per_request(many)
        bars.append(verdict("requests/s, in LiteLLM's", ours.per_second(many) / rate, 5, "times", at_least=True))
        bars.append(verdict("CPU a request, in LiteLLM's", ours.cpu_ms_per_request(many) / cpu, 0.2, "of it"))
    return bars


def _versions() -> str:
    found = []
    python = tools.FOLDER / "litellm" / "bin" / "python"
    if python.exists():
        code = "from importlib.metadata import version; print('LiteLLM', version('litellm'))"
        found.append(
            subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False).stdout.strip()
        )
    manifest = tools.FOLDER / "portkey" / "node_modules" / "@portkey-ai" / "gateway" / "package.json"
    if manifest.exists():
        found.append(f"Portkey {json.loads(manifest.read_text(encoding='utf-8'))['version']}")
    return f"Measured beside: {', '.join(found) or 'nothing'}."
