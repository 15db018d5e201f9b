"""Operators' commands, run as a person runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from promptready.store.sqlite import SqliteStore
from tests.support.apps import add_user
from tests.support.process import ROOT


class Shell:
    """Runs admin commands on one store file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.variables = {"STORE_URL": f"sqlite:///{folder / 'store.db'}"}

    def admin(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **self.variables}
        command = [sys.executable, "-m", "promptready.admin", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=30
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_the_budget_of_a_new_installation_is_shown(shell: Shell) -> None:
    done = shell.admin("budget")
    assert done.returncode == 0
    assert "Spent        $0.00 (0.0 %), holds included" in done.stdout
    assert "Cap          $25.00" in done.stdout
    assert "Breaker      closed" in done.stdout


def test_the_cap_and_the_breaker_are_the_stored_document_s(shell: Shell) -> None:
    assert shell.admin("cap", "12.50").returncode == 0
    assert "open (by hand)" in shell.admin("breaker", "open").stdout
    document = json.loads(shell.admin("budget", "--json").stdout)
    assert (document["weekly_cap_usd"], document["breaker_open"]) == (12.5, True)
    assert "Breaker      closed" in shell.admin("breaker", "close").stdout


async def test_a_user_is_shown_and_erased(shell: Shell) -> None:
    store = SqliteStore(shell.folder / "store.db")
    await add_user(store, "user-0001", credits_=7)
    await store.close()
    assert "Credits      7" in shell.admin("user", "user-0001").stdout
    assert json.loads(shell.admin("user", "user-0001", "--json").stdout)["credits_remaining"] == 7
    assert shell.admin("erase", "user-0001").stdout == "Erased.\n"
    gone = shell.admin("user", "user-0001")
    assert (gone.returncode, gone.stderr) == (1, "No such user.\n")


def test_the_catalog_needs_no_store(shell: Shell) -> None:
    shell.variables.clear()
    done = shell.admin("catalog")
    assert done.returncode == 0
    assert "retired on 2026-08-16: groq:llama-3.1-8b-instant" in done.stdout


@pytest.mark.parametrize(
    "arguments", [[], ["cap"], ["cap", "-1"], ["cap", "much"], ["cap", "1e30"], ["user", "x"], ["breaker", "ajar"]]
)
def test_a_wrong_command_is_explained_without_a_traceback(shell: Shell, arguments: list[str]) -> None:
    done = shell.admin(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_without_a_store_the_message_says_what_to_set(shell: Shell) -> None:
    shell.variables.clear()
    done = shell.admin("budget")
    assert done.returncode == 2
    assert "STORE_URL is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_beside_local_settings_the_same_store_as_make_run_is_used(shell: Shell) -> None:
    store_url = shell.variables.pop("STORE_URL")
    (shell.folder / "local.settings.json").write_text(json.dumps({"Values": {"STORE_URL": store_url}}))
    assert shell.admin("cap", "3").returncode == 0
    shell.variables["STORE_URL"] = store_url
    assert json.loads(shell.admin("budget", "--json").stdout)["weekly_cap_usd"] == 3


def test_a_store_that_does_not_answer_is_one_sentence(shell: Shell) -> None:
    shell.variables["STORE_URL"] = "sqlite:////proc/nowhere/store.db"
    done = shell.admin("budget")
    assert done.returncode == 2
    assert done.stderr == "The store does not answer. Nothing is known to have changed; run the command again.\n"
