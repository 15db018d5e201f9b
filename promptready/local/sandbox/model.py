"""What the sandbox's models do: a pure function from a chat-completions request to an outcome."""

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from promptready.local.sandbox.tidy import page_in, tidy

# About what byte-pair tokenizers make of English Markdown.
BYTES_PER_TOKEN = 4

_LONGEST_DELAY_MS = 600_000
_RETRY_AFTER_S = 1
_LIE_FACTOR = 10
_REFUSAL = "I'm sorry, but I can't help with that."
_OTHER_MODEL = "sandbox/other"


class Kind(StrEnum):
    """The closed set of behaviours. The model's name is `sandbox/` and one of these, some with a number."""

    OK = "ok"
    SLOW = "slow"  # sandbox/slow-2000: two seconds
    HTTP = "http"  # sandbox/http-429: that status
    HANG = "hang"  # never answers
    DROP = "drop"  # does the work, then hangs up
    TRUNCATED = "truncated"  # half of the answer, finish_reason "length"
    EMPTY = "empty"
    GARBAGE = "garbage"  # 200, and not JSON
    REFUSAL = "refusal"
    WRONG_MODEL = "wrong-model"  # answers as another model
    DENSE = "dense"  # one token per byte: the most a byte-level tokenizer can make
    LIES_HIGH = "lies-high"  # usage ten times too high; the bill is right
    LIES_LOW = "lies-low"  # usage of zero; the bill is right


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a model's name asks for."""

    kind: Kind
    number: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """The part of a chat-completions request that decides the outcome."""

    model: str
    prompt: str
    page: str
    max_tokens: int | None


@dataclass(frozen=True, slots=True)
class Work:
    """What the model made of the request: an answer, and the tokens that are charged."""

    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int


class BadRequest(Exception):
    """The request is not one a chat-completions server accepts. The text says why."""


_NUMBERED = re.compile(r"sandbox/(slow|http)-(\d{1,6})")


def behaviour_of(model: str) -> Behaviour | None:
    """The behaviour a model's name asks for, or None where the sandbox has no such model."""
    if match := _NUMBERED.fullmatch(model):
        kind, number = Kind(match[1]), int(match[2])
        fits = 400 <= number <= 599 if kind is Kind.HTTP else number <= _LONGEST_DELAY_MS  # noqa: PLR2004
        return Behaviour(kind, number) if fits else None
    name = model.removeprefix("sandbox/")
    if name == model or name not in set(Kind) - {Kind.SLOW, Kind.HTTP}:
        return None
    return Behaviour(Kind(name))


def model_names() -> list[str]:
    """The names `GET /v1/models` lists, numbered ones by example."""
    example = {Kind.SLOW: "slow-2000", Kind.HTTP: "http-429"}
    return [f"sandbox/{example.get(kind, kind)}" for kind in Kind]


def parse(body: bytes) -> Request:
    """
    Read a chat-completions request.

    Raises:
        BadRequest: not JSON, a field missing or of the wrong type, or something the sandbox does not do.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON") from None
    if not isinstance(document, dict):
        raise BadRequest("the body is not a JSON object")
    model, messages = document.get("model"), document.get("messages")
    if not isinstance(model, str):
        raise BadRequest("'model' must be a string")
    if document.get("stream"):
        raise BadRequest("'stream' is not supported by the sandbox")
    if not isinstance(messages, list) or not messages or not all(isinstance(item, dict) for item in messages):
        raise BadRequest("'messages' must be a list of objects, and not empty")
    texts = [(item.get("role"), _text_of(item.get("content"))) for item in messages]
    asked = [text for role, text in texts if role == "user"]
    return Request(model, "".join(text for _, text in texts), page_in(asked[-1] if asked else ""), _limit_of(document))


def work(request: Request, kind: Kind) -> Work:
    """Do the work: clean the page, within the output limit the request sets, and count it all."""
    bytes_per_token = 1 if kind is Kind.DENSE else BYTES_PER_TOKEN
    answer = {Kind.EMPTY: "", Kind.REFUSAL: _REFUSAL}.get(kind)
    text = tidy(request.page) if answer is None else answer
    whole_tokens = count_tokens(text, bytes_per_token)
    limit_tokens = whole_tokens // 2 if kind is Kind.TRUNCATED else whole_tokens
    if request.max_tokens is not None:
        limit_tokens = min(limit_tokens, request.max_tokens)
    complete = limit_tokens == whole_tokens and kind is not Kind.TRUNCATED
    if limit_tokens < whole_tokens:
        text = text.encode(errors="surrogatepass")[: limit_tokens * bytes_per_token].decode(errors="ignore")
    return Work(
        text,
        "stop" if complete else "length",
        count_tokens(request.prompt, bytes_per_token),
        count_tokens(text, bytes_per_token),
    )


def completion(request: Request, kind: Kind, done: Work, number: int, now_s: int) -> dict[str, object]:
    """The chat-completions answer. `number` makes its id; what the kind lies about is a lie here only."""
    factor = {Kind.LIES_HIGH: _LIE_FACTOR, Kind.LIES_LOW: 0}.get(kind, 1)
    input_tokens, output_tokens = done.input_tokens * factor, done.output_tokens * factor
    return {
        "id": f"chatcmpl-sandbox-{number}",
        "object": "chat.completion",
        "created": now_s,
        "model": _OTHER_MODEL if kind is Kind.WRONG_MODEL else request.model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": done.text},
                "logprobs": None,
                "finish_reason": done.finish_reason,
            }
        ],
        "usage": {
            "prompt_tokens": input_tokens,
            "completion_tokens": output_tokens,
            "total_tokens": input_tokens + output_tokens,
        },
    }


def failure(status: int, model: str) -> tuple[dict[str, object], tuple[tuple[str, str], ...]]:
    """
    The error document and headers that go with `status`, shaped and worded like Groq's.

    Like Groq's, the words of a 429 name the organisation: what a provider says must never reach a user.
    Source: https://console.groq.com/docs/errors and bodies quoted in continuedev/continue#10920, 2026-11-22.
    """
    match status:
        case 401:
            return error("Invalid API Key", "invalid_request_error", "invalid_api_key"), ()
        case 404:
            message = f"The model `{model}` does not exist or you do not have access to it."
            return error(message, "invalid_request_error", "model_not_found"), ()
        case 429:
            message = (
                f"Rate limit reached for model `{model}` in organization `org_sandbox` on tokens per minute (TPM): "
                f"Limit 6000, Used 5034, Requested 1443. Please try again in {_RETRY_AFTER_S}s."
            )
            return error(message, "tokens", "rate_limit_exceeded"), (("retry-after", str(_RETRY_AFTER_S)),)
        case _:
            kind = "internal_server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004
            return error(f"The sandbox was asked to answer {status}.", kind, None), ()


def error(message: str, kind: str, code: str | None) -> dict[str, object]:
    """An error document of the OpenAI dialect."""
    return {"error": {"message": message, "type": kind, **({"code": code} if code else {})}}


def count_tokens(text: str, bytes_per_token: int = BYTES_PER_TOKEN) -> int:
    """Deterministic, rounded up, never more than the text's UTF-8 bytes."""
    return -(-len(text.encode(errors="surrogatepass")) // bytes_per_token)


def _text_of(content: Any) -> str:  # noqa: ANN401 - unparsed JSON
    """Both ways the dialect writes a message: a string, or a list of parts of which some are text."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    raise BadRequest("'content' must be a string or a list of parts")


def _limit_of(document: dict[str, Any]) -> int | None:
    limit = document.get("max_completion_tokens", document.get("max_tokens"))
    if limit is None:
        return None
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise BadRequest("'max_tokens' must be a positive integer")
    return limit
