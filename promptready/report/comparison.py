"""From events to findings: every arm, every served model, and how the arms differ. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil, expm1, log, log1p

import numpy as np
from numpy.typing import NDArray

from promptready.report.events import NO_NAME, SUCCESS, Events, Rows
from promptready.report.statistics import (
    SRM_ALARM,
    Codes,
    Difference,
    Estimate,
    Floats,
    difference,
    growth_needed,
    holm,
    mean,
    quantile,
    sample_ratio_p,
    share,
)

BASELINE = "A"
WEIGHTS: Mapping[str, float] = {"A": 70, "B": 20, "C": 10}
SIGNIFICANT = 0.05

Mask = NDArray[np.bool_]

ARM_OUTCOMES = (SUCCESS, "PROVIDER_FAILED", "PROVIDER_TIMEOUT", "SERVICE_UNAVAILABLE")
"""What an arm answers for even if it asked no provider; all other refusals came before the arm had a part in it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Requests that an arm or a model was to answer."""

    rows: Rows
    users: Codes
    is_success: Floats

    def answered(self, column: str) -> tuple[Floats, Codes]:
        """Return a column of the answered requests where it is known, and whose they are."""
        values = self.rows[column]
        known = (self.is_success > 0) & ~np.isnan(values)
        return values[known].astype(np.float64), self.users[known]


@dataclass(frozen=True, slots=True)
class Metric:
    """One way in which arms are compared. `smallest` is the least difference worth knowing."""

    key: str
    title: str
    is_higher_better: bool
    smallest: float
    is_relative: bool
    """Differences are shares of the baseline's figure, not of the metric's own unit."""
    estimate: Callable[[Sample], Estimate | None]
    error_exponent: float = 0.0
    """With which power of its distance from 1 the figure's error grows: half for a share, 1 for a mean."""

    def difference(self, arm: Estimate | None, baseline: Estimate | None) -> Difference | None:
        """Return how far `arm` is above the baseline; logarithms where differences are relative."""
        if arm is None or baseline is None:
            return None
        if not self.is_relative:
            return difference(arm, baseline)
        if min(arm.low, baseline.low) <= 0:
            return None
        return difference(_logarithms(arm), _logarithms(baseline))

    def error_when_worse(self, baseline: Estimate | None) -> float:
        """
        Return how much wider the error is in an arm that is worse by `smallest`.

        What is near 1 has little room to vary, and more once it falls; sample sizes have to allow for that.
        """
        if not self.error_exponent or baseline is None:
            return 1.0
        lack = max(1 - baseline.value, self.smallest)
        return float(((lack + self.smallest) / lack) ** self.error_exponent)

    def reckoned(self, shown: float) -> float:
        """Return a difference as it is reckoned with from one as it is shown, such as 0.1 for 10 % more."""
        return log1p(shown) if self.is_relative else shown

    def shown(self, reckoned: float) -> float:
        """Return the inverse of `reckoned`."""
        return expm1(reckoned) if self.is_relative else reckoned


def _logarithms(found: Estimate) -> Estimate:
    return Estimate(log(found.value), log(found.low), log(found.high), found.freedom)


def _fidelity(sample: Sample) -> Estimate | None:
    values, users = sample.answered("fidelity")
    lack = mean(1 - values, users)  # its tail is long on the side of the lost
    return lack and Estimate(1 - lack.value, 1 - lack.high, 1 - lack.low, lack.freedom)


def _latency(p: float) -> Callable[[Sample], Estimate | None]:
    return lambda sample: quantile(*sample.answered("latency_ms"), p)


def _cost(sample: Sample) -> Estimate | None:
    return mean(sample.rows["cost_nanousd"], sample.users, sample.is_success)


METRICS = (
    Metric("success", "Success", True, 0.01, False, lambda sample: share(sample.is_success, sample.users), 0.5),
    Metric("fidelity", "Fidelity", True, 0.01, False, _fidelity, 1.0),
    Metric("latency_p50", "Latency p50", False, 0.1, True, _latency(0.5)),
    Metric("latency_p95", "Latency p95", False, 0.1, True, _latency(0.95)),
    Metric("cost", "Cost per success", False, 0.1, True, _cost),
)


@dataclass(frozen=True, slots=True)
class Group:
    """What an arm, or a model within it, did. `refused` requests ended before it had a part in them."""

    name: str
    users: int
    requests: int
    refused: int
    outcomes: Mapping[str, int]
    estimates: Mapping[str, Estimate | None]
    failover: Estimate | None
    input_tokens: Estimate | None
    output_tokens: Estimate | None
    models: Sequence[str]
    """The served models, most used first."""


class Verdict(StrEnum):
    """What the data say about a difference from the baseline."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    """The interval leaves no room for a difference worth knowing."""
    UNDECIDED = "undecided"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against the baseline in one metric. `p` is corrected for all comparisons of the report."""

    arm: str
    metric: Metric
    difference: Difference | None
    p: float | None
    verdict: Verdict
    users_needed: int | None
    """Users in the whole experiment that would find the least difference worth knowing."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Users per arm against the weights of the draw."""

    users: Mapping[str, int]
    weights: Mapping[str, float]
    p: float
    moved_users: int
    """Users seen in more than one arm, which must never be."""

    @property
    def is_alarming(self) -> bool:
        """Whether the arms can't be compared."""
        return self.p < SRM_ALARM or self.moved_users > 0


@dataclass(frozen=True, slots=True)
class Report:
    """All that is shown."""

    version: str
    other_versions: Mapping[str, int]
    """Events of other catalog versions, which are left out."""
    begin: datetime
    end: datetime
    sample_ratio: SampleRatio
    arms: Sequence[Group]
    models: Sequence[Group]
    comparisons: Sequence[Comparison]
    mismatches: int
    """Requests that named another cohort than the stored one."""
    malformed: int
    first_malformed: int | None
    duplicates: int
    outside_period: int
    unassigned: int
    """Requests that ended before the user's cohort was known."""


def compare(events: Events, version: str | None = None, weights: Mapping[str, float] = WEIGHTS) -> Report | None:
    """Return the findings for one catalog version, the newest where none is given; None without events of it."""
    versions = list(events.versions)
    if version is None and len(events.rows):
        version = versions[events.rows["version"][np.argmax(events.rows["time_s"])]]
    rows = events.rows[events.rows["version"] == (versions.index(version) if version in versions else NO_NAME)]
    if version is None or not len(rows):
        return None
    table = _Table.of(events, rows)
    per_version = np.bincount(events.rows["version"], minlength=len(versions))
    arms = [table.group(name, rows["cohort"] == code) for code, name in enumerate(events.cohorts)]
    arms = sorted((arm for arm in arms if arm.users), key=lambda arm: arm.name)
    models = [table.group(name, table.asked & (rows["model"] == code)) for code, name in enumerate(events.models)]
    return Report(
        version=version,
        other_versions={name: int(per_version[code]) for code, name in enumerate(versions) if name != version},
        begin=datetime.fromtimestamp(rows["time_s"].min(), UTC),
        end=datetime.fromtimestamp(rows["time_s"].max(), UTC),
        sample_ratio=_sample_ratio(arms, weights, table),
        arms=arms,
        models=sorted((model for model in models if model.users), key=lambda model: -model.requests),
        comparisons=_comparisons(arms),
        mismatches=int(rows["has_mismatch"].sum()),
        unassigned=int((rows["cohort"] == NO_NAME).sum()),
        malformed=events.malformed,
        first_malformed=events.first_malformed,
        duplicates=events.duplicates,
        outside_period=events.outside_period,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """The events of one catalog version, with what is reckoned once for all of them."""

    events: Events
    rows: Rows
    users: Codes
    asked: Mask
    """Where an arm had a part in the outcome."""

    @classmethod
    def of(cls, events: Events, rows: Rows) -> "_Table":
        users = np.unique(rows["unit"], return_inverse=True)[1]
        asked = np.isin(rows["outcome"], [code for code, name in enumerate(events.outcomes) if name in ARM_OUTCOMES])
        return cls(events, rows, users, asked | (rows["attempts"] > 0))

    def group(self, name: str, part: Mask) -> Group:
        served = part & self.asked
        outcomes = list(self.events.outcomes)
        rows = self.rows[served]
        is_success = np.array([outcome == SUCCESS for outcome in outcomes], np.float64)[rows["outcome"]]
        sample = Sample(rows, self.users[served], is_success)
        return Group(
            name=name,
            users=int(np.count_nonzero(np.bincount(self.users[part]))),
            requests=len(rows),
            refused=int((part & ~self.asked).sum()),
            outcomes=_counted(outcomes, self.rows["outcome"][part]),
            models=list(_counted(self.events.models, rows["model"])),
            estimates={metric.key: metric.estimate(sample) for metric in METRICS},
            failover=share((rows["attempts"] > 1).astype(np.float64), sample.users),
            input_tokens=mean(*sample.answered("input_tokens")),
            output_tokens=mean(*sample.answered("output_tokens")),
        )


def _counted(names: Iterable[str], column: NDArray[np.int16]) -> dict[str, int]:
    """How often each occurs, those that do, most frequent first."""
    found = {name: int((column == code).sum()) for code, name in enumerate(names)}
    return dict(sorted(((name, count) for name, count in found.items() if count), key=lambda item: -item[1]))


def _sample_ratio(arms: Sequence[Group], weights: Mapping[str, float], table: _Table) -> SampleRatio:
    found = {arm.name: arm.users for arm in arms}
    assigned = table.rows["cohort"] != NO_NAME
    users, cohorts = table.users[assigned], table.rows["cohort"][assigned]
    places = len(np.unique(users * len(table.events.cohorts) + cohorts))
    return SampleRatio(
        users={name: found.get(name, 0) for name in weights},
        weights=weights,
        p=sample_ratio_p(found, weights),
        moved_users=places - len(np.unique(users)),
    )


def _comparisons(arms: Sequence[Group]) -> list[Comparison]:
    baseline = next((arm for arm in arms if arm.name == BASELINE), None)
    others = [arm for arm in arms if arm is not baseline]
    if baseline is None:
        return []
    pairs = [
        (arm, metric, metric.difference(arm.estimates[metric.key], baseline.estimates[metric.key]))
        for arm in others
        for metric in METRICS
    ]
    corrected = iter(holm([found.p for _, _, found in pairs if found]))
    tests = sum(found is not None for _, _, found in pairs)
    users = sum(arm.users for arm in arms)
    comparisons = []
    for arm, metric, found in pairs:
        if found is None:
            comparisons.append(Comparison(arm.name, metric, None, None, Verdict.NO_DATA, None))
            continue
        p = next(corrected)
        wider = metric.error_when_worse(baseline.estimates[metric.key])
        growth = growth_needed(found.standard_error * wider, metric.reckoned(metric.smallest), tests, found.freedom)
        comparisons.append(Comparison(arm.name, metric, found, p, _verdict(metric, found, p), ceil(users * growth)))
    return comparisons


def _verdict(metric: Metric, found: Difference, p: float) -> Verdict:
    # First: a difference too small to matter stays so however sure it is.
    smallest = metric.reckoned(metric.smallest)
    if -smallest < found.low and found.high < smallest:
        return Verdict.SAME
    if p >= SIGNIFICANT:
        return Verdict.UNDECIDED
    return Verdict.BETTER if (found.value > 0) == metric.is_higher_better else Verdict.WORSE
