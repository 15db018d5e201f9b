"""Draw what `plot_file.py` sends. Runs in an environment of its own, the only one that has matplotlib."""

import json
import sys
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams |= {"svg.hashsalt": "bench", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}

from matplotlib import pyplot as plt  # noqa: E402 - after the choice of backend

COLOURS = ("#2563eb", "#b45309", "#6b7280")
MARKERS = ("o", "s", "^")


def short(value: float) -> str:
    """Return 1000 as 1k and a million as 1M."""
    return next(
        (f"{value / size:.0f}{unit}" for size, unit in ((1e6, "M"), (1e3, "k")) if value >= size), f"{value:.0f}"
    )


def draw(charts: dict[str, Any], path: str) -> None:
    """Write one small chart an axis, from zero."""
    figure, places = plt.subplots(1, len(charts), figsize=(3 * len(charts), 2.6), layout="constrained", squeeze=False)
    labels: list[str] = []
    for place, (axis, chart) in zip(places[0], charts.items(), strict=True):
        at = chart["at"]
        for (label, values), colour, marker in zip(chart["lines"].items(), COLOURS, MARKERS, strict=False):
            place.plot(at, values, marker=marker, markersize=4, color=colour, label=label)
        place.set_xlabel(axis)
        place.set_ylim(bottom=0)
        if chart["by_tens"]:
            place.set_xscale("log")
            place.xaxis.set_major_formatter(lambda value, _: short(value))
        if labels != list(chart["lines"]):
            labels = list(chart["lines"])
            place.legend(frameon=False, fontsize=8)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.load(sys.stdin), sys.argv[1])
