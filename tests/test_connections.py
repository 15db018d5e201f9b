"""Connections to providers over real sockets: used again, one request at a time, and replaced when they end."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from promptready import connections
from promptready.connections import Connections

REPLY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Peer:
    """A server that counts the connections it was asked over. `hangs_up` ends each after one reply."""

    def __init__(self) -> None:
        self.opened = 0
        self.under_way = 0
        self.most_under_way = 0
        self.hangs_up = False
        self.delay_s = 0.0
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                await asyncio.sleep(self.delay_s)
                self.under_way -= 1
                writer.write(REPLY)
                await writer.drain()
                if self.hangs_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    peer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    yield peer
    server.close()


@pytest.fixture
async def transport() -> AsyncIterator[Connections]:
    transport = Connections()
    yield transport
    await transport.aclose()


async def get(transport: Connections, url: str) -> bytes:
    response = await transport.handle_async_request(httpx.Request("GET", url))
    try:
        return await response.aread()
    finally:
        await response.aclose()


async def test_one_request_after_another_goes_over_one_connection(peer: Peer, transport: Connections) -> None:
    assert [await get(transport, peer.url) for _ in range(3)] == [b"ok"] * 3
    assert peer.opened == 1


async def test_requests_at_once_have_a_connection_each_and_leave_them_to_the_next(
    peer: Peer, transport: Connections
) -> None:
    peer.delay_s = 0.02
    for _ in range(2):
        assert await asyncio.gather(*(get(transport, peer.url) for _ in range(4))) == [b"ok"] * 4
    assert peer.opened == 4


async def test_a_connection_that_the_provider_ended_is_replaced(peer: Peer, transport: Connections) -> None:
    peer.hangs_up = True
    assert await get(transport, peer.url) == b"ok"
    await asyncio.sleep(0.01)  # its end arrives
    assert await get(transport, peer.url) == b"ok"
    assert peer.opened == 2


async def test_a_reply_that_was_not_read_to_its_end_ends_its_connection(peer: Peer, transport: Connections) -> None:
    response = await transport.handle_async_request(httpx.Request("GET", peer.url))
    await response.aclose()
    assert await get(transport, peer.url) == b"ok"
    assert peer.opened == 2


async def test_a_request_given_up_leaves_its_place_to_others(
    peer: Peer, transport: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_places", asyncio.Semaphore(1))
    peer.delay_s = 5.0
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await get(transport, peer.url)
    peer.delay_s = 0.0
    async with asyncio.timeout(2):
        assert await get(transport, peer.url) == b"ok"


async def test_no_more_requests_are_under_way_than_there_are_places(
    peer: Peer, transport: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_places", asyncio.Semaphore(2))
    peer.delay_s = 0.005
    await asyncio.gather(*(get(transport, peer.url) for _ in range(6)))
    assert peer.most_under_way == 2


async def test_a_connection_long_unused_is_hung_up(
    peer: Peer, transport: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    await get(transport, peer.url)
    monkeypatch.setattr(connections, "IDLE_FOR_S", 0.0)
    await asyncio.sleep(0.001)
    await get(transport, peer.url)
    assert peer.opened == 2
