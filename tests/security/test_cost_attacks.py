"""What one user and one request can cost the owner, whatever they send and whatever the model is talked into."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from promptready import catalog, prompt
from promptready.budget import Budget
from promptready.credits import MAX_BILLED_FAILURES
from promptready.errors import ProviderFailed, RequestRefused, TooManyRequests
from promptready.money import usd_to_nano
from promptready.store.sqlite import SqliteStore
from tests.support.apps import PAGE, add_user, process, running_app
from tests.support.clock import SetClock
from tests.support.sandbox import Sandbox

USER = "user-0001"
MAX_CONTENT_BYTES = 32_768
DENSE_CONTENTS = {
    "letters": "x",
    "one digit a token": "7 ",
    "rare Han": "\U0002a6a5",
    "unassigned": "\U000e0fff",
    "emoji with joiners": "\U0001f469\u200d\U0001f692",
    "Arabic ligature that is eighteen letters": "\ufdfa",
    "marks on marks": "a\u0301\u0316",
    "special tokens": "<|endoftext|>",
    "controls": "\x01",
}


@pytest.mark.parametrize("model", ["sandbox/truncated", "sandbox/refusal", "sandbox/empty"])
async def test_failures_that_were_billed_do_not_go_on_for_ever(
    model: str, tmp_path: Path, sandbox_provider: Sandbox, clock: SetClock
) -> None:
    """A page that talks the model into an unusable answer costs no credit; without an end it would cost the week."""
    store = SqliteStore(tmp_path / "store.db")
    async with running_app(store, sandbox_provider, tmp_path, models={"A": [model]}, clock=clock) as app:
        await add_user(store, USER, credits_=1)

        async def ends(times: int) -> Counter[str]:
            outcomes: Counter[str] = Counter()
            for n in range(times):
                try:
                    await process(app, USER, key=f"attempt-{n:03}")
                except RequestRefused as refusal:
                    outcomes[type(refusal).__name__] += 1
            return outcomes

        sandbox_provider.reset()
        served = {ProviderFailed.__name__: MAX_BILLED_FAILURES, TooManyRequests.__name__: 5}
        assert await ends(MAX_BILLED_FAILURES + 5) == served
        assert sandbox_provider.stats()["calls"] == MAX_BILLED_FAILURES
        clock.now += timedelta(days=1)
        assert await ends(1) == {ProviderFailed.__name__: 1}


async def test_failures_that_nobody_bills_are_not_held_against_anyone(
    tmp_path: Path, sandbox_provider: Sandbox
) -> None:
    store = SqliteStore(tmp_path / "store.db")
    async with running_app(store, sandbox_provider, tmp_path, models={"A": ["sandbox/http-500"]}) as app:
        await add_user(store, USER)
        sandbox_provider.reset()
        for n in range(3):
            with pytest.raises(RequestRefused):
                await process(app, USER, key=f"attempt-{n:03}")
        user = await store.read("users", USER)
        assert user is not None
        assert "billed_failures" not in user.document


@pytest.mark.parametrize("piece", DENSE_CONTENTS.values(), ids=DENSE_CONTENTS)
def test_no_content_holds_more_than_its_bytes(piece: str) -> None:
    """Tokenizers that split bytes make at most one token of each; the hold counts bytes, whatever they spell."""
    content = piece * (MAX_CONTENT_BYTES // len(piece.encode()))
    sent_bytes = sum(len(message["content"].encode()) for message in prompt.messages(content))
    assert prompt.size_bytes(content) == sent_bytes <= MAX_CONTENT_BYTES + 3_000


def test_no_call_of_the_shipped_catalog_can_cost_more_than_the_threat_model_says() -> None:
    """docs/threat-model.md has the table; a dearer route or a longer limit has to be put there first."""
    today = date(2026, 11, 22)
    shipped = catalog.load(None, today)
    sent_bytes = prompt.size_bytes("x" * MAX_CONTENT_BYTES)
    worst_nanousd = {
        cohort: max(
            route.worst_case_nanousd(sent_bytes, MAX_CONTENT_BYTES) for route in shipped.live_routes(cohort, today)
        )
        for cohort in shipped.arms
    }
    assert worst_nanousd["A"] <= usd_to_nano(Decimal("0.0052"))
    assert worst_nanousd["B"] <= usd_to_nano(Decimal("0.0015"))
    assert worst_nanousd["C"] <= usd_to_nano(Decimal("0.0212"))


async def test_a_request_that_fails_everywhere_is_charged_once_a_route_and_once_more(
    tmp_path: Path, sandbox_provider: Sandbox
) -> None:
    store = SqliteStore(tmp_path / "store.db")
    routes = ["sandbox/garbage", "sandbox/wrong-model", "sandbox/drop"]
    async with running_app(store, sandbox_provider, tmp_path, models={"A": routes}) as app:
        await add_user(store, USER)
        sandbox_provider.reset()
        with pytest.raises(RequestRefused):
            await process(app, USER, key="attempt-001")
        stored = await store.read("global_config", "budget")
        assert stored is not None
        page_bytes = len(PAGE.encode())
        arm = app.catalog.live_routes("A", date(2026, 11, 22))
        worst_nanousd = max(route.worst_case_nanousd(prompt.size_bytes(PAGE), page_bytes) for route in arm)
        assert sandbox_provider.stats()["calls"] <= len(routes) + 1
        assert Budget.from_document(stored.document).spend_nanousd <= (len(routes) + 1) * worst_nanousd
