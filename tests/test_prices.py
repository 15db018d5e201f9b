"""
The catalog's prices against a public list (PyPI `genai-prices`, kept by the pydantic team) that needs no network.

What fails here is a price below the listed one, because then a week would cost more than its budget records. A price
above it only makes the budget stricter; the weekly workflow tells both (infra/prices.py).
"""

from datetime import date
from pathlib import Path

import pytest

from infra.prices import listed_nanousd
from promptready import catalog

TODAY = date(2026, 11, 22)
ROUTES = [route for arm in catalog.load(None, TODAY).arms.values() for route in arm.routes]


def too_low(route: catalog.Route) -> bool:
    listed = listed_nanousd(route)
    return listed is not None and any(
        ours < theirs
        for ours, theirs in zip((route.input_nanousd_per_mtok, route.output_nanousd_per_mtok), listed, strict=True)
    )


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_no_price_is_below_the_listed_one(route: catalog.Route) -> None:
    assert not too_low(route)


def test_the_list_knows_enough_of_our_routes_to_tell() -> None:
    known = {route.name for route in ROUTES if listed_nanousd(route)}
    assert known >= {"groq:openai/gpt-oss-20b", "gemini:gemini-3.1-flash-lite"}


def test_a_price_that_is_too_low_would_be_found(tmp_path: Path) -> None:
    shipped = catalog.SHIPPED.read_text(encoding="utf-8")
    cheaper = tmp_path / "catalog.toml"
    cheaper.write_text(shipped.replace("output_usd_per_mtok = 1.50", "output_usd_per_mtok = 1.49"), encoding="utf-8")
    arms = catalog.load(cheaper, TODAY).arms
    assert [route.name for arm in arms.values() for route in arm.routes if too_low(route)] == [
        "gemini:gemini-3.1-flash-lite"
    ]
