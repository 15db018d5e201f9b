"""What a request asks of the store: at most three round trips in a row, and next to none behind an open breaker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptready.app import App
from promptready.errors import BudgetExhausted
from promptready.store import Document, Store, Stored
from promptready.store.sqlite import SqliteStore
from tests.support.apps import add_user, process, running_app
from tests.support.sandbox import Sandbox

USER = "user-0001"


class CountingStore:
    """Passes every call on, counts it, and knows how many rounds of calls had to follow each other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls: list[str] = []
        self.rounds = 0
        self._under_way = 0

    @contextlib.asynccontextmanager
    async def _counted(self, call: str) -> AsyncIterator[None]:
        self.calls.append(call)
        if self._under_way == 0:
            self.rounds += 1
        self._under_way += 1
        try:
            yield
            await asyncio.sleep(0.005)  # so that calls made side by side are seen as one round
        finally:
            self._under_way -= 1

    async def read(self, container: str, id: str) -> Stored | None:  # noqa: A002 - the port's contract names it
        async with self._counted(f"read {container}"):
            return await self._store.read(container, id)

    async def create(self, container: str, document: Document) -> str:
        async with self._counted(f"create {container}"):
            return await self._store.create(container, document)

    async def replace(self, container: str, document: Document, etag: str) -> str:
        async with self._counted(f"replace {container}"):
            return await self._store.replace(container, document, etag)

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - the port's contract names it
        await self._store.delete(container, id)

    async def close(self) -> None:
        await self._store.close()

    def forget(self) -> None:
        self.calls.clear()
        self.rounds = 0


WAL_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24


def commits(database: Path) -> int:
    """Count the transactions in the write-ahead log: a frame that ends one says how large the database is then."""
    log = database.with_name(f"{database.name}-wal").read_bytes()
    frame_bytes = FRAME_HEADER_BYTES + int.from_bytes(log[8:12], "big")
    starts = range(WAL_HEADER_BYTES, len(log), frame_bytes)
    return sum(log[start + 4 : start + 8] != bytes(4) for start in starts)


@pytest.fixture
async def counting(tmp_path: Path) -> AsyncIterator[CountingStore]:
    store = CountingStore(SqliteStore(tmp_path / "store.db"))
    yield store
    await store.close()


@pytest.fixture
async def app(counting: CountingStore, sandbox_provider: Sandbox, tmp_path: Path) -> AsyncIterator[App]:
    async with running_app(counting, sandbox_provider, tmp_path) as running:
        await add_user(counting, USER)
        await running.budget.status()
        counting.forget()
        yield running


async def test_a_page_takes_one_read_and_two_writes_of_the_user_and_two_of_the_budget(
    app: App, counting: CountingStore
) -> None:
    await process(app, USER, key="request-1")
    budget_reads = counting.calls.count("read global_config")
    assert sorted(call for call in counting.calls if call != "read global_config") == [
        "read users",
        "replace global_config",
        "replace global_config",
        "replace users",
        "replace users",
    ]
    assert budget_reads <= 1  # none where the budget was seen within the last quarter of a second
    assert counting.rounds == 3


async def test_writes_that_go_side_by_side_share_one_durable_commit(sandbox_provider: Sandbox, tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    async with running_app(store, sandbox_provider, tmp_path) as app:
        await add_user(store, USER)
        await process(app, USER, key="request-1")
        before = commits(tmp_path / "store.db")
        await process(app, USER, key="request-2")
        assert commits(tmp_path / "store.db") - before == 2  # both holds before the call; credit and settlement after


async def test_a_known_user_s_credits_take_one_round_trip(app: App, counting: CountingStore) -> None:
    await app.trial.check_credits(USER, "203.0.113.1")
    counting.forget()
    await app.trial.check_credits(USER, "203.0.113.1")
    assert counting.rounds == 1


async def test_a_new_user_s_grant_takes_three_round_trips(app: App, counting: CountingStore) -> None:
    await app.trial.check_credits("new-user-1", "203.0.113.1")
    assert counting.rounds == 3


async def test_an_open_breaker_asks_the_store_at_most_once_a_second(
    app: App, counting: CountingStore, sandbox_provider: Sandbox
) -> None:
    await app.budget.change(lambda budget: budget.with_breaker(is_open=True))
    calls_before = sandbox_provider.stats()["calls"]
    counting.forget()
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    for n in range(300):
        with pytest.raises(BudgetExhausted):
            await process(app, USER, key=f"request-{n}")
    assert len(counting.calls) <= loop.time() - started_s + 1
    assert set(counting.calls) <= {"read global_config"}
    assert sandbox_provider.stats()["calls"] == calls_before
