"""A report in sentences and tables, for a terminal and for the page. Pure."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from promptready.report.comparison import BASELINE, METRICS, Comparison, Group, Metric, Report, Verdict
from promptready.report.events import Events
from promptready.report.statistics import Difference, Estimate

NOTHING = "\u2013"
BY_ARM, AGAINST = "By arm", f"Against {BASELINE}"
THOUSAND = 1000
"""Costs are told for so many successes, because one alone costs hundredths of a cent."""
NANOUSD_PER_USD = 10**9

FORMATS: Mapping[str, Callable[[float], str]] = {
    "success": lambda value: f"{value:.2%}",
    "fidelity": lambda value: f"{value:.3f}",
    "latency_p50": lambda value: f"{value:,.0f} ms",
    "latency_p95": lambda value: f"{value:,.0f} ms",
    "cost": lambda value: f"${value * THOUSAND / NANOUSD_PER_USD:,.3f}",
}
TITLES = {metric.key: metric.title for metric in METRICS} | {"cost": "Cost of 1,000 answers"}

_BETTER = {
    "success": "answers more often",
    "fidelity": "keeps more of the page",
    "latency_p50": "is faster",
    "latency_p95": "has faster slow answers",
    "cost": "costs less",
}
_WORSE = {
    "success": "answers less often",
    "fidelity": "keeps less of the page",
    "latency_p50": "is slower",
    "latency_p95": "has slower slow answers",
    "cost": "costs more",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table to show; its first column names the rows."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


def period(report: Report) -> str:
    """Return what the report is about."""
    begin, end = (f"{time:%-d %B %Y %H:%M}" for time in (report.begin, report.end))
    return f"Catalog {report.version}, {begin} to {end} UTC"


def alarms(report: Report) -> list[str]:
    """Return what must be read before any figure, loudest first."""
    ratio = report.sample_ratio
    found = []
    if ratio.is_alarming:
        found.append(f"Sample ratio mismatch: {_split(report)}. The arms can't be compared until that is explained.")
    if ratio.moved_users:
        found.append(
            f"{_count(ratio.moved_users, 'user was', 'users were')} seen in more than one arm. That must never be."
        )
    if report.other_versions:
        left_out = ", ".join(f"{name} ({count:,} events)" for name, count in report.other_versions.items())
        found.append(
            f"The file holds several catalog versions. This is {report.version} alone; left out: {left_out}. "
            "Choose with --catalog-version."
        )
    return found


def split(report: Report) -> str:
    """Return how users are split over the arms."""
    return f"Users are split as drawn: {_split(report)}."


def headline(report: Report) -> str:
    """Return the one sentence for whoever decides."""
    advice, reasons = decision(report)
    return f"{advice}: {'; '.join(reasons)}."


def decision(report: Report) -> tuple[str, list[str]]:
    """Return what to do, and why: a reason for each arm, where the arms can be compared."""
    if report.sample_ratio.is_alarming:
        return "Do not decide on these figures", ["users were not split over the arms as they should have been"]
    by_arm: dict[str, list[Comparison]] = {}
    for comparison in report.comparisons:
        by_arm.setdefault(comparison.arm, []).append(comparison)
    if not by_arm:
        return "There is nothing to compare yet", [f"events of {BASELINE} and of another arm are needed"]
    return _advice(by_arm), [_phrase(arm, found) for arm, found in by_arm.items()]


def tables(report: Report) -> list[Table]:
    """Return everything that was found, in tables."""
    return [
        _groups(BY_ARM, report.arms, with_refused=True),
        _comparisons(report),
        _outcomes(report.arms),
        _groups("By served model", report.models, with_refused=False),
    ]


def nothing(events: Events, version: str | None) -> str:
    """Return why there is nothing to report."""
    if version and len(events.rows):
        found = f"There are no events of catalog version {version}; there are of {_listed(list(events.versions))}."
    elif events.outside_period:
        found = f"All {_count(events.outside_period, 'event is', 'events are')} outside the period asked for."
    else:
        found = "There are no process_ai events in that file."
    return " ".join([found, *_unreadable(events.malformed, events.first_malformed)])


def notes(report: Report) -> list[str]:
    """Return what was left out, and what the reader has to know."""
    found = _unreadable(report.malformed, report.first_malformed)
    if report.duplicates:
        found.append(f"{_count(report.duplicates, 'event was', 'events were')} in the file more than once.")
    if report.outside_period:
        found.append(f"{_count(report.outside_period, 'event is', 'events are')} outside the period asked for.")
    if report.unassigned:
        found.append(f"{_count(report.unassigned, 'request', 'requests')} ended before the user's arm was known.")
    if report.mismatches:
        found.append(
            f"{_count(report.mismatches, 'request', 'requests')} named another cohort than the one that is stored."
        )
    return found


def _unreadable(count: int, first: int | None) -> list[str]:
    return [f"{_count(count, 'line', 'lines')} could not be read, the first of them line {first}."] if count else []


def change(metric: Metric, reckoned: float) -> str:
    """Return a difference as it is told: in percent of the baseline, or in the metric's own unit."""
    value = metric.shown(reckoned)
    if metric.is_relative:
        return f"{value:+.1%}"
    return f"{value:+.3f}" if metric.key == "fidelity" else f"{value * 100:+.2f} points"


def in_text(report: Report) -> str:
    """Return the whole report for a terminal."""
    loud = "".join(f"!! {alarm}\n" for alarm in alarms(report))
    calm = "" if report.sample_ratio.is_alarming else split(report) + "\n"
    parts = [f"{period(report)}\n{loud}{calm}", headline(report) + "\n", *map(_table_text, tables(report))]
    return "\n".join([*parts, *notes(report)]).rstrip() + "\n"


def _split(report: Report) -> str:
    ratio = report.sample_ratio
    users = ", ".join(f"{arm} {count:,}" for arm, count in ratio.users.items())
    drawn = " : ".join(f"{weight:g}" for weight in ratio.weights.values())
    return f"{users} for {drawn} (p {_p(ratio.p)})"


def _advice(by_arm: Mapping[str, Sequence[Comparison]]) -> str:
    if better := [arm for arm, found in by_arm.items() if _is_better(found)]:
        return f"{_listed(better)} can replace {BASELINE}"
    if any(_is_trade(found) for found in by_arm.values()):
        return "A trade to be judged"
    if not all(_is_open(found) for found in by_arm.values()):
        return f"Keep {BASELINE}"
    undecided = [c.users_needed or 0 for found in by_arm.values() for c in found if c.verdict is Verdict.UNDECIDED]
    if undecided:
        return f"The data can't tell the arms apart yet, which takes about {_round(max(undecided)):,} users"
    return "It makes no difference which arm is used"


def _is_better(found: Sequence[Comparison]) -> bool:
    """Better in something and known to be no worse in anything."""
    verdicts = {comparison.verdict for comparison in found}
    return Verdict.BETTER in verdicts and verdicts <= {Verdict.BETTER, Verdict.SAME}


def _is_trade(found: Sequence[Comparison]) -> bool:
    """Better in something, and known to be worse in nothing that makes an answer good."""
    worse = {comparison.metric.key for comparison in found if comparison.verdict is Verdict.WORSE}
    return any(c.verdict is Verdict.BETTER for c in found) and not worse & {"success", "fidelity"}


def _is_open(found: Sequence[Comparison]) -> bool:
    return not {comparison.verdict for comparison in found} & {Verdict.BETTER, Verdict.WORSE}


def _phrase(arm: str, found: Sequence[Comparison]) -> str:
    by_key = {comparison.metric.key: comparison.verdict for comparison in found}
    is_twice = by_key.get("latency_p50") == by_key.get("latency_p95")  # then the median says enough
    told = [(_told(c), c.verdict) for c in found if not (is_twice and c.metric.key == "latency_p95")]
    better = _listed([words for words, verdict in told if verdict is Verdict.BETTER])
    worse = _listed([words for words, verdict in told if verdict is Verdict.WORSE])
    open_in = _listed([c.metric.title.lower() for c in found if c.verdict in {Verdict.UNDECIDED, Verdict.NO_DATA}])
    said = " but ".join(filter(None, (better, worse)))
    if not said:
        return f"{arm} is undecided in {open_in}" if open_in else f"{arm} makes no difference worth knowing"
    return f"{arm} {said}" + (f" (open: {open_in})" if open_in else "")


def _told(comparison: Comparison) -> str:
    words = _BETTER if comparison.verdict is Verdict.BETTER else _WORSE
    found = comparison.difference
    return f"{words[comparison.metric.key]} ({change(comparison.metric, found.value)})" if found else ""


def _groups(title: str, groups: Sequence[Group], *, with_refused: bool) -> Table:
    rows: list[list[str]] = [
        ["Users", *(f"{group.users:,}" for group in groups)],
        ["Requests", *(f"{group.requests:,}" for group in groups)],
    ]
    if with_refused:
        rows.append(["Refused before", *(f"{group.refused:,}" for group in groups)])
        rows.append(["Served by", *("\n".join(group.models) or NOTHING for group in groups)])
    rows += [[TITLES[m.key], *(_estimate(FORMATS[m.key], group.estimates[m.key]) for group in groups)] for m in METRICS]
    rows.append(["Failover", *(_estimate(FORMATS["success"], group.failover) for group in groups)])
    rows.append(["Input tokens", *(_estimate(_whole, group.input_tokens) for group in groups)])
    rows.append(["Output tokens", *(_estimate(_whole, group.output_tokens) for group in groups)])
    note = (
        "95 % intervals, over users rather than requests. Latency, fidelity and tokens are of answered requests. What "
        "ended before an arm had a part in it (no credit, no budget, an invalid request) counts as refused before."
    )
    return Table(title, ["", *(group.name for group in groups)], rows, note if with_refused else "")


def _comparisons(report: Report) -> Table:
    rows = [
        [
            f"{comparison.arm} · {comparison.metric.title}",
            *_difference(comparison.metric, comparison.difference),
            NOTHING if comparison.p is None else _p(comparison.p),
            comparison.verdict.value,
            _needed(comparison, sum(arm.users for arm in report.arms)),
        ]
        for comparison in report.comparisons
    ]
    smallest = ", ".join(f"{m.title.lower()} {change(m, m.reckoned(m.smallest)).lstrip('+')}" for m in METRICS)
    note = (
        f"p is corrected by Holm for all these comparisons. Least difference worth knowing: {smallest}; an interval "
        "within it says same. Users needed: in the whole experiment, to find that difference in 80 of 100 cases."
    )
    header = ["", "Difference", "95 % interval", "p", AGAINST, "Users needed"]
    return Table(AGAINST, header, rows, note)


def _needed(comparison: Comparison, users: int) -> str:
    if comparison.verdict is not Verdict.UNDECIDED or comparison.users_needed is None:
        return NOTHING
    return f"about {_round(comparison.users_needed):,}" if comparison.users_needed > users else "a few more"


def _outcomes(arms: Sequence[Group]) -> Table:
    codes = list(dict.fromkeys(code for arm in arms for code in arm.outcomes))
    rows = [[code, *(_part(arm.outcomes.get(code, 0), arm) for arm in arms)] for code in codes]
    return Table("Outcomes", ["", *(arm.name for arm in arms)], rows)


def _part(count: int, arm: Group) -> str:
    return f"{count:,} ({count / sum(arm.outcomes.values()):.1%})" if count else NOTHING


def _estimate(shown: Callable[[float], str], found: Estimate | None) -> str:
    if found is None:
        return NOTHING
    value, low, high = map(shown, found[:3])
    low, high = (end.removesuffix("%").removesuffix(" ms") for end in (low, high))
    return f"{value} [{low}, {high}]"


def _difference(metric: Metric, found: Difference | None) -> tuple[str, str]:
    if found is None:
        return "too little data", NOTHING
    low, high = (change(metric, end).removesuffix("%").removesuffix(" points") for end in (found.low, found.high))
    return change(metric, found.value), f"[{low}, {high}]"


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"  # noqa: PLR2004  # as far as anyone reads


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _round(users: int) -> int:
    """Two figures are all such a forecast is worth."""
    return int(float(f"{users:.1e}"))


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _table_text(table: Table) -> str:
    lines = [[cell.split("\n") for cell in row] for row in (table.header, *table.rows)]
    widths = [max(len(line) for cell in column for line in cell) for column in zip(*lines, strict=True)]
    text = [table.title]
    for row in lines:
        for height in range(max(map(len, row))):
            cells = [cell[height] if height < len(cell) else "" for cell in row]
            text.append("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    return "\n".join([*text, *textwrap.wrap(table.note, 110), ""])
