"""Operators' commands, run as a person runs them; one by a process of its own, the others by the function it calls."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from promptready import admin
from promptready.clock import system_clock
from promptready.store.sqlite import SqliteStore
from tests.support.apps import add_user
from tests.support.catalogs import write_catalog
from tests.support.process import ROOT


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


class Shell:
    """Runs admin commands on one store file, in a folder of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.variables = {"STORE_URL": f"sqlite:///{folder / 'store.db'}"}
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def admin(self, *arguments: str) -> Done:
        with self._monkeypatch.context() as patched:
            patched.chdir(self.folder)
            patched.setattr(os, "environ", self.variables)
            try:
                code = admin.main(list(arguments))
            except SystemExit as end:  # how argparse ends a command that it cannot read
                code = int(end.code or 0)
        said = self._capsys.readouterr()
        return Done(code, said.out, said.err)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, monkeypatch, capsys)


def test_a_command_starts_from_nothing_but_its_environment(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(ROOT), "STORE_URL": f"sqlite:///{tmp_path / 'store.db'}"}
    command = [sys.executable, "-m", "promptready.admin", "budget"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Breaker      closed" in done.stdout


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


def test_a_user_is_shown_and_erased(shell: Shell) -> None:
    async def fill() -> None:
        store = SqliteStore(shell.folder / "store.db")
        await add_user(store, "user-0001", credits_=7)
        await store.close()

    asyncio.run(fill())
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


@pytest.mark.parametrize(("days", "code"), [(29, 1), (31, 0)])
def test_the_catalog_fails_while_a_route_retires_within_thirty_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], days: int, code: int
) -> None:
    retires_on = system_clock().date() + timedelta(days=days)
    path = write_catalog(tmp_path / "catalog.toml", "http://127.0.0.1:1/v1", {})
    path.write_text(path.read_text().replace("source =", f"retires_on = {retires_on}\nsource =", 1))
    monkeypatch.setenv("CATALOG_PATH", str(path))
    assert admin.main(["catalog"]) == code
    assert ("RETIRES SOON" if code else f"live until {retires_on}") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["spend"], "invalid choice: 'spend'"),
        (["cap"], "the following arguments are required: USD"),
        (["cap", "-1"], "dollars from 0 to 999999, as in 25 or 12.50"),
        (["cap", "much"], "dollars from 0 to 999999, as in 25 or 12.50"),
        (["cap", "nan"], "dollars from 0 to 999999, as in 25 or 12.50"),
        (["cap", "inf"], "dollars from 0 to 999999, as in 25 or 12.50"),
        (["cap", "1e30"], "dollars from 0 to 999999, as in 25 or 12.50"),
        (["cap", "25.0000000001"], "dollars from 0 to 999999, as in 25 or 12.50"),
        (["user", "x"], "an id has 8 to 128 letters, digits, '-' or '_'"),
        (["breaker", "ajar"], "invalid choice: 'ajar'"),
    ],
)
def test_a_wrong_command_is_explained_in_one_sentence(shell: Shell, arguments: list[str], sentence: str) -> None:
    done = shell.admin(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", ["user", "erase"])
def test_an_unknown_user_is_said_to_be_unknown(shell: Shell, command: str) -> None:
    assert shell.admin(command, "user-0009") == Done(1, "", "No such user.\n")


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


@pytest.mark.parametrize(
    ("store_url", "sentence"),
    [
        ("sqlite:////proc/nowhere/store.db", "The SQLite file /proc/nowhere/store.db can't be used: "),
        ("sqlite:////proc", "The SQLite file /proc can't be used: unable to open database file."),
        ("sqlite:///junk.db", "The SQLite file junk.db can't be used: file is not a database."),
    ],
    ids=["a folder that cannot be made", "a folder", "a file that is no database"],
)
def test_a_file_that_can_be_no_store_is_one_sentence(shell: Shell, store_url: str, sentence: str) -> None:
    (shell.folder / "junk.db").write_text("nothing that SQLite wrote")
    shell.variables["STORE_URL"] = store_url
    done = shell.admin("budget")
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1


def test_an_account_that_does_not_answer_is_one_sentence(shell: Shell) -> None:
    shell.variables |= {"STORE_URL": "https://127.0.0.1:9/", "COSMOS_KEY": "YWtleQ=="}
    done = shell.admin("budget")
    assert done.returncode == 2
    assert done.stderr == "The store does not answer. Nothing is known to have changed; run the command again.\n"


@pytest.mark.parametrize("text", ["{", "[]", '{"Values": 3}', "[" * 100_000], ids=["open", "a list", "three", "deep"])
def test_broken_local_settings_are_one_sentence(shell: Shell, text: str) -> None:
    shell.variables.clear()
    (shell.folder / "local.settings.json").write_text(text)
    done = shell.admin("budget")
    assert done == Done(2, "", "local.settings.json can't be read: it must be JSON with an object Values\n")
