"""The little of ASGI that the local host and the sandbox provider both need."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class ClientGone(Exception):
    """The caller hung up before its request was complete."""


class BodyTooLarge(Exception):
    """The body is longer than the limit. It was read to its end and thrown away."""


def text_reply(status: int, text: str) -> Reply:
    """A plain-text response."""
    return Reply(status, (("content-type", "text/plain; charset=utf-8"),), text.encode())


def json_reply(status: int, document: object, headers: Iterable[tuple[str, str]] = ()) -> Reply:
    """A response that carries `document` as JSON."""
    body = json.dumps(document, separators=(",", ":"), allow_nan=False).encode()
    return Reply(status, (("content-type", "application/json"), *headers), body)


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """
    The request's whole body, of which never more than `limit_bytes` are held in memory.

    A longer body is still read to its end: a client that is writing does not read, so an answer sent
    before it has finished would reach it as a broken connection.

    Raises:
        BodyTooLarge: the body is longer than `limit_bytes`.
        ClientGone: the connection ended first.
    """
    chunks: list[bytes] = []
    size_bytes = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        size_bytes += len(chunk)
        if size_bytes <= limit_bytes:
            chunks.append(chunk)
        else:
            chunks.clear()
        more = message.get("more_body", False)
    if size_bytes > limit_bytes:
        raise BodyTooLarge
    return b"".join(chunks)


async def send_reply(send: Send, reply: Reply, *, with_body: bool = True) -> None:
    """Write `reply`. Without a body (for HEAD) the headers still describe it."""
    length = ("content-length", str(len(reply.body)))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (*reply.headers, length)]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})


def header(scope: Scope, name: bytes) -> str:
    """The value of the first header of that lower-case name, or the empty string."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def by_port(apps: Mapping[int, App]) -> App:
    """
    One application for several: the port a connection came in on decides.

    So one uvicorn server, one event loop and one process hold both the host and the sandbox provider. They start
    together, end together even on `kill -9`, and no child process can be left behind.
    """

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return dispatch
