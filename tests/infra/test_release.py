"""
A release goes live only when it answers, and the one before it comes back when it does not.

The script and the smoke test are the real ones. `az` is a stand-in on the PATH that keeps blobs in a folder and makes
the last deployed package the behaviour of a real HTTP server on loopback.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

import pytest

from tests.infra.bicep import INFRA
from tests.infra.scripts import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AZ = """#!{python} -IS
import os, pathlib, shutil, sys
given = sys.argv[1:]
option = dict(zip(given, given[1:]))
blobs = pathlib.Path(os.environ["FAKE_BLOBS"])
with open(os.environ["FAKE_LOG"], "a") as log:
    log.write(" ".join(given) + "\\n")
verb = given[2] if given[0] == "storage" else given[3]
if verb in os.environ.get("FAKE_BROKEN", "").split(","):
    sys.exit("az: unreachable")
if verb == "upload":
    shutil.copy(option["--file"], blobs / option["--name"])
elif verb == "download":
    shutil.copy(blobs / option["--name"], option["--file"])
elif verb == "exists":
    print("true" if (blobs / option["--name"]).exists() else "false")
elif verb == "config-zip":
    shutil.copy(option["--src"], os.environ["FAKE_DEPLOYED"])
else:
    sys.exit("az: what is " + verb)
"""


class _App(BaseHTTPRequestHandler):
    """Answers as the package says that is deployed: `good`, or one of the ways to be wrong."""

    deployed: ClassVar[Path]

    def do_POST(self) -> None:
        package = self.deployed.read_text().strip() if self.deployed.exists() else "nothing"
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = self._answer(package, self.path, request)
        self.send_response(status)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-PromptReady-Credits-Remaining", "149")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    @staticmethod
    def _answer(package: str, path: str, request: dict[str, str]) -> tuple[int, object]:
        if package in {"nothing", "does not start"}:
            return 503, "the host is down"
        if not request:
            return 400, {"status": "INVALID_REQUEST", "message": "userId is missing"}
        granted = {"status": "OK", "credits_remaining": 149, "cohort": "A"}
        cleaned = {"status": "SUCCESS", "processed_content": request.get("content")}
        oddities: dict[tuple[str, str], tuple[int, object]] = {
            ("no cohort", "/api/check-credits"): (200, {"status": "OK", "credits_remaining": 149}),
            ("out of credits", "/api/check-credits"): (402, {"status": "INSUFFICIENT_CREDITS"}),
            ("over budget", "/api/process-ai"): (503, {"status": "SERVICE_AT_CAPACITY"}),
            ("loses the number", "/api/process-ai"): (200, {"status": "SUCCESS", "processed_content": "# Tide table"}),
            ("no provider", "/api/process-ai"): (502, {"status": "PROVIDER_FAILED", "message": "no route answered"}),
        }
        return oddities.get((package, path), (200, granted if path.endswith("check-credits") else cleaned))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class names it
        pass


@dataclass
class Azure:
    """The stand-in for an environment: what is deployed, what is kept, and a way to release to it."""

    folder: Path
    url: str

    @property
    def deployed(self) -> str:
        return (self.folder / "deployed").read_text()

    @property
    def live(self) -> str | None:
        live = self.folder / "blobs" / "live"
        return live.read_text() if live.exists() else None

    def release(self, *arguments: str, broken: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", str(INFRA / "release.sh"), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=os.environ
            | {
                "PATH": f"{self.folder}:{os.environ['PATH']}",
                "RESOURCE_GROUP": "rg",
                "FUNCTION_APP": "func",
                "STORAGE_ACCOUNT": "st",
                "API_URL": self.url,
                "SMOKE_PATIENCE_S": "0.2",
                "FAKE_BLOBS": str(self.folder / "blobs"),
                "FAKE_DEPLOYED": str(self.folder / "deployed"),
                "FAKE_LOG": str(self.folder / "log"),
                "FAKE_BROKEN": broken,
            },
        )

    def deploy(self, commit: str, behaviour: str, broken: str = "") -> subprocess.CompletedProcess[str]:
        package = self.folder / f"{commit}.zip"
        package.write_text(behaviour)
        return self.release("deploy", commit, str(package), broken=broken)


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    (tmp_path / "blobs").mkdir()
    az = tmp_path / "az"
    az.write_text(AZ.format(python=sys.executable))
    az.chmod(0o755)
    handler = type("_ThisApp", (_App,), {"deployed": tmp_path / "deployed"})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Azure(tmp_path, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_a_release_that_answers_goes_live_and_is_kept(azure: Azure) -> None:
    done = azure.deploy("c1", "good")

    assert done.returncode == 0, done.stderr
    assert azure.live == "c1"
    assert (azure.folder / "blobs" / "c1.zip").read_text() == "good"
    assert "a page went through" in done.stdout


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("does not start", "an empty request is answered with 503 without a code, not 400 INVALID_REQUEST"),
        ("no cohort", "check-credits has other keys"),
        ("loses the number", "the answer lost the page's number"),
        ("no provider", "process-ai answers 502 PROVIDER_FAILED"),
    ],
)
def test_an_app_that_does_not_keep_the_contract_fails_the_smoke_test(
    azure: Azure, behaviour: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (azure.folder / "deployed").write_text(behaviour)

    assert load("smoke").main([azure.url, "--patience-s", "0.2"]) == 1
    assert capsys.readouterr().err == f"smoke test failed: {said}\n"


def test_a_release_that_does_not_answer_is_taken_back(azure: Azure) -> None:
    azure.deploy("c1", "good")

    done = azure.deploy("c2", "loses the number")

    assert done.returncode == 1
    assert azure.deployed == "good"
    assert azure.live == "c1"
    assert "live again: c1" in done.stderr


def test_a_release_that_cannot_be_deployed_is_taken_back(azure: Azure) -> None:
    azure.deploy("c1", "good")

    done = azure.deploy("c2", "good", broken="config-zip")

    assert done.returncode == 1
    assert azure.live == "c1"


def test_the_first_release_fails_without_pretending_there_was_one_before(azure: Azure) -> None:
    done = azure.deploy("c1", "does not start")

    assert done.returncode == 1
    assert azure.live is None
    assert "nothing to go back to" in done.stderr


def test_an_environment_whose_releases_cannot_be_read_is_left_alone(azure: Azure) -> None:
    azure.deploy("c1", "good")

    done = azure.deploy("c2", "does not start", broken="exists")

    assert done.returncode != 0
    assert azure.deployed == "good"


def test_going_back_puts_an_earlier_release_live(azure: Azure) -> None:
    azure.deploy("c1", "good")
    azure.deploy("c2", "good, and newer")

    done = azure.release("back-to", "c1")

    assert done.returncode == 0, done.stderr
    assert azure.deployed == "good"
    assert azure.live == "c1"


def test_going_back_to_what_was_never_released_is_refused(azure: Azure) -> None:
    azure.deploy("c1", "good")

    done = azure.release("back-to", "c0")

    assert done.returncode == 1
    assert azure.live == "c1"
    assert "ever released" in done.stderr


@pytest.mark.parametrize(
    ("state", "said"),
    [("over budget", "the weekly budget is used up"), ("out of credits", "no credits left")],
)
def test_a_budget_used_up_is_no_fault_of_the_release_but_is_said(
    azure: Azure, state: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (azure.folder / "deployed").write_text(state)

    assert load("smoke").main([azure.url, "--patience-s", "0.2"]) == 0
    assert re.search(f"not proven, .*{said}", capsys.readouterr().out)
