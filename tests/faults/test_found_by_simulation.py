"""What the simulation found in the ledger, each as the shortest story that shows it."""

import asyncio
from datetime import date
from typing import NoReturn
from unittest.mock import AsyncMock

import pytest

from promptready.budget import CONTAINER, DOCUMENT_ID, Budget, Hold
from promptready.catalog import Provider, Route
from promptready.errors import PreconditionFailed, ProviderTimeout, StoreUnavailable
from promptready.group_commit import MAX_OUTAGES, Change, GroupCommit
from promptready.ledger import WeeklyBudget
from promptready.providers import ProviderClient
from promptready.routing import Asking, Router
from promptready.secrets import Secret
from tests.faults.puppet import PuppetStore
from tests.support.clock import SetClock

CAP = 100
ROUTE = Route(Provider("near", "https://near.example", "near-key"), "model", 1, 1, 131_072, 8_192, date(2030, 1, 1))


@pytest.fixture
def store() -> PuppetStore:
    return PuppetStore()


@pytest.fixture
def commits(store: PuppetStore, clock: SetClock) -> GroupCommit:
    return GroupCommit(store, clock, "w", CAP)


@pytest.fixture
def budget(commits: GroupCommit, clock: SetClock) -> WeeklyBudget:
    return WeeklyBudget(commits, clock)


async def used_up(store: PuppetStore) -> None:
    """Wait until every fault has hit, and the committer has given up."""
    while store.faults:
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)


def spent(store: PuppetStore) -> int:
    return Budget.from_document(store.documents[CONTAINER, DOCUMENT_ID].document).spend_nanousd


async def test_a_settlement_in_doubt_is_not_applied_twice_when_a_new_hold_takes_the_same_amount(
    store: PuppetStore, budget: WeeklyBudget
) -> None:
    """Both add up to nothing. Without a write, the settlement in doubt could still land on top (I2)."""
    first = await budget.hold(5)
    store.faults.extend(["late", *["away"] * (MAX_OUTAGES - 1)])
    budget.settle_later(first, 0)
    await used_up(store)
    await budget.hold(5)
    assert spent(store) == 5
    with pytest.raises(PreconditionFailed):
        store.late.popleft()()  # the write of long ago arrives
    assert spent(store) == 5


async def test_a_hold_that_lands_while_its_request_is_called_off_goes_back(
    store: PuppetStore, budget: WeeklyBudget
) -> None:
    """The request waited for its credit until its time was over; the money was granted meanwhile."""
    holding = asyncio.ensure_future(budget.hold(5))
    await holding
    budget.call_off(holding)
    await _all_quiet()
    assert spent(store) == 0


async def test_a_hold_whose_caller_is_cancelled_in_the_step_it_lands_goes_back(
    store: PuppetStore, commits: GroupCommit
) -> None:
    def undo(landed: Budget) -> Change:
        return lambda budget: budget.settle(Hold(5, landed.week), 0)

    await commits.apply(lambda budget: budget)
    holding = asyncio.ensure_future(commits.apply(lambda budget: budget.hold(5, budget.week), undo=undo))
    while not any(key == (CONTAINER, DOCUMENT_ID) and spent(store) for key in store.documents):
        await asyncio.sleep(0)
    holding.cancel()  # its future has the result, its task has not run yet
    with pytest.raises(asyncio.CancelledError):
        await holding
    await _all_quiet()
    assert spent(store) == 0


async def test_a_settlement_in_doubt_survives_an_idle_quarter_of_an_hour(
    store: PuppetStore, budget: WeeklyBudget, clock: SetClock
) -> None:
    hold = await budget.hold(60)
    store.faults.extend(["late", *["away"] * (MAX_OUTAGES - 1)])
    budget.settle_later(hold, 10)
    await used_up(store)
    clock.advance(minutes=15)
    assert (await budget.roll()).spend_nanousd == 10


async def test_an_attempt_that_has_no_time_left_is_not_made_and_costs_nothing(
    store: PuppetStore, budget: WeeklyBudget
) -> None:
    class SlowSecrets(_Secrets):
        async def get(self, name: str) -> Secret:
            asking.ends_at_s = asyncio.get_running_loop().time()  # as if fetching the key had taken all of it
            return Secret(name)

    client = AsyncMock(spec=ProviderClient)
    asking = Asking("page", asyncio.get_running_loop().time() + 9, [ROUTE])
    hold = await budget.hold(asking.worst_case_nanousd(ROUTE))
    with pytest.raises(ProviderTimeout):
        await Router(budget, client, SlowSecrets()).ask(asking, hold)
    client.complete.assert_not_called()
    assert spent(store) == 0


async def test_a_request_cancelled_before_its_call_gives_the_money_back(
    store: PuppetStore, budget: WeeklyBudget
) -> None:
    asking = Asking("page", asyncio.get_running_loop().time() + 9, [ROUTE])
    hold = await budget.hold(asking.worst_case_nanousd(ROUTE))
    with pytest.raises(asyncio.CancelledError):
        await Router(budget, AsyncMock(spec=ProviderClient), _Secrets()).ask(asking, hold)
    await _all_quiet()
    assert spent(store) == 0


async def test_money_held_by_a_write_that_lands_after_its_caller_has_left_goes_back(
    store: PuppetStore, budget: WeeklyBudget
) -> None:
    await budget.roll()
    store.faults.extend(["late", *["away"] * (MAX_OUTAGES - 1)])
    with pytest.raises(StoreUnavailable):
        await budget.hold(5)
    store.late.popleft()()
    assert spent(store) == 5
    await budget.roll()
    await _all_quiet()
    assert spent(store) == 0


class _Secrets:
    """Cancels whoever asks for a key."""

    async def get(self, name: str) -> Secret:
        raise asyncio.CancelledError(name)

    def forget(self, name: str) -> NoReturn:
        raise NotImplementedError(name)

    async def close(self) -> None:
        """Nothing is open."""


async def _all_quiet() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
