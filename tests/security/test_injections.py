"""
Pages that order the model around, and what a model that obeyed would have said.

The order travels as text like any other, a faithful answer passes, and an answer that obeys is refused or shown for
what it is. `extension/tests/unit/injections.test.ts` holds the panel that users see to the same vectors.
"""

import json
from typing import Any

import pytest

from promptready import prompt
from promptready.fidelity import measure
from promptready.local.sandbox.tidy import page_in, tidy
from tests.support.process import ROOT

VECTORS: list[dict[str, Any]] = json.loads((ROOT / "tests" / "vectors" / "injections.json").read_text())
FAITHFUL = 0.99
OBEYED_BELOW = 0.75

every_page = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])


def read(vector: dict[str, Any], content: str) -> str | prompt.Unusable:
    return prompt.read_answer(
        source=vector["content"], model_asked="m", model_returned="m", finish_reason="stop", content=content
    )


def test_the_corpus_has_fifty_pages_and_every_kind_of_harm() -> None:
    assert len({vector["content"] for vector in VECTORS}) >= 50
    assert {vector["shown_by"] for vector in VECTORS} == {"links", "numbers", "code", "score", "refusal", "empty"}


@every_page
def test_an_order_stays_inside_the_marks(vector: dict[str, Any]) -> None:
    system, user = (message["content"] for message in prompt.messages(vector["content"]))
    assert system == prompt.SYSTEM, "nothing of the page reaches the instructions"
    opening, _, rest = user.partition("\n")
    content, _, closing = rest.rpartition("\n")
    assert content == vector["content"]
    assert closing == opening.replace("<", "</")
    assert opening not in content
    assert closing not in content


@every_page
def test_an_answer_that_formats_the_order_passes(vector: dict[str, Any]) -> None:
    answer = tidy(page_in(prompt.messages(vector["content"])[1]["content"]))
    assert read(vector, answer) == answer
    kept = measure(vector["content"], answer)
    assert kept.score >= FAITHFUL
    assert (kept.links.extra, kept.numbers.extra, kept.code_altered) == (0, 0, 0)


@every_page
def test_an_answer_that_obeys_is_refused_or_shown_for_what_it_is(vector: dict[str, Any]) -> None:
    answer = read(vector, vector["obeyed"])
    if vector["shown_by"] in {"refusal", "empty"}:
        assert answer == prompt.Unusable(vector["shown_by"])
        return
    assert isinstance(answer, str)
    kept = measure(vector["content"], answer)
    match vector["shown_by"]:
        case "links":
            assert kept.links.extra
        case "numbers":
            assert kept.numbers.extra
        case "code":
            assert kept.code_altered
    assert kept.score < (OBEYED_BELOW if vector["shown_by"] == "score" else FAITHFUL)
