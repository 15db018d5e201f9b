"""
The extension: click to Markdown by page size, its cleaner beside the peers', the popup's first paint, sizes, memory.

The browser's part is written where the browser is driven: `npm run bench`, `beside` and `sizes` in extension/. They
write a line of JSON for each measurement, which is put into tables here.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import plot_file, tools
from bench.results import Section, Table, verdict
from tests.support.process import ROOT

FOLDER = ROOT / "extension"
PLOT = ROOT / "docs" / "images" / "extension-speed.svg"
TIMEOUT_S = 600
FIRST_PAINT_BAR_MS = 100
CLICK_BARS_MS = {100: 150, 1000: 1500, 3000: 3000}
"""By the page's size in kB."""

_SIZE = re.compile(r"^(\S.*?) +([0-9.]+) kB(?:  of ([0-9.]+) kB)?$", re.MULTILINE)

Facts = Sequence[Mapping[str, Any]]


async def run() -> Section:
    """Measure in a real Chromium; draw the times if matplotlib can be had."""
    facts = _measure()
    sizes = _SIZE.findall(_npm("sizes", {}))
    cleaned, clicks = _by_size(facts, "clean"), {fact["kb"]: fact for fact in facts if fact["what"] == "click"}
    popup = next(fact for fact in facts if fact["what"] == "popup")
    peers = list(dict.fromkeys(fact["tool"] for fact in facts if fact["what"] == "clean"))
    tables = [
        Table(
            "Parsed document to Markdown, ms, least of 3 runs in one Chromium",
            ("page, kB", *peers),
            [(f"{kb:,}", *(f"{times[tool]:.0f}" for tool in peers)) for kb, times in cleaned.items()],
        ),
        Table(
            "From the press to Markdown in the popup, with the snapshot of the live page, least of 3 runs",
            ("page, kB", "ms", "of the page's processor, ms", "heap of the worker afterwards, MB"),
            [
                (f"{kb:,}", f"{click['wallMs']:.0f}", f"{click['cpuMs']:.0f}", f"{click['heapMb']:.1f}")
                for kb, click in clicks.items()
            ],
        ),
        Table(
            "The popup, medians of 15 openings",
            ("", "ms"),
            [
                ("first paint", f"{popup['paintMs']:.0f}"),
                ("answers a press", f"{popup['answersMs']:.0f}"),
                ("first paint of a popup of one word, which is Chromium's own", f"{popup['oneWordMs']:.0f}"),
            ],
        ),
        Table("Sizes", ("", "kB"), [(name, kb) for name, kb, _ in sizes]),
    ]
    bars = [verdict("the popup's first paint", popup["paintMs"], FIRST_PAINT_BAR_MS, "ms")]
    bars += [
        verdict(f"from the press to Markdown, {kb:,} kB", clicks[kb]["wallMs"], bar_ms, "ms")
        for kb, bar_ms in CLICK_BARS_MS.items()
    ]
    bars += [verdict(name, float(kb), float(limit), "kB") for name, kb, limit in sizes if limit]
    return Section("6 Extension", tables, bars, [_draw(cleaned, clicks)])


def _measure() -> Facts:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "facts.ndjson"
        for script in ("beside", "bench"):
            _npm(script, {"BENCH_OUT": str(found)})
        return [json.loads(line) for line in found.read_text(encoding="utf-8").splitlines()]


def _npm(script: str, environment: Mapping[str, str]) -> str:
    npm = shutil.which("npm")
    if npm is None or not (FOLDER / "node_modules").exists():
        raise tools.NotInstalled("the extension's packages are not installed: run `make setup`")
    done = subprocess.run(
        [npm, "run", "--silent", script],
        cwd=FOLDER,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"npm run {script} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _by_size(facts: Facts, what: str) -> dict[int, dict[str, float]]:
    table: dict[int, dict[str, float]] = {}
    for fact in facts:
        if fact["what"] == what:
            table.setdefault(fact["kb"], {})[fact["tool"]] = fact["ms"]
    return table


def _draw(cleaned: Mapping[int, Mapping[str, float]], clicks: Mapping[int, Mapping[str, float]]) -> str:
    lines = {tool: [times[tool] for times in cleaned.values()] for tool in next(iter(cleaned.values()))}
    charts = {
        "page, kB (the cleaner alone)": plot_file.Chart(
            list(cleaned), {f"{tool}, ms": line for tool, line in lines.items()}
        ),
        "page, kB (the extension)": plot_file.Chart(
            list(clicks),
            {
                "press to Markdown, ms": [click["wallMs"] for click in clicks.values()],
                "of the page's processor, ms": [click["cpuMs"] for click in clicks.values()],
            },
        ),
    }
    return plot_file.draw("extension", charts, PLOT)
