"""The emulator answers the real SDK as Azure does, wherever our store would notice the difference."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import ServiceRequestError, ServiceResponseTimeoutError
from azure.cosmos import PartitionKey, exceptions
from azure.cosmos.aio import ContainerProxy, CosmosClient

from tests.support.cosmos_emulator import CosmosEmulator, cosmos_emulator


@pytest.fixture(scope="module")
def running() -> Iterator[CosmosEmulator]:
    with cosmos_emulator() as started:
        yield started


@pytest.fixture
def emulator(running: CosmosEmulator) -> CosmosEmulator:
    running.reset()
    return running


@pytest.fixture
async def client(emulator: CosmosEmulator) -> AsyncIterator[CosmosClient]:
    connecting = CosmosClient(
        emulator.url, emulator.key, enable_endpoint_discovery=False, retry_connect=0, retry_read=0
    )
    async with connecting as connected:
        yield connected


@pytest.fixture
async def container(client: CosmosClient) -> ContainerProxy:
    database = await client.create_database_if_not_exists(uuid4().hex)
    return await database.create_container_if_not_exists("users", PartitionKey("/id"))


async def test_a_missing_document_is_not_found(container: ContainerProxy) -> None:
    with pytest.raises(exceptions.CosmosResourceNotFoundError):
        await container.read_item("nobody", "nobody")


async def test_a_missing_container_is_not_found_and_says_that_it_is_the_container(
    client: CosmosClient, container: ContainerProxy
) -> None:
    await container.create_item({"id": "a"})
    for database in [entry async for entry in client.list_databases()]:
        await client.delete_database(database["id"])
    for write in (container.read_item("a", "a"), container.create_item({"id": "a"})):
        with pytest.raises(exceptions.CosmosResourceNotFoundError) as caught:
            await write
        assert caught.value.sub_status == 1003


async def test_etags_are_quoted_and_guard_a_replace(container: ContainerProxy) -> None:
    created = await container.create_item({"id": "a", "n": 1})
    etag = created["_etag"]
    assert etag.startswith('"')
    assert etag.endswith('"')
    guard = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    replaced = await container.replace_item("a", {"id": "a", "n": 2}, **guard)
    assert replaced["_etag"] != etag
    with pytest.raises(exceptions.CosmosAccessConditionFailedError):
        await container.replace_item("a", {"id": "a", "n": 3}, **guard)
    assert (await container.read_item("a", "a"))["n"] == 2


async def test_a_second_create_conflicts(container: ContainerProxy) -> None:
    await container.create_item({"id": "a"})
    with pytest.raises(exceptions.CosmosResourceExistsError):
        await container.create_item({"id": "a"})


async def test_an_answer_can_be_lost_after_the_write(emulator: CosmosEmulator, container: ContainerProxy) -> None:
    """The SDK calls it a request error, as if nothing had been sent: only a look tells."""
    emulator.fail_next("POST", "drop", after_commit=True)
    with pytest.raises(ServiceRequestError):
        await container.create_item({"id": "a", "n": 1})
    assert (await container.read_item("a", "a"))["n"] == 1
    assert [write.split()[0] for write in emulator.writes()] == ["POST"]


async def test_a_lost_answer_to_a_replace_shows_that_aiohttp_sends_it_again(
    emulator: CosmosEmulator, container: ContainerProxy
) -> None:
    """Below the SDK, whose retries are off: aiohttp repeats idempotent methods on a connection it had kept alive."""
    created = await container.create_item({"id": "a", "n": 1})
    emulator.reset()
    emulator.fail_next("PUT", "drop", after_commit=True)
    guard = {"etag": created["_etag"], "match_condition": MatchConditions.IfNotModified}
    with pytest.raises(exceptions.CosmosAccessConditionFailedError):
        await container.replace_item("a", {"id": "a", "n": 2}, **guard)
    assert (await container.read_item("a", "a"))["n"] == 2
    assert [write.split()[0] for write in emulator.writes()] == ["PUT", "PUT"]


async def test_a_request_can_fail_before_anything_was_written(
    emulator: CosmosEmulator, container: ContainerProxy
) -> None:
    emulator.fail_next("POST", 503)
    with pytest.raises(exceptions.CosmosHttpResponseError) as caught:
        await container.create_item({"id": "a"})
    assert caught.value.status_code == 503
    with pytest.raises(exceptions.CosmosResourceNotFoundError):
        await container.read_item("a", "a")


async def test_throttling_passes_after_as_many_times_as_asked(
    emulator: CosmosEmulator, container: ContainerProxy
) -> None:
    emulator.fail_next("POST", 429, times=2, headers={"x-ms-retry-after-ms": "1"})
    await container.create_item({"id": "a"})
    assert len(emulator.writes()) == 3


async def test_an_answer_may_never_come(emulator: CosmosEmulator, container: ContainerProxy) -> None:
    emulator.fail_next("GET", "hang")
    with pytest.raises(ServiceResponseTimeoutError):
        await container.read_item("a", "a", read_timeout=0.2)
