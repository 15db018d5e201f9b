#!/usr/bin/env python3
"""
What a month of production costs, for docs/costs.md.

    PYTHONPATH=. python infra/costs.py

Prints the table of that page from the prices, the assumptions and the catalog; a test holds the page to it. Azure's
share is an upper bound: no two requests are assumed to overlap, though one instance serves a hundred at once.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date

from promptready import catalog

# Prices in US dollars, East US list prices; docs/costs.md names the source of each.
ALWAYS_READY_BASELINE_USD_PER_GB_S = 0.000004
ALWAYS_READY_EXECUTION_USD_PER_GB_S = 0.000016
EXECUTION_USD_PER_MILLION = 0.40
REQUEST_UNIT_USD_PER_MILLION = 0.25
DOCUMENT_USD_PER_GB = 0.25
LOG_USD_PER_GB, FREE_LOG_GB = 2.30, 5
LOG_ALERT_USD, METRIC_ALERT_USD = 0.50, 0.10
PROBE_USD = 0.0005
SECRET_READ_USD_PER_10K = 0.03
BLOB_USD_PER_GB = 0.02

# The deployment, as infra/ describes it.
INSTANCE_GB = 2
ALWAYS_READY_INSTANCES = 1
LOG_ALERTS, METRIC_ALERTS = 9, 1
PROBE_LOCATIONS, PROBES_PER_HOUR = 2, 4
WEEKLY_CAP_USD = 25
RELEASES_GB = 1.5  # a hundred packages of 14 MB

# What a user does in a month, and what a request is like.
AI_REQUESTS_PER_USER = 10
CREDIT_CHECKS_PER_USER = 15
NEW_USERS_SHARE = 0.2
AI_REQUEST_S, CREDIT_CHECK_S = 4, 1  # Flex Consumption bills a second at least
READ_RU, WRITE_RU = 2, 10  # a strong point read, a replace without indexes, of a document under 2 kB
AI_REQUEST_RU = READ_RU + 2 * WRITE_RU + 2 * WRITE_RU  # the user's document and the budget's, no write shared
AI_LOG_KB, CHECK_LOG_KB = 4, 2
USER_DOCUMENT_KB = 1.5
INPUT_TOKENS, OUTPUT_TOKENS = 2_500, 2_000  # a part of 8 kB and its rewrite

HOURS_PER_MONTH = 730
WEEKS_PER_MONTH = 52 / 12
PRICES_OF = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Month:
    """Dollars of one month, by what they are spent on."""

    functions: float
    cosmos: float
    logs: float
    alerts: float
    other: float
    providers: float
    answered: int
    asked: int

    @property
    def azure(self) -> float:
        """Everything but the models."""
        return self.functions + self.cosmos + self.logs + self.alerts + self.other


def answer_usd() -> float:
    """What one answer costs on average, by the cohorts' weights and their first live routes."""
    arms = catalog.load(None, PRICES_OF)
    nanousd = sum(
        arm.weight * arms.live_routes(arm.cohort, PRICES_OF)[0].cost_nanousd(INPUT_TOKENS, OUTPUT_TOKENS) / 100
        for arm in arms.arms.values()
    )
    return nanousd / 1e9


def month(users: int) -> Month:
    """The month with so many users who come back."""
    asked = users * AI_REQUESTS_PER_USER
    cap_usd = WEEKLY_CAP_USD * WEEKS_PER_MONTH
    answered = min(asked, int(cap_usd / answer_usd()))
    checks = users * CREDIT_CHECKS_PER_USER
    probes = PROBE_LOCATIONS * PROBES_PER_HOUR * HOURS_PER_MONTH
    # A request refused for the budget reads the user and the budget, and is over in the second that is billed anyway.
    busy_s = answered * AI_REQUEST_S + (asked - answered + checks + probes) * CREDIT_CHECK_S
    baseline_gb_s = ALWAYS_READY_INSTANCES * INSTANCE_GB * HOURS_PER_MONTH * 3600
    new_users = users * NEW_USERS_SHARE
    request_units: float = answered * AI_REQUEST_RU + (asked - answered) * 2 * READ_RU + checks * READ_RU
    request_units += new_users * (READ_RU + 2 * WRITE_RU)
    log_gb = (asked * AI_LOG_KB + (checks + probes) * CHECK_LOG_KB) / 1e6
    return Month(
        functions=baseline_gb_s * ALWAYS_READY_BASELINE_USD_PER_GB_S
        + busy_s * INSTANCE_GB * ALWAYS_READY_EXECUTION_USD_PER_GB_S
        + (asked + checks + probes) / 1e6 * EXECUTION_USD_PER_MILLION,
        cosmos=request_units / 1e6 * REQUEST_UNIT_USD_PER_MILLION
        + users * USER_DOCUMENT_KB / 1e6 * DOCUMENT_USD_PER_GB,
        logs=max(0, log_gb - FREE_LOG_GB) * LOG_USD_PER_GB,
        alerts=LOG_ALERTS * LOG_ALERT_USD + METRIC_ALERTS * METRIC_ALERT_USD + probes * PROBE_USD,
        other=HOURS_PER_MONTH * 6 * 3 / 1e4 * SECRET_READ_USD_PER_10K + RELEASES_GB * BLOB_USD_PER_GB,
        providers=answered * answer_usd(),
        answered=answered,
        asked=asked,
    )


def table() -> str:
    """The table of docs/costs.md."""
    months = [month(users) for users in (0, 1_000, 100_000)]
    rows = [
        ("Functions", [m.functions for m in months]),
        ("Cosmos DB", [m.cosmos for m in months]),
        ("Logs", [m.logs for m in months]),
        ("Alerts and the probe from outside", [m.alerts for m in months]),
        ("Key Vault and storage", [m.other for m in months]),
        ("**Azure**", [m.azure for m in months]),
        ("Model providers, under the weekly cap", [m.providers for m in months]),
        ("**Together**", [m.azure + m.providers for m in months]),
    ]
    lines = ["| US dollars a month | 0 users | 1,000 users | 100,000 users |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {name} | " + " | ".join(f"{value:.2f}" for value in values) + " |" for name, values in rows]
    answered = " | ".join(f"{m.answered:,} of {m.asked:,}" for m in months)
    lines.append(f"| AI requests answered | {answered} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
