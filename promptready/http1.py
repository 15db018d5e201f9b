"""
One kept-alive HTTP/1.1 connection to a provider: h11 reads and writes the protocol, asyncio carries the bytes.

httpx's own connections pass a request through further layers for cases that don't arise here, which took more
processor time than the whole ledger.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator

import h11
import httpx

MAX_HEAD_BYTES = 64 * 1024
MOST_INTERIM_REPLIES = 8
MOST_WAITING_BYTES = 256 * 1024
"""So much of a reply may lie here unread. Then the sender has to wait."""

SECOND_ADDRESS_AFTER_S = 0.25
"""A host with several addresses is tried at the next one after this time, as RFC 8305 has it."""


class Connection(asyncio.Protocol):
    """Carries one request at a time: `ask`, then `body` to its end, then it `is_free` for another."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._transport: asyncio.Transport | None = None
        self._news: asyncio.Future[None] | None = None
        self._waiting_bytes = 0
        self._failure: Exception | None = None

    @property
    def is_free(self) -> bool:
        """Whether another request may be sent: it is open, the last reply was read and nothing came unasked."""
        is_idle = self._http.our_state is h11.IDLE and self._http.their_state is h11.IDLE
        return is_idle and self._failure is None and self._http.trailing_data == (b"", False)

    async def ask(self, request: httpx.Request) -> h11.Response:
        """
        Send the request and return the head of its reply.

        Raises:
            httpx.LocalProtocolError: the request can't be written down. Nothing was sent.
            httpx.ReadError: the connection broke.
            httpx.RemoteProtocolError: the reply is not HTTP/1.1, or ended too early.
        """
        assert self._transport is not None  # noqa: S101 - `connect` hands out connections that are made
        self._transport.write(self._encode(request))
        for _ in range(MOST_INTERIM_REPLIES):
            event = await self._next_event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("the connection ended before a reply")
        raise httpx.RemoteProtocolError("too many interim replies")

    async def body(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes. Raises what `ask` raises."""
        while isinstance(event := await self._next_event(), h11.Data):
            yield bytes(event.data)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()

    def abort(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop: the way to the other side."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP and TLS have no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the event loop: keep what came until it is read."""
        self._http.receive_data(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > MOST_WAITING_BYTES and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Called by the event loop: nothing more will come."""
        self._http.receive_data(b"")
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop: nothing more will come, and why."""
        self._failure = exc
        self._http.receive_data(b"")
        self._wake()

    def _wake(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _encode(self, request: httpx.Request) -> bytes:
        try:
            head = self._http.send(
                h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
            )
            body = self._http.send(h11.Data(data=request.content)) if request.content else b""
            self._http.send(h11.EndOfMessage())
        except h11.LocalProtocolError:
            raise httpx.LocalProtocolError(
                "the request can't be written down"
            ) from None  # its words quote what was to be sent
        return (head or b"") + (body or b"")

    async def _next_event(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                if self._failure is not None:
                    raise httpx.ReadError(type(self._failure).__name__)
                await self._more()
        except h11.RemoteProtocolError:  # its words quote what came
            if self._failure is not None:
                raise httpx.ReadError(type(self._failure).__name__) from None
            raise httpx.RemoteProtocolError("the reply is not HTTP/1.1, or ended too early") from None
        return event

    async def _more(self) -> None:
        """Wait for bytes beyond those that are here, all of which were read."""
        if self._waiting_bytes > MOST_WAITING_BYTES and self._transport is not None:
            self._transport.resume_reading()
        self._waiting_bytes = 0
        self._news = asyncio.get_running_loop().create_future()
        await self._news


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
