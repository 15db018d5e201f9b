"""
How fast one budget document takes changes from many processes: the real budget code over a store 8 ms away.

    python -m bench.contention [--seconds 20] [--processes 1 4 16 64] [--callers 32]

Time is virtual: the store's round trip (8 ms, plus or minus a quarter) and every backoff are waited for on a
simulated clock, and computing takes no time. So it measures the protocol, not this machine: what many
instances with a processor each would see. Each caller takes a hold, settles it, and begins again at once.
"""

import argparse
import asyncio
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from promptready.budget import Budget
from promptready.errors import PreconditionFailed, PromptReadyError
from promptready.group_commit import GroupCommit
from promptready.ledger import WeeklyBudget
from promptready.store import Document, Stored
from tests.simulation.loop import VirtualLoop

ROUND_TRIP_S = 0.008
SPREAD = 0.25
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
CAP_NANOUSD = 10**12
HOLD_NANOUSD = 1_000
COLUMNS = (
    "processes x callers",
    "changes/s",
    "p50",
    "p99",
    "longest",
    "writes per change",
    "lost writes",
    "slowest process",
    "callers never served",
    "refused",
    "document",
    "request units/s",
)


@dataclass(slots=True)
class FarStore:
    """One document, `ROUND_TRIP_S` away. Only what the budget uses of the store port."""

    rng: random.Random
    current: Stored = field(default_factory=lambda: Stored(Budget.first(CAP_NANOUSD, NOW).to_document(), "0"))
    reads: int = 0
    writes: int = 0
    conflicts: int = 0

    async def read(self, container: str, id: str) -> Stored:  # noqa: A002, ARG002 - the port's contract names it
        """See the port."""
        await self._travel()
        stored = self.current
        self.reads += 1
        await self._travel()
        return stored

    async def replace(self, container: str, document: Document, etag: str) -> str:  # noqa: ARG002 - the port's shape
        """See the port."""
        await self._travel()
        won = etag == self.current.etag
        if won:
            self.writes += 1
            self.current = Stored(document, str(self.writes))
        else:
            self.conflicts += 1
        new_etag = self.current.etag
        await self._travel()
        if not won:
            raise PreconditionFailed
        return new_etag

    async def _travel(self) -> None:
        await asyncio.sleep(ROUND_TRIP_S / 2 * self.rng.uniform(1 - SPREAD, 1 + SPREAD))


@dataclass(slots=True)
class Result:
    """One configuration. Latencies are those of holds, in seconds."""

    processes: int
    callers: int
    seconds: float
    changes: int = 0
    refused: int = 0
    latencies_s: list[float] = field(default_factory=list)
    by_process: list[int] = field(default_factory=list)
    by_caller: list[int] = field(default_factory=list)
    attempts: int = 0
    conflicts: int = 0
    reads: int = 0
    over_nanousd: int = 0
    unaccounted_nanousd: int = 0
    document_bytes: int = 0

    def quantile_s(self, share: float) -> float:
        """Return the latency that `share` of the holds did not exceed."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0

    @property
    def request_units_per_s(self) -> float:
        """
        Return what Cosmos DB would charge by Microsoft's rule of thumb, lost writes counted in full.

        2 for a read (strong consistency, as infra/ sets it, doubles it) and 5 for a write of 1 kB, ten times as much
        for 100 kB, in between by a straight line.
        """
        larger = 1 + 9 * max(0.0, self.document_bytes / 1024 - 1) / 99
        return larger * (2 * self.reads + 5 * self.attempts) / self.seconds


def measure(  # noqa: C901 - one experiment, told in order
    processes: int, callers: int, seconds: float, *, think_s: float = 0.0, stagger_s: float = 0.0, seed: int = 1
) -> Result:
    """Run one configuration for `seconds` of virtual time."""
    random.seed(seed)
    loop = VirtualLoop(max_steps=None)  # type: ignore[abstract]
    store = FarStore(random.Random(seed))  # noqa: S311 - spreads delays
    pauses = random.Random(seed)  # noqa: S311 - as above
    result = Result(processes, callers, seconds, by_process=[0] * processes, by_caller=[0] * (processes * callers))

    async def call(budget: WeeklyBudget, process: int, caller: int) -> None:
        await asyncio.sleep(process * stagger_s)
        while loop.time() < seconds:
            if think_s:
                await asyncio.sleep(pauses.uniform(0, 2 * think_s))
            if (asked_s := loop.time()) >= seconds:
                return
            try:
                hold = await budget.hold(HOLD_NANOUSD)
            except PromptReadyError:
                result.refused += 1
                continue
            result.latencies_s.append(loop.time() - asked_s)
            result.by_caller[process * callers + caller] += 1
            await budget.settle_later(hold, HOLD_NANOUSD // 2)
            if loop.time() < seconds:
                result.changes += 2
                result.by_process[process] += 2

    def note_traffic() -> None:
        """Stop counting when time is up; what is under way still ends."""
        result.attempts = store.writes + store.conflicts
        result.conflicts, result.reads = store.conflicts, store.reads

    def clock() -> datetime:
        return NOW + timedelta(seconds=loop.time())

    for process in range(processes):
        commits = GroupCommit(store, clock, f"{process:016x}", CAP_NANOUSD)  # type: ignore[arg-type]
        budget = WeeklyBudget(commits, clock)
        for caller in range(callers):
            loop.create_task(call(budget, process, caller))
    loop.later(seconds, note_traffic)
    loop.run()
    loop.bury()
    final = Budget.from_document(store.current.document)
    result.over_nanousd = max(0, final.spend_nanousd - final.cap_nanousd)
    result.unaccounted_nanousd = final.spend_nanousd - len(result.latencies_s) * (HOLD_NANOUSD // 2)
    result.document_bytes = len(json.dumps(store.current.document))
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if the books don't add up."""
    parser = argparse.ArgumentParser(prog="python -m bench.contention", description=__doc__.splitlines()[1])
    parser.add_argument("--seconds", type=float, default=20.0, help="virtual seconds per row (default: %(default)s)")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--callers", type=int, default=32, help="per process (default: %(default)s)")
    parser.add_argument("--think", type=float, default=0.0, metavar="S", help="mean pause of a caller (default: none)")
    parser.add_argument("--stagger", type=float, default=0.0, metavar="S", help="each process starts this much later")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(f"| {' | '.join(COLUMNS)} |")
    print(f"| --- |{' ---: |' * (len(COLUMNS) - 1)}")
    is_sound = True
    for processes in options.processes:
        r = measure(
            processes,
            options.callers,
            options.seconds,
            think_s=options.think,
            stagger_s=options.stagger,
            seed=options.seed,
        )
        is_sound &= r.over_nanousd == 0 == r.unaccounted_nanousd
        print(
            f"| {processes} x {options.callers} | {r.changes / r.seconds:,.0f} | {r.quantile_s(0.5) * 1000:.0f} ms "
            f"| {r.quantile_s(0.99) * 1000:.0f} ms | {r.quantile_s(1) * 1000:.0f} ms | {r.attempts / r.changes:.3f} "
            f"| {r.conflicts / r.attempts:.0%} | {min(r.by_process) / (r.changes / processes):.0%} of its share "
            f"| {r.by_caller.count(0)} | {r.refused} | {r.document_bytes / 1024:.1f} kB "
            f"| {r.request_units_per_s:,.0f} |",
            flush=True,
        )
    print("0 over the cap, every hold accounted for" if is_sound else "BROKEN: the books don't add up")
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
