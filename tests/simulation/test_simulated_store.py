"""On a fair day the simulated store is a real one: it keeps the port's contract, as both adapters do."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from promptready.store import Document, Store
from tests import test_store as contract
from tests.simulation.books import Books
from tests.simulation.loop import VirtualLoop
from tests.simulation.network import SimulatedStore, Weather, World
from tests.simulation.world import MONDAY

Promise = Callable[[Store], Coroutine[Any, Any, None]]
PROMISES: tuple[Promise, ...] = (  # all but deleting, which no request does
    contract.test_a_missing_document_is_none,
    contract.test_an_id_is_created_once,
    contract.test_containers_do_not_share_ids,
    contract.test_only_the_version_seen_is_replaced,
    contract.test_a_missing_document_is_not_replaced,
    contract.test_of_parallel_creates_one_wins,
    contract.test_of_parallel_replaces_one_wins,
)


class NoBooks(Books):
    """The contract's documents are nobody's credits."""

    def budget_written(self, after: Document, now: datetime) -> None:
        pass

    def user_written(self, before: Document | None, after: Document, now: datetime) -> None:
        pass


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_the_contract_is_kept(promise: Promise) -> None:
    loop, rng = VirtualLoop(), Random(1)  # type: ignore[abstract]
    weather = Weather(0.0, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0)
    world = World(loop, rng, weather, NoBooks(timedelta(), timedelta(), 0), lambda: MONDAY, None)
    task = loop.create_task(promise(SimulatedStore(world, "p")))
    loop.run()
    task.result()
