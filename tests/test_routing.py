"""Routes: failover, repetition, health, and rotation of keys, over a socket to the sandbox."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from promptready import catalog
from promptready.budget import Budget
from promptready.catalog import Route
from promptready.clock import system_clock
from promptready.errors import ProviderFailed, ProviderTimeout, ServiceUnavailable
from promptready.group_commit import GroupCommit
from promptready.ledger import WeeklyBudget
from promptready.providers import ProviderClient
from promptready.routing import FAILURES_TO_SKIP, Asking, Router
from promptready.secrets import EnvironmentSecrets, Secret
from promptready.store.sqlite import SqliteStore
from tests.support.catalogs import write_catalog
from tests.support.sandbox import Sandbox, sandbox

PAGE = "Tea is made with water."


class Rig:
    """A router over a real budget, with the routes a test wants."""

    def __init__(self, folder: Path, base_url: str, models: Sequence[str], keys: EnvironmentSecrets) -> None:
        path = write_catalog(folder / "catalog.toml", base_url, {"A": models})
        self.routes = catalog.load(path, system_clock().date()).live_routes("A", system_clock().date())
        self.store = SqliteStore(folder / "store.db")
        self.budget = WeeklyBudget(GroupCommit(self.store, system_clock, "w", 10**9), system_clock)
        self.client = ProviderClient()
        self.router = Router(self.budget, self.client, keys)

    async def ask(self, *, timeout_s: float = 5.0) -> tuple[str, Asking]:
        """Ask along the healthy routes and settle the answer."""
        asking = Asking(PAGE, asyncio.get_running_loop().time() + timeout_s, self.router.healthy(self.routes))
        hold = await self.budget.hold(asking.worst_case_nanousd(asking.routes[0]))
        answer = await self.router.ask(asking, hold)
        await self.budget.settle(answer.hold, answer.cost_nanousd)
        return answer.text, asking

    async def spend(self) -> Budget:
        return await self.budget.status()


@asynccontextmanager
async def rig(folder: Path, base_url: str, *models: str, key: str = "any-key") -> AsyncIterator[Rig]:
    made = Rig(folder, base_url, models, EnvironmentSecrets({"SANDBOX_API_KEY": key}))
    yield made
    await made.client.close()
    await made.store.close()


@pytest.mark.parametrize(
    "broken",
    ["http-429", "http-500", "http-503", "http-404", "garbage", "empty", "truncated", "wrong-model", "refusal", "drop"],
)
async def test_the_next_route_serves_when_one_fails(tmp_path: Path, sandbox_provider: Sandbox, broken: str) -> None:
    async with rig(tmp_path, sandbox_provider.base_url, f"sandbox/{broken}", "sandbox/ok") as made:
        text, asking = await made.ask()
        assert text == PAGE
        assert (asking.attempts, asking.route and asking.route.model) == (2, "sandbox/ok")


async def test_a_provider_out_of_reach_is_passed_over(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    sandbox_provider.reset()
    async with rig(tmp_path, sandbox_provider.base_url, "sandbox/ok") as made:
        unreachable = Route(
            provider=catalog.Provider("gone", "http://127.0.0.1:9/v1", None),
            model="m",
            input_nanousd_per_mtok=1,
            output_nanousd_per_mtok=1,
            context_tokens=100_000,
            max_output_tokens=100,
        )
        made.routes.insert(0, unreachable)
        assert (await made.ask())[0] == PAGE
        spent = (await made.spend()).spend_nanousd
        assert spent == made.routes[1].cost_nanousd(*_usage(sandbox_provider))


async def test_the_last_route_is_tried_once_more(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    sandbox_provider.reset()
    async with rig(tmp_path, sandbox_provider.base_url, "sandbox/http-500") as made:
        with pytest.raises(ProviderFailed):
            await made.ask()
    assert sandbox_provider.stats()["by_model"]["sandbox/http-500"]["calls"] == 2


async def test_a_wait_beyond_the_deadline_is_not_waited_for(tmp_path: Path) -> None:
    calls: list[httpx.Request] = []

    def throttle(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        return httpx.Response(429, headers={"retry-after": "40"})

    async with rig(tmp_path, "http://127.0.0.1:9/v1", "sandbox/ok") as made:
        made.client._transport = httpx.MockTransport(throttle)
        with pytest.raises(ServiceUnavailable) as refusal:
            await made.ask(timeout_s=20)
    assert refusal.value.retry_after_s == 40
    assert len(calls) == 1


async def test_a_hanging_provider_ends_at_the_deadline(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    async with rig(tmp_path, sandbox_provider.base_url, "sandbox/hang", "sandbox/ok") as made:
        with pytest.raises(ProviderTimeout):
            await made.ask(timeout_s=0.8)
        assert (await made.spend()).spend_nanousd > 0  # its bill is unknown


async def test_a_route_that_keeps_failing_is_skipped(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    async with rig(tmp_path, sandbox_provider.base_url, "sandbox/garbage", "sandbox/ok") as made:
        for _ in range(FAILURES_TO_SKIP):
            await made.ask()
        _, asking = await made.ask()
        assert asking.attempts == 1


async def test_a_missing_key_calls_nobody_and_spends_nothing(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    sandbox_provider.reset()
    async with rig(tmp_path, sandbox_provider.base_url, "sandbox/ok", key="") as made:
        with pytest.raises(ServiceUnavailable):
            await made.ask()
        assert (await made.spend()).spend_nanousd == 0
    assert sandbox_provider.stats()["calls"] == 0


async def test_a_rotated_key_is_read_again_after_a_401(tmp_path: Path) -> None:
    class Rotating(EnvironmentSecrets):
        """Gives out the old key until it is told to forget it, as a cache does."""

        def __init__(self) -> None:
            self.key = "old-key"

        async def get(self, name: str) -> Secret:
            assert name == "sandbox-api-key"
            return Secret(self.key)

        def forget(self, name: str) -> None:
            assert name == "sandbox-api-key"
            self.key = "new-key"

    with sandbox("--key", "new-key") as provider:
        made = Rig(tmp_path, provider.base_url, ["sandbox/ok"], Rotating())
        text, asking = await made.ask()
        assert (text, asking.attempts) == (PAGE, 2)
        await made.client.close()
        await made.store.close()


async def test_connections_are_kept_alive(tmp_path: Path, sandbox_provider: Sandbox) -> None:
    connections: list[str] = []

    async def trace(name: str, _info: object) -> None:
        connections.append(name)

    class Traced(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            request.extensions["trace"] = trace
            return await super().handle_async_request(request)

    async with rig(tmp_path, sandbox_provider.base_url, "sandbox/ok") as made:
        made.client._transport = Traced()
        for _ in range(3):
            await made.ask()
    assert connections.count("connection.connect_tcp.complete") == 1


def _usage(provider: Sandbox) -> tuple[int, int]:
    usage = provider.stats()["by_model"]["sandbox/ok"]
    return usage["input_tokens"] // usage["calls"], usage["output_tokens"] // usage["calls"]
