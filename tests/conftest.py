"""What most tests share: a clock they set, the two stores, and the sandbox provider in its own process."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from promptready.store import Store, cosmos
from promptready.store.cosmos import CosmosStore
from promptready.store.sqlite import SqliteStore
from tests.support.clock import SetClock
from tests.support.cosmos_emulator import CosmosEmulator, cosmos_emulator
from tests.support.sandbox import Sandbox, sandbox

PATIENT_CALL_TIMEOUT_S = 30.0
"""On a busy machine the emulator takes seconds for a hundred parallel calls. These tests ask who wins, not how fast."""


@pytest.fixture
def clock() -> SetClock:
    """Return a clock that stands still: a Wednesday, so that the week's ends are days away."""
    return SetClock("2026-11-18T10:00:00Z")


@pytest.fixture(scope="session")
def emulator() -> Iterator[CosmosEmulator]:
    """Run one Cosmos DB emulator; each test has a database of its own in it."""
    with cosmos_emulator() as running:
        yield running


@pytest.fixture(params=["sqlite", "cosmos"])
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    """Yield each adapter in turn, empty. `TEST_COSMOS_URL` puts a real account in the emulator's place."""
    if request.param == "sqlite":
        opened: Store = SqliteStore(tmp_path / "store.db")
    else:
        monkeypatch.setattr(cosmos, "CALL_TIMEOUT_S", PATIENT_CALL_TIMEOUT_S)
        opened = cosmos_store(request)
    yield opened
    await opened.close()


def cosmos_store(request: pytest.FixtureRequest) -> CosmosStore:
    """Return a Cosmos store with a database of its own."""
    database = f"test-{uuid.uuid4().hex[:12]}"
    if url := os.environ.get("TEST_COSMOS_URL"):
        return CosmosStore(url, database, os.environ.get("TEST_COSMOS_KEY"))
    emulator: CosmosEmulator = request.getfixturevalue("emulator")
    return CosmosStore(emulator.url, database, emulator.key)


@pytest.fixture(scope="session")
def sandbox_provider() -> Iterator[Sandbox]:
    """Run one sandbox provider."""
    with sandbox() as running:
        yield running
