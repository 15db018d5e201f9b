"""An app put together for a test: the real parts over a store the test can look into."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from promptready import app, settings
from promptready.app import App
from promptready.clock import Clock, system_clock
from promptready.credits import Cohort
from promptready.store import Store
from promptready.telemetry import ProcessAiEvent
from promptready.trial import Cleaned, Page
from tests.support.catalogs import write_catalog
from tests.support.sandbox import Sandbox

PAGE = "# Tea\n\nTea is made with water at 95 degrees."


@asynccontextmanager
async def running_app(
    store: Store,
    sandbox: Sandbox,
    folder: Path,
    *,
    models: Mapping[str, Sequence[str]] | None = None,
    clock: Clock = system_clock,
    **variables: str,
) -> AsyncIterator[App]:
    """Yield an app over `store`, served by the sandbox; `variables` are settings that differ from the defaults."""
    chosen = {
        "STORE_URL": "sqlite:///unused.db",
        "CATALOG_PATH": str(write_catalog(folder / "catalog.toml", sandbox.base_url, models or {})),
        "SANDBOX_API_KEY": "any-key",
        "NEW_USERS_PER_NETWORK_PER_DAY": "100000",
        **variables,
    }
    running = app.build(settings.load(chosen), chosen, clock=clock, store=store)
    try:
        yield running
    finally:
        await running.close()


class Gate(httpx.AsyncHTTPTransport):
    """Holds every call to the provider back until it is opened, so that a test decides who meets whom."""

    def __init__(self, running: App) -> None:
        super().__init__()
        self._opened = asyncio.Event()
        running._provider_client._transport = self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._opened.wait()
        return await super().handle_async_request(request)

    def open(self) -> None:
        """Let all calls pass."""
        self._opened.set()


async def add_user(
    store: Store, user_id: str, *, credits_: int = 5, cohort: Cohort = "A", granted_at: str | None = None
) -> None:
    """Store a user without asking the app."""
    document = {"id": user_id, "credits_remaining": credits_, "cohort": cohort, "last_seen": "2026-11-18T10:00:00Z"}
    if granted_at is not None:
        document["granted_at"] = granted_at
    await store.create("users", {**document, "requests": []})


async def process(running: App, user_id: str, *, key: str, content: str = PAGE) -> Cleaned:
    """Run one process-ai request."""
    event = ProcessAiEvent(system_clock(), request_id=uuid.uuid4().hex, catalog_version="")
    return await running.trial.process_ai(Page(user_id, "A", content, key), event)
