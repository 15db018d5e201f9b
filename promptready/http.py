"""
The border to HTTP: bytes and headers to a request, a result or an error to status, headers and bytes.

It knows nothing of Azure: `function_app.py` and the tests hand it the same plain `Incoming`. Every reply
of the wire contract is made here, and every request is told to telemetry here, once.
"""

import asyncio
import logging
import re
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from promptready import telemetry
from promptready.admission import network_of
from promptready.clock import Clock
from promptready.errors import (
    BudgetExhausted,
    ContentTooLarge,
    IdempotencyKeyReused,
    InsufficientCredits,
    InvalidRequest,
    ProviderFailed,
    ProviderTimeout,
    RequestAlreadyAnswered,
    RequestInFlight,
    RequestRefused,
    RetryLater,
    ServiceUnavailable,
    StoreNotReady,
    TooManyRequests,
    UnknownUser,
)
from promptready.telemetry import InternalErrorEvent, ProcessAiEvent, Pseudonyms, StoreNotReadyEvent
from promptready.trial import Page, Trial
from promptready.wire import (
    IDEMPOTENCY_KEY_PATTERN,
    AnswerReply,
    AtCapacityReply,
    CheckCreditsRequest,
    CreditsReply,
    ErrorReply,
    InsufficientCreditsReply,
    ProcessAiRequest,
    Reply,
    parse,
)

ERRORS: Mapping[type[RequestRefused], tuple[int, str]] = {
    InvalidRequest: (400, "INVALID_REQUEST"),
    InsufficientCredits: (402, "INSUFFICIENT_CREDITS"),
    UnknownUser: (404, "UNKNOWN_USER"),
    RequestInFlight: (409, "REQUEST_IN_FLIGHT"),
    RequestAlreadyAnswered: (409, "REQUEST_ALREADY_ANSWERED"),
    ContentTooLarge: (413, "CONTENT_TOO_LARGE"),
    IdempotencyKeyReused: (422, "IDEMPOTENCY_KEY_REUSED"),
    TooManyRequests: (429, "TOO_MANY_REQUESTS"),
    ProviderFailed: (502, "PROVIDER_FAILED"),
    BudgetExhausted: (503, "SERVICE_AT_CAPACITY"),
    ServiceUnavailable: (503, "SERVICE_UNAVAILABLE"),
    ProviderTimeout: (504, "PROVIDER_TIMEOUT"),
}
"""The wire contract's error table. The extension switches on the code: add rows, never rename one."""

CANCELLED, CLIENT_CLOSED_REQUEST = "CANCELLED", 499
"""What an event says of a request that ended without a reply. 499 is nginx's number for that."""

BASE_HEADERS: Mapping[str, str] = {"Content-Type": "application/json", "Cache-Control": "no-store"}

_IDEMPOTENCY_KEY = re.compile(IDEMPOTENCY_KEY_PATTERN)
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it arrived. The names in `headers` are in lower case."""

    body: bytes
    headers: Mapping[str, str]

    def header(self, name: str) -> str | None:
        """Return a header's value; None where it is absent."""
        return self.headers.get(name.lower())


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply as it leaves."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Served:
    """A result with the headers of its own that it brings."""

    reply: Reply
    headers: Mapping[str, str]


class Endpoints:
    """The two calls of the wire contract."""

    def __init__(
        self, trial: Trial, *, max_body_bytes: int, catalog_version: str, pseudonyms: Pseudonyms, clock: Clock
    ) -> None:
        self._trial = trial
        self._max_body_bytes = max_body_bytes
        self._catalog_version = catalog_version
        self._pseudonyms = pseudonyms
        self._clock = clock

    async def check_credits(self, incoming: Incoming) -> Outgoing:
        """`POST /api/check-credits`."""

        async def serve() -> _Served:
            self._refuse_large(incoming)
            request = parse(CheckCreditsRequest, incoming.body)
            credits_ = await self._trial.check_credits(request.userId, network_of(incoming.header("x-forwarded-for")))
            reply = CreditsReply(credits_remaining=credits_.remaining, cohort=credits_.cohort)
            return _Served(reply, _credits_header(credits_.remaining))

        return (await self._answer(serve, _new_request_id()))[0]

    async def process_ai(self, incoming: Incoming) -> Outgoing:
        """`POST /api/process-ai`."""
        event = ProcessAiEvent(self._clock(), _new_request_id(), self._catalog_version)
        started_s = time.perf_counter()

        async def serve() -> _Served:
            self._refuse_large(incoming)
            request = parse(ProcessAiRequest, incoming.body)
            key = _idempotency_key(incoming, event.request_id)
            event.unit = self._pseudonyms.of("user", request.userId)
            event.content_bytes = len(request.content.encode())
            cleaned = await self._trial.process_ai(Page(request.userId, request.cohort, request.content, key), event)
            return _Served(AnswerReply(processed_content=cleaned.text), _credits_header(cleaned.credits_remaining))

        try:
            outgoing, event.outcome = await self._answer(serve, event.request_id)
            event.http_status = outgoing.status
        except asyncio.CancelledError:  # the server is closing: nobody hears a reply, and what it cost must be told
            event.outcome, event.http_status = CANCELLED, CLIENT_CLOSED_REQUEST
            raise
        finally:
            event.latency_total_ms = round((time.perf_counter() - started_s) * 1000, 3)
            telemetry.emit(event)
        return outgoing

    async def _answer(self, serve: Callable[[], Awaitable[_Served]], request_id: str) -> tuple[Outgoing, str]:
        """Run one call and return its reply and the reply's code. Nothing gets past this."""
        headers = {**BASE_HEADERS, "X-PromptReady-Request-Id": request_id}
        try:
            served = await serve()
        except RequestRefused as refusal:
            status, code = _row(refusal)
            if isinstance(refusal, StoreNotReady):
                telemetry.emit(StoreNotReadyEvent(self._clock(), request_id, refusal.remedy), logging.ERROR)
            if isinstance(refusal, RetryLater):
                headers["Retry-After"] = str(refusal.retry_after_s)
            return _outgoing(status, headers, _error_reply(code, str(refusal))), code
        except Exception as bug:  # noqa: BLE001 - the contract's last row; the class and place are told, the text may quote content
            telemetry.emit(_internal_error(bug, request_id, self._clock), logging.ERROR)
            reply = ErrorReply(status="INTERNAL_ERROR", message="Something went wrong on our side.")
            return _outgoing(500, headers, reply), "INTERNAL_ERROR"
        return _outgoing(200, {**headers, **served.headers}, served.reply), served.reply.status

    def _refuse_large(self, incoming: Incoming) -> None:
        if len(incoming.body) > self._max_body_bytes:
            raise ContentTooLarge(f"The request must be at most {self._max_body_bytes} bytes.")


def _row(refusal: RequestRefused) -> tuple[int, str]:
    """Return the error table's row: the class's own, else its nearest ancestor's."""
    return next(ERRORS[kind] for kind in type(refusal).__mro__ if kind in ERRORS)


def _error_reply(code: str, message: str) -> Reply:
    match code:
        case "INSUFFICIENT_CREDITS":
            return InsufficientCreditsReply()
        case "SERVICE_AT_CAPACITY":
            return AtCapacityReply()
        case _:
            return ErrorReply.model_validate({"status": code, "message": message})


def _outgoing(status: int, headers: Mapping[str, str], reply: Reply) -> Outgoing:
    return Outgoing(status, headers, reply.model_dump_json().encode())


def _credits_header(remaining: int) -> Mapping[str, str]:
    return {"X-PromptReady-Credits-Remaining": str(remaining)}


def _idempotency_key(incoming: Incoming, fallback: str) -> str:
    key = incoming.header("idempotency-key")
    if key is None:
        return fallback
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest("The header Idempotency-Key must be 8 to 64 letters, digits, '-' or '_'.")
    return key


def _new_request_id() -> str:
    return secrets.token_hex(16)


def _internal_error(bug: Exception, request_id: str, clock: Clock) -> InternalErrorEvent:
    """Describe a bug without its text: the class, and the innermost line of ours that it passed."""
    ours = [frame for frame in traceback.extract_tb(bug.__traceback__) if Path(frame.filename).is_relative_to(_PACKAGE)]
    where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "unknown"
    return InternalErrorEvent(clock(), request_id, type(bug).__name__, where)
