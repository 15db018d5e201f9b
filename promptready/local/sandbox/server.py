"""The sandbox provider's HTTP edge."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterator
from typing import assert_never

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
from promptready.local.sandbox.bill import Bill, Price
from promptready.local.sandbox.model import (
    BadRequest,
    Behaviour,
    Kind,
    Request,
    Work,
    behaviour_of,
    completion,
    error,
    failure,
    model_names,
    parse,
    work,
)

LARGEST_BODY_BYTES = 16 * 1024 * 1024

# A caller that waits longer than this has no timeout of its own.
LONGEST_HANG_S = 600

# The one key that is refused while any other is accepted, so that a bad key can be tried without a set-up.
WRONG_KEY = "wrong-key"


class Sandbox:
    """
    The ASGI application.

    `key` is the only accepted API key; None accepts every key but `WRONG_KEY`. It may be changed while running,
    which is how a provider rotates a key.
    """

    def __init__(self, price: Price, key: str | None = None) -> None:
        self.bill = Bill(price)
        self.key = key
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        with contextlib.suppress(ClientGone):
            reply = await self._reply(scope, receive)
            if reply is None:
                _hang_up(send)
            else:
                await send_reply(send, reply)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply | None:
        """The reply, or None for a connection that ends without one."""
        match scope["method"], scope["path"]:
            case "GET", "/":
                return text_reply(200, "The PromptReady sandbox provider is running: POST /v1/chat/completions\n")
            case "GET", "/stats":
                return json_reply(200, self.bill.stats())
            case "POST", "/reset":
                self.bill.reset()
                return json_reply(200, self.bill.stats())
            case "GET", "/v1/models":
                return self._refused(scope) or _models()
            case "POST", "/v1/chat/completions":
                return self._refused(scope) or await self._complete(receive)
            case _:
                return json_reply(404, error("Unknown request URL", "invalid_request_error", "unknown_url"))

    def _refused(self, scope: Scope) -> Reply | None:
        _, _, key = header(scope, b"authorization").partition(" ")
        accepted = key == self.key if self.key is not None else key not in {"", WRONG_KEY}
        if accepted:
            return None
        self.bill.unauthorized += 1
        return _failed(401, "")

    async def _complete(self, receive: Receive) -> Reply | None:
        with self._in_flight():
            try:
                request = parse(await read_body(receive, LARGEST_BODY_BYTES))
            except BodyTooLarge:
                return _failed(413, "")
            except BadRequest as exc:
                return json_reply(400, error(str(exc), "invalid_request_error", None))
            behaviour = behaviour_of(request.model)
            if behaviour is None:
                return _failed(404, request.model)
            if behaviour.kind is Kind.HTTP:
                self.bill.book(request.model, 0, 0)
                return _failed(behaviour.number, request.model)
            done = work(request, behaviour.kind)
            # Charged before anything can go wrong on the way back, the worst a real provider can do to its caller.
            self.bill.book(request.model, done.input_tokens, done.output_tokens)
            return await self._perform(behaviour, request, done, receive)

    async def _perform(self, behaviour: Behaviour, request: Request, done: Work, receive: Receive) -> Reply | None:
        match behaviour.kind:
            case Kind.DROP:
                return None
            case Kind.HANG:
                await _until_caller_leaves(receive)
                return None
            case Kind.GARBAGE:
                return text_reply(200, "<html>this is not the JSON you asked for</html>")
            case Kind.SLOW:
                await asyncio.sleep(behaviour.number / 1000)
            case (
                Kind.OK
                | Kind.HTTP
                | Kind.TRUNCATED
                | Kind.EMPTY
                | Kind.REFUSAL
                | Kind.WRONG_MODEL
                | Kind.DENSE
                | Kind.LIES_HIGH
                | Kind.LIES_LOW
            ):
                pass
            case _:
                assert_never(behaviour.kind)
        return json_reply(200, completion(request, behaviour.kind, done, next(self._numbers), int(time.time())))

    @contextlib.contextmanager
    def _in_flight(self) -> Iterator[None]:
        self.bill.in_flight += 1
        try:
            yield
        finally:
            self.bill.in_flight -= 1


def _failed(status: int, model: str) -> Reply:
    document, headers = failure(status, model)
    return json_reply(status, document, headers)


def _models() -> Reply:
    entries = [{"id": name, "object": "model", "created": 0, "owned_by": "sandbox"} for name in model_names()]
    return json_reply(200, {"object": "list", "data": entries})


async def _until_caller_leaves(receive: Receive) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_HANG_S):
            while (await receive())["type"] != "http.disconnect":
                pass


def _hang_up(send: Send) -> None:
    """
    End the connection without a byte.

    ASGI has no word for this, and returning without an answer makes uvicorn send a 500. Its `send` is a method of
    the request, which has the transport; a test holds this against the pinned uvicorn.
    """
    send.__self__.transport.abort()  # type: ignore[attr-defined]
