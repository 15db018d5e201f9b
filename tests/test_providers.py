"""The provider client: what each kind of reply comes to, with the providers' own error bodies."""

import asyncio
import json
import sys
from dataclasses import replace
from importlib.abc import MetaPathFinder
from typing import Any

import httpx
import pytest

from promptready.catalog import Provider, Route
from promptready.providers import Completion, Limits, NoCompletion, ProviderClient, Usage
from promptready.secrets import Secret
from tests.support.sandbox import Sandbox

ROUTE = Route(
    provider=Provider("groq", "https://api.groq.com/openai/v1", "groq-api-key", "max_completion_tokens"),
    model="openai/gpt-oss-20b",
    input_nanousd_per_mtok=75_000_000,
    output_nanousd_per_mtok=300_000_000,
    context_tokens=131_072,
    max_output_tokens=8192,
    params={"reasoning_effort": "low"},
)
MESSAGES = [{"role": "user", "content": "x" * 1280}]
LIMITS = Limits(output_tokens=2000, timeout_s=5.0, temperature=0)

GROQ_RATE_LIMIT = {
    "error": {
        "message": "Rate limit reached for model in organization org_1",
        "type": "tokens",
        "code": "rate_limit_exceeded",
    }
}
GROQ_RETIRED = {
    "error": {"message": "The model `x` does not exist", "type": "invalid_request_error", "code": "model_not_found"}
}


async def ask(handler: Any) -> Completion | NoCompletion:  # noqa: ANN401 - what MockTransport takes
    client = ProviderClient(httpx.MockTransport(handler))
    try:
        return await client.complete(ROUTE, Secret("gsk-key"), MESSAGES, limits=LIMITS)
    finally:
        await client.close()


def completion(**changes: object) -> dict[str, object]:
    reply: dict[str, object] = {
        "id": "chatcmpl-1",
        "model": "openai/gpt-oss-20b",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "# Tea"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 320, "completion_tokens": 20, "total_tokens": 340},
    }
    return {**reply, **changes}


async def test_the_call_carries_the_limit_the_key_and_the_route_s_params() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=completion())

    assert await ask(answer) == Completion("# Tea", "openai/gpt-oss-20b", "stop", Usage(320, 20))
    assert str(seen[0].url) == "https://api.groq.com/openai/v1/chat/completions"
    assert seen[0].headers["authorization"] == "Bearer gsk-key"
    body = json.loads(seen[0].content)
    assert body["max_completion_tokens"] == 2000
    assert body["reasoning_effort"] == "low"
    assert body["messages"] == MESSAGES


async def test_reasoning_outside_the_completion_count_is_counted_as_output() -> None:
    usage = {"prompt_tokens": 320, "completion_tokens": 20, "total_tokens": 900}
    reply = await ask(lambda _: httpx.Response(200, json=completion(usage=usage)))
    assert isinstance(reply, Completion)
    assert reply.usage == Usage(320, 580)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": -1, "completion_tokens": 20},
        {"prompt_tokens": True, "completion_tokens": 20},
        {"prompt_tokens": "320", "completion_tokens": 20},
        {"prompt_tokens": 320.0, "completion_tokens": 20},
        {"prompt_tokens": 9, "completion_tokens": 20},
        {"prompt_tokens": 320, "completion_tokens": 0},
    ],
)
async def test_usage_that_can_not_be_true_is_not_believed(usage: object) -> None:
    reply = await ask(lambda _: httpx.Response(200, json=completion(usage=usage)))
    assert isinstance(reply, Completion)
    assert reply.usage is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (
            429,
            {"retry-after": "7"},
            GROQ_RATE_LIMIT,
            NoCompletion("throttled", is_billed_unknown=False, retry_after_s=7),
        ),
        (429, {"retry-after": "7.66"}, {}, NoCompletion("throttled", is_billed_unknown=False, retry_after_s=7.66)),
        (429, {}, GROQ_RATE_LIMIT, NoCompletion("throttled", is_billed_unknown=False)),
        (429, {"retry-after": "soon"}, {}, NoCompletion("throttled", is_billed_unknown=False)),
        (503, {}, {"error": {"message": "overloaded"}}, NoCompletion("throttled", is_billed_unknown=False)),
        (500, {}, {"error": {"message": "internal"}}, NoCompletion("broken", is_billed_unknown=False)),
        (404, {}, GROQ_RETIRED, NoCompletion("rejected", is_billed_unknown=False)),
        (401, {}, {"error": {"code": "invalid_api_key"}}, NoCompletion("unauthorized", is_billed_unknown=False)),
        (302, {"location": "https://elsewhere.example/"}, {}, NoCompletion("rejected", is_billed_unknown=False)),
    ],
)
async def test_an_error_status_costs_nothing(
    status: int, headers: dict[str, str], body: dict[str, object], expected: NoCompletion
) -> None:
    assert await ask(lambda _: httpx.Response(status, headers=headers, json=body)) == expected


@pytest.mark.parametrize("status", [502, 504])
async def test_a_gateway_s_error_may_hide_a_bill(status: int) -> None:
    assert await ask(lambda _: httpx.Response(status)) == NoCompletion("broken", is_billed_unknown=True)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"choices":[]}', b'{"choices":[{"message":null}]}', b"[" * 100_000]
)
async def test_a_reply_that_is_no_completion_may_have_been_billed(body: bytes) -> None:
    assert await ask(lambda _: httpx.Response(200, content=body)) == NoCompletion("garbage", is_billed_unknown=True)


async def test_an_endless_reply_is_cut_off() -> None:
    async def endless() -> Any:  # noqa: ANN401 - a stream of bytes
        while True:
            yield b"x" * 65_536

    reply = await ask(lambda _: httpx.Response(200, content=endless()))
    assert reply == NoCompletion("garbage", is_billed_unknown=True)


async def test_a_connection_that_never_was_is_not_billed() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    assert await ask(refuse) == NoCompletion("unreachable", is_billed_unknown=False)


async def test_a_connection_lost_after_sending_may_have_been_billed() -> None:
    def drop(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("closed", request=request)

    assert await ask(drop) == NoCompletion("unreachable", is_billed_unknown=True)


async def test_the_deadline_ends_a_call_that_hangs() -> None:
    async def hang(_request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    client = ProviderClient(httpx.MockTransport(hang))
    reply = await client.complete(ROUTE, None, MESSAGES, limits=Limits(100, timeout_s=0.05, temperature=0))
    assert reply == NoCompletion("too_late", is_billed_unknown=True)
    await client.close()


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def redirect(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(307, headers={"location": "https://elsewhere.example/v1/chat/completions"})

    assert await ask(redirect) == NoCompletion("rejected", is_billed_unknown=False)
    assert asked == ["https://api.groq.com/openai/v1/chat/completions"]


class Searches(MetaPathFinder):
    """Asked for a module only where all other finders have looked in vain."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:  # noqa: ARG002 - the protocol's shape
        self.names.append(fullname)


async def test_a_second_call_looks_for_no_module_that_is_missing(
    sandbox_provider: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = replace(ROUTE, provider=replace(ROUTE.provider, base_url=sandbox_provider.base_url), model="sandbox/ok")
    searches = Searches()
    client = ProviderClient()
    try:
        await client.complete(route, Secret("any"), MESSAGES, limits=LIMITS)
        monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, searches])
        reply = await client.complete(route, Secret("any"), MESSAGES, limits=LIMITS)
    finally:
        await client.close()
    assert isinstance(reply, Completion)
    assert searches.names == []
