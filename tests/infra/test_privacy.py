"""The privacy page and the store listing say what the code does: permissions, stored fields, telemetry, disclosure."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from promptready.admission import Arrivals
from promptready.budget import Budget
from promptready.credits import User
from promptready.store import CONTAINERS
from promptready.telemetry import ProcessAiEvent
from tests.infra.bicep import ROOT
from tests.infra.scripts import load

PRIVACY = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
LISTING = (ROOT / "docs" / "store-listing.md").read_text(encoding="utf-8")
EXTENSION = ROOT / "extension"
manifest_check = load("manifest")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def _rows(page: str, header: str) -> list[list[str]]:
    """The cells of the table whose header line begins with `header`."""
    _, found, table = page.partition(f"{header}")
    assert found, header
    rows = []
    for line in table.splitlines()[2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _ticked(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _in_code(cells: list[list[str]]) -> set[str]:
    return {name for row in cells for name in _ticked(row[0])}


def _sources() -> list[str]:
    """The text of every file that becomes part of the extension."""
    shipped = [*EXTENSION.glob("*.ts")]
    for folder in ["ai", "entrypoints", "cleaner"]:
        shipped += (EXTENSION / folder).rglob("*.ts*")
    return [path.read_text(encoding="utf-8") for path in shipped]


def _kept_on_the_device() -> set[str]:
    """What is written to the browser's storage, as `area:name`: through WXT's names or the browser's own calls."""
    kept = set()
    for source in _sources():
        kept |= {f"{area}:{name}" for area, name in re.findall(r"['\"`](local|sync|session):(\w+)", source)}
        for area, written in re.findall(r"storage\.(local|sync|session)\.set\(([^)]*)\)", source):
            constant = re.fullmatch(r"\{ \[(\w+)\]: \w+ \}", written)
            assert constant, f"a write to storage.{area} this test cannot read: {written}"
            name = re.search(rf"const {constant[1]} = '(\w+)'", source)
            assert name, constant[1]
            kept.add(f"{area}:{name[1]}")
    return kept


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest as `wxt.config.ts` makes it for the store; evaluated, not read."""
    script = """
        const { default: config } = await import('./wxt.config.ts')
        const environment = { browser: 'chrome', mode: 'production', command: 'build', manifestVersion: 3 }
        console.log(JSON.stringify(await config.manifest(environment)))
    """
    evaluated = subprocess.run(
        ["node_modules/.bin/tsx", "--input-type=module", "--eval", script],
        cwd=EXTENSION,
        env=os.environ | {"WXT_API_ORIGIN": "https://api.example.org"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert evaluated.returncode == 0, f"`make setup` installs what this needs\n{evaluated.stderr}"
    made: dict[str, Any] = json.loads(evaluated.stdout)
    return made


# --- permissions


def test_every_permission_has_a_reason_on_the_privacy_page_and_in_the_listing(manifest: dict[str, Any]) -> None:
    permissions = set(manifest["permissions"])
    listed = _rows(LISTING, "| Permission | Justification |")

    assert _in_code(_rows(PRIVACY, "| Permission | Why |")) == permissions
    assert {name for row in listed if "(optional)" not in row[0] for name in _ticked(row[0])} == permissions


def test_every_optional_permission_has_a_reason_too(manifest: dict[str, Any]) -> None:
    optional = set(manifest["optional_permissions"])
    listed = _rows(LISTING, "| Permission | Justification |")

    assert _in_code(_rows(PRIVACY, "| Optional permission | Why |")) == optional
    assert {name for row in listed if "(optional)" in row[0] for name in _ticked(row[0])} == optional


def test_no_script_waits_in_pages_and_no_site_but_our_api_is_open(manifest: dict[str, Any]) -> None:
    assert "content_scripts" not in manifest
    assert not any("defineContentScript" in source for source in _sources())
    assert manifest["host_permissions"] == ["https://api.example.org/*"]


def test_the_manifest_of_the_store_build_passes_the_check_its_workflow_makes(manifest: dict[str, Any]) -> None:
    assert manifest_check.problems(manifest, "https://api.example.org", PRIVACY) == []


def _good_manifest() -> dict[str, Any]:
    return {
        "permissions": sorted(_in_code(_rows(PRIVACY, "| Permission | Why |"))),
        "optional_permissions": ["identity.email"],
        "host_permissions": ["https://api.example.org/*"],
    }


def test_a_built_manifest_that_asks_for_what_the_page_explains_is_let_through() -> None:
    assert manifest_check.problems(_good_manifest(), "https://api.example.org", PRIVACY) == []


@pytest.mark.parametrize(
    "change",
    [
        {"permissions": ["activeTab"]},
        {"permissions": [*_good_manifest()["permissions"], "tabs"]},
        {"optional_permissions": ["identity.email", "history"]},
        {"host_permissions": ["https://*/*"]},
        {"host_permissions": ["http://127.0.0.1:7071/*"]},
        {"content_scripts": [{"matches": ["https://*/*"]}]},
    ],
    ids=json.dumps,
)
def test_a_built_manifest_that_asks_for_anything_else_is_not(change: dict[str, Any]) -> None:
    assert manifest_check.problems(_good_manifest() | change, "https://api.example.org", PRIVACY)


# --- what is stored and logged


def test_every_field_the_server_stores_is_named() -> None:
    documents = {
        "users": User("smoke-test", 150, "A", NOW, billed_failures=(NOW,), granted_at=NOW).to_document(),
        "networks": Arrivals("hash").to_document(),
        "global_config": dataclasses.replace(Budget.first(25, NOW), newcomers_nanousd=1).to_document(),
    }
    said: dict[str, set[str]] = {}
    for row in _rows(PRIVACY, "| Container | Field | What | For how long |"):
        said.setdefault(_ticked(row[0])[0], set()).update(_ticked(row[1]))

    assert set(CONTAINERS) == set(documents)
    assert said == {container: set(document) for container, document in documents.items()}


def test_what_is_stored_goes_when_the_page_says() -> None:
    kept = {row[0].strip("`"): row[3] for row in _rows(PRIVACY, "| Container | Field | What | For how long |")[:1]}
    day_s = 86_400

    assert CONTAINERS["users"] == 400 * day_s
    assert "400 days" in kept["users"]
    assert CONTAINERS["networks"] == 2 * day_s
    assert CONTAINERS["global_config"] is None


def test_every_field_of_the_telemetry_is_named() -> None:
    _, _, section = PRIVACY.partition("## What PromptReady's server logs")
    (fields,) = [line for line in section.splitlines() if line.startswith("`time`")]

    assert set(_ticked(fields)) == {field.name for field in dataclasses.fields(ProcessAiEvent)}


def test_everything_kept_on_the_device_is_named() -> None:
    assert _in_code([row[:1] for row in _rows(PRIVACY, "| Key | Where | What | Until |")]) == _kept_on_the_device()


def test_nothing_is_kept_where_pages_could_look() -> None:
    for source in _sources():
        assert not re.search(r"\b(localStorage|sessionStorage|indexedDB|document\.cookie)\b", source)


# --- what people are told


def test_the_disclosure_is_the_one_the_popup_shows() -> None:
    popup = (EXTENSION / "entrypoints" / "popup" / "notices.ts").read_text(encoding="utf-8")
    frame = "AI Mode sends this page's text to ${where}. Offline Mode never sends anything."
    ours = "PromptReady's server, which passes it to a language model and keeps nothing"

    assert frame in popup
    assert ours in popup
    for page in [PRIVACY, LISTING]:
        assert f"> {frame.replace('${where}', ours)}" in page
    assert "with your key, and to nobody else" in popup
    assert "> AI Mode sends this page's text to Groq (api.groq.com) with your key, and to nobody else." in PRIVACY


def test_every_provider_that_gets_text_from_us_is_named() -> None:
    catalog = tomllib.loads((ROOT / "promptready" / "catalog.toml").read_text(encoding="utf-8"))
    _, _, section = PRIVACY.partition("### The model providers")
    paragraph = section.partition("###")[0].lower()
    used = {route["provider"] for cohort in catalog["cohorts"].values() for route in cohort["routes"]}

    assert [provider for provider in used if provider not in paragraph] == []


def test_the_listing_says_in_the_manifest_s_words_what_the_extension_does(manifest: dict[str, Any]) -> None:
    listing = {row[0]: row[1] for row in _rows(LISTING, "| Field | Value |")}

    assert listing["Summary"] == manifest["description"]
    assert listing["Name"] == manifest["name"]
    assert len(manifest["description"]) <= 132  # the store's limit


def test_both_halves_carry_the_same_version() -> None:
    python = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    node = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))["version"]
    locked = json.loads((EXTENSION / "package-lock.json").read_text(encoding="utf-8"))["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert python == node == locked
    assert re.search(rf"^## {re.escape(python)}\b", changelog, re.MULTILINE)
