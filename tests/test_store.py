"""The store port's contract, held by both adapters."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from promptready.errors import AlreadyExists, PreconditionFailed, StoreNotReady, StoreUnavailable
from promptready.store import CONTAINERS, Store
from promptready.store.cosmos import CosmosStore
from promptready.store.sqlite import SqliteStore
from tests.conftest import cosmos_store
from tests.support.cosmos_emulator import KEY, CosmosEmulator


@pytest.mark.parametrize("container", CONTAINERS)
async def test_what_was_created_is_read_back_with_its_etag(store: Store, container: str) -> None:
    document = {"id": "one", "number": 1.234567891, "text": "ä\u2028€", "list": [{"deep": None}]}
    etag = await store.create(container, document)
    stored = await store.read(container, "one")
    assert stored is not None
    assert (stored.document, stored.etag) == (document, etag)


async def test_a_missing_document_is_none(store: Store) -> None:
    assert await store.read("users", "nobody") is None


async def test_an_id_is_created_once(store: Store) -> None:
    await store.create("users", {"id": "one", "n": 1})
    with pytest.raises(AlreadyExists):
        await store.create("users", {"id": "one", "n": 2})
    stored = await store.read("users", "one")
    assert stored is not None
    assert stored.document["n"] == 1


async def test_containers_do_not_share_ids(store: Store) -> None:
    await store.create("users", {"id": "one", "n": 1})
    await store.create("networks", {"id": "one", "n": 2})
    stored = await store.read("users", "one")
    assert stored is not None
    assert stored.document["n"] == 1


async def test_only_the_version_seen_is_replaced(store: Store) -> None:
    first = await store.create("users", {"id": "one", "n": 1})
    second = await store.replace("users", {"id": "one", "n": 2}, first)
    assert second != first
    with pytest.raises(PreconditionFailed):
        await store.replace("users", {"id": "one", "n": 3}, first)
    stored = await store.read("users", "one")
    assert stored is not None
    assert (stored.document["n"], stored.etag) == (2, second)


async def test_a_missing_document_is_not_replaced(store: Store) -> None:
    with pytest.raises(PreconditionFailed):
        await store.replace("users", {"id": "one"}, '"etag"')


async def test_a_deleted_document_is_gone_and_its_etag_with_it(store: Store) -> None:
    etag = await store.create("users", {"id": "one"})
    await store.delete("users", "one")
    await store.delete("users", "one")
    assert await store.read("users", "one") is None
    await store.create("users", {"id": "one"})
    with pytest.raises(PreconditionFailed):
        await store.replace("users", {"id": "one"}, etag)


async def test_of_parallel_creates_one_wins(store: Store) -> None:
    outcomes = await asyncio.gather(
        *(store.create("users", {"id": "one", "n": n}) for n in range(50)), return_exceptions=True
    )
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyExists) for outcome in outcomes) == 49


async def test_of_parallel_replaces_one_wins(store: Store) -> None:
    etag = await store.create("users", {"id": "one", "n": -1})
    outcomes = await asyncio.gather(
        *(store.replace("users", {"id": "one", "n": n}, etag) for n in range(50)), return_exceptions=True
    )
    winners = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, str)]
    stored = await store.read("users", "one")
    assert stored is not None
    assert winners == [stored.document["n"]]


class TestSqlite:
    async def test_what_was_committed_is_there_after_reopening(self, tmp_path: Path) -> None:
        first = SqliteStore(tmp_path / "store.db")
        await first.create("users", {"id": "one"})
        await first.close()
        second = SqliteStore(tmp_path / "store.db")
        assert await second.read("users", "one") is not None
        await second.close()

    async def test_a_document_expires_after_its_container_s_days(self, tmp_path: Path) -> None:
        now = 1_000_000.0
        store = SqliteStore(tmp_path / "store.db", now=lambda: now)
        etag = await store.create("users", {"id": "one"})
        now += 399 * 86_400
        etag = await store.replace("users", {"id": "one"}, etag)  # a write begins the time anew
        now += 399 * 86_400
        assert await store.read("users", "one") is not None
        now += 86_400
        assert await store.read("users", "one") is None
        with pytest.raises(PreconditionFailed):
            await store.replace("users", {"id": "one"}, etag)
        await store.create("users", {"id": "one"})
        await store.close()

    async def test_the_budget_never_expires(self, tmp_path: Path) -> None:
        now = 1_000_000.0
        store = SqliteStore(tmp_path / "store.db", now=lambda: now)
        await store.create("global_config", {"id": "budget"})
        now += 10 * 365 * 86_400
        assert await store.read("global_config", "budget") is not None
        await store.close()

    async def test_a_file_that_can_not_be_opened_is_for_an_operator_to_mend(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way of a folder")
        store = SqliteStore(tmp_path / "file" / "store.db")
        with pytest.raises(StoreNotReady):
            await store.read("users", "one")
        await store.close()

    async def test_a_file_that_is_no_database_is_for_an_operator_to_mend(self, tmp_path: Path) -> None:
        (tmp_path / "store.db").write_bytes(b"not a database, but long enough to look at" * 100)
        store = SqliteStore(tmp_path / "store.db")
        with pytest.raises(StoreNotReady) as refusal:
            await store.create("users", {"id": "one"})
        assert refusal.value.remedy.endswith("store.db can't be used: file is not a database.")
        await store.close()

    async def test_a_read_does_not_wait_for_another_process_s_transaction(self, tmp_path: Path) -> None:
        store = SqliteStore(tmp_path / "store.db")
        etag = await store.create("users", {"id": "one", "n": 1})
        other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(store.replace("users", {"id": "one", "n": 2}, etag))
        await asyncio.sleep(0)
        stored = await store.read("users", "one")
        assert stored is not None
        assert stored.document["n"] == 1
        assert not writing.done()
        other.execute("ROLLBACK")
        await writing
        stored = await store.read("users", "one")
        assert stored is not None
        assert stored.document["n"] == 2
        other.close()
        await store.close()

    async def test_several_stores_on_one_new_file_lose_nothing(self, tmp_path: Path) -> None:
        stores = [SqliteStore(tmp_path / "store.db") for _ in range(4)]
        await asyncio.gather(
            *(store.create("users", {"id": f"{s}-{n}"}) for s, store in enumerate(stores) for n in range(50))
        )
        for s in range(4):
            for n in range(50):
                assert await stores[0].read("users", f"{s}-{n}") is not None
        for store in stores:
            await store.close()

    async def test_many_stores_may_make_the_same_file(self, tmp_path: Path) -> None:
        for number in range(25):  # SQLite sends one of them away in three of a hundred
            stores = [SqliteStore(tmp_path / f"{number}.db") for _ in range(8)]
            await asyncio.gather(*(store.create("users", {"id": f"{s}"}) for s, store in enumerate(stores)))
            await asyncio.gather(*(store.close() for store in stores))


class TestCosmos:
    async def test_an_account_out_of_reach_is_a_store_that_does_not_answer(self) -> None:
        store = CosmosStore("http://127.0.0.1:9/", "nowhere", KEY)
        with pytest.raises(StoreUnavailable):
            await store.read("users", "one")
        await store.close()

    async def test_it_says_what_is_missing_where_it_may_not_create_it(self) -> None:
        async def forbid(request: web.Request) -> web.Response:
            if request.path == "/":
                return web.json_response({"id": "account", "writableLocations": [], "readableLocations": []})
            return web.json_response({"code": "Forbidden", "message": "no right"}, status=403)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", forbid)
        async with TestServer(app) as account:
            store = CosmosStore(str(account.make_url("/")), "promptready", KEY)
            with pytest.raises(StoreNotReady) as refusal:
                await store.read("users", "one")
            await store.close()
        assert "the database promptready with the containers users, global_config, networks" in refusal.value.remedy
        assert "Cosmos DB Built-in Data Contributor" in refusal.value.remedy

    async def test_a_first_use_that_failed_is_tried_again(self, request: pytest.FixtureRequest) -> None:
        emulator: CosmosEmulator = request.getfixturevalue("emulator")
        store = cosmos_store(request)
        emulator.fail_next("GET", 503, times=1)
        with pytest.raises(StoreUnavailable):
            await store.read("users", "one")
        assert await store.read("users", "one") is None
        await store.close()
