"""The three ways to reach the app. A host on a socket is started once per flavour and kept."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from promptready.store.cosmos import CosmosStore
from promptready.store.sqlite import SqliteStore
from tests.contract.world import PLAIN, Flavour, World, handlers, over_http, settings_for
from tests.support.process import python_module, running
from tests.support.sandbox import Sandbox

needs_313 = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="azure-functions-runtime, which Azure runs, needs Python 3.13"
)

LOCAL_HOST = python_module("promptready.local", "--port", "0", "--no-sandbox")
AZURE_HOST = python_module("tests.support.azure_host")

Start = Callable[[str, Flavour], tuple[str, Path]]


@pytest.fixture(scope="session")
def start_host(sandbox_provider: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Return a function that starts a host of a flavour, or returns the one that runs: its address and folder."""
    hosts: dict[tuple[str, str], tuple[str, Path]] = {}
    with ExitStack() as stack:

        def start(way: str, flavour: Flavour) -> tuple[str, Path]:
            if (way, flavour.name) not in hosts:
                folder = tmp_path_factory.mktemp(f"{way}-{flavour.name}")
                settings = settings_for(flavour, folder, sandbox_provider.base_url)
                kept_apart = ["--data-dir", str(folder), "--settings", str(folder / "none.json")]
                command = [*LOCAL_HOST, *kept_apart] if way == "local host" else AZURE_HOST
                server = stack.enter_context(running(command, env=settings))
                hosts[way, flavour.name] = server.wait_for(r"(http://127\.0\.0\.1:\d+)")[1], folder
            return hosts[way, flavour.name]

        yield start


DEPLOYED_URL = os.environ.get("TEST_BASE_URL")
"""A running `func start` (or a deployment) to hold to the contract instead; its store is `TEST_COSMOS_URL`."""

WAYS = ["deployed"] if DEPLOYED_URL else ["handlers", "local host", pytest.param("azure runtime", marks=needs_313)]


@pytest.fixture(params=WAYS)
async def world(
    request: pytest.FixtureRequest, start_host: Start, sandbox_provider: Sandbox, tmp_path: Path
) -> AsyncIterator[World]:
    """Yield a running app of the flavour that the test is marked with, reached in each way in turn."""
    marker = request.node.get_closest_marker("flavour")
    flavour: Flavour = marker.args[0] if marker else PLAIN
    if request.param == "deployed":
        if flavour is not PLAIN:
            pytest.skip(f"one deployment has one configuration, and this test needs the {flavour.name} one")
        async with over_http(str(DEPLOYED_URL)) as post:
            deployed_store = CosmosStore(
                os.environ["TEST_COSMOS_URL"], "promptready", os.environ.get("TEST_COSMOS_KEY")
            )
            yield World(post, deployed_store)
            await deployed_store.close()
        return
    if request.param == "handlers":
        folder = tmp_path
        way = handlers(settings_for(flavour, folder, sandbox_provider.base_url))
    else:
        base_url, folder = start_host(request.param, flavour)
        way = over_http(base_url)
    store = SqliteStore(folder / "store.db")
    async with way as post:
        yield World(post, store)
    await store.close()
