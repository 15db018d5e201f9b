"""
The adversary between the ledger and the world: a store that loses, delays and repeats, a provider that fails and lies.

A request to either travels by itself. Cancelling or killing the sender does not call it back.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from promptready import providers
from promptready.budget import CONTAINER as BUDGETS
from promptready.budget import Hold
from promptready.catalog import TEMPLATE_TOKENS, Route
from promptready.clock import Clock
from promptready.credits import CONTAINER as USERS
from promptready.errors import AlreadyExists, PreconditionFailed, SecretUnavailable, StoreUnavailable
from promptready.providers import Completion, Limits, NoCompletion
from promptready.secrets import FETCH_TIMEOUT_S, Secret
from promptready.store import CALL_TIMEOUT_S, Document, Stored
from tests.simulation.books import Books, Call, Served, Violated
from tests.simulation.loop import VirtualLoop

LATEST_LANDING_S = 20.0
"""A write that its sender has given up may still land this much later."""

LATEST_ANSWER_S = 40.0
"""A provider works on for this long after its caller has left."""

TOO_LATE = NoCompletion("too_late", is_billed_unknown=True)

SERVED: ContextVar[Served | None] = ContextVar("SERVED", default=None)
HOLD: ContextVar[Hold | None] = ContextVar("HOLD", default=None)

C = TypeVar("C")
Trace = Callable[[str], None]

READ_FAULTS = ("refused", "lost request", "lost reply", "stale")
WRITE_FAULTS = ("refused", "lost request", "lost reply", "late", "resent", "sent twice", "phantom conflict")
COMPLETION_FAULTS = (
    "refused connection",
    "throttled",
    "broken",
    "unauthorized",
    "rejected",
    "cut off",
    "garbage",
    "hang",
    "after the deadline",
    "truncated",
    "empty",
    "wrong model",
    "no usage",
    "too little to be true",
    "says less than it bills",
    "says more than it bills",
)


@dataclass(slots=True)
class Weather:
    """How bad it is, in one schedule: probabilities and delays. `is_calm` ends all of it."""

    store_fault: float
    store_delay_s: float
    provider_fault: float
    provider_delay_s: float
    missing_secret: float
    slow_secret: float
    stale_read: float

    def calm_down(self) -> None:
        self.store_fault = self.provider_fault = self.missing_secret = self.slow_secret = self.stale_read = 0.0
        self.store_delay_s, self.provider_delay_s = 0.004, 0.1


@dataclass(slots=True)
class Ambush:
    """What strikes where no clock could aim: so many replies from now, and so many steps of code after that one."""

    replies: int
    steps: int
    action: Callable[[], None]


@dataclass(slots=True)
class World:
    """What all processes share."""

    loop: VirtualLoop
    rng: Random
    weather: Weather
    books: Books
    clock: Clock
    trace: Trace | None
    shelves: dict[tuple[str, str], list[Stored]] = field(default_factory=dict)  # every version of every document
    etags: int = 0
    ambush: Ambush | None = None
    violation: BaseException | None = None

    def broken(self, violation: BaseException) -> None:
        """Remember the first promise broken, whatever the process in whose context it was makes of it, and stop."""
        self.violation = self.violation or violation
        self.loop.halt()

    def put(self, container: str, document: Document) -> str:
        """Store a version and hold it against the books."""
        versions = self.shelves.setdefault((container, document["id"]), [])
        before = versions[-1].document if versions else None
        self.etags += 1
        versions.append(Stored(document, str(self.etags)))
        if self.trace:
            self.trace(f"   stored {container} {_brief(container, document)} etag {self.etags}")
        if container == BUDGETS:
            self.books.budget_written(document, self.clock())
        elif container == USERS:
            self.books.user_written(before, document, self.clock())
        return str(self.etags)

    def deliver(self, reply: "asyncio.Future[Any]", outcome: object) -> None:
        """Give a sender its reply, if it still waits."""
        if reply.done():
            return
        if isinstance(outcome, Exception):
            reply.set_exception(outcome)
        else:
            reply.set_result(outcome)
        if self.ambush is not None:
            self._close_in(self.ambush)

    def _close_in(self, ambush: Ambush) -> None:
        ambush.replies -= 1
        if ambush.replies == 0:
            self.ambush = None
            self._sneak(ambush.steps, ambush.action)

    def _sneak(self, steps: int, action: Callable[[], None]) -> None:
        if steps:
            self.loop.soon(self._sneak, steps - 1, action)
        else:
            action()


class SimulatedStore:
    """
    The store port of one process.

    Its reads are never older than what this process has read or written: session consistency, no more.
    """

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name
        self._floors: dict[tuple[str, str], int] = {}

    async def read(self, container: str, id: str) -> Stored | None:  # noqa: A002 - the port's contract names it
        """See the port."""
        world, key = self._world, (container, id)
        fault = "stale" if world.rng.random() < world.weather.stale_read else self._fault(READ_FAULTS)

        def look() -> Stored | None:
            versions = world.shelves.get(key, ())
            newest, floor = len(versions), self._floors.get(key, 0)
            seen = world.rng.randint(floor, newest) if fault == "stale" else newest
            self._floors[key] = max(seen, floor)
            return versions[seen - 1] if seen else None

        return await self._send(f"read {container}", fault, look)  # type: ignore[no-any-return]

    async def create(self, container: str, document: Document) -> str:
        """See the port."""
        key = (container, document["id"])

        def write() -> str | AlreadyExists:
            return AlreadyExists() if key in self._world.shelves else self._put(container, document)

        return str(await self._send(f"create {container}", self._fault(WRITE_FAULTS), write, AlreadyExists))

    async def replace(self, container: str, document: Document, etag: str) -> str:
        """See the port."""
        key = (container, document["id"])

        def write() -> str | PreconditionFailed:
            versions = self._world.shelves.get(key)
            if not versions or versions[-1].etag != etag:
                return PreconditionFailed()
            return self._put(container, document)

        return str(await self._send(f"replace {container}", self._fault(WRITE_FAULTS), write, PreconditionFailed))

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - as in `read`
        """No request deletes."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""

    def _put(self, container: str, document: Document) -> str:
        etag = self._world.put(container, document)
        key = (container, document["id"])
        self._floors[key] = len(self._world.shelves[key])
        return etag

    def _fault(self, kinds: tuple[str, ...]) -> str | None:
        rng = self._world.rng
        return pick(rng, kinds) if rng.random() < self._world.weather.store_fault else None

    def _send(  # noqa: C901 - one case per fault
        self, what: str, fault: str | None, act: Callable[[], object], conflict: type[Exception] = StoreUnavailable
    ) -> "asyncio.Future[Any]":
        """Let the request travel, and its reply, as the fault has it."""
        world = self._world
        rng, scale_s, later = world.rng, world.weather.store_delay_s, world.loop.later
        there_s, back_s = rng.random() * scale_s, rng.random() * scale_s
        reply: asyncio.Future[Any] = asyncio.Future(loop=world.loop)
        if world.trace:
            world.trace(f"{self._name} {what}{f' [{fault}]' if fault else ''}")

        def arrive(told: Exception | None, back_s: float | None) -> None:
            outcome = act()
            if back_s is not None:
                later(back_s, world.deliver, reply, told or outcome)

        match fault:
            case None | "stale":
                if there_s + back_s < CALL_TIMEOUT_S:
                    later(there_s, arrive, None, back_s)
                else:
                    later(there_s, arrive, None, None)
                    later(CALL_TIMEOUT_S, world.deliver, reply, StoreUnavailable())
            case "refused":  # 429, 449, 503 before anything was done
                later(there_s, world.deliver, reply, StoreUnavailable())
            case "lost request":
                later(min(CALL_TIMEOUT_S, there_s + back_s), world.deliver, reply, StoreUnavailable())
            case "lost reply":  # the connection ends, or 503 after the commit
                later(there_s, arrive, StoreUnavailable(), back_s)
            case "late":
                later(rng.random() * LATEST_LANDING_S, arrive, None, None)
                later(CALL_TIMEOUT_S, world.deliver, reply, StoreUnavailable())
            case "resent":  # the client sent it again and reports the conflict with itself
                later(there_s, arrive, conflict(), back_s)
            case "sent twice":
                later(there_s, arrive, None, back_s)
                later(rng.random() * LATEST_LANDING_S, arrive, None, None)
            case "phantom conflict":
                later(there_s, world.deliver, reply, conflict())
            case _:
                raise NotImplementedError(fault)
        return reply


class SimulatedProvider:
    """The provider client of one process. What the provider bills is drawn; the book is kept on the provider's side."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name

    async def complete(
        self,
        route: Route,
        key: Secret | None,  # noqa: ARG002 - the port's shape
        messages: list[dict[str, str]],
        *,
        limits: Limits,
    ) -> Completion | NoCompletion:
        """See `ProviderClient`."""
        world, served = self._world, SERVED.get()
        rng, weather = world.rng, world.weather
        sent_bytes = sum(len(message["content"].encode()) for message in messages)
        worst = route.cost_nanousd(sent_bytes + TEMPLATE_TOKENS, limits.output_tokens)
        try:
            call = world.books.call_begins(HOLD.get(), worst, limits.timeout_s)
        except Violated as violation:
            world.broken(violation)
            return NoCompletion("broken", is_billed_unknown=False)
        fault = pick(rng, COMPLETION_FAULTS) if rng.random() < weather.provider_fault else None
        delay_s = rng.random() * weather.provider_delay_s
        reply: asyncio.Future[Completion | NoCompletion] = world.loop.create_future()
        if world.trace:
            world.trace(f"{self._name} calls {route.name} for {served and served.id}, worst {worst} [{fault or 'ok'}]")
        self._work(call, route, sent_bytes, limits, fault, delay_s, reply, served)
        if fault == "refused connection" or delay_s < limits.timeout_s:
            return await reply
        try:
            async with asyncio.timeout(limits.timeout_s):
                return await reply
        except TimeoutError:
            return TOO_LATE

    def _work(  # noqa: C901, PLR0912, PLR0915, PLR0917 - one case per fault
        self,
        call: Call,
        route: Route,
        sent_bytes: int,
        limits: Limits,
        fault: str | None,
        delay_s: float,
        reply: "asyncio.Future[Completion | NoCompletion]",
        served: Served | None,
    ) -> None:
        world, rng = self._world, self._world.rng
        usage = _usage(rng, sent_bytes, limits.output_tokens)
        bill = route.cost_nanousd(*usage)

        def end(bill_nanousd: int, outcome: Completion | NoCompletion | None) -> None:
            world.books.call_ends(call, bill_nanousd)
            if world.trace:
                world.trace(f"   {route.name} bills {bill_nanousd} for {served and served.id}")
            if outcome is not None:
                world.deliver(reply, outcome)

        def complete(said: dict[str, int] | None, **changes: Any) -> Completion | NoCompletion:  # noqa: ANN401
            raw = {"model": route.model, "choices": [{"message": {"content": "# Page"}, "finish_reason": "stop"}]}
            raw |= changes
            outcome = providers._completion(json.dumps({**raw, "usage": said}).encode(), sent_bytes)
            is_good = isinstance(outcome, Completion) and not changes
            if served and is_good and not reply.done():
                served.has_answer = True
            return outcome

        honest = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        late_s = limits.timeout_s + rng.random() * LATEST_ANSWER_S

        def finish(bill_nanousd: int, make: Callable[[], Completion | NoCompletion | None]) -> None:
            end(bill_nanousd, make())

        match fault:
            case None:
                world.loop.later(delay_s, finish, bill, lambda: complete(honest))
            case "refused connection":
                end(0, NoCompletion("unreachable", is_billed_unknown=False))
            case "throttled" | "broken" | "unauthorized" | "rejected":
                status = {"throttled": 429, "broken": 500, "unauthorized": 401, "rejected": 400}[fault]
                wait = pick(rng, (None, "1", "20"))
                world.loop.later(delay_s, finish, 0, lambda: providers._refused(status, wait))
            case "cut off":
                bill = pick(rng, (0, bill))
                world.loop.later(delay_s, end, bill, NoCompletion("unreachable", is_billed_unknown=True))
            case "garbage":
                world.loop.later(delay_s, finish, bill, lambda: providers._completion(b"<html>", sent_bytes))
            case "hang" | "after the deadline":
                world.loop.later(limits.timeout_s, world.deliver, reply, TOO_LATE)
                world.loop.later(late_s, end, bill if fault == "after the deadline" else pick(rng, (0, bill)), None)
            case "truncated" | "empty":
                choice = {"message": {"content": "" if fault == "empty" else "# Pa"}}
                choice["finish_reason"] = "stop" if fault == "empty" else "length"  # type: ignore[assignment]
                world.loop.later(delay_s, finish, bill, lambda: complete(honest, choices=[choice]))
            case "wrong model":
                world.loop.later(delay_s, finish, bill, lambda: complete(honest, model="another"))
            case "no usage":
                world.loop.later(delay_s, finish, bill, lambda: complete(None))
            case "too little to be true":
                world.loop.later(delay_s, finish, bill, lambda: complete({"prompt_tokens": 1, "completion_tokens": 0}))
            case "says less than it bills":
                # Nobody could know. The books follow what was said, and the difference is told.
                less = {"prompt_tokens": -(-usage[0] // 2), "completion_tokens": max(1, usage[1] // 2)}
                said = providers._usage(less, sent_bytes, len("# Page"))
                believed = route.cost_nanousd(said.input_tokens, said.output_tokens) if said else bill
                world.books.understated_nanousd += bill - min(bill, believed)
                world.loop.later(delay_s, finish, min(bill, believed), lambda: complete(less))
            case "says more than it bills":
                more = {
                    "prompt_tokens": usage[0] * 9,
                    "completion_tokens": limits.output_tokens * pick(rng, (1, 1000)),
                }
                world.loop.later(delay_s, finish, bill, lambda: complete(more))
            case _:
                raise NotImplementedError(fault)


class SimulatedSecrets:
    """Keys that are at hand, or take their time, or are out of reach."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def get(self, name: str) -> Secret:
        """See the port."""
        world, rng = self._world, self._world.rng
        is_missing = rng.random() < world.weather.missing_secret
        if rng.random() < world.weather.slow_secret:
            reply: asyncio.Future[Secret] = asyncio.Future(loop=world.loop)
            fetched = SecretUnavailable() if is_missing else Secret(name)
            world.loop.later(rng.random() ** 2 * FETCH_TIMEOUT_S, world.deliver, reply, fetched)
            return await reply
        if is_missing:
            raise SecretUnavailable
        return Secret(name)

    def forget(self, name: str) -> None:
        """See the port."""

    async def close(self) -> None:
        """Nothing is open."""


def pick(rng: Random, choices: Sequence[C]) -> C:
    """Return one of them: `Random.choice` in a third of its time, and it is asked for at every turn."""
    return choices[int(rng.random() * len(choices))]


def _usage(rng: Random, sent_bytes: int, output_limit_tokens: int) -> tuple[int, int]:
    """Return tokens as a provider may bill them: up to the very worst."""
    if rng.random() < 0.2:  # one call in five costs all it can
        return sent_bytes + TEMPLATE_TOKENS, output_limit_tokens
    return rng.randint(sent_bytes // 8, sent_bytes), rng.randint(1, output_limit_tokens)


def _brief(container: str, document: Document) -> str:
    if container == BUDGETS:
        writers = {name: writer["seq"] for name, writer in document["writers"].items()}
        spend, cap = document["weekly_spend_usd"], document["weekly_cap_usd"]
        return f"spend {spend} of {cap}, week {document['last_reset'][:10]}, {writers}"
    if container == USERS:
        requests = [
            ":".join(str(entry[name]) for name in ("id", "state", "runs", "holder")) for entry in document["requests"]
        ]
        return f"{document['id']} {document['credits_remaining']} credits {requests}"
    return str(document["id"])
