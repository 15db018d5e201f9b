"""
Kept-alive connections to providers.

httpx's own pool looks at every connection for every other one, before and after each request: with 32 requests
under way that was a third of a request's processor time. Here each connection is a transport of its own, which waits
among those of its origin until a request takes the one used last.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx

MOST_AT_ONCE = 256
IDLE_FOR_S = 60.0


@dataclass(frozen=True, slots=True)
class _Idle:
    """A connection that nobody uses, and since when."""

    transport: httpx.AsyncBaseTransport
    since_s: float


class Connections(httpx.AsyncBaseTransport):
    """A transport for many requests at once. Nothing is taken from the environment, no redirect is followed."""

    def __init__(self) -> None:
        self._trusted = httpx.create_ssl_context(trust_env=False)
        self._idle: dict[tuple[str, bytes], deque[_Idle]] = {}
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; its connection is free for another when the response is closed."""
        idle = self._idle.setdefault((request.url.scheme, request.url.netloc), deque())
        await _close_stale(idle)
        await self._places.acquire()
        transport = idle.pop().transport if idle else self._open()

        def give_back() -> None:
            self._places.release()
            idle.append(_Idle(transport, time.monotonic()))

        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            give_back()  # whatever is left of a connection that failed, its transport opens a new one next time
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous transport has no other
        response.stream = _Lent(response.stream, give_back)
        return response

    async def aclose(self) -> None:
        """Hang up all idle connections."""
        for idle in self._idle.values():
            while idle:
                await idle.pop().transport.aclose()

    def _open(self) -> httpx.AsyncBaseTransport:
        alone = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_FOR_S)
        return httpx.AsyncHTTPTransport(verify=self._trusted, limits=alone, trust_env=False)


class _Lent(httpx.AsyncByteStream):
    """A response's body over a connection that goes back when the body is closed."""

    def __init__(self, body: httpx.AsyncByteStream, give_back: Callable[[], None]) -> None:
        self._body = body
        self._give_back = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk

    async def aclose(self) -> None:
        try:
            await self._body.aclose()
        finally:
            self._give_back()


async def _close_stale(idle: deque[_Idle]) -> None:
    """Hang up what has not been used for long: the stack's bottom, which a quiet time may never reach again."""
    while idle and time.monotonic() - idle[0].since_s > IDLE_FOR_S:
        await idle.popleft().transport.aclose()
