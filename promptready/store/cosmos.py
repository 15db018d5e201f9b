"""
The store in Azure: Cosmos DB through its asynchronous client.

The client resends writes on its own, and then reports a conflict with itself (docs/adr/0002). So its
blind retries are off: connection and read errors, and endpoint discovery, which resends after a 503.
Throttling (429) is safe to resend, because a throttled write was not applied.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from promptready.errors import AlreadyExists, PreconditionFailed, StoreNotReady, StoreUnavailable
from promptready.store import CALL_TIMEOUT_S, CONTAINERS, Document, Stored

if TYPE_CHECKING:
    from azure.cosmos.aio import ContainerProxy, CosmosClient, DatabaseProxy

PARTITION_KEY_PATH = "/id"
THROTTLE_RETRIES = 2
FIRST_USE_TIMEOUT_S = 10.0
"""Loading the client, signing in and finding the containers, once per process."""

FORBIDDEN, NOT_FOUND, CONFLICT, PRECONDITION_FAILED = 403, 404, 409, 412
SYSTEM_FIELDS = frozenset({"_rid", "_self", "_etag", "_attachments", "_ts"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """The client and its containers, ready for use."""

    client: "CosmosClient"
    credential: Any
    containers: Mapping[str, "ContainerProxy"]


class CosmosStore:
    """The store port over one Cosmos DB database. With `key` None it signs in as whoever runs this process."""

    def __init__(self, url: str, database: str, key: str | None) -> None:
        self._url = url
        self._database = database
        self._key = key
        self._opening: asyncio.Task[_Opened] | None = None

    async def read(self, container: str, id: str) -> Stored | None:  # noqa: A002 - the port's contract names it
        """See the port."""
        try:
            item = await self._call(container, lambda proxy: proxy.read_item(id, partition_key=id))
        except _NotFound:
            return None
        return Stored({name: value for name, value in item.items() if name not in SYSTEM_FIELDS}, item["_etag"])

    async def create(self, container: str, document: Document) -> str:
        """See the port."""
        item = await self._call(container, lambda proxy: proxy.create_item(document))
        return str(item["_etag"])

    async def replace(self, container: str, document: Document, etag: str) -> str:
        """See the port."""
        conditions = importlib.import_module("azure.core").MatchConditions
        try:
            item = await self._call(
                container,
                lambda proxy: proxy.replace_item(
                    document["id"], document, etag=etag, match_condition=conditions.IfNotModified
                ),
            )
        except _NotFound as exc:
            raise PreconditionFailed from exc
        return str(item["_etag"])

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - the port's contract names it
        """See the port."""
        try:
            await self._call(container, lambda proxy: proxy.delete_item(id, partition_key=id))
        except _NotFound:
            return

    async def close(self) -> None:
        """See the port."""
        if self._opening is None:
            return
        opening, self._opening = self._opening, None
        opening.cancel()
        if opening.done() and not opening.cancelled() and opening.exception() is None:
            opened = opening.result()
            await opened.client.close()
            if hasattr(opened.credential, "close"):
                await opened.credential.close()

    async def _call(self, container: str, operation: Callable[["ContainerProxy"], Awaitable[T]]) -> T:
        """Run one operation in bounded time and translate what went wrong."""
        opened = await self._open()
        exceptions = _exceptions()
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await operation(opened.containers[container])
        except exceptions.CosmosHttpResponseError as exc:
            raise _translated(exc.status_code) from exc
        except (exceptions.CosmosClientTimeoutError, _azure_error(), TimeoutError, OSError) as exc:
            raise StoreUnavailable from exc

    async def _open(self) -> _Opened:
        """Return the opened client; parallel first callers share one opening, and a failed one is tried again."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._connect())
        opening = self._opening
        try:
            async with asyncio.timeout(FIRST_USE_TIMEOUT_S):
                return await asyncio.shield(opening)
        except TimeoutError as exc:
            raise StoreUnavailable from exc
        except BaseException:
            if opening.done() and self._opening is opening:
                self._opening = None
            raise

    async def _connect(self) -> _Opened:
        aio = await asyncio.to_thread(importlib.import_module, "azure.cosmos.aio")
        credential: Any = self._key or await asyncio.to_thread(_identity)
        client: CosmosClient = aio.CosmosClient(
            self._url,
            credential=credential,
            retry_connect=0,
            retry_read=0,
            retry_throttle_total=THROTTLE_RETRIES,
            enable_endpoint_discovery=False,
            connection_timeout=CALL_TIMEOUT_S,
            timeout=CALL_TIMEOUT_S,
        )
        try:
            containers = await self._containers(client)
        except BaseException:
            await client.close()
            raise
        return _Opened(client, credential, containers)

    async def _containers(self, client: "CosmosClient") -> Mapping[str, "ContainerProxy"]:
        """Find the containers, and make what is missing where that is permitted."""
        exceptions = _exceptions()
        try:
            await client.__aenter__()
            database = client.get_database_client(self._database)
            proxies = {name: database.get_container_client(name) for name in CONTAINERS}
            missing = [name for name, proxy in proxies.items() if not await _exists(proxy)]
            if missing:
                await self._create_containers(client, missing)
        except exceptions.CosmosHttpResponseError as exc:
            if exc.status_code == FORBIDDEN:
                raise StoreNotReady(_remedy(self._database)) from exc
            raise StoreUnavailable from exc
        except (_azure_error(), OSError) as exc:
            raise StoreUnavailable from exc
        return proxies

    async def _create_containers(self, client: "CosmosClient", names: list[str]) -> None:
        partition_key = importlib.import_module("azure.cosmos").PartitionKey(PARTITION_KEY_PATH)
        database: DatabaseProxy = await client.create_database_if_not_exists(self._database)
        for name in names:
            await database.create_container_if_not_exists(name, partition_key, default_ttl=CONTAINERS[name])


class _NotFound(Exception):
    """The item is not there."""


async def _exists(container: "ContainerProxy") -> bool:
    try:
        await container.read()
    except _exceptions().CosmosResourceNotFoundError:
        return False
    return True


def _translated(status: int | None) -> Exception:
    match status:
        case 404:
            return _NotFound()
        case 409:
            return AlreadyExists()
        case 412:
            return PreconditionFailed()
        case _:  # 403, 408, 429, 449, 5xx: it may pass, and a write may have landed
            return StoreUnavailable()


def _remedy(database: str) -> str:
    return (
        f"Cosmos DB refused this identity (403). It needs the database {database} with the containers"
        f" {', '.join(CONTAINERS)} (partition key {PARTITION_KEY_PATH}), and the role Cosmos DB Built-in Data"
        " Contributor on that database. infra/ makes all of it."
    )


def _exceptions() -> ModuleType:
    return importlib.import_module("azure.cosmos.exceptions")


def _azure_error() -> type[Exception]:
    error: type[Exception] = importlib.import_module("azure.core.exceptions").AzureError
    return error


def _identity() -> object:
    return importlib.import_module("azure.identity.aio").DefaultAzureCredential()
