"""
A closed loop of callers over kept-alive connections, as cheap as Python makes it.

A caller sends its next request when it has the last one's reply. The client speaks just enough HTTP/1.1 itself: a
client library would take more of the two processors than most of the servers that are measured.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HTTP_OK = 200
TIMEOUT_S = 30.0


@dataclass(slots=True)
class Load:
    """What a closed loop saw. Latencies are in milliseconds, in the order the replies came."""

    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Replies a second."""
        return len(self.latencies_ms) / self.seconds

    def only(self, status: int) -> "Load":
        """
        Return itself.

        Raises:
            RuntimeError: a reply had another status, so the numbers mean nothing.
        """
        if set(self.statuses) != {status}:
            raise RuntimeError(f"expected {status} alone, got {dict(self.statuses)}")
        return self


class Connection:
    """One kept-alive connection to a server."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    async def open(self) -> "Connection":
        """Connect."""
        host, port = self._host.split(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port), limit=2**20)
        return self

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """Return a request's bytes, so that making them need not be timed."""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._host}", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request and return the reply's status and body."""
        self._writer.write(request)
        async with asyncio.timeout(TIMEOUT_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            status = int(head[9:12])
            if b"transfer-encoding: chunked" in head:
                return status, await self._chunks()
            start = head.find(b"content-length:")
            size = int(head[start + 15 : head.index(b"\r\n", start)]) if start >= 0 else 0
            return status, await self._reader.readexactly(size)

    async def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readexactly(2)
        return bytes(body)


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go and what they say: `body` makes the nth one's."""

    url: str
    path: str
    body: Callable[[int], bytes]
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


async def closed_loop(target: Target, *, callers: int, seconds: float) -> Load:
    """Keep `callers` requests under way for `seconds`. The nth request of all is `target.body(n)`."""
    load = Load()
    connections = [await Connection(target.url).open() for _ in range(callers)]
    numbers = iter(range(10**9))
    started_s = time.perf_counter()

    async def call(connection: Connection) -> None:
        while time.perf_counter() - started_s < seconds:
            request = connection.request("POST", target.path, target.body(next(numbers)), target.headers)
            sent_s = time.perf_counter()
            status, _ = await connection.ask(request)
            load.latencies_ms.append((time.perf_counter() - sent_s) * 1000)
            load.statuses[status] += 1

    await asyncio.gather(*(call(connection) for connection in connections))
    load.seconds = time.perf_counter() - started_s
    for connection in connections:
        await connection.close()
    return load


async def ask(url: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
    """Send one request over a connection of its own: GET without a body, POST with one."""
    connection = await Connection(url).open()
    try:
        return await connection.ask(connection.request("POST" if body else "GET", path, body, headers or {}))
    finally:
        await connection.close()


def as_json(document: object) -> bytes:
    """Return a JSON body."""
    return json.dumps(document).encode()
