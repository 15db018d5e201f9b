"""Catalog files for tests: three cohorts, each with the routes a test wants."""

from collections.abc import Mapping, Sequence
from pathlib import Path

PRICES = "input_usd_per_mtok = 0.075\noutput_usd_per_mtok = 0.30\ncontext_tokens = 131072\nmax_output_tokens = 8192\n"
WEIGHTS = {"A": 70, "B": 20, "C": 10}


def write_catalog(path: Path, base_url: str, models: Mapping[str, Sequence[str]], *, secret: str | None = None) -> Path:
    """Write a catalog whose cohorts are served by `models` in order, all at `base_url`; cohorts left out by `sandbox/ok`."""
    key = f'secret = "{secret}"\n' if secret else ""
    text = f'[providers.sandbox]\nbase_url = "{base_url}"\n{key}'
    for cohort, weight in WEIGHTS.items():
        text += f'[cohorts.{cohort}]\nweight = {weight}\nlabel = "{cohort}"\n'
        for model in models.get(cohort, ["sandbox/ok"]):
            text += f'[[cohorts.{cohort}.routes]]\nprovider = "sandbox"\nmodel = "{model}"\n{PRICES}source = "made for a test"\n'
    path.write_text(text)
    return path
