"""The runbook's commands work as written, here where they can, and every alert and outcome has its line."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from promptready import settings
from promptready.credits import Request, User
from promptready.http import ERRORS
from promptready.store.sqlite import SqliteStore
from tests.infra.bicep import INFRA, ROOT, read
from tests.support.process import python_module, running

if TYPE_CHECKING:
    from pathlib import Path

RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
USER_ID = "runbook-user-0001"

BLOCK = re.compile(r"^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(kind, re.sub(r"^ {3}", "", text, flags=re.MULTILINE)) for kind, text in BLOCK.findall(RUNBOOK)]


def _commands(start: str) -> list[str]:
    return [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line.startswith(start)]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with one user who was answered once, as the runbook shows it."""
    file = tmp_path / "store.db"

    async def fill() -> None:
        now = datetime(2026, 11, 22, 10, tzinfo=UTC)
        answered = Request("key-00000001", "hash", "answered", now, 1, "holder")
        store = SqliteStore(file)
        await store.create("users", User(USER_ID, 149, "B", now, (answered,)).to_document())
        await store.close()

    asyncio.run(fill())
    return file


def _run(command: str, store: Path) -> subprocess.CompletedProcess[str]:
    """The command as the runbook has it, by a shell; `python` is this one."""
    folder = store.parent / "bin"
    folder.mkdir(exist_ok=True)
    python = folder / "python"
    if not python.exists():
        python.symlink_to(sys.executable)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=ROOT,
        env={
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": ":".join([str(ROOT), *sys.path]),
            "STORE_URL": f"sqlite:///{store}",
            "USER_ID": USER_ID,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _shown_after(command: str) -> str:
    """The output the runbook shows under a command."""
    for (kind, text), (next_kind, next_text) in pairwise(BLOCKS):
        if kind == "sh" and text.strip() == command and next_kind == "text":
            return next_text
    raise AssertionError(command)


def _shape(output: str) -> str:
    """Output with numbers and dates taken out of it."""
    return re.sub(r"[\d.,:TZ-]*\d[\d.,:TZ-]*", "#", output)


def test_the_runbook_has_every_admin_command() -> None:
    told = {command.split()[3] for command in _commands("python -m promptready.admin")}

    assert told == {"budget", "cap", "breaker", "user", "erase", "catalog"}


def _read(store: Path, container: str, id_: str) -> dict[str, Any] | None:
    async def read_one() -> dict[str, Any] | None:
        opened = SqliteStore(store)
        stored = await opened.read(container, id_)
        await opened.close()
        return stored.document if stored else None

    return asyncio.run(read_one())


def test_every_admin_command_of_the_runbook_works_in_the_order_it_is_told(store: Path) -> None:
    outputs = {}
    for command in _commands("python -m promptready.admin"):
        done = _run(command, store)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        outputs[command] = done.stdout
        match command.removeprefix("python -m promptready.admin ").split():
            case ["cap", dollars]:
                assert (_read(store, "global_config", "budget") or {})["weekly_cap_usd"] == float(dollars)
            case ["breaker", position]:
                assert (_read(store, "global_config", "budget") or {})["breaker_open"] is (position == "open")
            case ["erase", _]:
                assert _read(store, "users", USER_ID) is None
            case _:
                pass

    for command in ["python -m promptready.admin budget", 'python -m promptready.admin user "$USER_ID"']:
        assert _shape(outputs[command]) == _shape(_shown_after(command))


def test_the_smoke_test_of_the_runbook_passes_against_the_real_app(tmp_path: Path) -> None:
    (command,) = _commands("python infra/smoke.py")
    app = python_module(
        "promptready.local",
        *("--port", "0", "--sandbox-port", "0"),
        *("--store-url", f"sqlite:///{tmp_path / 'store.db'}", "--data-dir", str(tmp_path)),
    )
    with running(app) as server:
        address = server.wait_for(r"(http://127\.0\.0\.1:\d+)/api")[1]
        done = _run(f"API_URL={address}; {command}", tmp_path / "store.db")

    assert done.returncode == 0, done.stderr
    assert "a page went through" in done.stdout


def test_the_commands_work_on_production_with_what_the_runbook_exports(tmp_path: Path) -> None:
    (block,) = [text for kind, text in BLOCKS if kind == "sh" and "export STORE_URL=" in text]
    az = tmp_path / "bin" / "az"
    az.parent.mkdir()
    az.write_text("#!/bin/sh\necho 0123456789abcdef0123456789abcdef\n")
    az.chmod(0o755)
    names = "COSMOS_ACCOUNT=cosmos-x KEY_VAULT_NAME=kv-x"

    done = _run(
        f"{names}\n{block}\npython -c 'from promptready import settings; settings.load()'", tmp_path / "none.db"
    )

    assert done.returncode == 0, done.stderr


def test_every_setting_is_explained_with_its_default() -> None:
    _, _, section = RUNBOOK.partition("| Variable | Default | What it decides |")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", section.partition("\n\n")[0], re.MULTILINE)
    loaded = dataclasses.asdict(settings.load({"STORE_URL": "sqlite:///some/file.db"}))
    defaults = {name.replace("_nanousd", "_usd").upper(): value for name, value in loaded.items()}
    defaults["WEEKLY_CAP_USD"] //= 10**9
    told = {name: default.strip("`") for name, default in rows}

    del defaults["STORE_URL"]
    assert told.pop("STORE_URL").startswith("none")
    assert told == {name: "unset" if value is None else str(value) for name, value in defaults.items()}


def test_every_shell_block_is_shell() -> None:
    for kind, text in BLOCKS:
        if kind == "sh":
            checked = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            assert checked.returncode == 0, checked.stderr


def test_every_file_the_runbook_names_is_there() -> None:
    named = re.findall(r"(?:infra|docs|promptready|tests|\.github)/[\w./*-]+\.\w+", RUNBOOK)

    assert named
    for name in named:
        assert list(ROOT.glob(name)), name


def test_every_link_within_the_runbook_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)
    }
    for target in re.findall(r"\]\(#([\w-]+)\)", RUNBOOK):
        assert target in headings, target
    for page in re.findall(r"\]\(([\w-]+\.md)(?:#[\w-]+)?\)", RUNBOOK):
        assert (ROOT / "docs" / page).is_file(), page


def test_every_alert_has_a_line_that_says_what_to_do() -> None:
    rules: Any = read(INFRA / "modules" / "alerts.bicep").variables["rules"]
    _, _, section = RUNBOOK.partition("## Alerts")

    for rule in rules:
        assert f"| `{rule['name']}` |" in section, rule["name"]
    assert "| `unreachable`" in section


def test_every_outcome_of_a_request_has_a_line() -> None:
    _, _, section = RUNBOOK.partition("## Investigate a refused request")
    table = section.partition("\n## ")[0]

    for _, code in ERRORS.values():
        assert f"`{code}`" in table, code
    assert "`SERVICE_AT_CAPACITY`" in table
    assert "`INTERNAL_ERROR`" in table


def test_every_secret_of_the_catalog_is_put_in_at_the_first_deployment() -> None:
    catalog = tomllib.loads((ROOT / "promptready" / "catalog.toml").read_text(encoding="utf-8"))
    used = {route["provider"] for cohort in catalog["cohorts"].values() for route in cohort["routes"]}
    _, _, step = RUNBOOK.partition("**Put the secrets in.**")
    block = step.partition("```\n\n")[0]

    for name in used:
        assert catalog["providers"][name]["secret"] in block
    assert "--name unit-salt" in block


def test_every_variable_the_workflows_read_is_set_at_the_first_deployment() -> None:
    workflows = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github/workflows").glob("*.yml"))

    for name in set(re.findall(r"\bvars\.(\w+)", workflows)):
        assert name in RUNBOOK, name
