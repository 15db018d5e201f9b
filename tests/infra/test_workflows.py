"""What the workflows may do, and that the shell in them is shell."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.infra.bicep import INFRA, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"uses: (?P<action>[\w./-]+)@(?P<hash>[0-9a-f]{40}) # (?P<version>v\d+\.\d+\.\d+)$")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def _read(path: Path) -> dict[Any, Any]:
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return workflow


def _triggers(workflow: dict[Any, Any]) -> dict[str, Any]:
    triggers: dict[str, Any] = workflow[True]  # YAML 1.1 reads the key `on` as a boolean
    return triggers


def _steps(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in _read(path)["jobs"].items():
        for step in job.get("steps", []):
            yield name, step


def test_there_are_four_workflows() -> None:
    assert [path.stem for path in WORKFLOWS] == ["ci", "deploy", "extension", "weekly"]


@each_workflow
def test_a_job_may_do_only_what_it_names(path: Path) -> None:
    workflow = _read(path)

    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert "permissions" in job, name
        granted = {scope for scope, level in job["permissions"].items() if level == "write"}
        assert granted <= {"id-token", "attestations", "issues"}, name


@each_workflow
def test_every_action_is_pinned_by_its_full_hash_and_names_its_version(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if re.search(r"^\s*(- )?uses: ", line) and "./.github/workflows/" not in line:
            assert PINNED.search(line), line


def test_an_action_has_the_same_hash_everywhere() -> None:
    pins: dict[str, set[tuple[str, str]]] = {}
    for path in WORKFLOWS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if pin := PINNED.search(line):
                pins.setdefault(pin["action"], set()).add((pin["hash"], pin["version"]))

    assert {action: len(found) for action, found in pins.items() if len(found) > 1} == {}


@each_workflow
def test_no_workflow_uses_a_stored_secret(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert "secrets." not in source
    assert "secrets: inherit" not in source


@each_workflow
def test_a_checkout_leaves_no_token_behind(path: Path) -> None:
    for _, step in _steps(path):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_no_job_runs_for_ever(path: Path) -> None:
    for name, job in _read(path)["jobs"].items():
        assert "uses" in job or job["timeout-minutes"] <= 40, name


@each_workflow
def test_nothing_from_outside_is_pasted_into_a_script(path: Path) -> None:
    for name, step in _steps(path):
        assert not EXPRESSION.search(step.get("run", "")), name


@each_workflow
def test_the_shell_in_a_workflow_is_shell(path: Path) -> None:
    for name, step in _steps(path):
        if "run" in step:
            checked = subprocess.run(["bash", "-n"], input=step["run"], capture_output=True, text=True, check=False)
            assert checked.returncode == 0, f"{name}: {checked.stderr}"


@each_workflow
def test_every_file_of_ours_a_workflow_runs_is_there(path: Path) -> None:
    for _, step in _steps(path):
        for named in re.findall(r"\binfra/[\w.-]+\.(?:py|sh|bicep|bicepparam)\b", step.get("run", "")):
            assert (ROOT / named).is_file(), named


def test_a_stranger_s_pull_request_reaches_no_environment_and_no_token() -> None:
    for path in WORKFLOWS:
        triggers = _triggers(_read(path))
        assert not {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers)
        if "pull_request" in triggers:
            for job in _read(path)["jobs"].values():
                assert "environment" not in job
                assert job["permissions"] == {"contents": "read"}


def test_production_is_deployed_from_a_release_and_behind_its_environment() -> None:
    workflow = _read(ROOT / ".github/workflows/deploy.yml")
    release = workflow["jobs"]["release"]

    assert _triggers(workflow)["release"] == {"types": ["published"]}
    assert _triggers(workflow)["push"] == {"branches": ["main"]}
    assert "github.event_name == 'release' && 'production'" in release["environment"]["name"]
    assert release["needs"] == ["ci", "package"]
    assert any("infra/release.sh" in step.get("run", "") for step in release["steps"])


def test_going_back_in_production_starts_from_a_tag_because_its_environment_lets_nothing_else_in() -> None:
    runbook = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert "`production` only for tags `v*`" in runbook
    for command in re.findall(r"^gh workflow run .*environment=production.*$", runbook, re.MULTILINE):
        assert '--ref "$TAG"' in command


def test_a_federated_sign_in_is_tied_to_the_environment_the_job_names() -> None:
    allowed = re.search(r"param githubEnvironment string", (INFRA / "bootstrap.bicep").read_text(encoding="utf-8"))
    options = _triggers(_read(ROOT / ".github/workflows/deploy.yml"))["workflow_dispatch"]["inputs"]["environment"]

    assert allowed
    for name in options["options"]:
        assert f"'{name}'" in (INFRA / "bootstrap.bicep").read_text(encoding="utf-8")


def test_the_store_gets_an_upload_only_behind_its_own_environment() -> None:
    store = _read(ROOT / ".github/workflows/extension.yml")["jobs"]["store"]

    assert store["environment"]["name"] == "chrome-web-store"
    assert store["if"] == "github.event_name == 'release'"
    assert store["permissions"] == {"id-token": "write"}


def test_the_backend_and_the_extension_are_tested_on_every_version_we_name() -> None:
    jobs = _read(ROOT / ".github/workflows/ci.yml")["jobs"]
    source = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")

    assert jobs["backend"]["strategy"]["matrix"]["python"] == ["3.12", "3.13"]
    assert jobs["extension"]["strategy"]["matrix"]["node"] == ["22", "24"]
    assert "python-version: '3.11'" in source
    assert "node-version: '20'" in source


def test_the_app_also_runs_under_microsofts_own_host_and_emulators() -> None:
    source = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")

    for part in ["func start", "azurite", "azure-cosmos-emulator"]:
        assert part in source
    for variable, reader in [("TEST_COSMOS_URL", "conftest.py"), ("TEST_BASE_URL", "contract/conftest.py")]:
        assert f"{variable}: " in source
        assert f'"{variable}"' in (ROOT / "tests" / reader).read_text(encoding="utf-8"), "nobody reads it"
