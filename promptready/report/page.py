"""The report as one HTML file: nothing is fetched, nothing runs, light and dark as the reader likes it. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib.resources import files

from promptready.report.chart import Row, Scale, chart
from promptready.report.comparison import METRICS, Comparison, Group, Report, Verdict
from promptready.report.statistics import Estimate
from promptready.report.words import (
    AGAINST,
    BY_ARM,
    FORMATS,
    NOTHING,
    TITLES,
    Table,
    alarms,
    change,
    decision,
    notes,
    period,
    split,
    tables,
)

TONES = {
    Verdict.BETTER: "better",
    Verdict.WORSE: "worse",
    Verdict.SAME: "same",
    Verdict.UNDECIDED: "undecided",
    Verdict.NO_DATA: "undecided",
}
REACH = 6
"""Differences are drawn up to so many times the least one that is worth knowing."""


def in_html(report: Report) -> str:
    """Return the page."""
    loud = "".join(f'<p class="alarm" role="alert">{escape(alarm)}</p>' for alarm in alarms(report))
    calm = "" if report.sample_ratio.is_alarming else f'<p class="calm">\u2713 {escape(split(report))}</p>'
    drawings = {
        BY_ARM: f'<div class="panels">{_panels(report.arms)}</div>',
        AGAINST: _against(report.comparisons),
    }
    style = files("promptready.report").joinpath("page.css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>PromptReady experiment</title>
<style>{style}</style>
<main>
<header><h1>PromptReady experiment</h1><p>{escape(period(report))}</p></header>
{loud}{_decision(*decision(report))}
{calm}
{"".join(_table(table, drawings.get(table.title, "")) for table in tables(report))}
{"".join(f'<p class="note">{escape(note)}</p>' for note in notes(report))}
</main>
</html>
"""


def _decision(advice: str, reasons: Sequence[str]) -> str:
    told = "".join(f"<li>{_cell(reason[:1].upper() + reason[1:])}</li>" for reason in reasons)
    return f'<section class="decision"><h2>{escape(advice)}</h2><ul>{told}</ul></section>'


def _panels(arms: Sequence[Group]) -> str:
    panels = [
        _panel(
            TITLES[metric.key],
            "higher is better" if metric.is_higher_better else "lower is better",
            FORMATS[metric.key],
            {arm.name: arm.estimates[metric.key] for arm in arms},
        )
        for metric in METRICS
    ]
    panels.append(_panel("Failover", "lower is better", FORMATS["success"], {arm.name: arm.failover for arm in arms}))
    return "".join(panels)


def _panel(title: str, better: str, shown: Callable[[float], str], found: Mapping[str, Estimate | None]) -> str:
    ends = [end for estimate in found.values() if estimate for end in estimate[:3]]
    if not ends:
        return ""
    rows = [
        Row(name, estimate[:3], " to ".join(map(shown, estimate[1:3])), figure=shown(estimate.value))
        if estimate
        else Row(name, None, NOTHING, figure=NOTHING)
        for name, estimate in found.items()
    ]
    low, high = min(ends), max(ends)
    margin = (high - low) * 0.15 or abs(high) * 0.01 or 1.0
    scale = Scale(low - margin, high + margin, [(low, shown(low)), (high, shown(high))])
    drawing = chart(title, rows, scale, width=300, label_width=24, right=74)
    return f"<figure><figcaption>{title} <small>{better}</small></figcaption>{drawing}</figure>"


def _against(comparisons: Sequence[Comparison]) -> str:
    """Return all differences in one chart, which their own units would not allow."""
    if not comparisons:
        return ""
    rows = [_difference_row(comparison) for comparison in comparisons]
    ticks = [(place, f"{abs(place)} \u00d7" if place else "as A") for place in (-REACH, -3, -1, 0, 1, 3, REACH)]
    drawing = chart("Against A", rows, Scale(-REACH, REACH, ticks, (-1, 1)), width=720, label_width=140, right=96)
    unit = f"in multiples of the least difference worth knowing; beyond {REACH} drawn at the edge"
    return (
        f"<figure><figcaption><span>← worse</span> <small>{unit}</small> <span>better →</span></figcaption>"
        f"{drawing}</figure>"
    )


def _difference_row(comparison: Comparison) -> Row:
    metric, found = comparison.metric, comparison.difference
    label = f"{comparison.arm} · {metric.title}"
    if found is None:
        return Row(label, None, comparison.verdict.value)
    unit = metric.reckoned(metric.smallest) * (1 if metric.is_higher_better else -1)
    one, other = found.low / unit, found.high / unit
    interval = found.value / unit, min(one, other), max(one, other)
    return Row(
        label, interval, comparison.verdict.value, TONES[comparison.verdict], _minus(change(metric, found.value))
    )


def _table(table: Table, above: str) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    body = "".join(
        f'<tr><th scope="row">{_cell(first)}</th>{"".join(f"<td>{_cell(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in table.rows
    )
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    title = escape(table.title)
    return (
        f'<h2>{title}</h2>{above}<div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}"
    )


def _cell(text: str) -> str:
    """Return a verdict in its colour, anything else with minus signs that are as wide as plus signs."""
    if text in TONES:
        return f'<span class="verdict {TONES[Verdict(text)]}">{text}</span>'
    return escape(_minus(text)).replace("\n", "<br>")


def _minus(text: str) -> str:
    return re.sub(r"(?<![\w.])-(?=\d)", "\u2212", text)
