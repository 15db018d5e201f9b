"""The app refuses to start half-configured, with one message that names every problem."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from promptready import startup
from promptready.errors import StartupRefused
from tests.support.process import ROOT

TODAY = date(2026, 11, 22)


@pytest.fixture
def bad_catalog(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.toml"
    path.write_text("[cohorts.A]\nweight = 10\n")
    return path


def test_settings_that_can_be_used_are_returned() -> None:
    assert startup.check({"STORE_URL": "sqlite:///some/file.db"}, TODAY).trial_credits == 150


def test_settings_and_catalog_are_refused_in_one_message(bad_catalog: Path) -> None:
    with pytest.raises(StartupRefused) as refusal:
        startup.check({"TRIAL_CREDITS": "many", "CATALOG_PATH": str(bad_catalog)}, TODAY)
    for problem in ("STORE_URL is not set", "TRIAL_CREDITS must be", "cohort B is missing", "the weights sum to 10"):
        assert problem in str(refusal.value)


def test_a_catalog_is_refused_though_the_settings_are_right(bad_catalog: Path) -> None:
    with pytest.raises(StartupRefused, match="cohort C is missing"):
        startup.check({"STORE_URL": "sqlite:///some/file.db", "CATALOG_PATH": str(bad_catalog)}, TODAY)


def test_azure_hears_it_all_when_it_imports_the_app(bad_catalog: Path) -> None:
    environment = {"STORE_URL": "elsewhere", "CATALOG_PATH": str(bad_catalog), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", "import function_app"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    _, _, message = done.stderr.partition("promptready.errors.StartupRefused: ")
    assert "STORE_URL must be" in message
    assert "cohort B is missing" in message
