"""Against textbook formulas and another implementation; how often intervals hold is tested in test_simulate."""

from math import log, sqrt

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from scipy import stats  # type: ignore[import-untyped]
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

from promptready.report.statistics import (
    Codes,
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


@pytest.fixture
def requests() -> tuple[Floats, Codes]:
    """Return 2,000 values of 400 users who differ."""
    rng = np.random.default_rng(4)
    users = rng.integers(0, 400, 2000)
    return np.exp(rng.normal(0, 0.7, 400)[users] + rng.normal(0, 0.3, 2000)), users


def test_a_mean_has_the_interval_of_cluster_robust_regression(requests: tuple[Floats, Codes]) -> None:
    values, users = requests
    found = mean(values, users)
    fitted = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": users})
    assert found is not None
    assert found.value == pytest.approx(fitted.params[0])
    # With 400 users who come much alike, the corrections for few or uneven ones change little.
    assert log(found.high / found.value) == pytest.approx(1.96 * fitted.bse[0] / found.value, rel=0.01)
    assert log(found.value / found.low) == pytest.approx(log(found.high / found.value))


def test_few_and_uneven_users_have_the_corrections_of_bell_and_mccaffrey() -> None:
    rng = np.random.default_rng(9)
    users = np.repeat(np.arange(12), rng.integers(1, 15, 12))
    values = np.exp(rng.normal(0, 1, 12)[users] + rng.normal(0, 0.5, len(users)))
    found = mean(values, users)
    assert found is not None
    # By the textbook, with matrices: residuals of each user times (1 - its part of the hat matrix)^(-1/2).
    requests = len(values)
    residual, hat = values - values.mean(), np.full((requests, requests), 1 / requests)
    adjusted = [_inverse_root(np.eye(k) - hat[:k, :k]) @ residual[users == user] for user, k in _sizes(users)]
    error = sqrt(sum(part.sum() ** 2 for part in adjusted)) / requests
    # Satterthwaite's degrees of freedom, where the requests of a user are all alike.
    alike = np.equal.outer(users, users).astype(float)
    centred = (np.eye(requests) - hat) @ np.linalg.cholesky(alike + 1e-9 * np.eye(requests))
    parts = np.array(
        [(_inverse_root(np.eye(k) - hat[:k, :k]) @ centred[users == user]).sum(0) for user, k in _sizes(users)]
    )
    spread = np.linalg.eigvalsh(parts @ parts.T)
    freedom = spread.sum() ** 2 / (spread**2).sum()
    expected = stats.t.ppf(0.975, freedom) * error / values.mean()
    assert log(found.high / found.value) == pytest.approx(expected, rel=0.02)
    plain = sqrt(sum(residual[users == user].sum() ** 2 for user in range(12))) / requests
    assert expected > 1.05 * stats.t.ppf(0.975, 11) * plain / values.mean()


def _sizes(users: Codes) -> list[tuple[int, int]]:
    return [(int(user), int((users == user).sum())) for user in np.unique(users)]


def _inverse_root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    root: Floats = vectors @ np.diag(values**-0.5) @ vectors.T
    return root


def test_a_mean_can_be_per_something_else_than_a_request() -> None:
    found = mean(np.array([6.0, 4.0, 0.0]), np.array([0, 1, 1]), np.array([1.0, 0.0, 1.0]))
    assert found is not None
    assert found.value == 5


@pytest.mark.parametrize("times", [2, 10])
def test_repeating_every_request_of_every_user_makes_nothing_surer(requests: tuple[Floats, Codes], times: int) -> None:
    values, users = requests
    hits = (values > 1).astype(float)
    again = np.repeat(users, times)
    assert mean(np.repeat(values, times), again) == pytest.approx(mean(values, users))
    assert share(np.repeat(hits, times), again) == pytest.approx(share(hits, users))
    assert quantile(np.repeat(values, times), again, 0.9) == pytest.approx(quantile(values, users, 0.9), rel=0.02)


def test_a_share_among_users_with_one_request_each_has_wilsons_interval() -> None:
    hits, users = np.array([1.0] * 90 + [0.0] * 10), np.arange(100)
    found = share(hits, users)
    expected = stats.binomtest(90, 100).proportion_ci(method="wilson")
    assert found is not None
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=2e-3)


def test_a_share_of_everything_is_not_certain() -> None:
    found = share(np.ones(500), np.arange(500) % 50)
    assert found is not None
    assert (found.value, found.high) == (1, 1)
    assert 0.90 < found.low < 0.95  # as far as fifty users can tell


def test_a_quantile_of_one_request_each_has_the_ranks_of_the_binomial_interval() -> None:
    values = np.arange(1000.0)
    found = quantile(values, np.arange(1000), 0.95)
    low, high = stats.binom.ppf([0.025, 0.975], 1000, 0.95)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=2)


def test_the_width_of_a_quantiles_interval_is_known_as_well_as_the_requests_in_it_are_many() -> None:
    rng = np.random.default_rng(4)
    found = [quantile(rng.uniform(0, 1, 1000), np.arange(1000), 0.5) for _ in range(1000)]
    estimates = [estimate for estimate in found if estimate]
    widths = np.array([estimate.high - estimate.low for estimate in estimates])
    freedom = 1 / (2 * (widths.std() / widths.mean()) ** 2)  # what makes a standard error as uncertain
    assert np.mean([estimate.freedom for estimate in estimates]) == pytest.approx(freedom, rel=0.15)


def test_one_user_tells_nothing_however_often_they_come() -> None:
    values, users = np.arange(50.0), np.zeros(50, np.intp)
    assert mean(values, users) is None
    assert share(values > 3, users) is None  # type: ignore[arg-type]
    assert quantile(values, users, 0.5) is None
    assert quantile(values[:0], users[:0], 0.5) is None


def test_a_difference_joins_both_errors_and_is_significant_where_its_interval_leaves_zero_out() -> None:
    found = difference(Estimate(5, 4, 6), Estimate(2, 1.25, 2.75))
    assert (found.value, found.low, found.high) == pytest.approx((3, 3 - 1.25, 3 + 1.25))
    assert found.p == pytest.approx(2 * stats.norm.sf(3 / 1.25 * 1.959964), rel=1e-4)
    edge = difference(Estimate(3.25, 2.25, 4.25), Estimate(2, 1.25, 2.75))
    assert edge.low == pytest.approx(0)
    assert edge.p == pytest.approx(0.05)


def test_lopsided_intervals_make_lopsided_differences() -> None:
    found = difference(Estimate(0.99, 0.95, 0.995), Estimate(0.97, 0.96, 0.98))
    assert found.value - found.low > found.high - found.value


def test_holm_corrects_by_how_many_are_left() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    some = np.random.default_rng(8).uniform(0, 0.1, 12)
    assert holm(list(some)) == pytest.approx(multipletests(some, method="holm")[1])


def test_the_sample_ratio_is_a_chi_square_test_of_users() -> None:
    weights = {"A": 70.0, "B": 20.0, "C": 10.0}
    assert sample_ratio_p({"A": 700, "B": 200, "C": 100}, weights) == 1
    by_hand = 20**2 / 700 + 20**2 / 200
    assert sample_ratio_p({"A": 680, "B": 220, "C": 100}, weights) == pytest.approx(stats.chi2.sf(by_hand, 2))
    assert sample_ratio_p({"A": 700, "B": 200}, weights) < 1e-20
    assert sample_ratio_p({}, weights) == 1


def test_users_needed_grow_with_the_square_of_precision() -> None:
    assert growth_needed(1, 0.1, 1) == pytest.approx(4 * growth_needed(0.5, 0.1, 1))
    assert growth_needed(1, 0.1, 1) == pytest.approx(100 * growth_needed(1, 1, 1))
    # The textbook's (1.96 + 0.84)^2 for 80 % power at the 5 % level.
    assert growth_needed(1, 1, 1) == pytest.approx((1.959964 + 0.841621) ** 2, rel=1e-4)
    assert growth_needed(1, 1, 10) > growth_needed(1, 1, 1)


@pytest.mark.parametrize("freedom", [10, 20, 60, 500])
def test_users_needed_allow_for_an_error_that_is_not_well_known(freedom: int) -> None:
    alarm = stats.norm.ppf(1 - 0.025 / 10)
    reach = float(stats.nct.ppf(0.8, freedom, alarm))
    assert growth_needed(1, 1, 10, freedom) == pytest.approx(reach**2, rel=3e-3)


def test_an_error_is_known_the_less_the_longer_the_tails_are() -> None:
    rng = np.random.default_rng(3)
    users = np.arange(600)
    even, tailed = (mean(values, users) for values in (rng.uniform(1, 3, 600), rng.lognormal(0, 1.2, 600)))
    assert even is not None
    assert tailed is not None
    assert tailed.freedom < 60 < even.freedom
    both = difference(tailed, even)
    assert tailed.freedom <= both.freedom <= tailed.freedom + even.freedom
