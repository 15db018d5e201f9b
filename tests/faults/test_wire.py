"""The real Cosmos DB client through replies that get lost: nothing is held twice, charged twice, or lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from promptready.accounts import Account, Accounts
from promptready.budget import CONTAINER, DOCUMENT_ID, Budget
from promptready.clock import system_clock
from promptready.credits import Rules, User, fresh_grant
from promptready.errors import RequestRefused
from promptready.group_commit import GroupCommit
from promptready.ledger import WeeklyBudget
from promptready.store import cosmos
from promptready.store.cosmos import CosmosStore
from tests.conftest import cosmos_store
from tests.support.apps import add_user, process, running_app
from tests.support.cosmos_emulator import CosmosEmulator, Failure
from tests.support.sandbox import Sandbox

CAP, AMOUNT, COST = 1_000, 100, 30
RULES = Rules(timedelta(seconds=60), 3)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one write. `is_resent_by_client`: a throttled write was not applied, so the SDK may repeat it."""

    how: Failure
    after_commit: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    is_resent_by_client: bool = False

    def __str__(self) -> str:
        when = "after the commit" if self.after_commit else "before it"
        return f"{self.how} {when}{' with a wait' if self.headers else ''}"


FAULTS = [
    Fault("drop", after_commit=True),
    Fault("drop"),
    Fault("hang", after_commit=True),
    Fault("hang"),
    Fault(503, after_commit=True),
    Fault(503),
    Fault(500, after_commit=True),
    Fault(408, after_commit=True),
    Fault(449),
    Fault(429, headers=(("x-ms-retry-after-ms", "20"),), is_resent_by_client=True),
    Fault(429, is_resent_by_client=True),
]
any_fault = pytest.mark.parametrize("fault", FAULTS, ids=str)


@pytest.fixture
def emulator(emulator: CosmosEmulator) -> CosmosEmulator:
    emulator.reset()
    return emulator


@pytest.fixture
async def store(
    request: pytest.FixtureRequest, emulator: CosmosEmulator, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CosmosStore]:
    monkeypatch.delenv("TEST_COSMOS_URL", raising=False)  # faults are the emulator's
    opened = cosmos_store(request)
    await opened.read("users", "nobody")
    if "hang" in request.node.name:  # only silence needs an end: a busy machine must not be taken for a broken one
        monkeypatch.setattr(cosmos, "CALL_TIMEOUT_S", 0.5)
    yield opened
    emulator.reset()
    await opened.close()


@pytest.fixture
async def budget(store: CosmosStore) -> WeeklyBudget:
    return WeeklyBudget(GroupCommit(store, system_clock, "w", CAP), system_clock)


def break_next(emulator: CosmosEmulator, method: str, fault: Fault) -> None:
    emulator.fail_next(method, fault.how, after_commit=fault.after_commit, headers=dict(fault.headers))


async def spent(store: CosmosStore) -> int:
    stored = await store.read(CONTAINER, DOCUMENT_ID)
    assert stored
    return Budget.from_document(stored.document).spend_nanousd


async def stored_user(store: CosmosStore) -> User:
    account = await Accounts(store).find("user-0001")
    return account.user


@any_fault
async def test_a_hold_is_taken_once(
    emulator: CosmosEmulator, store: CosmosStore, budget: WeeklyBudget, fault: Fault
) -> None:
    await budget.roll()
    emulator.reset()
    break_next(emulator, "PUT", fault)
    hold = await budget.hold(AMOUNT)
    assert await spent(store) == AMOUNT
    assert len(emulator.writes()) <= 2, "one write, and one more after a look"
    await budget.settle(hold, COST)
    assert await spent(store) == COST


@any_fault
async def test_a_settlement_gives_back_once(
    emulator: CosmosEmulator, store: CosmosStore, budget: WeeklyBudget, fault: Fault
) -> None:
    hold = await budget.hold(AMOUNT)
    other = await budget.hold(AMOUNT)
    break_next(emulator, "PUT", fault)
    await budget.settle(hold, COST)
    assert await spent(store) == AMOUNT + COST
    await budget.settle(other, AMOUNT)
    assert await spent(store) == AMOUNT + COST


@any_fault
async def test_the_first_hold_of_all_survives_a_lost_creation(
    emulator: CosmosEmulator, store: CosmosStore, budget: WeeklyBudget, fault: Fault
) -> None:
    break_next(emulator, "POST", fault)
    await budget.hold(AMOUNT)
    assert await spent(store) == AMOUNT


@any_fault
async def test_a_credit_is_held_taken_and_released_once(
    emulator: CosmosEmulator, store: CosmosStore, fault: Fault
) -> None:
    accounts, now = Accounts(store), system_clock()
    await accounts.open(fresh_grant("user-0001", "A", 3, now))

    async def change(account: Account, verb: str, key: str) -> Account:
        break_next(emulator, "PUT", fault)
        match verb:
            case "hold":
                return await accounts.change(
                    account, lambda user: user.hold(key, "f", key, now, RULES), lambda user: user.is_held_by(key, key)
                )
            case "answer":
                return await accounts.change(
                    account, lambda user: user.answer(key, key, now), lambda user: user.is_answered_by(key, key)
                )
            case _:
                return await accounts.change(
                    account, lambda user: user.release(key, key), lambda user: not user.is_held_by(key, key)
                )

    account = await accounts.find("user-0001")
    account = await change(account, "hold", "first")
    assert [request.state for request in (await stored_user(store)).requests] == ["held"]
    account = await change(account, "answer", "first")
    assert (await stored_user(store)).credits_remaining == 2
    account = await change(account, "hold", "second")
    account = await change(account, "release", "second")
    user = await stored_user(store)
    assert user.credits_remaining == 2
    assert [(request.id, request.state) for request in user.requests] == [("first", "answered")]


@any_fault
async def test_a_user_is_granted_once_and_keeps_the_cohort(
    emulator: CosmosEmulator, store: CosmosStore, fault: Fault
) -> None:
    accounts, now = Accounts(store), system_clock()
    break_next(emulator, "POST", fault)
    opened = await accounts.open(fresh_grant("user-0001", "B", 3, now))
    again = await accounts.open(fresh_grant("user-0001", "C", 3, now))
    assert opened.cohort == again.cohort == (await stored_user(store)).cohort == "B"


async def test_requests_through_a_storm_leave_books_that_agree(
    emulator: CosmosEmulator, store: CosmosStore, sandbox_provider: Sandbox, tmp_path: Path
) -> None:
    """Whole requests, real SDK, real sockets: the week is charged what was billed, the user what was answered."""
    rng = random.Random(0)  # noqa: S311 - chooses faults
    sandbox_provider.reset()
    grant, answered = 30, set()
    async with running_app(store, sandbox_provider, tmp_path, MAX_LIVE_HOLDS="3") as app:
        await add_user(store, "user-0001", credits_=grant)

        async def ask(key: str) -> None:
            for _ in range(3):
                try:
                    await process(app, "user-0001", key=key)
                except RequestRefused:
                    continue
                answered.add(key)
                return

        for number in range(8):
            for _ in range(rng.choice((0, 1, 2))):
                fault = rng.choice([fault for fault in FAULTS if fault.how != "hang"])
                break_next(emulator, rng.choice(("PUT", "PUT", "GET")), fault)
            await asyncio.gather(*(ask(f"key-{number:04}-{n}") for n in range(2)))
        emulator.reset()
        final = await app.budget.roll()
        user = (await app.accounts.find("user-0001")).user
    paid = {request.id for request in user.requests if request.is_paid}
    assert answered, "the storm must let something through"
    assert grant - user.credits_remaining == len(paid)
    assert paid <= answered
    assert final.spend_nanousd == sandbox_provider.stats()["billed_nanousd"]
