"""Sockets, signals and exit codes: how a local server starts and ends."""

import asyncio
import contextlib
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from promptready.local.asgi import App

if TYPE_CHECKING:
    import uvicorn

_EXIT_CODES: dict[int, int] = {signal.SIGINT: 128 + signal.SIGINT, signal.SIGTERM: 0}

# Clients keep their connections for a while; closing first would race their next request.
KEEP_ALIVE_S = 75


class CannotStart(Exception):
    """A local server cannot start. The text says why and what to do, in one sentence."""


def run(program: Callable[[], int]) -> int:
    """
    Run a command that serves, and return its exit code.

    What keeps it from starting is one sentence on stderr and exit code 1; a signal ends it without a traceback.
    """

    def end(number: int, _frame: object) -> None:
        sys.exit(_EXIT_CODES[number])

    for number in _EXIT_CODES:
        signal.signal(number, end)
    try:
        return program()
    except CannotStart as exc:
        print(exc, file=sys.stderr)
    except ModuleNotFoundError as exc:
        print(f"The Python package {exc.name!r} is not installed: run `make setup`.", file=sys.stderr)
    return 1


def listen(host: str, port: int, flag: str) -> socket.socket:
    """
    A listening socket on `host`:`port` (0 picks a free port).

    Connections wait in its queue until the server runs, so whoever sees the port open gets an answer.

    Raises:
        CannotStart: the address cannot be taken; the sentence names `flag`.
    """
    # Not create_server: asyncio turns Nagle's delay off only where the protocol is named, and 40 ms a reply are lost.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        # A port whose last connections are still fading away is free. (On Windows this would share a live one.)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except (OSError, OverflowError) as exc:
        listener.close()
        if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
            problem = "is already in use: stop the other program, or choose another port"
        elif isinstance(exc, OSError) and exc.errno in {errno.EACCES, errno.EPERM}:
            problem = "may not be opened by this user: choose a port above 1023"
        else:
            problem = "cannot be opened on this machine: choose another address"
        raise CannotStart(f"{host}:{port} {problem} with {flag}.") from exc
    listener.setblocking(False)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port a listening socket really has."""
    port: int = listener.getsockname()[1]
    return port


def serve(
    app: App,
    listeners: Sequence[socket.socket],
    *,
    patience_s: int,
    beside: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """
    Serve `app` on all `listeners` until SIGINT or SIGTERM, and return the exit code: 130 or 0.

    `beside` runs as long as the server does. Requests still running after `patience_s` are cancelled;
    a second Ctrl-C cancels them at once.
    """
    import uvicorn  # noqa: PLC0415 - 60 ms that a command line mistake need not wait for

    # Both apps answer for their own errors; what uvicorn would add is a traceback for every cancelled request.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            # Plain asyncio, not uvloop: Azure's worker runs on it, so timing and behaviour are what Azure shows.
            loop="asyncio",
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=patience_s,
        )
    )
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        server.should_exit = True

    # uvicorn takes the signals over while it serves, and afterwards raises them again for whoever had them
    # before. That is us, so the process ends through this function's return and not through the signal.
    for number in _EXIT_CODES:
        signal.signal(number, stop)
    asyncio.run(_serve(server, listeners, beside))
    return max((_EXIT_CODES[number] for number in received), default=0)


async def _serve(
    server: "uvicorn.Server",
    listeners: Sequence[socket.socket],
    beside: Callable[[], Awaitable[None]] | None,
) -> None:
    companion = asyncio.ensure_future(beside()) if beside else None
    try:
        await server.serve(sockets=list(listeners))
    finally:
        if companion:
            companion.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await companion
        # Azure never tells an app to close its connections, it ends the process. So do we, without the complaints
        # that half of the libraries make about it.
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
