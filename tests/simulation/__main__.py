"""
`python -m tests.simulation --seeds 100000`: run schedules until one breaks a promise, and say which.

`--seed N --trace` replays one and prints what happened, in order. `--kind` leaves out the other kind. A long run may
be recorded chunk by chunk (`--record FILE`), and what several came to be printed as a table (`--table FILE`).
"""

import argparse
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path

from tests.simulation.world import KINDS, run

CHUNK_SEEDS = 500


@dataclass(slots=True)
class Tally:
    """What many schedules came to."""

    kind: str = ""
    first: int = 0
    schedules: int = 0
    requests: int = 0
    answers: int = 0
    calls: int = 0
    cpu_s: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[str, int, str]] = field(default_factory=list)

    def to_document(self) -> dict[str, object]:
        """Return what `Tally(**document)` brings back."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def add(self, other: "Tally") -> None:
        """Take in a chunk."""
        self.schedules += other.schedules
        self.requests += other.requests
        self.answers += other.answers
        self.calls += other.calls
        self.cpu_s += other.cpu_s
        self.outcomes.update(other.outcomes)
        self.violations += other.violations


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 if a promise was broken."""
    options = _parser().parse_args(arguments)
    kinds = [options.kind] if options.kind else list(KINDS)
    if options.seed is not None:
        return max(_replay(kind, options.seed, trace=options.trace) for kind in kinds)
    started_s = time.perf_counter()
    if options.table:
        print(_table(options.table))
        return 0
    total = Tally()
    for chunk in _chunks(kinds, options.first, options.first + options.seeds, options.jobs):
        total.add(chunk)
        if options.record:
            with options.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(chunk.to_document()) + "\n")
        for kind, seed, violation in chunk.violations:
            print(f"{violation}\n  python -m tests.simulation --kind {kind} --seed {seed} --trace", flush=True)
        if total.violations and not options.keep_going:
            break
    _print(total, time.perf_counter() - started_s)
    return 1 if total.violations else 0


def run_chunk(kind: str, first: int, end: int) -> Tally:
    """Run the seeds from `first` to below `end`."""
    tally, started_s = Tally(kind, first), time.process_time()
    gc.disable()  # every schedule is one heap of cycles: let go of many at once
    try:
        for seed in range(first, end):
            report = run(seed, kind)
            tally.schedules += 1
            tally.requests += report.requests
            tally.answers += report.answers
            tally.calls += report.calls
            tally.outcomes.update(report.outcomes)
            if report.violation:
                tally.violations.append((kind, seed, report.violation))
    finally:
        gc.enable()
        gc.collect()
    tally.cpu_s = time.process_time() - started_s
    return tally


def _chunks(kinds: Sequence[str], first: int, end: int, jobs: int) -> Iterator[Tally]:
    work = [(kind, start, min(end, start + CHUNK_SEEDS)) for start in range(first, end, CHUNK_SEEDS) for kind in kinds]
    if jobs == 1:
        yield from (run_chunk(*chunk) for chunk in work)
        return
    pool = ProcessPoolExecutor(jobs, initializer=gc.freeze)
    try:
        yield from pool.map(run_chunk, *zip(*work, strict=True))
    finally:
        pool.shutdown(cancel_futures=True)


def _replay(kind: str, seed: int, *, trace: bool) -> int:
    report = run(seed, kind, trace=trace)
    print(f"{kind} {seed}: {report.violation or 'every promise was kept'}")
    return 1 if report.violation else 0


def _print(total: Tally, wall_s: float) -> None:
    print(
        f"{total.schedules:,} schedules, {total.requests:,} requests, {total.calls:,} provider calls, "
        f"{total.answers:,} answers to users; {len(total.violations)} broke a promise"
    )
    print(f"{total.schedules / total.cpu_s:,.0f} schedules per second of one core, {wall_s:,.0f} s in all")
    print("Ends: " + ", ".join(f"{name} {count:,}" for name, count in total.outcomes.most_common()))


def _table(recorded: Path) -> str:
    """Return what the recorded chunks came to, one row for each kind and one for all."""
    chunks = [Tally(**json.loads(line)) for line in recorded.read_text(encoding="utf-8").splitlines()]
    rows = ["| kind | schedules | requests | provider calls | answers to users | schedules/s | broken promises |"]
    rows.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name in (*KINDS, "together"):
        total = Tally()
        for chunk in chunks:
            if name in {chunk.kind, "together"}:
                total.add(chunk)
        speed = total.schedules / total.cpu_s if total.cpu_s else 0
        rows.append(
            f"| {name} | {total.schedules:,} | {_count(total.requests)} | {total.calls:,} | {_count(total.answers)} "
            f"| {speed:,.0f} | {len(total.violations)} |"
        )
    return "\n".join(rows)


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1_000, help="schedules of each kind (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: %(default)s)")
    parser.add_argument("--kind", choices=list(KINDS), help="whole: the use cases; budget: the ledger alone")
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first broken promise")
    parser.add_argument("--record", type=Path, metavar="FILE", help="append a line of JSON for every chunk")
    parser.add_argument("--table", type=Path, metavar="FILE", help="run nothing, print what was recorded")
    parser.add_argument("--seed", type=int, help="run this one")
    parser.add_argument("--trace", action="store_true", help="with --seed: print what happens")
    return parser


if __name__ == "__main__":
    sys.exit(main())
