"""
One client for every OpenAI-compatible provider.

It sends one chat completion and reports what came back and what it will be billed as. It does not
retry, fail over or judge the answer: that is `routing.py`'s story.
"""

import asyncio
import json
from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from promptready.catalog import Route
from promptready.secrets import Secret

if TYPE_CHECKING:
    import httpx

USER_AGENT = "PromptReady"  # some providers' front ends refuse calls that name no program
CONNECT_TIMEOUT_S = 3.0
MAX_REPLY_BYTES = 1_000_000
"""Thirty times the longest request. A reply beyond it is cut off and counts as unusable."""

LONGEST_TOKEN_BYTES = 128
"""No tokenizer in use has longer ones (runs of blanks in o200k). Usage below text / 128 can't be true."""

MOST_TOKENS = 10**9
"""Beyond any model's context: a count that says more is no count."""

LONGEST_RETRY_AFTER_S = 86_400.0  # a day is as good as any longer time: the request has seconds

Fault = Literal["unreachable", "throttled", "broken", "unauthorized", "rejected", "garbage", "too_late"]
"""Connection failed, 429 or 503, another 5xx, 401, another 4xx, not a completion, no answer in time."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider reports them; reasoning counts as output."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Completion:
    """A reply in the shape of a chat completion. `usage` is None where it is missing or can't be true."""

    content: str | None
    model: str | None
    finish_reason: str | None
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class NoCompletion:
    """
    A call that brought no completion.

    `is_billed_unknown`: the provider may have done the work; nobody can tell what it bills.
    """

    fault: Fault
    is_billed_unknown: bool
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may take: the enforced output maximum, and the time until its deadline."""

    output_tokens: int
    timeout_s: float
    temperature: float


class ProviderClient:
    """
    Sends chat completions over kept-alive connections. A test may pass its own transport.

    httpx's transport is used without its client: redirects, cookies, proxies and authentication flows are what no
    call to a provider may have, and passing through them took a quarter of a call's processor time.
    """

    def __init__(self, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self._transport = transport

    async def complete(
        self, route: Route, key: Secret | None, messages: list[dict[str, str]], *, limits: Limits
    ) -> Completion | NoCompletion:
        """Ask `route` for one completion. Never raises for what a provider does; the deadline is `limits.timeout_s`."""
        import httpx  # noqa: PLC0415 - a tenth of a second that only a provider call should pay

        self._transport = self._transport or _connections()
        body = {
            **route.params,
            "model": route.model,
            "messages": messages,
            "temperature": limits.temperature,
            route.provider.output_limit_param: limits.output_tokens,
        }
        # Uncompressed: a small packed reply could unfold to gigabytes before its size can be looked at.
        headers = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": USER_AGENT,
        }
        if key:
            headers["authorization"] = f"Bearer {key.reveal()}"
        timeouts = {"timeout": {"connect": CONNECT_TIMEOUT_S}}  # the whole call has one of its own, below
        url = _url(f"{route.provider.base_url}/chat/completions")
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        request = httpx.Request("POST", url, headers=headers, content=content, extensions=timeouts)
        sent_bytes = sum(len(message["content"].encode()) for message in messages)
        try:
            async with asyncio.timeout(limits.timeout_s):
                return await _exchange(self._transport, request, sent_bytes)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.LocalProtocolError):  # nothing was sent
            return NoCompletion("unreachable", is_billed_unknown=False)
        except (TimeoutError, httpx.TimeoutException):
            return NoCompletion("too_late", is_billed_unknown=True)
        except httpx.HTTPError:
            return NoCompletion("unreachable", is_billed_unknown=True)

    async def close(self) -> None:
        """Give back the connections."""
        if self._transport is not None:
            await self._transport.aclose()


@lru_cache(maxsize=64)
def _url(text: str) -> "httpx.URL":
    """Take an address apart, which is half of what it takes to make a request, once for each route."""
    import httpx  # noqa: PLC0415 - as in `complete`

    return httpx.URL(text)


def _connections() -> "httpx.AsyncBaseTransport":
    from promptready.connections import Connections  # noqa: PLC0415 - as in `complete`

    return Connections()


async def _exchange(
    transport: "httpx.AsyncBaseTransport", request: "httpx.Request", sent_bytes: int
) -> Completion | NoCompletion:
    """Send the request and read a bounded reply."""
    response = await transport.handle_async_request(request)
    try:
        if response.status_code != HTTPStatus.OK:
            return _refused(response.status_code, response.headers.get("retry-after"))
        raw = bytearray()
        assert isinstance(response.stream, AsyncIterable)  # noqa: S101 - an asynchronous transport has no other
        async for chunk in response.stream:  # as it came: `aiter_bytes` would unpack it
            raw += chunk
            if len(raw) > MAX_REPLY_BYTES:
                return NoCompletion("garbage", is_billed_unknown=True)
    finally:
        await response.aclose()
    return _completion(bytes(raw), sent_bytes)


def _refused(status: int, retry_after: str | None) -> NoCompletion:
    """An error status. Providers bill completions, not refusals; their text is not kept, it may quote the request."""
    retry_after_s = _retry_after_s(retry_after)
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return NoCompletion("throttled", is_billed_unknown=False, retry_after_s=retry_after_s)
    if status == HTTPStatus.UNAUTHORIZED:
        return NoCompletion("unauthorized", is_billed_unknown=False)
    if status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}:  # a gateway does not know what its upstream did
        return NoCompletion("broken", is_billed_unknown=True, retry_after_s=retry_after_s)
    fault: Fault = "broken" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "rejected"
    return NoCompletion(fault, is_billed_unknown=False, retry_after_s=retry_after_s)


def _retry_after_s(header: str | None) -> float | None:
    """Read `Retry-After`, in seconds or as a date. `inf` and the year 9999 are floats and dates too."""
    if header is None:
        return None
    try:
        wait_s = float(header)
    except ValueError:
        try:
            wait_s = (parsedate_to_datetime(header).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
    return min(max(0.0, wait_s), LONGEST_RETRY_AFTER_S)


def _completion(raw: bytes, sent_bytes: int) -> Completion | NoCompletion:
    try:
        reply = json.loads(raw)
        choice = reply["choices"][0]
        message = choice["message"]
        content, finish_reason, model = message.get("content"), choice.get("finish_reason"), reply.get("model")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return NoCompletion("garbage", is_billed_unknown=True)
    text = _well_formed(content) if isinstance(content, str) else None
    return Completion(
        content=text,
        model=model if isinstance(model, str) else None,
        finish_reason=finish_reason if isinstance(finish_reason, str) else None,
        usage=_usage(reply.get("usage"), sent_bytes, len((text or "").encode())),
    )


def _well_formed(text: str) -> str:
    """JSON can spell half of a surrogate pair, which no reply of ours could carry on: such a half becomes U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _usage(usage: object, sent_bytes: int, received_bytes: int) -> Usage | None:
    """
    Return the usage if it can be true.

    Output is what the total leaves beyond the prompt where that is more: some providers leave reasoning
    out of `completion_tokens` and bill it all the same.
    """
    if not isinstance(usage, dict):
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    total = _count(usage.get("total_tokens", 0))
    if prompt is None or completion is None or total is None:
        return None
    output = max(completion, total - prompt)
    if prompt * LONGEST_TOKEN_BYTES < sent_bytes or output * LONGEST_TOKEN_BYTES < received_bytes:
        return None
    return Usage(prompt, output)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_TOKENS else None
