"""What Azure is told and what the code reads are the same: settings, containers, events, routes."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest

from promptready import settings, telemetry
from promptready.errors import StartupRefused
from promptready.settings import Settings
from promptready.store import CONTAINERS
from tests.infra.bicep import INFRA, Expression, read

_SITE_CONFIG: Any = read(INFRA / "modules" / "app.bicep").of_type("Microsoft.Web/sites/config")[0].body
APP_SETTINGS: dict[str, Any] = _SITE_CONFIG["properties"]

# Fields of Settings that production leaves alone, each with its reason.
NOT_SET = {
    "COSMOS_KEY",  # the account takes no keys
    "CATALOG_PATH",  # the catalog that was released with the code
}

IN_AZURE = {
    "STORE_URL": "https://cosmos-promptready-x.documents.azure.com:443/",
    "COSMOS_DATABASE": "promptready",
    "KEY_VAULT_URL": "https://kv-pr-x.vault.azure.net/",
    "UNIT_SALT": "0123456789abcdef0123456789abcdef",
    "WEEKLY_CAP_USD": "25",
}


def _variables() -> set[str]:
    # A field counts in the unit of the code, a variable in the operator's.
    return {field.name.replace("_nanousd", "_usd").upper() for field in dataclasses.fields(Settings)}


def _as_azure_sets_them() -> dict[str, str]:
    """The app settings of the template, with what only a deployment knows filled in."""
    return {
        name: IN_AZURE[name] if isinstance(value, Expression) else str(value)
        for name, value in APP_SETTINGS.items()
        if name in _variables()
    }


def test_every_setting_the_app_reads_is_decided_by_the_template() -> None:
    assert _variables() - set(APP_SETTINGS) == NOT_SET


def test_the_template_sets_nothing_nobody_reads() -> None:
    azures_own = {name for name in APP_SETTINGS if re.match(r"AzureWebJobsStorage__|APPLICATIONINSIGHTS_|AZURE_", name)}

    assert set(APP_SETTINGS) - azures_own == _variables() - NOT_SET


def test_the_app_starts_with_what_the_template_sets() -> None:
    chosen = settings.load(_as_azure_sets_them())

    assert chosen.trial_credits == 150
    assert chosen.request_deadline_s == 25
    assert chosen.hold_lease_s == 60
    assert chosen.max_content_bytes == 32_768
    assert chosen.reset_schedule == "0 0 0 * * 1"


@pytest.mark.parametrize("missing", ["STORE_URL", "UNIT_SALT"])
def test_half_configured_in_azure_is_refused_by_name(missing: str) -> None:
    variables = _as_azure_sets_them()
    del variables[missing]

    with pytest.raises(StartupRefused, match=missing):
        settings.load(variables)


def test_a_reference_to_the_vault_that_azure_could_not_resolve_is_refused() -> None:
    salt = APP_SETTINGS["UNIT_SALT"].text.strip("'").replace("${keyVaultUrl}", IN_AZURE["KEY_VAULT_URL"])

    with pytest.raises(StartupRefused, match="UNIT_SALT"):
        settings.load(_as_azure_sets_them() | {"UNIT_SALT": salt})


def test_every_problem_is_named_in_one_message() -> None:
    variables = _as_azure_sets_them() | {"WEEKLY_CAP_USD": "plenty", "HOLD_LEASE_S": "5", "UNIT_SALT": "short"}

    with pytest.raises(StartupRefused) as refused:
        settings.load(variables)

    for name in ["WEEKLY_CAP_USD", "HOLD_LEASE_S", "UNIT_SALT"]:
        assert name in str(refused.value)


def test_the_containers_and_their_time_to_live_are_the_code_s() -> None:
    containers: Any = read(INFRA / "modules" / "cosmos.bicep").variables["containers"]

    assert {item["id"]: item["timeToLive"].get("defaultTtl") for item in containers} == dict(CONTAINERS)


def test_every_alert_reads_events_and_fields_that_are_written() -> None:
    written = {name: {field.name for field in dataclasses.fields(event)} for event, name in telemetry._NAMES.items()}
    for path in sorted((INFRA / "alerts").glob("*.kql")):
        query = path.read_text(encoding="utf-8")
        events = set(re.findall(r'\.event\) == "(\w+)"', query))
        assert events <= set(written), path.name
        readable = {"event"} | {field for event in events for field in written[event]}
        for parsed in re.findall(r"extend (\w+) = parse_json\(message\)", query):
            assert set(re.findall(rf"\b{parsed}\.(\w+)", query)) <= readable, path.name


def test_every_alert_query_answers_with_one_number_called_value() -> None:
    for path in sorted((INFRA / "alerts").glob("*.kql")):
        last = path.read_text(encoding="utf-8").strip().splitlines()[-1]
        assert re.match(r"\| (project|summarize) value = ", last), path.name


def test_every_alert_of_the_issue_is_there_and_loads_its_query() -> None:
    rules: Any = read(INFRA / "modules" / "alerts.bicep").variables["rules"]
    names = {rule["name"] for rule in rules}

    assert names == {
        "breaker-open",
        "spend-50",
        "spend-80",
        "spend-100",
        "error-rate",
        "latency",
        "unexpected-errors",
        "secret-expiring",
        "route-retiring",
    }
    loaded = {re.search(r"alerts/([\w-]+\.kql)", rule["query"].text)[1] for rule in rules}  # type: ignore[index]
    assert loaded == {path.name for path in (INFRA / "alerts").glob("*.kql")}
