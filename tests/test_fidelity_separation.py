import pytest

from bench.separation import UNFAITHFUL, auc, made_pages, scores


@pytest.fixture(scope="module")
def found() -> dict[str, list[float]]:
    return scores(made_pages(40, seed=5), seed=5)


def test_auc_is_the_chance_that_the_first_is_above_the_second() -> None:
    assert auc([3.0, 2.0], [1.0, 0.0]) == 1
    assert auc([1.0, 0.0], [3.0, 2.0]) == 0
    assert auc([1.0, 2.0], [1.0, 2.0]) == 0.5
    assert auc([2.0], [1.0, 2.0]) == 0.75


@pytest.mark.parametrize("kind", UNFAITHFUL)
def test_unfaithful_answers_score_below_faithful_ones(kind: str, found: dict[str, list[float]]) -> None:
    assert auc(found["faithful"], found[kind]) >= 0.95


def test_tidying_alone_costs_little(found: dict[str, list[float]]) -> None:
    assert min(found["faithful"]) > 0.8
