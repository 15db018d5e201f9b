"""
A running app to hold to the wire contract, whichever way it is reached.

`Flavour` says how it is configured; `World` posts to it and looks into the store beside it.
"""

import asyncio
import importlib.util
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch

import azure.functions as func
import httpx

from promptready.budget import Budget
from promptready.store import Store
from tests.support.catalogs import write_catalog
from tests.support.process import ROOT

SALT = "a salt for the contract suite"
TRIAL_CREDITS = 5


@dataclass(frozen=True, slots=True)
class Flavour:
    """One configuration: which model serves which cohort, and settings that differ from the suite's."""

    name: str
    models: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    secret: str = "sandbox-api-key"


PLAIN = Flavour("plain", {"A": "sandbox/ok", "B": "sandbox/http-500", "C": "sandbox/ok"})
HASTY = Flavour("hasty", {"A": "sandbox/hang"}, settings={"REQUEST_DEADLINE_S": "2"})
THROTTLED = Flavour("throttled", {"A": "sandbox/http-429", "B": "sandbox/truncated", "C": "sandbox/empty"})
ODD = Flavour("odd", {"A": "sandbox/garbage", "B": "sandbox/wrong-model", "C": "sandbox/drop"})
SLOW = Flavour("slow", {"A": "sandbox/slow-700", "B": "sandbox/refusal"})
CROWDED = Flavour("crowded", settings={"NEW_USERS_PER_NETWORK_PER_DAY": "2"})
NO_STORE = Flavour("no-store", settings={"STORE_URL": "sqlite:////proc/nowhere/store.db"})
NO_KEY = Flavour("no-key", secret="key-that-nobody-set")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return httpx.Response(self.status, content=self.body).json()


Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class World:
    """A running app and the store it uses."""

    post_bytes: Post
    store: Store

    async def post(self, path: str, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Post JSON (or raw bytes) to `/api/{path}`."""
        raw = body if isinstance(body, bytes) else httpx.Request("POST", "http://x", json=body).content
        return await self.post_bytes(path, raw, {"Content-Type": "application/json", **(headers or {})})

    async def process(self, user: str, content: str = "Tea is made with water.", key: str | None = None) -> Reply:
        """Post a page for `user`."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.post("process-ai", {"userId": user, "cohort": "A", "content": content}, headers)

    async def user(self, cohort: str = "A", credits_: int = TRIAL_CREDITS, requests: tuple[Any, ...] = ()) -> str:
        """Store a user of a given cohort and return its id."""
        user_id = f"user-{uuid.uuid4().hex}"
        document = {"id": user_id, "credits_remaining": credits_, "cohort": cohort, "last_seen": now_text()}
        await self.store.create("users", {**document, "requests": list(requests)})
        return user_id

    async def stored_user(self, user_id: str) -> dict[str, Any]:
        """Return the user's document."""
        stored = await self.store.read("users", user_id)
        assert stored is not None
        return stored.document

    @asynccontextmanager
    async def changed_budget(self, change: Callable[[Budget], Budget]) -> AsyncIterator[None]:
        """Change the stored budget as an operator would, so that nobody is served; then put it right again."""
        probe = await self.user(credits_=1_000)
        await self._until(probe, is_served=True)
        before = await self._change_budget(change)
        try:
            await self._until(probe, is_served=False)
            yield
        finally:
            await self._change_budget(
                lambda budget: budget.with_cap(before.cap_nanousd).with_breaker(is_open=before.breaker_open)
            )
            await self._until(probe, is_served=True)

    def open_breaker(self) -> AbstractAsyncContextManager[None]:
        """Open the breaker by hand for a while."""
        return self.changed_budget(lambda budget: budget.with_breaker(is_open=True))

    async def _change_budget(self, change: Callable[[Budget], Budget]) -> Budget:
        """Write the change and return the budget as it was before."""
        stored = await self.store.read("global_config", "budget")
        assert stored is not None, "the budget is there from the first request on"
        before = Budget.from_document(stored.document)
        await self.store.replace("global_config", change(before).to_document(), stored.etag)
        return before

    async def _until(self, probe: str, *, is_served: bool) -> None:
        """Wait until the app has noticed: it may go by a budget that it saw up to a second ago."""
        async with asyncio.timeout(30):  # a bound for a busy machine; it takes about a second
            while ((await self.process(probe)).status == HTTPStatus.OK) is not is_served:
                await asyncio.sleep(0.02)


def now_text() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def settings_for(flavour: Flavour, folder: Path, sandbox_base_url: str) -> dict[str, str]:
    """Return the environment of an app of this flavour, with its store and catalog in `folder`."""
    models = {cohort: [model] for cohort, model in flavour.models.items()}
    catalog = write_catalog(folder / "catalog.toml", sandbox_base_url, models, secret=flavour.secret)
    return {
        "STORE_URL": f"sqlite:///{folder / 'store.db'}",
        "CATALOG_PATH": str(catalog),
        "SANDBOX_API_KEY": "any-key",
        "UNIT_SALT": SALT,
        "TRIAL_CREDITS": str(TRIAL_CREDITS),
        "NEW_USERS_PER_NETWORK_PER_DAY": "100000",
        **flavour.settings,
    }


@asynccontextmanager
async def handlers(settings: Mapping[str, str]) -> AsyncIterator[Post]:
    """Load `function_app.py` as a host does, and call its functions."""
    with patch.dict("os.environ", settings):
        spec = importlib.util.spec_from_file_location(f"function_app_{uuid.uuid4().hex}", ROOT / "function_app.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        functions = {
            f.get_trigger().get_dict_repr().get("route"): f.get_user_function() for f in module.app.get_functions()
        }

        async def post(path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
            url = f"http://localhost/api/{path}"
            request = func.HttpRequest(method="POST", url=url, headers=dict(headers), body=body)
            response: func.HttpResponse = await functions[path](request)
            return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.get_body())

        yield post
        await module._started().close()


@asynccontextmanager
async def over_http(base_url: str) -> AsyncIterator[Post]:
    """Post to a host on a socket."""
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as client:

        async def post(path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
            response = await client.post(f"/api/{path}", content=body, headers=dict(headers))
            return Reply(response.status_code, response.headers, response.content)

        yield post
