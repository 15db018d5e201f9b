"""A small, seeded part of `python -m promptready.report.simulate`, whose full results are in docs/experiment.md."""

import numpy as np
import pytest

from promptready.report.comparison import METRICS, Report, Verdict
from promptready.report.simulate import ARMS, Effect, coverage, draw_pilots, experiment, power, split_alarms

EXPERIMENTS, USERS, TRUTH_USERS = 40, 2500, 100_000


def test_intervals_of_experiments_without_a_difference_hold_the_truth() -> None:
    counted = coverage(EXPERIMENTS, USERS, seed=2, truth_users=TRUTH_USERS)
    held = sum(counted.figures.values()) + sum(counted.differences.values())
    # Five metrics, three arms and two differences, in forty experiments: 93 to 97 %.
    assert 0.93 <= held / (EXPERIMENTS * len(METRICS) * (len(ARMS) + len(ARMS) - 1)) <= 0.97
    assert counted.false_findings <= 6  # two are expected
    assert counted.split_alarms <= 1


def test_fair_draws_raise_the_alarm_once_in_a_thousand_times() -> None:
    assert split_alarms(1_500, 2000, seed=3) <= 6


def test_a_planted_difference_is_found_with_the_users_that_the_report_asks_for() -> None:
    fidelity = next(metric for metric in METRICS if metric.key == "fidelity")
    result = power(fidelity, "B", 40, seed=5, pilots=draw_pilots(5, 4))
    assert result.found / result.experiments >= 0.65  # 80 % are promised; forty experiments are a small sample


def findings(report: Report, arm: str) -> dict[str, Verdict]:
    return {found.metric.key: found.verdict for found in report.comparisons if found.arm == arm}


@pytest.mark.parametrize(
    ("effect", "worse"),
    [
        (Effect(failures=3), {"success"}),
        (Effect(lack=2), {"fidelity"}),
        (Effect(latency=1.5), {"latency_p50", "latency_p95"}),
        (Effect(cost=1.5), {"cost"}),
    ],
)
def test_a_great_difference_is_found_where_it_is_and_nowhere_else(effect: Effect, worse: set[str]) -> None:
    report = experiment(np.random.default_rng(6), 6000, {"B": effect})
    assert {key for key, verdict in findings(report, "B").items() if verdict is Verdict.WORSE} == worse
    assert Verdict.WORSE not in findings(report, "C").values()
    assert Verdict.BETTER not in {*findings(report, "B").values(), *findings(report, "C").values()}
