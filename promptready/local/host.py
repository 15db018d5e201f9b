"""The local host's HTTP edge: requests in, functions called, replies out, as Azure's host does it."""

import asyncio
import contextlib
import inspect
import logging
import os
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import azure.functions as func

from promptready.local.asgi import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Reply,
    Scope,
    Send,
    header,
    json_reply,
    read_body,
    send_reply,
    text_reply,
)
from promptready.local.cors import Cors
from promptready.local.functions import Function, HttpFunction, TimerFunction
from promptready.local.schedule import BadSchedule, resolve, run_on_schedule

# Far above what any function here accepts, so that the app's own limit is what a caller meets.
LARGEST_BODY_BYTES = 16 * 1024 * 1024

# What Azure's host answers to an unknown path, and also to a known path with another method: no 405, no body.
# https://github.com/Azure/azure-functions-host/issues/10098 and /11625, read 2026-11-22.
NOT_FOUND = Reply(404)

# What a caller sees when a function raises: nothing of the cause.
FAILED = Reply(500)

TOO_LARGE = json_reply(
    413,
    {"status": "CONTENT_TOO_LARGE", "message": f"The request is larger than {LARGEST_BODY_BYTES} bytes."},
    [("cache-control", "no-store")],
)

PAST_DUE = timedelta(seconds=30)

# The timer's library takes 65 ms to load, which the first reply should not wait for.
TIMER_DELAY_S = 0.5

log = logging.getLogger(__name__)


class TimerRequest(func.TimerRequest):
    """What a timer function is called with. The library's own class is abstract on one of its two lines."""

    def __init__(self, *, is_past_due: bool) -> None:
        self._is_past_due = is_past_due

    @property
    def past_due(self) -> bool:
        """Whether this run is late."""
        return self._is_past_due


class LocalHost:
    """The ASGI application that serves an app's functions under `/prefix`."""

    def __init__(self, functions: Sequence[Function], prefix: str, cors: Cors) -> None:
        self._timers = {function.name: function for function in functions if isinstance(function, TimerFunction)}
        self._cors = cors
        self._routes: dict[str, list[HttpFunction]] = {}
        for function in functions:
            if isinstance(function, HttpFunction):
                self._routes.setdefault(_path_of(function, prefix).lower(), []).append(function)

    @property
    def paths(self) -> list[str]:
        """The paths that are served."""
        return list(self._routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        with contextlib.suppress(ClientGone):
            try:
                reply = self._cors.preflight(scope) or await self._reply(scope, receive)
            except BodyTooLarge:
                reply = TOO_LARGE
            await send_reply(send, self._cors.mark(scope, reply), with_body=scope["method"] != "HEAD")

    async def run_timers(self) -> None:
        """Run every timer function by its schedule, until cancelled."""
        await asyncio.sleep(TIMER_DELAY_S)
        await asyncio.gather(*(_run_by_schedule(timer) for timer in self._timers.values()))

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        method, path = scope["method"], scope["path"].rstrip("/")
        if path == "" and method in {"GET", "HEAD"}:
            return text_reply(200, f"PromptReady's local host is running: {', '.join(self.paths)}\n")
        # Azure starts the run and answers; waiting for its end lets whoever fires it see what it did.
        # https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
        if method == "POST" and (timer := self._timers.get(path.removeprefix("/admin/functions/"))):
            await read_body(receive, LARGEST_BODY_BYTES)
            await _run_timer(timer)
            return Reply(202)
        for function in self._routes.get(path.lower(), ()):
            if not function.methods or method in function.methods:
                return await _answer(function, scope, receive)
        return NOT_FOUND


def _path_of(function: HttpFunction, prefix: str) -> str:
    return "/" + "/".join(part for part in (prefix.strip("/"), function.route) if part)


async def _run_by_schedule(timer: TimerFunction) -> None:
    try:
        schedule = resolve(timer.schedule, os.environ)
        await run_on_schedule(schedule, lambda late_by: _run_timer(timer, late_by), lambda: datetime.now(UTC))
    except BadSchedule as exc:
        # As in Azure: a function with a bad trigger does not run, and the others do.
        log.error("%s will not run by itself: %s", timer.name, exc)  # noqa: TRY400 - its sentence says it all


async def _run_timer(timer: TimerFunction, late_by: timedelta = timedelta(0)) -> None:
    """Run a timer function. A failure is logged and goes no further, as in Azure."""
    is_past_due = late_by > PAST_DUE
    try:
        await _call(timer, TimerRequest(is_past_due=is_past_due))
    except Exception as exc:  # noqa: BLE001 - the host outlives every function
        _log_failure(timer.name, exc)
    else:
        log.info("%s ran%s", timer.name, " (past due)" if is_past_due else "")


async def _answer(function: HttpFunction, scope: Scope, receive: Receive) -> Reply:
    body = await read_body(receive, LARGEST_BODY_BYTES)
    try:
        return _reply_of(await _call(function, _request(scope, body)))
    except Exception as exc:  # noqa: BLE001 - the host outlives every function
        _log_failure(function.name, exc)
        return FAILED


async def _call(function: Function, argument: object) -> object:
    """Run a handler where Azure's worker runs it: on the loop, or in a thread if it is not a coroutine."""
    arguments = {function.parameter: argument}
    if inspect.iscoroutinefunction(function.handler):
        return await function.handler(**arguments)
    return await asyncio.to_thread(function.handler, **arguments)


def _request(scope: Scope, body: bytes) -> func.HttpRequest:
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1")
    return func.HttpRequest(
        method=scope["method"],
        url=f"{scope['scheme']}://{header(scope, b'host')}{path}{'?' if query else ''}{query}",
        headers=_headers(scope),
        params=dict(parse_qsl(query, keep_blank_values=True)),
        route_params={},
        body=body,
    )


def _headers(scope: Scope) -> dict[str, str]:
    """All headers, repeated ones joined; Azure's front end puts the caller's address last in X-Forwarded-For."""
    headers: dict[str, str] = {}
    client_host, client_port = scope["client"]
    forwarded = (b"x-forwarded-for", f"{client_host}:{client_port}".encode("latin-1"))
    for name, value in (*scope["headers"], forwarded):
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _reply_of(result: object) -> Reply:
    match result:
        case func.HttpResponse():
            headers = [(name, value) for name, value in result.headers.items() if name.lower() != "content-length"]
            if "content-type" not in {name.lower() for name, _ in headers}:
                charset = f"; charset={result.charset}" if result.mimetype.startswith("text/") else ""
                headers.append(("content-type", f"{result.mimetype}{charset}"))
            return Reply(result.status_code, tuple(headers), result.get_body())
        case str():
            return text_reply(200, result)
        case _:
            raise TypeError(f"a function returned {type(result).__name__}, not an HttpResponse")


def _log_failure(name: str, exc: BaseException) -> None:
    """Say what broke and where, but not the exception's own words: they may quote the request."""
    frames = traceback.extract_tb(exc.__traceback__)
    place = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames[-4:]))
    log.error("%s raised %s at %s", name, type(exc).__name__, place)
