"""
Real processes under `kill -9`: local hosts on one store, clients that retry, a provider that keeps the book.

Nothing here looks inside a host. What must be true is read from the store, from the provider's `/stats`, and
from what the clients were told.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx

from promptready.budget import CONTAINER as BUDGETS
from promptready.budget import DOCUMENT_ID, Budget
from promptready.catalog import load
from promptready.credits import CONTAINER as USERS
from promptready.credits import Rules, User
from promptready.errors import InsufficientCredits, RequestRefused
from promptready.prompt import size_bytes
from promptready.store import Store
from promptready.store.cosmos import CosmosStore
from promptready.store.sqlite import SqliteStore
from tests.support.catalogs import write_catalog
from tests.support.cosmos_emulator import cosmos_emulator
from tests.support.process import Server, python_module, running
from tests.support.sandbox import Sandbox, sandbox

StoreKind = Literal["sqlite", "cosmos"]

DEADLINE_S, LEASE_S, MAX_LIVE_HOLDS = 3, 4, 3
GRANT = 40
PAGES = tuple(f"# Page {n}\n\n" + "Bread is baked from flour, water and salt. " * n for n in (1, 4, 16))
MODELS = {"A": ["sandbox/ok"], "B": ["sandbox/slow-120"], "C": ["sandbox/http-500", "sandbox/ok"]}
MAX_TRIES = 12
LAST_WRITES_S = 1.0  # a settlement that came late, a call that a dead host had sent
WARM_UP_S = 60.0  # the first call of a host loads its clients


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    store: StoreKind
    hosts: int = 2
    users: int = 6
    seconds: float = 4.0
    kill_every_s: float = 1.5
    cap_usd: str = "0.25"
    seed: int = 1


@dataclass(slots=True)
class Result:
    """What clients, store and provider say afterwards. Money is nano-dollars."""

    plan: Plan
    kills: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    asked: dict[str, set[str]] = field(default_factory=dict)
    answered: dict[str, set[str]] = field(default_factory=dict)
    unsure: dict[str, set[str]] = field(default_factory=dict)
    most_spent: int = 0
    budget: Budget | None = None
    billed: int = 0
    calls: int = 0
    worst_case: int = 0
    charged: int = 0
    free: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def spent(self) -> int:
        """What the week was charged, holds that crashes left behind included."""
        return self.budget.spend_nanousd if self.budget else 0

    def __str__(self) -> str:
        cap = self.budget.cap_nanousd if self.budget else 0
        answers = sum(map(len, self.answered.values()))
        return (
            f"{self.plan.store}, {self.plan.hosts} hosts, {self.plan.seconds:g} s, {self.kills} kills: "
            f"{sum(self.statuses.values())} replies and lost connections, {answers} keys answered, "
            f"{self.charged} credits taken, {self.free} answers free because the store was too slow\n"
            f"  provider billed {self.billed:,} for {self.calls} calls; the week was charged {self.spent:,} "
            f"of {cap:,}; left behind by kills and deadlines {self.spent - self.billed:,}\n"
            f"  {dict(self.statuses.most_common())}\n"
            f"  {'every promise was kept' if not self.problems else 'BROKEN: ' + '; '.join(self.problems)}"
        )


async def crash(plan: Plan, folder: Path) -> Result:
    """Run the plan and check the books."""
    result = Result(plan)
    with ExitStack() as stack:
        provider = stack.enter_context(sandbox())
        catalog_path = write_catalog(folder / "catalog.toml", provider.base_url, MODELS)
        store, env = _open(plan.store, folder, stack)
        env |= _settings(plan)
        hosts = [_Host(folder / f"host-{n}", catalog_path, env, stack) for n in range(plan.hosts)]
        for host in hosts:
            host.start()
        await asyncio.gather(*(asyncio.to_thread(host.wait) for host in hosts))
        try:
            await _load(plan, hosts, store, result)
            await asyncio.sleep(LAST_WRITES_S)
            routes = load(catalog_path, datetime.now(UTC).date()).arms["A"].routes
            result.worst_case = max(
                route.worst_case_nanousd(size_bytes(page), len(page.encode())) for route in routes for page in PAGES
            )
            await _check(result, store, provider)
        finally:
            await store.close()
    return result


class _Host:
    """One local host that is killed and started again on the same store."""

    def __init__(self, folder: Path, catalog_path: Path, env: Mapping[str, str], stack: ExitStack) -> None:
        folder.mkdir()
        self._folder, self._env, self._stack = folder, env, stack
        self._command = python_module(
            "promptready.local",
            *("--port", "0", "--no-sandbox", "--catalog", str(catalog_path)),
            *("--store-url", env["STORE_URL"], "--data-dir", str(folder)),
            *("--settings", str(folder / "none.json")),
        )
        self._server: Server | None = None
        self.url = ""

    def start(self) -> None:
        self._server = self._stack.enter_context(running(self._command, env=self._env))

    def wait(self) -> None:
        assert self._server
        self.url = self._server.wait_for(r"PromptReady runs on (http://\S+)")[1]

    def kill(self) -> None:
        assert self._server
        self._server.kill()


async def _load(plan: Plan, hosts: list[_Host], store: Store, result: Result) -> None:
    """Let users ask, a watcher look, a timer fire and a killer kill, all at once."""
    rng = random.Random(plan.seed)
    # A host that was killed leaves a connection that dies with it: none is kept.
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=DEADLINE_S + 5, limits=limits, trust_env=False) as client:
        users = [f"crash-user-{n}" for n in range(plan.users)]
        await asyncio.gather(*(_greet(client, hosts, user, result) for user in users))
        ends_at = time.monotonic() + plan.seconds
        watching = asyncio.create_task(_watch(store, result))
        killing = asyncio.create_task(_kill(plan, hosts, ends_at, rng, result))
        firing = asyncio.create_task(_fire_timers(client, hosts, ends_at, rng))
        workers = [
            asyncio.create_task(_Client(client, hosts, result, user, tab).use(ends_at))
            for user in users
            for tab in range(2)
        ]
        await asyncio.gather(*workers, killing, firing)
        watching.cancel()
        await asyncio.wait({watching})


async def _greet(client: httpx.AsyncClient, hosts: list[_Host], user: str, result: Result) -> None:
    """Two first requests at once, on different hosts: one grant."""
    replies = await asyncio.gather(*(_first_call(client, host, user) for host in hosts[:2]))
    if any(reply.get("credits_remaining") != GRANT for reply in replies):
        result.problems.append(f"I8: {user} was granted {replies}")
    if len({reply.get("cohort") for reply in replies}) != 1:
        result.problems.append(f"I8: {user} was told {replies}")
    result.asked[user], result.answered[user], result.unsure[user] = set(), set(), set()


async def _first_call(client: httpx.AsyncClient, host: _Host, user: str) -> dict[str, Any]:
    """Check credits until the host has warmed up."""
    reply: dict[str, Any] = {}
    for _ in range(MAX_TRIES):
        response = await client.post(f"{host.url}/api/check-credits", json={"userId": user}, timeout=WARM_UP_S)
        reply = response.json()
        if reply["status"] != "SERVICE_UNAVAILABLE":
            break
    return reply


class _Client:
    """One person's one tab: asks for page after page, each under its key until it is answered or refused for good."""

    def __init__(self, http: httpx.AsyncClient, hosts: list[_Host], result: Result, user: str, tab: int) -> None:
        self._http, self._hosts, self._result, self._user, self._tab = http, hosts, result, user, tab
        self._rng = random.Random(f"{result.plan.seed} {user} {tab}")

    async def use(self, ends_at: float) -> None:
        """Ask until the time is over, or the credits or the budget are."""
        for number in range(10_000):
            if time.monotonic() > ends_at:
                return
            key = f"key-{self._tab}-{number:05}"
            self._result.asked[self._user].add(key)
            if not await self._ask(key):
                return

    async def _ask(self, key: str) -> bool:
        """Ask until the answer is there; False where asking on makes no sense."""
        result, rng = self._result, self._rng
        body = {"userId": self._user, "cohort": "A", "content": rng.choice(PAGES)}
        for _ in range(MAX_TRIES):
            url = f"{rng.choice(self._hosts).url}/api/process-ai"
            try:
                reply = await self._http.post(url, json=body, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                result.statuses["lost"] += 1
                result.unsure[self._user].add(key)
                await asyncio.sleep(rng.uniform(0.05, 0.4))
                continue
            code = reply.json()["status"]
            result.statuses[code] += 1
            match code:
                case "SUCCESS":
                    result.answered[self._user].add(key)
                    return True
                case "REQUEST_ALREADY_ANSWERED":
                    return True
                case "INSUFFICIENT_CREDITS" | "SERVICE_AT_CAPACITY":
                    return False
                case "INTERNAL_ERROR":
                    result.problems.append("a host answered 500")
                    return False
                case _:
                    result.unsure[self._user].add(key)
                    await asyncio.sleep(rng.uniform(0.1, 0.8))
        return True


async def _watch(store: Store, result: Result) -> None:
    """I1 in every state that a reader can see."""
    while True:
        stored = await store.read(BUDGETS, DOCUMENT_ID)
        if stored:
            budget = Budget.from_document(stored.document)
            result.most_spent = max(result.most_spent, budget.spend_nanousd)
            if budget.spend_nanousd > budget.cap_nanousd:
                result.problems.append(f"I1: {budget.spend_nanousd} of {budget.cap_nanousd}")
        await asyncio.sleep(0.02)


async def _kill(plan: Plan, hosts: list[_Host], ends_at: float, rng: random.Random, result: Result) -> None:
    while time.monotonic() < ends_at:
        await asyncio.sleep(rng.uniform(0.3, 1.7) * plan.kill_every_s)
        host = rng.choice(hosts)
        await asyncio.to_thread(host.kill)
        result.kills += 1
        host.start()
        await asyncio.to_thread(host.wait)


async def _fire_timers(client: httpx.AsyncClient, hosts: list[_Host], ends_at: float, rng: random.Random) -> None:
    """I9: a timer that runs whenever it likes, on several hosts at once, changes nothing within the week."""
    while time.monotonic() < ends_at:
        await asyncio.sleep(rng.uniform(0.1, 0.9))
        urls = [f"{host.url}/admin/functions/reset_week" for host in rng.sample(hosts, 2)]
        await asyncio.gather(*(client.post(url, json={}) for url in urls), return_exceptions=True)


async def _check(result: Result, store: Store, provider: Sandbox) -> None:
    """Hold the store, the provider's book and what clients were told against each other."""
    stats = provider.stats()
    result.billed, result.calls = stats["billed_nanousd"], stats["calls"]
    stored = await store.read(BUDGETS, DOCUMENT_ID)
    assert stored, f"no budget was ever stored: {dict(result.statuses)}"
    result.budget = Budget.from_document(stored.document)
    problems = result.problems
    if result.spent < result.billed:
        problems.append(f"I2: {result.billed} billed, {result.spent} charged")
    for user_id in result.answered:
        stored = await store.read(USERS, user_id)
        assert stored
        _check_user(User.from_document(stored.document), result)
    # A kill cuts off what its host was doing: at most every tab's call and the settlement of the one before.
    # A call that ran into the deadline may have been billed or not: its worst case stays spent too.
    cut_off = result.kills * 2 * 2 * result.plan.users + result.statuses["PROVIDER_TIMEOUT"]
    most_left = result.worst_case * cut_off
    if result.spent - result.billed > most_left:
        problems.append(f"I6: {result.spent - result.billed} left behind, at most {most_left} can be explained")


def _check_user(user: User, result: Result) -> None:
    taken = GRANT - user.credits_remaining
    result.charged += taken
    paid = {request.id for request in user.requests if request.is_paid}
    problems = result.problems
    if user.credits_remaining < 0:
        problems.append(f"I3: {user.id} has {user.credits_remaining} credits")
    if taken != len(paid):
        problems.append(f"I5: {user.id} paid {taken} credits for {len(paid)} keys")
    # An answer that is there is delivered, even where the store is too slow to take its credit in time.
    result.free += len(result.answered[user.id] - paid)
    if unheard := paid - result.answered[user.id] - result.unsure[user.id]:
        problems.append(f"I3: {user.id} was charged for {sorted(unheard)} and never answered")
    after_the_lease = datetime.now(UTC) + timedelta(seconds=LEASE_S)
    try:
        user.hold("probe-key", "", "probe", after_the_lease, Rules(timedelta(seconds=LEASE_S), MAX_LIVE_HOLDS))
    except InsufficientCredits:
        pass
    except RequestRefused as refusal:
        problems.append(f"I6: {user.id} still can't ask: {type(refusal).__name__}")


def _open(kind: StoreKind, folder: Path, stack: ExitStack) -> tuple[Store, dict[str, str]]:
    if kind == "sqlite":
        path = folder / "store.db"
        return SqliteStore(path), {"STORE_URL": f"sqlite:///{path}"}
    emulator = stack.enter_context(cosmos_emulator())
    env = {"STORE_URL": emulator.url, "COSMOS_KEY": emulator.key, "COSMOS_DATABASE": "crash"}
    return CosmosStore(emulator.url, "crash", emulator.key), env


def _settings(plan: Plan) -> dict[str, Any]:
    return {
        "WEEKLY_CAP_USD": plan.cap_usd,
        "TRIAL_CREDITS": str(GRANT),
        "REQUEST_DEADLINE_S": str(DEADLINE_S),
        "HOLD_LEASE_S": str(LEASE_S),
        "MAX_LIVE_HOLDS": str(MAX_LIVE_HOLDS),
        "NEW_USERS_PER_NETWORK_PER_DAY": "100000",
        "SANDBOX_API_KEY": "any-key",
    }
