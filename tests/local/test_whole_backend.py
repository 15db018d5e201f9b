"""The real app in the local host: what `make run` on a bare clone gives."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.cosmos_emulator import CosmosEmulator
from tests.support.local_host import LocalHost, local_host
from tests.support.plain_http import client
from tests.support.sandbox import Sandbox

USER = "local-user-1"
PAGE = "# Title\n\n\n\n* 3.5 % of [a link](https://example.org/a)   \n* `code`"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHost]:
    with local_host(tmp_path_factory.mktemp("backend")) as started:
        yield started


def check_credits(host: LocalHost, user: str = USER) -> httpx.Response:
    return client.post(f"{host.url}/api/check-credits", json={"userId": user}, timeout=30)


def process_ai(host: LocalHost, user: str = USER) -> httpx.Response:
    return client.post(f"{host.url}/api/process-ai", json={"userId": user, "cohort": "A", "content": PAGE}, timeout=30)


def test_a_page_goes_through_credits_cohort_and_provider_and_comes_back_clean(host: LocalHost) -> None:
    assert check_credits(host).json()["credits_remaining"] == 150
    answer = process_ai(host)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "SUCCESS",
        "processed_content": "# Title\n\n- 3.5 % of [a link](https://example.org/a)\n- `code`",
    }
    assert check_credits(host).json()["credits_remaining"] == 149


def test_the_event_in_the_file_agrees_with_the_providers_bill(host: LocalHost) -> None:
    assert host.sandbox
    check_credits(host, "another-user")
    host.sandbox.reset()
    process_ai(host, "another-user")
    event = [json.loads(line) for line in host.events if '"process_ai"' in line][-1]
    assert event["outcome"] == "SUCCESS"
    assert event["cost_nanousd"] == host.sandbox.stats()["billed_nanousd"] > 0


def test_the_host_says_where_things_are_and_what_to_paste(host: LocalHost) -> None:
    said = host.server.output
    assert "No provider key is set: using the built-in sandbox provider." in said
    assert f"Store   SQLite, file {host.data_dir / 'store.db'}" in said
    assert f"curl -s {host.url}/api/check-credits -H 'content-type: application/json' -d '" in said
    assert f"curl -s {host.url}/api/process-ai -H 'content-type: application/json' -d '" in said


def test_the_week_is_reset_by_hand(host: LocalHost) -> None:
    assert client.post(f"{host.url}/admin/functions/reset_budget", json={}).status_code == 202
    host.server.wait_for("reset_budget ran")


def test_a_model_of_ones_own_serves_and_costs_nothing(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    own = {"OPENAI_BASE_URL": sandbox_provider.base_url, "OPENAI_MODEL": "sandbox/dense", "OPENAI_API_KEY": "k"}
    with local_host(tmp_path, "--no-sandbox", env=own) as host:
        assert f"All cohorts: sandbox/dense at {sandbox_provider.base_url}" in host.server.output
        check_credits(host)
        assert process_ai(host).json()["status"] == "SUCCESS"
        [event] = [json.loads(line) for line in host.events if '"process_ai"' in line]
        assert (event["provider"], event["cost_nanousd"]) == ("openai-compatible", 0)


def test_it_ends_without_a_word_whatever_the_app_has_open(tmp_path: Path, emulator: CosmosEmulator) -> None:
    cosmos = ("--store-url", f"{emulator.url}/")
    with local_host(tmp_path, *cosmos, env={"COSMOS_KEY": emulator.key, "COSMOS_DATABASE": "ending"}) as host:
        assert check_credits(host).status_code == 200
        assert process_ai(host).status_code == 200
        host.server.signal(signal.SIGINT)
        assert host.server.wait() == 130
        assert host.server.output.splitlines()[-1].split(" ", 1)[1].startswith("process_ai 200 SUCCESS")


def test_a_kill_loses_no_credit_and_no_user(tmp_path: Path) -> None:
    with local_host(tmp_path) as host:
        check_credits(host)
        process_ai(host)
        host.server.kill()
    with local_host(tmp_path) as host:
        assert check_credits(host).json()["credits_remaining"] == 149
