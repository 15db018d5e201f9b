import asyncio
import socket

import pytest

from promptready.local.serve import CannotStart, listen, port_of


async def test_replies_do_not_wait_for_nagle() -> None:
    """They did, for 40 ms each, on listeners made in the shortest way."""
    accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accepted.put(writer)

    listener = listen("127.0.0.1", 0, "--port")
    async with await asyncio.start_server(accept, sock=listener):
        _, caller = await asyncio.open_connection("127.0.0.1", port_of(listener))
        writer = await accepted.get()
        assert writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for stream in (writer, caller):
            stream.close()
            await stream.wait_closed()


def test_a_port_is_free_again_as_soon_as_its_server_has_ended() -> None:
    with listen("127.0.0.1", 0, "--port") as listener, socket.create_connection(listener.getsockname()) as caller:
        listener.setblocking(True)
        port = port_of(listener)
        served, _ = listener.accept()
        served.close()  # the side that closes first keeps the port in TIME_WAIT
        assert caller.recv(1) == b""
    listen("127.0.0.1", port, "--port").close()


@pytest.mark.parametrize(("host", "port"), [("203.0.113.1", 0), ("no such host", 0), ("127.0.0.1", 70000)])
def test_an_address_that_cannot_be_is_one_sentence(host: str, port: int) -> None:
    with pytest.raises(CannotStart, match=f"{host}:{port} cannot be opened on this machine"):
        listen(host, port, "--port")
