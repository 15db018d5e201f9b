"""The prompt, and what counts as a usable answer: the vectors are the extension's too."""

import json
from typing import Any

import pytest

from promptready import prompt
from tests.support.process import ROOT

VECTORS: list[dict[str, Any]] = json.loads((ROOT / "tests" / "vectors" / "answers.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_an_answer_is_read_as_the_vectors_say(vector: dict[str, Any]) -> None:
    read = prompt.read_answer(
        **{name: vector[name] for name in ("source", "model_asked", "model_returned", "finish_reason", "content")}
    )
    assert read == (vector["text"] if vector["usable"] else prompt.Unusable(vector["problem"]))


MARKS: list[dict[str, str]] = json.loads((ROOT / "tests" / "vectors" / "marks.json").read_text())


@pytest.mark.parametrize("vector", MARKS, ids=[vector["name"] for vector in MARKS])
def test_the_page_travels_as_data_between_marks_that_it_does_not_spell(vector: dict[str, str]) -> None:
    system, user = prompt.messages(vector["content"])
    assert system == {"role": "system", "content": prompt.SYSTEM}
    assert user == {"role": "user", "content": f"<{vector['mark']}>\n{vector['content']}\n</{vector['mark']}>"}


def test_the_size_counts_every_byte_that_is_sent() -> None:
    sent = sum(len(message["content"].encode()) for message in prompt.messages("Grüße"))
    assert prompt.size_bytes("Grüße") == sent
