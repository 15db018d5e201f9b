import pytest

from bench.separation import UNFAITHFUL, auc, made_pages, scores

FOUND = scores(made_pages(60, seed=5), seed=5)


def test_auc_is_the_chance_that_the_first_is_above_the_second() -> None:
    assert auc([3.0, 2.0], [1.0, 0.0]) == 1
    assert auc([1.0, 0.0], [3.0, 2.0]) == 0
    assert auc([1.0, 2.0], [1.0, 2.0]) == 0.5
    assert auc([2.0], [1.0, 2.0]) == 0.75


@pytest.mark.parametrize("kind", UNFAITHFUL)
def test_unfaithful_answers_score_below_faithful_ones(kind: str) -> None:
    assert auc(FOUND["faithful"], FOUND[kind]) >= 0.95


def test_tidying_alone_costs_little() -> None:
    assert min(FOUND["faithful"]) > 0.8
