"""A server never outlives its test, whatever ends the test."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

from tests.support.process import ROOT, python_module, running

STARTER = """
import sys, time
sys.path.insert(0, {root!r})
from tests.support.process import Server, python_module, ROOT
server = Server(python_module("http.server", "0", "--bind", "127.0.0.1"), ROOT, {{"PYTHONUNBUFFERED": "1"}})
server.wait_for("Serving HTTP")
print(server._process.pid, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_a_server_dies_with_a_test_run_that_is_killed() -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", STARTER.format(root=str(ROOT))],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    assert run.stdout
    with run.stdout:
        pid = int(run.stdout.readline())
    assert is_alive(pid)
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        os.sched_yield()
    assert not is_alive(pid)


def test_the_environment_of_the_test_run_does_not_leak_in() -> None:
    os.environ["GROQ_API_KEY"] = "real"
    try:
        with running([sys.executable, "-c", "import os; print(sorted(os.environ))"]) as server:
            assert server.wait() == 0
            assert "GROQ_API_KEY" not in server.output
    finally:
        del os.environ["GROQ_API_KEY"]


def test_a_module_runs_as_with_dash_m() -> None:
    with running(python_module("platform", "--terse")) as server:
        assert server.wait() == 0
        assert "Linux" in server.output or "Darwin" in server.output or "Windows" in server.output
