"""
One kept-alive HTTP/1.1 connection, as much of the protocol as a call to a provider needs.

httpx's own connections pass a request through five layers of machinery for cases that don't arise here, which took
more processor time than the whole ledger. This one sends a request in one write and reads a reply framed as RFC 9112
has it: by a length, by chunks, or by the connection's end. A reply that is framed in no way, or in two, is an error
and ends the connection: nothing is guessed.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus

import httpx

MAX_HEAD_BYTES = 64 * 1024
MOST_INTERIM_REPLIES = 8
MOST_TRAILERS = 64
MOST_WAITING_BYTES = 256 * 1024
"""So much of a reply may lie here unread. Then the sender has to wait."""

SECOND_ADDRESS_AFTER_S = 0.25
"""A host with several addresses is tried at the next one after this time, as RFC 8305 has it."""

Headers = list[tuple[bytes, bytes]]

_END = b"\r\n"
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\x00]*)?")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00]*?)[ \t]*")
_LENGTH = re.compile(rb"[0-9]{1,15}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?")


@dataclass(frozen=True, slots=True)
class Head:
    """A reply's first line and header, and how its body is framed: chunks, a length, or neither until the end."""

    status: int
    headers: Headers
    is_chunked: bool
    length_bytes: int | None
    is_last: bool


class Connection(asyncio.Protocol):
    """Carries one request at a time: `ask`, then `body` to its end, then it `is_free` for another."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._news: asyncio.Future[None] | None = None
        self._is_paused = False
        self._has_ended = False
        self._failure: Exception | None = None
        self._is_between_requests = True

    @property
    def is_free(self) -> bool:
        """Whether another request may be sent: it is open, the last reply was read and nothing came unasked."""
        return self._is_between_requests and not self._has_ended and not self._received

    async def ask(self, request: httpx.Request) -> Head:
        """
        Send the request and return the head of its reply.

        Raises:
            httpx.LocalProtocolError: the request can't be written down. Nothing was sent.
            httpx.ReadError: the connection broke.
            httpx.RemoteProtocolError: the reply is not HTTP/1.1, or ended too early.
        """
        message = _encode(request)
        self._is_between_requests = False
        assert self._transport is not None  # noqa: S101 - `connect` hands out connections that are made
        self._transport.write(message)
        for _ in range(MOST_INTERIM_REPLIES):
            head = _decode(await self._up_to(_END + _END), request.method)
            if head.status >= HTTPStatus.OK:
                return head
        raise httpx.RemoteProtocolError("too many interim replies")

    async def body(self, head: Head) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes. Raises what `ask` raises."""
        if head.is_chunked:
            while size_bytes := _chunk_size(await self._up_to(_END)):
                async for piece in self._exactly(size_bytes):
                    yield piece
                if await self._up_to(_END):
                    raise httpx.RemoteProtocolError("a chunk is longer than it says")
            await self._skip_trailers()
        elif head.length_bytes is not None:
            async for piece in self._exactly(head.length_bytes):
                yield piece
        else:
            while self._received or await self._more():
                yield self._take(len(self._received))
        self._is_between_requests = not head.is_last

    def abort(self) -> None:
        """Hang up."""
        self._has_ended = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop: the way to the other side."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP and TLS have no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the event loop: keep what came until it is read."""
        self._received += data
        if len(self._received) > MOST_WAITING_BYTES and self._transport is not None and not self._is_paused:
            self._transport.pause_reading()
            self._is_paused = True
        self._wake()

    def eof_received(self) -> None:
        """Called by the event loop: nothing more will come."""
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop: nothing more will come, and why."""
        self._has_ended, self._failure = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def _more(self) -> bool:
        """Wait for bytes beyond those that are here; False if the connection ended without any."""
        here = len(self._received)
        while len(self._received) == here:
            if self._failure is not None:
                raise httpx.ReadError(type(self._failure).__name__)
            if self._has_ended:
                return False
            if self._is_paused and self._transport is not None:
                self._transport.resume_reading()
                self._is_paused = False
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        return True

    async def _more_of_it(self) -> None:
        if not await self._more():
            raise httpx.RemoteProtocolError("the connection ended within a reply")

    async def _up_to(self, end: bytes) -> bytes:
        """Return what comes before `end`, and take both off."""
        searched = 0
        while (found := self._received.find(end, searched)) < 0:
            searched = max(0, len(self._received) - len(end) + 1)
            if searched > MAX_HEAD_BYTES:
                break
            await self._more_of_it()
        if max(found, searched) > MAX_HEAD_BYTES:
            raise httpx.RemoteProtocolError("a head or line without an end")
        taken = self._take(found)
        del self._received[: len(end)]
        return taken

    async def _skip_trailers(self) -> None:
        for _ in range(MOST_TRAILERS):
            if not await self._up_to(_END):
                return
        raise httpx.RemoteProtocolError("too many trailers")

    async def _exactly(self, size_bytes: int) -> AsyncGenerator[bytes, None]:
        while size_bytes:
            if not self._received:
                await self._more_of_it()
            piece = self._take(size_bytes)
            size_bytes -= len(piece)
            yield piece

    def _take(self, most_bytes: int) -> bytes:
        taken = bytes(self._received[:most_bytes])
        del self._received[:most_bytes]
        return taken


async def connect(url: httpx.URL, trusted: ssl.SSLContext | None, timeout_s: float | None) -> Connection:
    """
    Open a connection to the URL's host, over TLS if there is somebody `trusted`.

    Raises:
        httpx.ConnectTimeout: it was not there after `timeout_s`.
        httpx.ConnectError: nobody is there, or nobody to be trusted.
    """
    port = url.port or (443 if trusted else 80)
    try:
        async with asyncio.timeout(timeout_s):
            _, connection = await asyncio.get_running_loop().create_connection(
                Connection, url.raw_host.decode(), port, ssl=trusted, happy_eyeballs_delay=SECOND_ADDRESS_AFTER_S
            )
    except TimeoutError as exc:
        raise httpx.ConnectTimeout("no connection in time") from exc
    except (OSError, UnicodeError) as exc:  # a certificate that can't be trusted is an OSError too
        raise httpx.ConnectError(type(exc).__name__) from exc
    return connection


def _encode(request: httpx.Request) -> bytes:
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in request.headers.raw]
    head = _END.join(lines)
    if head.count(b"\n") != len(lines) - 1 or head.count(b"\r") != len(lines) - 1 or b"\0" in head:
        raise httpx.LocalProtocolError("a line break within a header")
    return head + _END + _END + request.content


def _decode(raw: bytes, method: str) -> Head:
    first, *lines = raw.split(_END)
    status_line = _STATUS_LINE.fullmatch(first)
    fields = [_FIELD.fullmatch(line) for line in lines]
    if status_line is None or raw.count(b"\r") != len(lines) or raw.count(b"\n") != len(lines):
        raise httpx.RemoteProtocolError("the reply is not HTTP/1.1")
    headers: Headers = []
    named: dict[bytes, list[bytes]] = {}
    for field in fields:
        if field is None:
            raise httpx.RemoteProtocolError("a header field is malformed")
        name, value = field.groups()
        headers.append((name, value))
        named.setdefault(name.lower(), []).append(value)
    status = int(status_line[2])
    if status == HTTPStatus.SWITCHING_PROTOCOLS:
        raise httpx.RemoteProtocolError("no other protocol was asked for")
    has_body = (
        method != "HEAD" and status >= HTTPStatus.OK and status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    )
    lengths, codings = named.get(b"content-length"), named.get(b"transfer-encoding")
    is_chunked = has_body and codings is not None
    if codings is not None and (lengths or len(codings) > 1 or codings[0].lower() != b"chunked"):
        raise httpx.RemoteProtocolError("the body is framed in two ways, or in an unknown one")
    if lengths is not None and (len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0])):
        raise httpx.RemoteProtocolError("the body's length is none")
    length_bytes = 0 if not has_body else int(lengths[0]) if lengths else None
    options = b",".join(named.get(b"connection", ())).lower()
    is_last = status_line[1] == b"0" or b"close" in options or (length_bytes is None and not is_chunked)
    return Head(status, headers, is_chunked, length_bytes, is_last)


def _chunk_size(line: bytes) -> int:
    size = _CHUNK_SIZE.fullmatch(line)
    if size is None:
        raise httpx.RemoteProtocolError("a chunk without a size")
    return int(size[1], 16)
