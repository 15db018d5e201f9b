"""
Estimates with 95 % intervals where users, not requests, are the sample.

Requests of one user resemble each other. So a mean or share is a ratio of two sums per user, with the variance of the
delta method, which is the cluster-robust one, and with the corrections of Bell and McCaffrey for users who are few or
come unevenly (CR2 and Satterthwaite's degrees of freedom; Imbens and Kolesár 2016, doi.org/10.1162/REST_a_00552, have
both). A quantile has the interval of the share below it, read off the data (Woodruff's); a mean is symmetric on a
logarithmic scale; a share has Wilson's interval at its effective sample size, so that 100 % is not believed to be
certain.
Differences join two intervals by the recovery of variances (MOVER), which leaves lopsided intervals lopsided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

CONFIDENCE = 0.95
POWER = 0.8
SRM_ALARM = 0.0005
"""
Below this probability the users per arm are no accident of the draw.

Not 0.001: chi-square is an approximation, and of a few hundred users it calls 0.106 % of fair draws less likely.
"""

FEWEST_USERS = 2
_LEAST_FREEDOM = 4.0
"""Below, the approximation in `growth_needed` would ask for any number of users."""

_NORMAL = float(stats.norm.ppf((1 + CONFIDENCE) / 2))

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


class Estimate(NamedTuple):
    """A figure and its 95 % interval, whose width is itself known as well as `freedom` degrees of freedom tell it."""

    value: float
    low: float
    high: float
    freedom: float = inf


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher an arm is than another, the 95 % interval, and how probable that much is without a difference."""

    value: float
    low: float
    high: float
    p: float
    freedom: float = inf
    """Degrees of freedom that the interval's width was found with, as in `Estimate`."""

    @property
    def standard_error(self) -> float:
        """The standard error that fits the interval's width."""
        return (self.high - self.low) / (2 * _NORMAL)


def mean(values: Floats, users: Codes, weights: Floats | None = None) -> Estimate | None:
    """
    Return the sum of `values` per unit of `weights`, per request without; None without data from two users.

    Values are 0 or more, and the interval is symmetric on a logarithmic scale: costs and tokens have long tails.
    """
    found = _ratio(values, np.ones_like(values) if weights is None else weights, users)
    if found is None:
        return None
    stretch = exp(found.quantile * found.standard_error / found.value) if found.value else 1.0
    return Estimate(found.value, found.value / stretch, found.value * stretch, found.tail_freedom)


def share(hits: Floats, users: Codes) -> Estimate | None:
    """Return the share of requests that are hits, 1 each; None without data from two users."""
    found = _ratio(hits, np.ones_like(hits), users)
    if found is None:
        return None
    p, z2 = found.value, found.quantile**2
    # So many independent requests would be as telling as these; where all agree, no more than there are users.
    size = p * (1 - p) / found.standard_error**2 if found.standard_error else float(found.users)
    middle = (p + z2 / (2 * size)) / (1 + z2 / size)
    margin = found.quantile / (1 + z2 / size) * sqrt(p * (1 - p) / size + z2 / (4 * size**2))
    return Estimate(p, min(p, middle - margin), max(p, middle + margin), found.tail_freedom)


def quantile(values: Floats, users: Codes, p: float) -> Estimate | None:
    """Return the p-quantile of the requests; None without data from two users."""
    if not len(values):
        return None
    value = float(np.quantile(values, p))
    below = _ratio((values <= value).astype(np.float64), np.ones_like(values), users)
    if below is None:
        return None
    margin = below.quantile * below.standard_error
    low, high = np.quantile(values, [max(0.0, p - margin), min(1.0, p + margin)])
    # How far apart the two are is read off what lies between, and varies as one over the number of its users.
    between = max(1, len(np.unique(users[(low <= values) & (values <= high)])))
    return Estimate(value, float(low), float(high), 1 / (1 / below.tail_freedom + 2 / between))


def difference(arm: Estimate, other: Estimate) -> Difference:
    """Return how much higher `arm` is than `other`, of which no user is in both."""
    value = arm.value - other.value
    below = sqrt((arm.value - arm.low) ** 2 + (other.high - other.value) ** 2)
    above = sqrt((arm.high - arm.value) ** 2 + (other.value - other.low) ** 2)
    toward_zero = below if value > 0 else above
    p = 2 * float(stats.norm.sf(abs(value) / toward_zero * _NORMAL)) if toward_zero else float(value == 0)
    return Difference(value, value - below, value + above, p, _freedom_of_sum(arm, other))


def _freedom_of_sum(*estimates: Estimate) -> float:
    """Of the variance of all together (Welch and Satterthwaite)."""
    variances = [(estimate.high - estimate.low) ** 2 for estimate in estimates]
    doubts = [variance**2 / estimate.freedom for variance, estimate in zip(variances, estimates, strict=True)]
    return sum(variances) ** 2 / sum(doubts) if any(doubts) else inf


def holm(probabilities: Sequence[float]) -> list[float]:
    """Return the probabilities corrected by Holm for there being several."""
    order = np.argsort(probabilities)
    by_rank = np.asarray(probabilities)[order] * np.arange(len(order), 0, -1)
    corrected = np.empty(len(order))
    corrected[order] = np.minimum(1, np.maximum.accumulate(by_rank))
    return [float(p) for p in corrected]


def sample_ratio_p(users: Mapping[str, int], weights: Mapping[str, float]) -> float:
    """Return how probable so uneven a split of users is if they were drawn by these weights (chi-square)."""
    total, weight_sum = sum(users.get(name, 0) for name in weights), sum(weights.values())
    if not total:
        return 1.0
    expected = [total * weight / weight_sum for weight in weights.values()]
    return float(stats.chisquare([users.get(name, 0) for name in weights], expected).pvalue)


def growth_needed(standard_error: float, smallest: float, tests: int, freedom: float = inf) -> float:
    """
    Return how many times as many users would find a difference of `smallest` with a power of 80 %.

    Each of `tests` gets its share of the 5 % for false alarms, which is what Holm asks of the first. A standard error
    of few degrees of `freedom` may have come out too small, and then so would the experiment: 80 % is what all who plan
    with such errors get together. That is a quantile of the non-central t distribution, here by the approximation of
    Johnson and Welch, which is within 0.1 % from 10 degrees on.
    """
    alarm, power = float(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2 / tests)), float(stats.norm.ppf(POWER))
    mean_error = 1 - 1 / (4 * freedom)
    doubt = 1 / (2 * freedom)
    reach = (alarm * mean_error + power * sqrt(mean_error**2 + (alarm**2 - power**2) * doubt)) / (
        mean_error**2 - power**2 * doubt
    )
    return float((reach * standard_error / smallest) ** 2)


class _Ratio(NamedTuple):
    value: float
    standard_error: float
    users: int
    quantile: float
    """Of Student's distribution: users who come often decide alone, so they leave fewer degrees of freedom."""
    tail_freedom: float
    """Of the standard error: as many as would make it as uncertain as the tails of these users do."""


def _ratio(numerator: Floats, denominator: Floats, users: Codes) -> _Ratio | None:
    above, below, requests = (np.bincount(users, weights) for weights in (numerator, denominator, None))
    count = int(np.count_nonzero(requests))
    total = float(below.sum())
    if count < FEWEST_USERS or total == 0:
        return None
    value = float(above.sum()) / total
    # Whoever has much of the weight pulls the figure along, and lies nearer to it than to the truth.
    pull = below / total
    rest = (above - value * below) / np.sqrt(np.where(pull < 1, 1 - pull, 1))
    # So many users, each with as many requests, would tell as much of the variance as these.
    even_users = float(pull @ pull) ** 2 / float(pull**2 @ pull**2)
    freedom = max(1.0, even_users - 1)
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom))
    squares = rest**2
    spread = float(squares @ squares) - float(squares.sum()) ** 2 / count
    tail_freedom = min(freedom, 2 * float(squares.sum()) ** 2 / spread) if spread > 0 else freedom
    return _Ratio(value, sqrt(float(rest @ rest)) / total, count, quantile, max(_LEAST_FREEDOM, tail_freedom))
