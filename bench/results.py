"""Medians, tables, and bench/RESULTS.md, in which each part of the benchmark has a section of its own."""

import os
import platform
import re
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.support.process import ROOT

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = """\
# Results

Written by `make bench`; [README.md](README.md) says how it measures and what was learned. A section is as old as its
own first line says.
"""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a caption, the columns, and rows of text or numbers."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def to_markdown(self) -> str:
        """Return it as Markdown, numbers to the right."""
        lines = [
            f"| {' | '.join(self.columns)} |",
            f"| --- |{' ---: |' * (len(self.columns) - 1)}",
            *(f"| {' | '.join(map(str, row))} |" for row in self.rows),
        ]
        return "\n".join([self.caption, "", *lines])


@dataclass(frozen=True, slots=True)
class Section:
    """What one part of the benchmark found. `bars` say what was to be reached, and whether it was."""

    title: str
    tables: Sequence[Table]
    bars: Sequence[str] = ()
    notes: Sequence[str] = field(default_factory=tuple)

    def to_markdown(self) -> str:
        """Return it as the section of the results file."""
        parts = [f"## {self.title}", _circumstances(), *(table.to_markdown() for table in self.tables)]
        parts += ["\n".join(f"- {line}" for line in lines) for lines in (self.bars, self.notes) if lines]
        return "\n\n".join(parts) + "\n"


def publish(section: Section) -> None:
    """Print the section and put it into the results file in place of its predecessor."""
    text = section.to_markdown()
    print(f"\n{text}", flush=True)
    written = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    head, *others = re.split(r"(?m)^(?=## )", written)
    title = text.partition("\n")[0]
    kept = {other.partition("\n")[0]: other.rstrip() + "\n" for other in others}
    kept[title] = text
    ordered = sorted(kept.values(), key=lambda part: part.partition("\n")[0])
    RESULTS.write_text("\n".join([head.rstrip() + "\n", *ordered]), encoding="utf-8")


def quantiles(values: Iterable[float]) -> tuple[float, float, float]:
    """Return p50, p95 and p99."""
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[94], cuts[98]


def verdict(name: str, value: float, bar: float, unit: str, *, at_least: bool = False) -> str:
    """Return the sentence that says whether a bar was reached."""
    is_met = value >= bar if at_least else value <= bar
    words = "at least" if at_least else "at most"
    return f"{'**Met**' if is_met else '**Not met**'}: {name} {value:,.4g} {unit}, bar {words} {bar:,.4g} {unit}."


def _commit() -> str:
    described = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    return described.stdout.strip() or "unknown"


COMMIT = _commit()
"""Asked for at the start, before a plot or a section of ours makes the tree look changed."""


def _circumstances() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    packages = ", ".join(f"{name} {version(name)}" for name in ("azure-functions", "httpx", "pydantic"))
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {COMMIT}. {_processors()} processors "
        f"({model[1].strip() if model else platform.machine()}), {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {packages}."
    )


def _processors() -> int:
    return len(os.sched_getaffinity(0))
