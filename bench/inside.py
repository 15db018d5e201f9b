"""
The use cases in the process of their measurer: the real app over a real store, and a provider that answers at once.

What is timed is ours alone then: no HTTP, no other process, no model.
"""

import logging
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.upstream import MODEL
from promptready import app, settings
from promptready.app import App
from promptready.catalog import Route
from promptready.local.sandbox.tidy import page_in
from promptready.providers import Completion, Limits, ProviderClient, Usage
from promptready.secrets import Secret
from promptready.store import Store
from promptready.telemetry import ProcessAiEvent
from promptready.trial import Cleaned, Page
from tests.support.catalogs import write_catalog

CAP_USD = "999999"
PROMPT_TOKENS = 500
NOWHERE = "http://127.0.0.1:9/v1"

OnCall = Callable[[str, int], None]


class InstantProvider(ProviderClient):
    """Returns the page it is sent. `on_call` hears of each call before it answers: the page, and what it will cost."""

    def __init__(self, on_call: OnCall) -> None:
        super().__init__()
        self._on_call = on_call
        self.calls = 0

    async def complete(
        self,
        route: Route,
        key: Secret | None,  # noqa: ARG002 - the real client's shape
        messages: list[dict[str, str]],
        *,
        limits: Limits,  # noqa: ARG002 - as above
    ) -> Completion:
        """See `ProviderClient`."""
        page = page_in(messages[-1]["content"])
        usage = Usage(len(page) // 4 + PROMPT_TOKENS, len(page) // 4 + 1)
        self.calls += 1
        self._on_call(page, route.cost_nanousd(usage.input_tokens, usage.output_tokens))
        return Completion(page, route.model, "stop", usage)


@dataclass(slots=True)
class Clock:
    """The real time, some whole weeks and hours later."""

    weeks: int = 0
    hours: int = 0

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + timedelta(weeks=self.weeks, hours=self.hours)


@asynccontextmanager
async def app_inside(
    store: Store, folder: Path, *, clock: Clock | None = None, on_call: OnCall = lambda _page, _cost_nanousd: None
) -> AsyncIterator[App]:
    """Put the app together over `store`, with the provider replaced."""
    logging.disable(logging.INFO)
    chosen = {
        "STORE_URL": "sqlite:///unused.db",
        "CATALOG_PATH": str(write_catalog(folder / "catalog.toml", NOWHERE, {cohort: [MODEL] for cohort in "ABC"})),
        "SANDBOX_API_KEY": "bench-key",
        "WEEKLY_CAP_USD": CAP_USD,
    }
    running = app.build(settings.load(chosen), chosen, clock=clock or Clock(), store=store)
    running.trial._router._client = InstantProvider(on_call)  # noqa: SLF001 - the one place where the provider is called
    try:
        yield running
    finally:
        await running.close()


async def process(running: App, user_id: str, content: str) -> tuple[Cleaned, ProcessAiEvent]:
    """Run one request under a key of its own."""
    event = ProcessAiEvent(datetime.now(UTC), uuid.uuid4().hex, "")
    cleaned = await running.trial.process_ai(Page(user_id, "A", content, event.request_id), event)
    return cleaned, event
