"""Servers in processes of their own: started, waited for, and certain to end with the test."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_TETHER = Path(__file__).with_name("tether.py")
_START_TIMEOUT_S = 30
_STOP_TIMEOUT_S = 10


class NotReady(Exception):
    """The server ended or stayed silent instead of saying that it is ready."""


class Server:
    """A running server and everything it has printed."""

    def __init__(self, command: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """All it has printed so far, both streams."""
        with self._news:
            return "".join(self._lines)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it is gone, by itself or stopped."""
        return self._process.poll() is not None

    def wait_for(self, pattern: str, timeout_s: float = _START_TIMEOUT_S) -> re.Match[str]:
        """
        The first match of `pattern` in the output, as soon as it is there.

        Raises:
            NotReady: the server ended without printing it, or `timeout_s` passed.
        """
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                if match := re.search(pattern, "".join(self._lines)):
                    return match
                if self._ended or not self._news.wait(deadline - time.monotonic()):
                    raise NotReady(f"no {pattern!r} in:\n{''.join(self._lines)}")

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float = _STOP_TIMEOUT_S) -> int:
        """Its exit code, once it has ended and all its output is here."""
        code = self._process.wait(timeout_s)
        self._reader.join(timeout_s)
        return code

    def stop(self) -> int:
        """Ask it to end, make it end if it does not, and return the exit code."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        return self._close()

    def kill(self) -> int:
        """End it as `kill -9` or a power cut does."""
        self._process.send_signal(signal.SIGKILL)
        return self._close()

    def _close(self) -> int:
        code = self.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
        return code

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()


@contextmanager
def running(command: Sequence[str], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Start `command` and stop it at the end. Nothing of this process's environment but PATH and HOME reaches it."""
    server = Server(command, cwd, env or {})
    try:
        yield server
    finally:
        server.stop()


def python_module(module: str, *arguments: str) -> list[str]:
    """The command that runs `python -m module` and dies with its parent."""
    return [sys.executable, str(_TETHER), module, *arguments]
