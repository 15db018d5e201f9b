"""A provider that lies, packs or dribbles costs at most its hold, and never a 500 or a stalled process."""

import gzip
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptready import prompt
from promptready.catalog import Provider, Route
from promptready.providers import LONGEST_RETRY_AFTER_S, Completion, Limits, NoCompletion, ProviderClient
from promptready.routing import Asking
from promptready.secrets import Secret

ROUTE = Route(
    provider=Provider("sandbox", "https://provider.example/v1", "sandbox-api-key"),
    model="maker/model-1",
    input_nanousd_per_mtok=75_000_000,
    output_nanousd_per_mtok=300_000_000,
    context_tokens=131_072,
    max_output_tokens=8192,
)
LIMITS = Limits(output_tokens=2000, timeout_s=5.0, temperature=0)
QUICK_S = 1.0

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
shaped_replies = st.fixed_dictionaries(
    {
        "model": json_values | st.just("maker/model-1"),
        "choices": json_values
        | st.lists(
            st.fixed_dictionaries(
                {
                    "message": json_values | st.fixed_dictionaries({"content": json_values}),
                    "finish_reason": json_values | st.just("stop"),
                }
            ),
            max_size=2,
        ),
        "usage": json_values
        | st.fixed_dictionaries(
            {name: st.integers() | json_values for name in ("prompt_tokens", "completion_tokens", "total_tokens")}
        ),
    }
)


async def ask(answer: httpx.Response | Callable[[httpx.Request], httpx.Response]) -> Completion | NoCompletion:
    handler = answer if callable(answer) else lambda _: answer
    client = ProviderClient(httpx.MockTransport(handler))
    try:
        return await client.complete(ROUTE, Secret("key"), [{"role": "user", "content": "x" * 640}], limits=LIMITS)
    finally:
        await client.close()


def reply(content: object = "# Tea", **changes: object) -> dict[str, Any]:
    choice = {"message": {"content": content}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 160, "completion_tokens": 20, "total_tokens": 180}
    return {"model": "maker/model-1", "choices": [choice], "usage": usage, **changes}


def as_json(value: object) -> httpx.Response:
    return httpx.Response(200, content=json.dumps(value).encode())


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=400) | shaped_replies.map(lambda value: json.dumps(value).encode()))
async def test_any_reply_is_read_as_a_completion_or_none(raw: bytes) -> None:
    read = await ask(httpx.Response(200, content=raw))
    if isinstance(read, Completion):
        (read.content or "").encode()
    else:
        assert read.is_billed_unknown, "a 200 that can't be read keeps its worst case"


@settings(max_examples=40, deadline=None)
@given(status=st.integers(201, 599), header=st.text(st.characters(max_codepoint=255), max_size=40))
async def test_any_refusal_is_read_with_a_bounded_wait(status: int, header: str) -> None:
    read = await ask(httpx.Response(status, headers=[(b"retry-after", header.encode("latin-1"))]))
    assert isinstance(read, NoCompletion)
    assert read.retry_after_s is None or 0 <= read.retry_after_s <= LONGEST_RETRY_AFTER_S


@pytest.mark.parametrize(
    "header", ["inf", "1e400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
async def test_a_wait_without_end_is_cut_to_a_day(header: str) -> None:
    read = await ask(httpx.Response(429, headers={"retry-after": header}))
    assert isinstance(read, NoCompletion)
    assert read.retry_after_s in {None, LONGEST_RETRY_AFTER_S}


async def test_half_a_character_becomes_a_replacement_mark() -> None:
    read = await ask(httpx.Response(200, content=json.dumps(reply("a \ud83d b \U0001f600")).encode()))
    assert isinstance(read, Completion)
    assert read.content == "a \ufffd b \U0001f600"


async def test_token_counts_beyond_any_context_are_no_usage() -> None:
    read = await ask(as_json(reply(usage={"prompt_tokens": 10**4000, "completion_tokens": 1, "total_tokens": 1})))
    assert isinstance(read, Completion)
    assert read.usage is None


async def test_replies_are_asked_for_unpacked_and_never_unpacked() -> None:
    seen: list[str] = []
    # Valid and short: what is refused is the packing, before anybody learns how much is inside.
    parcel = gzip.compress(gzip.compress(json.dumps(reply()).encode()))

    def packed(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["accept-encoding"])
        return httpx.Response(200, headers={"content-encoding": "gzip, gzip"}, stream=httpx.ByteStream(parcel))

    assert await ask(packed) == NoCompletion("garbage", is_billed_unknown=True)
    assert seen == ["identity"]


async def test_a_reply_that_does_not_end_is_cut_at_its_limit() -> None:
    sent_bytes = 0

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:  # noqa: ANN401 - an async generator
            nonlocal sent_bytes
            while True:
                sent_bytes += 65_536
                yield b" " * 65_536

    assert await ask(httpx.Response(200, stream=Endless())) == NoCompletion("garbage", is_billed_unknown=True)
    assert sent_bytes < 1_200_000


@pytest.mark.parametrize("name", ["Dear diary/model-1", "x" * 500 + "/model-1", "a\nb/model-1"])
def test_text_before_the_model_s_name_does_not_reach_telemetry(name: str) -> None:
    asking = Asking("page", 0.0, route=ROUTE, model_returned=name)
    assert asking.known_model_returned == "other"


@pytest.mark.parametrize(
    "piece",
    ["<think>", " ", "\n", "`", "~~~\n", "```md\n", "```md\n\n```", "i am ", "-1", "</think>", "\u2028", "sorry,"],
)
@pytest.mark.parametrize("start", ["", "<think>", "```md\n", " "])
def test_no_answer_takes_long_to_read(piece: str, start: str) -> None:
    content = start + piece * (1_000_000 // len(piece))
    started_s = time.process_time()
    for source in ("page", content):
        prompt.read_answer(
            source=source, model_asked="m", model_returned="m" + piece * 1000, finish_reason="stop", content=content
        )
        prompt.read_answer(source=source, model_asked="m", model_returned="m", finish_reason="stop", content=content)
    assert time.process_time() - started_s < QUICK_S


def test_a_thought_without_an_end_is_passed_over_at_once() -> None:
    content = "<think>" * 5_000
    started_s = time.process_time()
    read = prompt.read_answer(source="page", model_asked="m", model_returned="m", finish_reason="stop", content=content)
    assert read == content
    assert time.process_time() - started_s < QUICK_S / 5
