#!/usr/bin/env python3
"""
Compares the catalog's prices with a public list of today's (PyPI `genai-prices`, kept by the pydantic team).

    PYTHONPATH=. python infra/prices.py

A price that went up would let a week cost more than was recorded, so a difference fails the weekly workflow. A route
the list does not know is said and passes: its `source` in the catalog is then all there is.
"""

from __future__ import annotations

import sys
from decimal import Decimal

from genai_prices import Usage, calc_price

from promptready import catalog
from promptready.clock import system_clock
from promptready.money import usd_to_nano

MTOK = 1_000_000


def listed_nanousd(route: catalog.Route) -> tuple[int, int] | None:
    """Input and output price per million tokens as the public list has them, or None if it has none."""
    try:
        prices = [
            calc_price(usage, route.model, provider_api_url=route.provider.base_url).total_price
            for usage in (Usage(input_tokens=MTOK, output_tokens=0), Usage(input_tokens=0, output_tokens=MTOK))
        ]
    except LookupError:
        return None
    return usd_to_nano(Decimal(prices[0])), usd_to_nano(Decimal(prices[1]))


def main() -> int:
    """Compare every live route; 1 if any price differs."""
    today = system_clock().date()
    arms = catalog.load(None, today)
    differing = 0
    for cohort in arms.arms:
        for route in arms.live_routes(cohort, today):
            ours = (route.input_nanousd_per_mtok, route.output_nanousd_per_mtok)
            theirs = listed_nanousd(route)
            verdict = "not listed" if theirs is None else "same" if theirs == ours else f"listed as {theirs}"
            differing += theirs is not None and theirs != ours
            sys.stdout.write(f"{cohort} {route.name}: {ours} nano-dollars per million tokens, {verdict}\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
