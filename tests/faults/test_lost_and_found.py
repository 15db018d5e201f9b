"""What the ledger does about replies that are lost, versions that are old, and neighbours that are refused."""

import asyncio
from datetime import timedelta

import pytest

from promptready.accounts import Accounts
from promptready.budget import CONTAINER, DOCUMENT_ID, Budget
from promptready.credits import Rules, fresh_grant
from promptready.errors import BudgetExhausted
from promptready.group_commit import FRESH_FOR_S, GroupCommit
from promptready.ledger import WeeklyBudget
from tests.faults.puppet import PuppetStore
from tests.support.clock import SetClock

CAP = 100
RULES = Rules(timedelta(seconds=60), 3)


@pytest.fixture
def store() -> PuppetStore:
    return PuppetStore()


def process(store: PuppetStore, clock: SetClock, writer: str = "w") -> WeeklyBudget:
    return WeeklyBudget(GroupCommit(store, clock, writer, CAP), clock)


def stored_budget(store: PuppetStore) -> Budget:
    return Budget.from_document(store.documents[CONTAINER, DOCUMENT_ID].document)


async def test_one_refusal_does_not_fail_its_neighbours(store: PuppetStore, clock: SetClock) -> None:
    budget = process(store, clock)
    outcomes = await asyncio.gather(*(budget.hold(amount) for amount in (60, 70, 40)), return_exceptions=True)
    assert [isinstance(outcome, BudgetExhausted) for outcome in outcomes] == [False, True, False]
    assert stored_budget(store).spend_nanousd == 100


async def test_changes_that_wait_together_are_one_write(store: PuppetStore, clock: SetClock) -> None:
    budget = process(store, clock)
    await budget.roll()
    before = store.writes
    await asyncio.gather(*(budget.hold(1) for _ in range(50)))
    assert (store.writes - before, stored_budget(store).spend_nanousd) == (1, 50)


@pytest.mark.parametrize("fault", ["lost reply", "late", "away"])
async def test_a_hold_whose_reply_was_lost_is_taken_once(store: PuppetStore, clock: SetClock, fault: str) -> None:
    budget = process(store, clock)
    await budget.roll()
    store.faults.append(fault)
    await budget.hold(5)
    assert stored_budget(store).spend_nanousd == 5


async def test_a_hold_that_landed_unseen_is_known_by_its_number_under_another_s_write(
    store: PuppetStore, clock: SetClock
) -> None:
    mine, other = process(store, clock, "mine"), process(store, clock, "other")
    await mine.roll()
    store.faults.append("lost reply")
    await asyncio.gather(mine.hold(5), other.hold(7))
    assert stored_budget(store).spend_nanousd == 12


async def test_nobody_is_refused_on_an_old_version(
    store: PuppetStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has given the money back since."""
    mine, other = process(store, clock, "mine"), process(store, clock, "other")
    hold = await other.hold(90)
    await mine.roll()
    await other.settle(hold, 0)
    loop = asyncio.get_running_loop()
    passed_s = loop.time() + 2 * FRESH_FOR_S
    monkeypatch.setattr("promptready.group_commit._loop_time", lambda: passed_s)
    await mine.hold(50)
    assert stored_budget(store).spend_nanousd == 50


async def test_a_credit_hold_that_landed_unseen_is_not_held_twice(store: PuppetStore, clock: SetClock) -> None:
    accounts = Accounts(store)
    await accounts.open(fresh_grant("user-0001", "A", 1, clock()))
    store.faults.append("lost reply")
    account = await accounts.change(
        await accounts.find("user-0001"),
        lambda user: user.hold("key-0001", "f", "holder", clock(), RULES),
        lambda user: user.is_held_by("key-0001", "holder"),
    )
    assert [(request.id, request.runs) for request in account.user.requests] == [("key-0001", 1)]


async def test_whoever_comes_second_is_told_the_first_one_s_cohort(store: PuppetStore, clock: SetClock) -> None:
    accounts = Accounts(store)
    opened = [await accounts.open(fresh_grant("user-0001", cohort, 3, clock())) for cohort in ("B", "C")]
    assert [user.cohort for user in opened] == ["B", "B"]
