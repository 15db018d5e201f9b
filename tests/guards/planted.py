"""
`python -m tests.guards.planted`: put back each bug that the simulation once found, and see how soon it finds it again.

In a copy of the tree, for several ranges of seeds, since one lucky seed says little.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.guards.__main__ import copy_tree, without
from tests.guards.guards import Guard

SEEDS = 20_000
TIMEOUT_S = 3_600


@dataclass(frozen=True, slots=True)
class Bug:
    """`guard` is what fixed it; `kind` is the kind of schedule that finds it."""

    guard: Guard
    kind: str


def _bug(name: str, kind: str, path: str, text: str, instead: str) -> Bug:
    return Bug(Guard(name, f"promptready/{path}", text, instead, test=""), kind)


BUGS = (
    _bug(
        "a settlement in doubt is applied twice",
        "budget",
        "group_commit.py",
        "if attempt.result == seen.budget and not self._in_doubt:",
        "if attempt.result == seen.budget:",
    ),
    _bug(
        "a hold granted to a request that has ended stays",
        "whole",
        "ledger.py",
        "        holding.add_done_callback(give_back)\n",
        "",
    ),
    _bug(
        "a hold that lands in the step of its cancellation stays",
        "budget",
        "group_commit.py",
        "if undo is not None and _has_result(future):",
        "if False:",
    ),
    _bug(
        "a hold whose key is being fetched stays",
        "whole",
        "routing.py",
        "            self._budget.settle_later(hold, 0)  # cancelled, or a bug, with nothing sent\n",
        "",
    ),
    _bug(
        "a call is made with no time left",
        "whole",
        "routing.py",
        "if asking.time_left_s <= SHORTEST_ATTEMPT_S:  # the hold",
        "if False:  # the hold",
    ),
    _bug(
        "a settlement in doubt is dropped after five idle minutes",
        "budget",
        "group_commit.py",
        "elif landed_seq == UNKNOWN_WRITER and self._clock()",
        "elif self._clock()",
    ),
)


def main() -> int:
    """Print the table; 1 if a bug was not found in every range."""
    parser = argparse.ArgumentParser(prog="python -m tests.guards.planted", description=__doc__)
    parser.add_argument("--ranges", type=int, default=3, help=f"of {SEEDS:,} seeds (default: %(default)s)")
    ranges = parser.parse_args().ranges
    missed = 0
    print("| planted again | kind | found in | seeds until then, at the median | what the simulation says |")
    print("| --- | --- | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        copy_tree(tree)
        for bug in BUGS:
            with without(tree, bug.guard):
                hunts = [_hunt(tree, bug.kind, number * SEEDS) for number in range(ranges)]
            found = [hunt for hunt in hunts if hunt is not None]
            missed += len(found) < ranges
            seeds = f"{median(seeds for seeds, _ in found):,.0f}" if found else ""
            said = found[0][1] if found else ""
            print(f"| {bug.guard.name} | {bug.kind} | {len(found)} of {ranges} | {seeds} | {said} |", flush=True)
    return 1 if missed else 0


def _hunt(tree: Path, kind: str, first: int) -> tuple[int, str] | None:
    """Return how many seeds it took to break a promise, and which."""
    options = ["--kind", kind, "--first", str(first), "--seeds", str(SEEDS)]
    command = [sys.executable, "-B", "-m", "tests.simulation", *options]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    seed = re.search(r"--seed (\d+)", done.stdout)
    return (int(seed[1]) - first + 1, done.stdout.partition("\n")[0]) if seed else None


if __name__ == "__main__":
    sys.exit(main())
