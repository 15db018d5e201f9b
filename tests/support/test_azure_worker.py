"""The app as Azure's own library sees and runs it."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.azure_worker import InvocationFailed, NotIndexed, azure_worker
from tests.support.catalogs import write_catalog
from tests.support.plain_http import client
from tests.support.process import python_module, running
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="azure-functions-runtime, which Azure runs, needs Python 3.13"
)

BROKEN_APP = """
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
@app.route(route="boom", methods=["POST"])
async def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("no")
"""


@pytest.fixture
def settings(tmp_path: Path, sandbox_provider: Sandbox, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Set the environment of an app of its own, and return it."""
    chosen = {
        "STORE_URL": f"sqlite:///{tmp_path / 'store.db'}",
        "CATALOG_PATH": str(write_catalog(tmp_path / "catalog.toml", sandbox_provider.base_url, {})),
        "SANDBOX_API_KEY": "any",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    return chosen


@pytest.mark.usefixtures("settings")
async def test_azure_sees_two_anonymous_posts_and_a_timer_and_nothing_else() -> None:
    async with azure_worker() as worker:
        assert sorted(worker.functions) == ["check_credits", "process_ai", "reset_budget"]
        for name, route in (("check_credits", "check-credits"), ("process_ai", "process-ai")):
            trigger = worker.functions[name].trigger
            assert trigger["type"] == "httpTrigger"
            assert trigger["route"] == route
            assert trigger["methods"] == ["POST"]
            assert trigger["authLevel"] == "ANONYMOUS"
        timer = worker.functions["reset_budget"].trigger
        assert timer["type"] == "timerTrigger"
        assert timer["schedule"] == "0 0 0 * * 1"
        assert not timer.get("runOnStartup")


@pytest.mark.usefixtures("settings")
async def test_azure_runs_all_three() -> None:
    async with azure_worker() as worker:
        user = json.dumps({"userId": "user-0001"}).encode()
        credits_ = await worker.invoke_http("check_credits", user, headers={"Content-Type": "application/json"})
        assert (credits_.status, json.loads(credits_.body)["status"]) == (200, "OK")
        assert credits_.headers["content-type"] == "application/json"
        page = json.dumps({"userId": "user-0001", "cohort": "A", "content": "# Tea\n\n\n* hot"}).encode()
        answer = await worker.invoke_http("process_ai", page)
        assert json.loads(answer.body) == {"status": "SUCCESS", "processed_content": "# Tea\n\n- hot"}
        await worker.invoke_timer("reset_budget")
        await worker.invoke_timer("reset_budget", is_past_due=True)


async def test_a_function_that_raises_is_a_failed_invocation(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text(BROKEN_APP)
    async with azure_worker(tmp_path) as worker:
        with pytest.raises(InvocationFailed, match="no"):
            await worker.invoke_http("boom", b"")


async def test_an_app_that_cannot_be_loaded_is_not_indexed(tmp_path: Path) -> None:
    (tmp_path / "function_app.py").write_text("1 / 0")
    with pytest.raises(NotIndexed, match="division by zero"):
        async with azure_worker(tmp_path):
            pass


def test_the_same_over_http(settings: dict[str, str]) -> None:
    with running(python_module("tests.support.azure_host"), env=settings) as server:
        url = server.wait_for(r"http://127\.0\.0\.1:\d+")[0]
        reply = client.post(f"{url}/api/check-credits", json={"userId": "user-0002"})
        assert (reply.status_code, reply.json()["status"]) == (200, "OK")
        assert client.get(f"{url}/api/check-credits").status_code == 404
