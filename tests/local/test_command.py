"""`python -m promptready.local` from the outside: how it starts, how it refuses to, how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.local.test_host import write_app
from tests.support.local_host import local_host
from tests.support.plain_http import client
from tests.support.process import ROOT

MINIMAL_APP = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.route(route="ok")
def ok(req: func.HttpRequest) -> str:
    return "ok"
"""
SLOW_APP = (
    MINIMAL_APP
    + """
import asyncio
@app.route(route="slow")
async def slow(req: func.HttpRequest) -> func.HttpResponse:
    print("slow began", flush=True)
    await asyncio.sleep(60)
"""
)


def refusal(
    tmp_path: Path,
    *arguments: str,
    source: str = MINIMAL_APP,
    prelude: str = "pass",
    env: Mapping[str, str] | None = None,
) -> str:
    """Start a host that cannot start, and return the one sentence it says."""
    app_dir = tmp_path / "app"
    if not app_dir.exists():
        write_app(tmp_path, source)
    start = f"import runpy; {prelude}; runpy.run_module('promptready.local', run_name='__main__', alter_sys=True)"
    ended = subprocess.run(
        [sys.executable, "-c", start, "--app-dir", str(app_dir), *("--port", "0", "--sandbox-port", "0"), *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "STORE_URL": "sqlite:///store.db", **(env or {})},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1, ended
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    return ended.stderr.removesuffix("\n")


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = "{} is already in use: stop the other program, or choose another port with {}."
        assert refusal(tmp_path, "--port", str(port)) == sentence.format(f"127.0.0.1:{port}", "--port")
        assert refusal(tmp_path, "--sandbox-port", str(port)) == sentence.format(f"127.0.0.1:{port}", "--sandbox-port")


def test_a_broken_settings_file_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"Values": {')
    assert refusal(tmp_path, "--settings", str(broken)).startswith("broken.json is not valid JSON: ")


def test_an_unset_store_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    said = refusal(tmp_path, env={"STORE_URL": ""})
    assert said.startswith("STORE_URL is not set: copy local.settings.example.json to local.settings.json")
    assert len(said.splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal(tmp_path, "--data-dir", str(tmp_path / "file" / "data"))
    assert said == f"The folder {tmp_path / 'file' / 'data'} cannot be written to: Not a directory."


@pytest.mark.parametrize("package", ["azure.functions", "tomli_w"])
def test_a_missing_package_is_one_sentence(tmp_path: Path, package: str) -> None:
    said = refusal(tmp_path, prelude=f"import sys; sys.modules[{package!r}] = None")
    assert said == f"The Python package {package!r} is not installed: run `make setup`."


def test_a_missing_app_or_folder_is_one_sentence(tmp_path: Path) -> None:
    assert refusal(tmp_path, "--app-dir", str(tmp_path / "none")) == f"There is no folder {tmp_path / 'none'}."
    (tmp_path / "empty").mkdir()
    in_empty = ("--app-dir", str(tmp_path / "empty"))
    assert refusal(tmp_path, *in_empty) == "host.json cannot be read: No such file or directory."
    (tmp_path / "empty" / "host.json").write_text("{}")
    assert refusal(tmp_path, *in_empty).startswith("There is no function_app.py in ")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("1 / 0", "function_app.py cannot be used: ZeroDivisionError at function_app.py:1: division by zero."),
        ("def", "function_app.py cannot be used: SyntaxError"),
        ("x = 1", "function_app.py must have exactly one FunctionApp, and has 0."),
        (
            f"{MINIMAL_APP}@app.route(route='a/{{id}}')\ndef a(req: func.HttpRequest) -> str: ...\n",
            "The route 'a/{id}' of a has parameters, which the local host does not serve.",
        ),
        (
            f"{MINIMAL_APP}@app.queue_trigger('m', queue_name='q', connection='C')\ndef b(m: str) -> None: ...\n",
            "The bindings of b (queueTrigger, []) are not served by the local host.",
        ),
    ],
)
def test_an_app_that_cannot_be_used_is_one_sentence(tmp_path: Path, source: str, sentence: str) -> None:
    said = refusal(tmp_path, source=source)
    assert said.startswith(sentence)
    assert len(said.splitlines()) == 1


def test_settings_that_the_app_refuses_are_said_in_its_own_words(tmp_path: Path) -> None:
    said = refusal(tmp_path, "--app-dir", str(ROOT), "--data-dir", str(tmp_path), env={"TRIAL_CREDITS": "many"})
    assert "TRIAL_CREDITS must be a whole number" in said


@pytest.mark.parametrize("content", ["{", "[]", '{"extensions": {"http": {"routePrefix": 3}}}'])
def test_a_broken_host_json_is_one_sentence(tmp_path: Path, content: str) -> None:
    app_dir = write_app(tmp_path, MINIMAL_APP)
    (app_dir / "host.json").write_text(content)
    said = refusal(tmp_path)
    assert said.startswith(("host.json: ", "host.json is not valid JSON: "))
    assert len(said.splitlines()) == 1


def test_no_sandbox_and_no_key_is_one_sentence(tmp_path: Path) -> None:
    assert refusal(tmp_path, "--no-sandbox").startswith("--no-sandbox leaves a cohort without a model.")


def test_the_route_prefix_may_be_another_or_none(tmp_path: Path) -> None:
    app_dir = write_app(tmp_path, SLOW_APP, host={"extensions": {"http": {"routePrefix": ""}}})
    with local_host(tmp_path, app_dir=app_dir) as host:
        assert f"POST {host.url}/slow\n" in host.server.output


def test_the_real_environment_comes_before_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {"A": "file", "B": "file"}}))
    shows = "import os\nprint('A is', os.environ['A'], 'B is', os.environ['B'], flush=True)\n"
    with local_host(tmp_path, app_dir=write_app(tmp_path, shows + MINIMAL_APP), env={"A": "real"}) as host:
        host.server.wait_for("A is real B is file")


def test_a_named_catalog_is_used_as_it_is_and_starts_no_sandbox_by_itself(tmp_path: Path) -> None:
    shows = "import os\nprint('catalog', os.environ['CATALOG_PATH'], flush=True)\n"
    app_dir = write_app(tmp_path, shows + MINIMAL_APP)
    with local_host(tmp_path, "--catalog", "my.toml", "--no-sandbox", app_dir=app_dir) as host:
        host.server.wait_for("catalog my.toml\n")
        assert host.sandbox is None
    with local_host(tmp_path, "--catalog", "my.toml", app_dir=app_dir) as host:
        assert host.sandbox is not None  # the port was named


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_everything_without_a_word(tmp_path: Path, number: int, code: int) -> None:
    with local_host(tmp_path, app_dir=write_app(tmp_path, MINIMAL_APP)) as host:
        before = host.server.output
        host.server.signal(number)
        assert host.server.wait() == code
        assert host.server.output == before
        with pytest.raises(httpx.ConnectError):
            client.get(host.url)


def test_a_request_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with local_host(tmp_path, app_dir=write_app(tmp_path, SLOW_APP)) as host:
        with socket.create_connection(("127.0.0.1", int(host.url.rsplit(":", 1)[1]))) as caller:
            caller.sendall(b"GET /api/slow HTTP/1.1\r\nHost: x\r\n\r\n")
            host.server.wait_for("slow began")
            host.server.signal(signal.SIGINT)
            assert host.server.wait() == 130
        assert "Traceback" not in host.server.output


def test_two_hosts_share_a_folder_without_sharing_a_sandbox(tmp_path: Path) -> None:
    app_dir = write_app(tmp_path, MINIMAL_APP)
    with local_host(tmp_path, app_dir=app_dir) as one, local_host(tmp_path, app_dir=app_dir) as other:
        for host in (one, other):
            assert host.sandbox
            port = host.url.rsplit(":", 1)[1]
            assert host.sandbox.base_url in (tmp_path / f"catalog-{port}.toml").read_text()


def test_nothing_is_left_behind_by_a_kill(tmp_path: Path) -> None:
    with local_host(tmp_path, app_dir=write_app(tmp_path, MINIMAL_APP)) as host:
        assert host.sandbox
        host.server.kill()
        for url in (host.url, host.sandbox.url):
            with pytest.raises(httpx.ConnectError):
                client.get(url)
