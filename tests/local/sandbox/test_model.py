import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptready.local.sandbox.model import (
    BadRequest,
    Behaviour,
    Kind,
    Request,
    behaviour_of,
    completion,
    count_tokens,
    model_names,
    parse,
    work,
)


def body(**changes: object) -> bytes:
    document = {"model": "sandbox/ok", "messages": [{"role": "user", "content": "hello"}], **changes}
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


def request(page: str, max_tokens: int | None = None) -> Request:
    return Request("sandbox/ok", page, page, max_tokens)


@pytest.mark.parametrize(
    ("model", "behaviour"),
    [
        ("sandbox/ok", Behaviour(Kind.OK)),
        ("sandbox/slow-2000", Behaviour(Kind.SLOW, 2000)),
        ("sandbox/http-503", Behaviour(Kind.HTTP, 503)),
        ("sandbox/wrong-model", Behaviour(Kind.WRONG_MODEL)),
    ],
)
def test_the_name_of_a_model_says_what_it_does(model: str, behaviour: Behaviour) -> None:
    assert behaviour_of(model) == behaviour


@pytest.mark.parametrize(
    "model",
    [
        "",
        "ok",
        "sandbox/",
        "sandbox/slow",
        "sandbox/http",
        "sandbox/http-200",
        "sandbox/http-600",
        "sandbox/slow-999999",
        "sandbox/ok-1",
        "gpt-4",
    ],
)
def test_other_names_are_no_models(model: str) -> None:
    assert behaviour_of(model) is None


def test_every_listed_model_exists() -> None:
    assert {behaviour.kind for name in model_names() if (behaviour := behaviour_of(name))} == set(Kind)


def test_the_page_is_taken_from_the_last_message_of_the_user() -> None:
    messages = [
        {"role": "system", "content": "be tidy"},
        {"role": "user", "content": "<page>\nold\n</page>"},
        {"role": "user", "content": [{"type": "text", "text": "<page>\nnew\n"}, {"type": "text", "text": "</page>"}]},
    ]
    parsed = parse(body(messages=messages))
    assert parsed.page == "new"
    assert parsed.prompt == "be tidy<page>\nold\n</page><page>\nnew\n</page>"


def test_the_newer_name_of_the_output_limit_wins() -> None:
    assert parse(body(max_tokens=5)).max_tokens == 5
    assert parse(body(max_tokens=5, max_completion_tokens=7)).max_tokens == 7


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        body(model=3),
        body(messages=None),
        body(messages=[]),
        body(messages=["hi"]),
        body(messages=[{"role": "user", "content": 3}]),
        body(stream=True),
        body(max_tokens=0),
        body(max_tokens=True),
        body(max_tokens="9"),
    ],
)
def test_what_is_no_request_is_refused(broken: bytes) -> None:
    with pytest.raises(BadRequest):
        parse(broken)


def test_an_answer_within_its_limit_is_complete() -> None:
    done = work(request("abcd" * 3, max_tokens=3), Kind.OK)
    assert (done.text, done.finish_reason, done.output_tokens) == ("abcd" * 3, "stop", 3)


def test_an_answer_over_its_limit_is_cut_and_says_so() -> None:
    done = work(request("abcd" * 3, max_tokens=2), Kind.OK)
    assert (done.text, done.finish_reason, done.output_tokens) == ("abcd" * 2, "length", 2)


def test_a_cut_never_splits_a_character() -> None:
    assert work(request("aé漢😀", max_tokens=1), Kind.OK).text == "aé"


@pytest.mark.parametrize("page", ["", "x", "a longer text"])
def test_a_truncated_answer_always_says_length(page: str) -> None:
    done = work(request(page), Kind.TRUNCATED)
    assert done.finish_reason == "length"
    assert page.startswith(done.text)


@given(st.text(max_size=200), st.none() | st.integers(1, 60), st.sampled_from(Kind))
def test_no_count_is_above_the_bytes_and_no_answer_above_its_limit(page: str, limit: int | None, kind: Kind) -> None:
    done = work(request(page, limit), kind)
    assert 0 <= done.input_tokens <= len(page.encode(errors="surrogatepass"))
    assert done.output_tokens <= len(done.text.encode(errors="surrogatepass"))
    assert limit is None or done.output_tokens <= limit


def test_dense_counts_one_token_for_each_byte() -> None:
    done = work(request("é1"), Kind.DENSE)
    assert (done.input_tokens, done.output_tokens) == (3, 3)


def test_lies_are_told_in_the_answer_and_not_on_the_bill() -> None:
    for kind, factor in ((Kind.LIES_HIGH, 10), (Kind.LIES_LOW, 0)):
        done = work(request("abcdefgh"), kind)
        answer: Any = completion(request("abcdefgh"), kind, done, 1, 0)
        assert (done.input_tokens, done.output_tokens) == (2, 2)
        assert answer["usage"] == {
            "prompt_tokens": 2 * factor,
            "completion_tokens": 2 * factor,
            "total_tokens": 4 * factor,
        }


def test_four_bytes_are_a_token() -> None:
    assert [count_tokens(text) for text in ("", "a", "abcd", "abcde", "漢漢")] == [0, 1, 1, 2, 2]
