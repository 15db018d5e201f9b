"""The protocol below a call to a provider: replies are read however they arrive, and never guessed at."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import trustme

from promptready import http1
from promptready.http1 import Connection, connect

REQUEST = httpx.Request("POST", "http://provider.example/v1/chat?n=1", headers={"x-key": "k"}, json={"a": "b"})
TEXT = b"hello, world"
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Said:  twice \r\n\r\n" + TEXT
CHUNKS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n007;note=1\r\n, world\r\n0\r\nX-Trailer: 1\r\n\r\n"
)
TO_THE_END = b"HTTP/1.0 200 OK\r\n\r\n" + TEXT
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"


class Wire(asyncio.Transport):
    """The other side's end, in memory: what was sent, and whether it has to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.is_paused = False
        self.is_aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def abort(self) -> None:
        self.is_aborted = True


def made() -> tuple[Connection, Wire]:
    connection, wire = Connection(), Wire()
    connection.connection_made(wire)
    return connection, wire


async def exchange(connection: Connection) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    head = await connection.ask(REQUEST)
    return head.status_code, head.headers.raw_items(), b"".join([piece async for piece in connection.body()])


async def reply_to(*pieces: bytes, ends: bool = True) -> tuple[int, bytes, Connection]:
    """Let the pieces arrive one by one, each when all before it has been looked at."""
    connection, _ = made()
    asking = asyncio.ensure_future(exchange(connection))
    for piece in pieces:
        await asyncio.sleep(0)
        connection.data_received(piece)
    await asyncio.sleep(0)
    if ends:
        connection.eof_received()
    status, _, body = await asking
    return status, body, connection


async def test_a_request_is_written_as_it_stands() -> None:
    connection, wire = made()
    asking = asyncio.ensure_future(exchange(connection))
    await asyncio.sleep(0)
    connection.data_received(LENGTH)
    status, headers, body = await asking
    assert (status, headers, body) == (200, [(b"Content-Length", b"12"), (b"X-Said", b"twice")], TEXT)
    head, _, sent_body = wire.sent.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /v1/chat?n=1 HTTP/1.1",
        b"Host: provider.example",
        b"x-key: k",
        b"Content-Length: 9",
        b"Content-Type: application/json",
    ]
    assert sent_body == b'{"a":"b"}'


@pytest.mark.parametrize("reply", [LENGTH, CHUNKS, TO_THE_END, INTERIM + LENGTH, INTERIM * 3 + CHUNKS])
async def test_a_reply_may_be_cut_anywhere(reply: bytes) -> None:
    for cut in range(1, len(reply)):
        assert (await reply_to(reply[:cut], reply[cut:]))[:2] == (200, TEXT)
    assert (await reply_to(*(reply[n : n + 1] for n in range(len(reply)))))[:2] == (200, TEXT)


async def test_a_reply_that_says_where_it_ends_leaves_the_connection_free() -> None:
    for reply in (LENGTH, CHUNKS, b"HTTP/1.1 204 No Content\r\n\r\n"):
        assert (await reply_to(reply, ends=False))[2].is_free


@pytest.mark.parametrize(
    "reply",
    [
        LENGTH.replace(b"X-Said", b"Connection: Close\r\nX-Said"),
        LENGTH.replace(b"HTTP/1.1", b"HTTP/1.0"),
        LENGTH + b"unasked",
        CHUNKS + b"HTTP/1.1 200 OK\r\n",
    ],
)
async def test_a_connection_that_ends_or_says_more_than_was_asked_is_not_used_again(reply: bytes) -> None:
    assert not (await reply_to(reply, ends=False))[2].is_free


async def test_a_connection_that_ended_is_not_free() -> None:
    _, _, connection = await reply_to(LENGTH, ends=False)
    connection.eof_received()
    assert not connection.is_free


async def test_a_connection_is_not_free_before_the_body_was_read() -> None:
    connection, _ = made()
    asking = asyncio.ensure_future(connection.ask(REQUEST))
    await asyncio.sleep(0)
    connection.data_received(LENGTH)
    await asking
    assert not connection.is_free


def framed(*fields: bytes, body: bytes = TEXT) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 200 OK", *fields, b"", body])


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"<html>\r\n\r\n",
        framed(b"Content-Length: 13"),
        framed(b"Content-Length: +12"),
        framed(b"Content-Length: " + b"9" * 5000),
        framed(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
        framed(b"Transfer-Encoding: chunked", body=b"-1\r\n"),
        framed(b"Transfer-Encoding: chunked", body=b"\r\n"),
        framed(b"Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n"),
        framed(b"Transfer-Encoding: chunked", body=b"fffffffff\r\n"),
        framed(b"Transfer-Encoding: chunked", body=b"5\r\nhello, world\r\n0\r\n\r\n"),
        framed(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"),
        framed(b"Content-Length : 12"),
        framed(b"no colon"),
        framed(b"X-Bare: a\rb"),
        framed(b"X-Nul: a\0b"),
        b"HTTP/1.1 200 OK\r\nX-Endless: " + b"x" * http1.MAX_HEAD_BYTES,
        INTERIM * 100 + LENGTH,
    ],
    ids=lambda reply: repr(reply[:60]),
)
async def test_a_reply_that_is_not_plain_http_is_an_error(reply: bytes) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await reply_to(reply)


async def test_a_connection_that_breaks_is_a_read_error() -> None:
    connection, _ = made()
    asking = asyncio.ensure_future(exchange(connection))
    await asyncio.sleep(0)
    connection.data_received(LENGTH[:-1])
    connection.connection_lost(ConnectionResetError("by 203.0.113.7"))
    with pytest.raises(httpx.ReadError) as error:
        await asking
    assert "203" not in str(error.value)


@pytest.mark.parametrize("value", ["a\r\nx-other: b", "a\nb", "a\rb", "a\0b"])
async def test_no_header_can_begin_another(value: str) -> None:
    connection, wire = made()
    with pytest.raises(httpx.LocalProtocolError):
        await connection.ask(httpx.Request("POST", "http://provider.example/", headers={"authorization": value}))
    assert wire.sent == b""


async def test_a_sender_that_is_faster_than_its_reader_has_to_wait() -> None:
    connection, wire = made()
    piece = b"x" * 65_536
    size_bytes = 2 * http1.MOST_WAITING_BYTES
    asking = asyncio.ensure_future(connection.ask(REQUEST))
    await asyncio.sleep(0)
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size_bytes)
    await asking
    sent_bytes = 0
    while not wire.is_paused:
        connection.data_received(piece)
        sent_bytes += len(piece)
    assert sent_bytes <= http1.MOST_WAITING_BYTES + len(piece)
    reading = asyncio.ensure_future(_length(connection))
    while sent_bytes < size_bytes:
        await asyncio.sleep(0)
        assert not wire.is_paused  # all was read, and more is wanted
        connection.data_received(piece)
        sent_bytes += len(piece)
    assert await reading == size_bytes


async def _length(connection: Connection) -> int:
    return sum([len(piece) async for piece in connection.body()])


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server over real sockets that answers every request with `LENGTH`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"}"):
                writer.write(LENGTH)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    yield server.sockets[0].getsockname()[1]
    server.close()


def contexts(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for `name`, and a client that trusts its maker."""
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert(name).configure_cert(server)
    authority.configure_trust(client)
    return server, client


async def test_requests_go_over_tls_one_after_another() -> None:
    server, client = contexts("127.0.0.1")
    async with listening(server) as port:
        connection = await connect(httpx.URL(f"https://127.0.0.1:{port}/"), client, 5.0)
        for _ in range(2):
            assert (await exchange(connection))[2] == TEXT
        assert connection.is_free
        connection.abort()


@pytest.mark.parametrize("distrust", [lambda _: httpx.create_ssl_context(trust_env=False), lambda client: client])
async def test_a_provider_that_can_not_prove_its_name_is_not_connected_to(
    distrust: Callable[[ssl.SSLContext], ssl.SSLContext],
) -> None:
    server, client = contexts("other.example")
    async with listening(server) as port:
        with pytest.raises(httpx.ConnectError):
            await connect(httpx.URL(f"https://127.0.0.1:{port}/"), distrust(client), 5.0)


async def test_nobody_at_the_address_is_a_connect_error() -> None:
    async with listening() as port:
        pass
    with pytest.raises(httpx.ConnectError):
        await connect(httpx.URL(f"http://127.0.0.1:{port}/"), None, 5.0)


async def test_a_connection_that_is_not_made_in_time_is_a_connect_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes the connection, and nobody speaks TLS
        url = httpx.URL(f"https://127.0.0.1:{silent.getsockname()[1]}/")
        with pytest.raises(httpx.ConnectTimeout):
            await connect(url, contexts("127.0.0.1")[1], 0.05)
