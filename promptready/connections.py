"""
Kept-alive connections to providers: those of an origin wait in a stack until a request takes the one used last.

This is a transport for httpx in place of its own pool, which looks at every connection for every other one, before
and after each request.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass

import httpx

from promptready.http1 import Connection, connect

MOST_AT_ONCE = 256
IDLE_FOR_S = 60.0


@dataclass(frozen=True, slots=True)
class _Idle:
    """A connection that nobody uses, and since when."""

    connection: Connection
    since_s: float


class Connections(httpx.AsyncBaseTransport):
    """A transport for many requests at once. Nothing is taken from the environment, no redirect is followed."""

    def __init__(self) -> None:
        self._trusted: ssl.SSLContext | None = None
        self._idle: dict[tuple[str, bytes], deque[_Idle]] = {}
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; its connection is free for another when the response is closed."""
        idle = self._idle.setdefault((request.url.scheme, request.url.netloc), deque())
        _hang_up(idle)
        await self._places.acquire()
        connection: Connection | None = None

        def give_back() -> None:
            self._places.release()
            if connection is not None and connection.is_free:
                idle.append(_Idle(connection, time.monotonic()))
            elif connection is not None:
                connection.abort()

        try:
            connection = _take(idle) or await self._connect(request)
            head = await connection.ask(request)
        except BaseException:
            give_back()
            raise
        return httpx.Response(
            head.status_code, headers=head.headers.raw_items(), stream=_Lent(connection.body(), give_back)
        )

    async def aclose(self) -> None:
        """Hang up all idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().connection.abort()

    async def _connect(self, request: httpx.Request) -> Connection:
        timeout_s = request.extensions.get("timeout", {}).get("connect")
        return await connect(request.url, self._trust() if request.url.scheme == "https" else None, timeout_s)

    def _trust(self) -> ssl.SSLContext:
        if self._trusted is None:
            self._trusted = httpx.create_ssl_context(trust_env=False)
            self._trusted.set_alpn_protocols(["http/1.1"])
        return self._trusted


class _Lent(httpx.AsyncByteStream):
    """A response's body over a connection that goes back when the body is closed."""

    def __init__(self, body: AsyncGenerator[bytes, None], give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back: Callable[[], None] | None = give_back

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._body

    async def aclose(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            await self._body.aclose()
            give_back()


def _take(idle: deque[_Idle]) -> Connection | None:
    """Take the connection used last that is still open: providers end them when they like."""
    while idle:
        connection = idle.pop().connection
        if connection.is_free:
            return connection
        connection.abort()
    return None


def _hang_up(idle: deque[_Idle]) -> None:
    """Hang up what has not been used for long: the stack's bottom, which a quiet time may never reach again."""
    while idle and time.monotonic() - idle[0].since_s > IDLE_FOR_S:
        idle.popleft().connection.abort()
