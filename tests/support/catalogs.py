"""Catalog files for tests: three cohorts, each with the routes a test wants."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from promptready.local.sandbox.bill import INPUT_USD_PER_MTOK, OUTPUT_USD_PER_MTOK

# What the sandbox bills, so that its book can be compared with the budget.
PRICES = f"""\
input_usd_per_mtok = {INPUT_USD_PER_MTOK}
output_usd_per_mtok = {OUTPUT_USD_PER_MTOK}
context_tokens = 131072
max_output_tokens = 8192
source = "made for a test"
"""
WEIGHTS = {"A": 70, "B": 20, "C": 10}


def write_catalog(
    path: Path, base_url: str, models: Mapping[str, Sequence[str]], *, secret: str = "sandbox-api-key"
) -> Path:
    """Write a catalog whose cohorts are served by `models` in order; cohorts left out by `sandbox/ok`."""
    text = f'[providers.sandbox]\nbase_url = "{base_url}"\nsecret = "{secret}"\n'
    for cohort, weight in WEIGHTS.items():
        text += f'[cohorts.{cohort}]\nweight = {weight}\nlabel = "{cohort}"\n'
        for model in models.get(cohort, ["sandbox/ok"]):
            text += f'[[cohorts.{cohort}.routes]]\nprovider = "sandbox"\nmodel = "{model}"\n{PRICES}'
    path.write_text(text)
    return path
