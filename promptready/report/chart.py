"""Charts of intervals as inline SVG, in the colours of the page around them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW = 26
TOP = 6
AXIS = 22
"""Room below the rows, for the ticks."""
RIGHT = 26
"""Room for half of the last tick's words, or for a row's figure."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a chart: value, low and high, or None without data. `told` is for pointers and readers of screens."""

    label: str
    interval: tuple[float, float, float] | None
    told: str
    tone: str = "plain"
    figure: str = ""
    """What is written at the row's end."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What a chart's width stands for, which places on it are named, and which part of it is shaded."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    band: tuple[float, float] | None = None


def chart(title: str, rows: Sequence[Row], scale: Scale, *, width: int, label_width: int, right: int = RIGHT) -> str:
    """Return an SVG element with a dot and a line per row; what is beyond the scale is drawn at its end."""
    bottom = TOP + ROW * len(rows)

    def x(value: float) -> str:
        inside = min(scale.high, max(scale.low, value))
        return f"{label_width + (inside - scale.low) / (scale.high - scale.low) * (width - label_width - right):.1f}"

    told = escape(f"{title}: " + "; ".join(f"{row.label} {row.told}" for row in rows), quote=True)
    parts = [f'<svg viewBox="0 0 {width} {bottom + AXIS}" role="img" aria-label="{told}">']
    if scale.band:
        begin, end = map(x, scale.band)
        size = f'width="{float(end) - float(begin):.1f}" height="{bottom - TOP}"'
        parts.append(f'<rect class="band" x="{begin}" y="{TOP}" {size}/>')
    for value, words in scale.ticks:
        parts.append(f'<line class="tick" x1="{x(value)}" x2="{x(value)}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x(value)}" y="{bottom + 16}" text-anchor="middle">{escape(words)}</text>')
    for place, row in enumerate(rows):
        y = TOP + ROW * place + ROW // 2
        parts.append(f'<g class="{row.tone}"><title>{escape(f"{row.label}: {row.told}")}</title>')
        parts.append(f'<text x="{label_width - 10}" y="{y + 4}" text-anchor="end">{escape(row.label)}</text>')
        if row.interval:
            dot, low, high = map(x, row.interval)
            parts.append(f'<line class="reach" x1="{low}" x2="{high}" y1="{y}" y2="{y}"/>')
            parts.append(f'<circle cx="{dot}" cy="{y}" r="4.5"/>')
        if row.figure:
            parts.append(f'<text class="figure" x="{width}" y="{y + 4}" text-anchor="end">{escape(row.figure)}</text>')
        parts.append("</g>")
    return "".join([*parts, "</svg>"])
