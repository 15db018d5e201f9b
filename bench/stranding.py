"""
What the cap leaves unused when requests are refused: the whole app, a real store, the sandbox provider.

    python -m bench.stranding

Rounds of parallel requests until one whole round is refused with nobody in flight. Overspent is what the
provider's own book has beyond the cap; stranded is what the cap has left. Nothing crashes here: what crashes
leave behind is measured by `python -m tests.crash`.
"""

import asyncio
import sys
import tempfile
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptready.catalog import load
from promptready.errors import BudgetExhausted, RequestRefused
from promptready.money import NANO_PER_USD
from promptready.prompt import size_bytes
from promptready.store.sqlite import SqliteStore
from tests.support.apps import PAGE, add_user, process, running_app
from tests.support.sandbox import Sandbox, sandbox

PARALLEL = 100
MOST_ROUNDS = 200

LITELLM = (
    ("LiteLLM, reservation off", "+900 %", ""),
    ("LiteLLM, as it comes", "+5.2 %", ""),
    ("LiteLLM, failing closed", "0 %", "10 %"),
)
"""Measured on one machine with 100 parallel requests of known cost, 1.106.2, November 2026."""


@dataclass(frozen=True, slots=True)
class Case:
    """One table row: the provider's model, the page, and the cap in worst cases of one request."""

    name: str
    model: str
    page: str
    cap_worst_cases: float


CASES = (
    Case("every call costs nearly its worst case; cap 10.5 of them", "sandbox/dense", PAGE, 10.5),
    Case("calls cost what a rewrite costs; cap 10.5 worst cases", "sandbox/ok", PAGE * 20, 10.5),
    Case("calls cost what a rewrite costs; cap 100 worst cases", "sandbox/ok", PAGE * 20, 100.0),
    Case("usage that lies tenfold; cap 20 worst cases", "sandbox/lies-high", PAGE, 20.0),
    Case("every answer is lost on its way; cap 20 worst cases", "sandbox/drop", PAGE, 20.0),
)


async def main() -> int:
    """Print the table; 1 if a bar is missed."""
    print("| | overspent | stranded | of a cap of | served | one worst case |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, overspent, stranded in LITELLM:
        print(f"| {name} | {overspent} | {stranded} | | | |")
    missed = 0
    with sandbox() as provider:
        for case in CASES:
            with tempfile.TemporaryDirectory() as folder:
                missed += not await _measure(case, Path(folder), provider)
    print("0 overspent, less than one worst case stranded" if not missed else "A BAR IS MISSED")
    return 1 if missed else 0


async def _measure(case: Case, folder: Path, provider: Sandbox) -> bool:
    provider.reset()
    models = {"A": [case.model]}
    store = SqliteStore(folder / "store.db")
    async with running_app(store, provider, folder, models=models, TRIAL_CREDITS="1", WEEKLY_CAP_USD="1") as app:
        route = load(folder / "catalog.toml", datetime.now(UTC).date()).arms["A"].routes[0]
        worst = route.worst_case_nanousd(size_bytes(case.page), len(case.page.encode()))
        cap = int(worst * case.cap_worst_cases)
        await app.budget.change(lambda budget: budget.with_cap(cap))
        served = 0
        for _ in range(MOST_ROUNDS):
            users = [f"user-{uuid.uuid4().hex}" for _ in range(PARALLEL)]
            await asyncio.gather(*(add_user(store, user) for user in users))
            ends = await asyncio.gather(
                *(process(app, user, key=user, content=case.page) for user in users), return_exceptions=True
            )
            served += sum(not isinstance(end, BaseException) for end in ends)
            if unexpected := [
                end for end in ends if isinstance(end, BaseException) and not isinstance(end, RequestRefused)
            ]:
                raise unexpected[0]
            if all(isinstance(end, BudgetExhausted) for end in ends):
                break
        budget = await app.budget.roll()
        billed = provider.stats()["billed_nanousd"]
    unused, overspent = cap - budget.spend_nanousd, max(0, billed - cap, budget.spend_nanousd - cap)
    print(
        f"| PromptReady: {case.name} | {overspent / cap:.1%} | {unused / cap:.1%} | ${cap / NANO_PER_USD:.6f} "
        f"| {served} | ${worst / NANO_PER_USD:.6f} |",
        flush=True,
    )
    return overspent == 0 and 0 <= unused < worst and billed <= budget.spend_nanousd


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
