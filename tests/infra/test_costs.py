"""The cost page shows what its program prints, and the program knows the deployment it prices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.bicep import INFRA, ROOT, read
from tests.infra.scripts import load

costs = load("costs")


def test_the_page_shows_the_table_the_program_prints() -> None:
    assert costs.table() in (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")


def test_the_program_prices_the_deployment_that_infra_describes() -> None:
    production: Any = read(INFRA / "prod.bicepparam").variables
    rules: Any = read(INFRA / "modules" / "alerts.bicep").variables["rules"]

    assert production["alwaysReadyInstanceCount"] == costs.ALWAYS_READY_INSTANCES
    assert float(production["weeklyCapUsd"]) == costs.WEEKLY_CAP_USD
    assert len(rules) == costs.LOG_ALERTS
    assert {rule["frequency"] for rule in rules} <= {"PT15M", "PT30M", "PT1H", "PT6H"}  # what half a dollar buys


@pytest.mark.parametrize("users", [1_000, 100_000, 10_000_000])
def test_the_models_never_cost_more_than_the_caps_of_a_month(users: int) -> None:
    month = costs.month(users)

    assert month.providers <= costs.WEEKLY_CAP_USD * costs.WEEKS_PER_MONTH
    assert month.answered <= month.asked
