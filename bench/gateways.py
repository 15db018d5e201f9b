"""
The servers that are measured side by side, each in a process of its own in front of the same upstream.

All of them take one page and return the model's answer. Ours does so for a user with credits and within the budget;
the others get the chat completion that ours would send, so that the upstream sees the same from all.
"""

import asyncio
import contextlib
import json
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import tools
from bench.load import HTTP_OK, Target, as_json, ask
from bench.upstream import MODEL, PAGE
from promptready import prompt
from promptready.store import Store
from promptready.store.cosmos import CosmosStore
from promptready.store.sqlite import SqliteStore
from tests.support.apps import add_user
from tests.support.catalogs import write_catalog
from tests.support.cosmos_emulator import cosmos_emulator
from tests.support.local_host import local_host
from tests.support.process import Server, python_module, running

USERS = 1000
CREDITS = 150
AT_ONCE = 10  # the emulator takes no more
RAM_DISK = Path("/dev/shm")  # noqa: S108 - Linux has it as memory
START_TIMEOUT_S = 180.0
ANY_KEY = "bench-key"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running server. `start_s` is the time from starting its process to its first answer."""

    name: str
    target: Target
    pid: int
    start_s: float


Starter = Callable[[str, Path], AbstractAsyncContextManager[Gateway]]
"""Takes the upstream's URL and a folder of its own."""


@asynccontextmanager
async def upstream() -> AsyncIterator[str]:
    """Run the upstream and give its URL."""
    with running(python_module("bench.upstream")) as server:
        yield server.wait_for(r"Upstream on (http://\S+)")[1]


@asynccontextmanager
async def ours_on_sqlite(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:
    """Ours, whole: credits, budget, group commit, every commit durable in one SQLite file."""
    await _fill(SqliteStore(folder / "store.db"))
    async with _ours("PromptReady, full ledger, SQLite", upstream_url, folder, {}) as gateway:
        yield gateway


@asynccontextmanager
async def ours_on_a_ram_disk(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:  # noqa: ARG001 - it has its own
    """The same where no disk is waited for: what is left is our code."""
    with _folder_in_memory() as memory:
        await _fill(SqliteStore(Path(memory) / "store.db"))
        async with _ours("PromptReady, full ledger, SQLite in memory", upstream_url, Path(memory), {}) as gateway:
            yield gateway


@asynccontextmanager
async def ours_on_cosmos(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:
    """Ours on the Cosmos DB emulator: a Node process that keeps documents in memory and takes its own processor."""
    with cosmos_emulator() as emulator:
        await _fill(CosmosStore(emulator.url, "promptready", emulator.key))
        store = {"STORE_URL": emulator.url, "COSMOS_KEY": emulator.key}
        async with _ours("PromptReady, full ledger, Cosmos DB emulator", upstream_url, folder, store) as gateway:
            yield gateway


@asynccontextmanager
async def bare_framework(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:
    """The same host and client without a ledger: bench/bare/function_app.py."""
    environment = {
        "BARE_URL": f"{upstream_url}/v1/chat/completions",
        "BARE_MODEL": MODEL,
        "PYTHONPATH": str(Path.cwd()),
    }
    started_s = time.perf_counter()
    arguments = ("--catalog", str(_catalog(upstream_url, folder)), "--no-sandbox")
    with local_host(folder, *arguments, app_dir=Path(__file__).parent / "bare", env=environment) as host:
        target = Target(host.url, "/api/process-ai", _page)
        yield await _ready("azure.functions and httpx alone", target, host.server, started_s)


@asynccontextmanager
async def litellm(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:
    """LiteLLM's proxy, one worker, no database."""
    async with _litellm("LiteLLM proxy", upstream_url, folder, {}) as gateway:
        yield gateway


@asynccontextmanager
async def litellm_with_budgets(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:
    """LiteLLM's proxy with a weekly budget for the provider, which it keeps in memory."""
    budgets = {"router_settings": {"provider_budget_config": {"openai": {"budget_limit": 1e6, "time_period": "7d"}}}}
    async with _litellm("LiteLLM proxy, budget in memory", upstream_url, folder, budgets) as gateway:
        yield gateway


@asynccontextmanager
async def portkey(upstream_url: str, folder: Path) -> AsyncIterator[Gateway]:  # noqa: ARG001 - it keeps no files
    """Portkey's gateway on Node."""
    port = _free_port()
    started_s = time.perf_counter()
    with running([*tools.portkey(), f"--port={port}", "--headless"]) as server:
        headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": f"{upstream_url}/v1"}
        target = _chat_target(f"http://127.0.0.1:{port}", headers)
        yield await _ready("Portkey gateway", target, server, started_s)


def direct(upstream_url: str) -> Target:
    """Return the upstream itself: what a request takes with nothing in between."""
    return _chat_target(upstream_url, {})


CONTESTANTS: Sequence[Starter] = (
    bare_framework,
    ours_on_sqlite,
    ours_on_a_ram_disk,
    ours_on_cosmos,
    portkey,
    litellm,
    litellm_with_budgets,
)


@asynccontextmanager
async def _ours(name: str, upstream_url: str, folder: Path, store: Mapping[str, str]) -> AsyncIterator[Gateway]:
    environment = {"SANDBOX_API_KEY": ANY_KEY, "WEEKLY_CAP_USD": "999999"}
    arguments = ["--catalog", str(_catalog(upstream_url, folder)), "--no-sandbox"]
    if store:
        arguments += ["--store-url", store["STORE_URL"]]
        environment |= store
    started_s = time.perf_counter()
    with local_host(folder, *arguments, env=environment) as host:
        yield await _ready(name, Target(host.url, "/api/process-ai", _page), host.server, started_s)


@asynccontextmanager
async def _litellm(name: str, upstream_url: str, folder: Path, more: Mapping[str, object]) -> AsyncIterator[Gateway]:
    port = _free_port()
    model = {
        "model_name": MODEL,
        "litellm_params": {
            "model": f"openai/{MODEL}",
            "api_base": f"{upstream_url}/v1",
            "api_key": ANY_KEY,
            "input_cost_per_token": 1e-7,
            "output_cost_per_token": 3e-7,
        },
    }
    config = folder / "config.yaml"
    config.write_text(json.dumps({"model_list": [model], **more}))  # JSON is YAML
    command = [str(tools.litellm()), "--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    environment = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # it listens on this machine alone
        "PATH": f"{tools.litellm().parent}:{os.environ['PATH']}",
    }
    started_s = time.perf_counter()
    with running([*command, "--num_workers", "1", "--telemetry", "False"], env=environment) as server:
        target = _chat_target(f"http://127.0.0.1:{port}", {"authorization": f"Bearer {ANY_KEY}"})
        yield await _ready(name, target, server, started_s)


async def _ready(name: str, target: Target, server: Server, started_s: float) -> Gateway:
    """Wait for the first answer."""
    while True:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            status, body = await ask(target.url, target.path, target.body(0), target.headers)
            if status == HTTP_OK:
                return Gateway(name, target, server.pid, time.perf_counter() - started_s)
            if server.has_ended:
                raise tools.NotInstalled(f"{name} answered {status}: {body[:200]!r}")
        if server.has_ended or time.perf_counter() - started_s > START_TIMEOUT_S:
            raise tools.NotInstalled(f"{name} did not start: {server.output[-200:]}")
        await asyncio.sleep(0.02)


async def _fill(store: Store) -> None:
    """Store the users whose pages are sent: enough of them that no document grows as no user's does."""
    for first in range(0, USERS, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        await asyncio.gather(*(add_user(store, f"bench-user-{n}", credits_=CREDITS) for n in numbers))
    await store.close()


def _folder_in_memory() -> tempfile.TemporaryDirectory[str]:
    if not RAM_DISK.is_dir():
        raise tools.NotInstalled(f"there is no {RAM_DISK}")
    return tempfile.TemporaryDirectory(dir=RAM_DISK)


def _catalog(upstream_url: str, folder: Path) -> Path:
    models = {cohort: [MODEL] for cohort in "ABC"}
    return write_catalog(folder / "catalog.toml", f"{upstream_url}/v1", models)


def _page(number: int) -> bytes:
    return as_json({"userId": f"bench-user-{number % USERS}", "cohort": "A", "content": PAGE})


def _chat_target(url: str, headers: Mapping[str, str]) -> Target:
    body = as_json({"model": MODEL, "messages": prompt.messages(PAGE), "temperature": 0, "max_tokens": 4096})
    return Target(url, "/v1/chat/completions", lambda _: body, {"content-type": "application/json", **headers})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
