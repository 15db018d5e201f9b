"""A small, seeded part of `python -m promptready.report.simulate`, whose full results are in docs/experiment.md."""

import numpy as np
import pytest

from promptready.report.comparison import METRICS, Report, Verdict
from promptready.report.simulate import (
    ARMS,
    DRAWS_PER_EXPERIMENT,
    Coverage,
    Effect,
    coverage,
    draw_pilots,
    experiment,
    power,
    truth,
)

EXPERIMENTS, USERS = 25, 1500
TRUE = truth(1, 60_000)


def test_intervals_of_experiments_without_a_difference_hold_the_truth() -> None:
    counted = coverage(0, EXPERIMENTS, USERS, 2, TRUE)
    held = sum(counted.figures.values()) + sum(counted.differences.values())
    # Five metrics, three arms and two differences: 625 intervals that are not independent.
    assert 0.92 <= held / (EXPERIMENTS * len(METRICS) * (len(ARMS) + len(ARMS) - 1)) <= 0.98
    assert counted.false_findings <= 4  # one is expected
    assert counted.split_alarms <= 1
    assert counted.draw_alarms <= 5  # of 1,250, where one is expected


def test_blocks_of_experiments_differ_and_add_up() -> None:
    some, others = (coverage(block, 2, USERS, 2, TRUE) for block in (1, 2))
    both = Coverage()
    both += some
    both += others
    assert some.figures != others.figures
    assert (both.experiments, both.draws) == (4, 4 * DRAWS_PER_EXPERIMENT)
    assert both.figures == some.figures + others.figures


def test_a_planted_difference_is_found_with_the_users_that_the_report_asks_for() -> None:
    result = power("fidelity", "B", 30, seed=5, pilots=draw_pilots(5, 2))
    assert result.found / result.experiments >= 0.65  # 80 % are promised; thirty experiments are a small sample


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
    report = experiment(np.random.default_rng(6), 4000, {"B": effect})
    assert {key for key, verdict in findings(report, "B").items() if verdict is Verdict.WORSE} == worse
    assert Verdict.WORSE not in findings(report, "C").values()
    assert Verdict.BETTER not in {*findings(report, "B").values(), *findings(report, "C").values()}
