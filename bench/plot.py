"""Draw what `bench.growth` measured. Runs in an environment of its own, the only one that has matplotlib."""

import json
import sys

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams |= {"svg.hashsalt": "growth", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}

from matplotlib import pyplot as plt  # noqa: E402 - after the choice of backend


def draw(axes: dict[str, dict[str, list[float]]], path: str) -> None:
    """Write one small chart an axis, milliseconds from zero."""
    figure, charts = plt.subplots(1, len(axes), figsize=(3 * len(axes), 2.6), layout="constrained")
    for chart, (axis, lines) in zip(charts, axes.items(), strict=True):
        chart.plot(lines["at"], lines["p50"], marker="o", color="#2563eb", label="latency p50, ms")
        chart.plot(lines["at"], lines["cpu"], marker="s", color="#b45309", label="processor, ms")
        chart.set_xlabel(axis)
        chart.set_ylim(bottom=0)
        if max(lines["at"]) > 10 * max(1, min(lines["at"])) and min(lines["at"]) > 0:
            chart.set_xscale("log")
    charts[0].legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.load(sys.stdin), sys.argv[1])
