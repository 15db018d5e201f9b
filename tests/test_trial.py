"""The use cases under concurrency, on both stores, against the sandbox's own book."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from promptready import fidelity
from promptready.budget import Budget
from promptready.catalog import load
from promptready.clock import system_clock, to_text
from promptready.errors import BudgetExhausted, RequestRefused, TooManyRequests
from promptready.prompt import size_bytes
from promptready.store import Store
from promptready.trial import Cleaned
from tests.support.apps import PAGE, Gate, add_user, process, running_app
from tests.support.clock import SetClock
from tests.support.sandbox import Sandbox

USER = "user-0001"


async def stored_budget(store: Store) -> Budget:
    stored = await store.read("global_config", "budget")
    assert stored is not None
    return Budget.from_document(stored.document)


async def outcomes_of(gate: Gate, requests: Iterable[Awaitable[Cleaned]], *, refused: int) -> Counter[str]:
    """Run requests side by side, hold the provider back until `refused` of them have ended, and count how all end."""
    tasks = [asyncio.ensure_future(request) for request in requests]
    for ended, finished in enumerate(asyncio.as_completed(tasks), start=1):
        with contextlib.suppress(RequestRefused):
            await finished
        if ended == refused:
            gate.open()
    return Counter(type(task.exception() or task.result()).__name__ for task in tasks)


async def test_one_credit_and_a_hundred_parallel_requests_give_one_answer(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    sandbox_provider.reset()
    async with running_app(store, sandbox_provider, tmp_path) as app:
        await add_user(store, USER, credits_=1)
        requests = [process(app, USER, key=f"parallel-{n:03}") for n in range(100)]
        assert await outcomes_of(Gate(app), requests, refused=99) == {"Cleaned": 1, "TooManyRequests": 99}
        user = await store.read("users", USER)
        assert user is not None
        assert user.document["credits_remaining"] == 0
        assert sandbox_provider.stats()["calls"] == 1
        assert (await stored_budget(store)).spend_nanousd == sandbox_provider.stats()["billed_nanousd"]


async def test_a_hundred_parallel_first_requests_get_one_answer_and_one_grant(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    async with running_app(store, sandbox_provider, tmp_path) as app:
        replies = await asyncio.gather(*(app.trial.check_credits("new-user-1", "203.0.113.1") for _ in range(100)))
        assert len({(reply.remaining, reply.cohort) for reply in replies}) == 1
        assert replies[0].remaining == 150


async def test_a_cap_that_fits_ten_of_a_hundred_parallel_requests_serves_ten(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    sandbox_provider.reset()
    async with running_app(store, sandbox_provider, tmp_path) as app:
        route = app.catalog.live_routes("A", system_clock().date())[0]
        worst_case_nanousd = route.worst_case_nanousd(size_bytes(PAGE), len(PAGE))
        await app.budget.change(lambda budget: budget.with_cap(10 * worst_case_nanousd))
        for n in range(100):
            await add_user(store, f"user-{n:04}")
        requests = [process(app, f"user-{n:04}", key=f"parallel-{n:03}") for n in range(100)]
        assert await outcomes_of(Gate(app), requests, refused=90) == {"Cleaned": 10, "BudgetExhausted": 90}
        assert sandbox_provider.stats()["calls"] == 10
        budget = await stored_budget(store)
        assert sandbox_provider.stats()["billed_nanousd"] == budget.spend_nanousd <= budget.cap_nanousd


async def test_what_newcomers_may_not_spend_is_left_for_users_of_earlier_weeks(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, clock: SetClock
) -> None:
    sandbox_provider.reset()
    async with running_app(store, sandbox_provider, tmp_path, clock=clock, NEWCOMERS_PERCENT="40") as app:
        route = app.catalog.live_routes("A", clock().date())[0]
        worst_case_nanousd = route.worst_case_nanousd(size_bytes(PAGE), len(PAGE))
        await app.budget.change(lambda budget: budget.with_cap(10 * worst_case_nanousd))
        for n in range(20):
            await add_user(store, f"new-{n:04}", granted_at=to_text(clock()))
            await add_user(store, f"old-{n:04}", granted_at=to_text(clock() - timedelta(days=7)))
        gate = Gate(app)
        rush = [process(app, f"new-{n:04}", key=f"share-new-{n:03}") for n in range(20)]
        served = [asyncio.ensure_future(request) for request in rush]
        while sum(request.done() for request in served) < 16:
            await asyncio.wait({request for request in served if not request.done()}, return_when="FIRST_COMPLETED")
        others = [process(app, f"old-{n:04}", key=f"share-old-{n:03}") for n in range(20)]
        assert await outcomes_of(gate, others, refused=14) == {"Cleaned": 6, "BudgetExhausted": 14}
        ended = await asyncio.gather(*served, return_exceptions=True)
        assert Counter(type(one).__name__ for one in ended) == {"Cleaned": 4, "BudgetExhausted": 16}
        budget = await stored_budget(store)
        assert 0 < budget.newcomers_nanousd < budget.spend_nanousd
        assert budget.spend_nanousd == sandbox_provider.stats()["billed_nanousd"]


async def test_a_newcomer_is_one_for_the_week_and_nobody_is_whose_day_was_not_kept(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, clock: SetClock
) -> None:
    async with running_app(store, sandbox_provider, tmp_path, clock=clock, NEWCOMERS_PERCENT="1") as app:
        await app.budget.change(lambda budget: budget.with_cap(10_000_000))
        await app.trial.check_credits(USER, "203.0.113.1")
        with pytest.raises(BudgetExhausted):
            await process(app, USER, key="request-1")
        assert (await app.trial.check_credits(USER, "203.0.113.1")).remaining == 150
        await add_user(store, "user-0002")
        await process(app, "user-0002", key="request-2")
        clock.advance(days=7)
        await process(app, USER, key="request-3")  # no newcomer any more


async def test_without_a_share_newcomers_are_counted_nowhere(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    async with running_app(store, sandbox_provider, tmp_path) as app:
        await app.trial.check_credits(USER, "203.0.113.1")
        await process(app, USER, key="request-1")
        stored = await store.read("global_config", "budget")
        assert stored is not None
        assert "newcomers_spend_usd" not in stored.document
        user = await store.read("users", USER)
        assert user is not None
        assert "granted_at" not in user.document


async def test_two_processes_share_one_budget(store: Store, sandbox_provider: Sandbox, tmp_path: Path) -> None:
    sandbox_provider.reset()
    async with (
        running_app(store, sandbox_provider, tmp_path) as one,
        running_app(store, sandbox_provider, tmp_path) as other,
    ):
        for n in range(20):
            await add_user(store, f"user-{n:04}")
        await asyncio.gather(
            *(process(app, f"user-{n:04}", key=f"shared-{n:03}") for n, app in enumerate([one, other] * 10))
        )
        assert (await stored_budget(store)).spend_nanousd == sandbox_provider.stats()["billed_nanousd"]


async def test_one_key_in_parallel_costs_one_credit(store: Store, sandbox_provider: Sandbox, tmp_path: Path) -> None:
    async with running_app(store, sandbox_provider, tmp_path) as app:
        await add_user(store, USER)
        requests = [process(app, USER, key="one-key-1") for _ in range(20)]
        assert await outcomes_of(Gate(app), requests, refused=19) == {"Cleaned": 1, "RequestInFlight": 19}
        user = await store.read("users", USER)
        assert user is not None
        assert user.document["credits_remaining"] == 4


async def test_a_week_s_roll_serves_again_without_the_timer(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, clock: SetClock
) -> None:
    async with running_app(store, sandbox_provider, tmp_path, clock=clock) as app:
        await add_user(store, USER)
        await process(app, USER, key="request-1")
        await app.budget.change(lambda budget: budget.with_cap(budget.spend_nanousd))
        with pytest.raises(BudgetExhausted):
            await process(app, USER, key="request-2")
        clock.set("2026-11-23T00:00:00Z")
        await app.budget.change(lambda budget: budget.with_cap(1_000_000_000))
        await process(app, USER, key="request-3")
        assert (await stored_budget(store)).week == clock.now


async def test_the_timer_may_run_twice_and_the_spend_of_the_new_week_stays(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, clock: SetClock
) -> None:
    async with running_app(store, sandbox_provider, tmp_path, clock=clock) as app:
        await add_user(store, USER)
        clock.set("2026-11-23T00:00:01Z")
        await app.trial.reset_week()
        await process(app, USER, key="request-1")
        spent = (await stored_budget(store)).spend_nanousd
        assert spent > 0
        await asyncio.gather(app.trial.reset_week(), app.trial.reset_week())
        assert (await stored_budget(store)).spend_nanousd == spent


async def test_a_lost_answer_keeps_its_worst_case_spent_and_returns_the_credit(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    sandbox_provider.reset()
    async with running_app(store, sandbox_provider, tmp_path, models={"A": ["sandbox/drop"]}) as app:
        await add_user(store, USER)
        with pytest.raises(Exception, match="can't be reached"):
            await process(app, USER, key="request-1")
        budget, user = await stored_budget(store), await store.read("users", USER)
        assert user is not None
        assert user.document["credits_remaining"] == 5
        assert user.document["requests"] == []
        assert budget.spend_nanousd >= sandbox_provider.stats()["billed_nanousd"] > 0


async def test_a_bug_in_the_evidence_does_not_take_the_answer(
    store: Store,
    sandbox_provider: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(source: str, answer: str) -> None:
        raise IndexError(source + answer)

    async with running_app(store, sandbox_provider, tmp_path) as app:
        await add_user(store, USER)
        monkeypatch.setattr(fidelity, "measure", broken)
        cleaned = await process(app, USER, key="no-evidence-1")
        assert "95 degrees" in cleaned.text
        assert '"error":"IndexError"' in caplog.text.replace(" ", "")
        assert "degrees" not in caplog.text


async def test_failover_takes_a_hold_of_its_own_and_stays_in_the_cohort(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    sandbox_provider.reset()
    models = {"A": ["sandbox/garbage", "sandbox/http-500", "sandbox/ok"]}
    async with running_app(store, sandbox_provider, tmp_path, models=models) as app:
        await add_user(store, USER)
        assert (await process(app, USER, key="request-1")).text == PAGE
        stats = sandbox_provider.stats()
        assert set(stats["by_model"]) >= {"sandbox/garbage", "sandbox/ok"}
        route = load(app.settings.catalog_path, system_clock().date()).live_routes("A", system_clock().date())[0]
        lost = route.worst_case_nanousd(size_bytes(PAGE), len(PAGE))
        assert stats["billed_nanousd"] <= (await stored_budget(store)).spend_nanousd <= stats["billed_nanousd"] + lost


async def test_usage_that_can_not_be_true_keeps_the_worst_case(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    async with running_app(store, sandbox_provider, tmp_path, models={"A": ["sandbox/lies-low"]}) as app:
        await add_user(store, USER)
        await process(app, USER, key="request-1")
        route = app.catalog.live_routes("A", system_clock().date())[0]
        expected = route.worst_case_nanousd(size_bytes(PAGE), len(PAGE))
        assert (await stored_budget(store)).spend_nanousd == expected


async def test_a_crashed_request_s_credit_is_free_after_its_lease(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, clock: SetClock
) -> None:
    async with running_app(store, sandbox_provider, tmp_path, clock=clock) as app:
        await store.create(
            "users",
            {
                "id": USER,
                "credits_remaining": 1,
                "cohort": "A",
                "last_seen": "2026-11-18T10:00:00Z",
                "requests": [
                    {
                        "id": "crashed-1",
                        "fingerprint": "f",
                        "state": "held",
                        "at": "2026-11-18T10:00:00Z",
                        "runs": 1,
                        "holder": "gone",
                    }
                ],
            },
        )
        with pytest.raises(TooManyRequests):
            await process(app, USER, key="request-1")
        clock.advance(seconds=60)
        assert (await process(app, USER, key="request-1")).credits_remaining == 0


async def test_a_network_brings_as_many_new_users_as_it_may(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, clock: SetClock
) -> None:
    async with running_app(store, sandbox_provider, tmp_path, clock=clock, NEW_USERS_PER_NETWORK_PER_DAY="3") as app:
        arrivals = [app.trial.check_credits(f"new-user-{n}", "203.0.113.1") for n in range(10)]
        outcomes = await asyncio.gather(*arrivals, return_exceptions=True)
        assert Counter(type(outcome).__name__ for outcome in outcomes) == {"Credits": 3, "TooManyRequests": 7}
        await app.trial.check_credits("new-user-99", "203.0.113.2")
        clock.advance(days=1)
        await app.trial.check_credits("new-user-98", "203.0.113.1")
