"""`python -m promptready.local.sandbox` from the outside."""

import signal
import socket
import subprocess
import sys

import pytest

from tests.support.process import ROOT
from tests.support.sandbox import sandbox


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "promptready.local.sandbox", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("--port", str(port))
    assert ended.returncode == 1
    assert ended.stderr == (
        f"127.0.0.1:{port} is already in use: stop the other program, or choose another port with --port.\n"
    )


@pytest.mark.parametrize("arguments", [("--port", "99999"), ("--port", "0", "--input-usd-per-mtok", "cheap")])
def test_what_cannot_be_is_one_sentence(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_without_a_word(number: int, code: int) -> None:
    with sandbox() as provider:
        provider.server.signal(number)
        assert provider.server.wait() == code
        assert len(provider.server.output.splitlines()) == 1
