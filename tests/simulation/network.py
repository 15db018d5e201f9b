"""
The adversary between the ledger and the world: a store that loses, delays and repeats, a provider that fails and lies.

A request to either travels by itself. Cancelling or killing the sender does not call it back.
"""

import asyncio
import json
from collections.abc import Callable
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from random import Random
from typing import Any

from promptready import providers
from promptready.budget import CONTAINER as BUDGETS
from promptready.budget import Hold
from promptready.catalog import TEMPLATE_TOKENS, Route
from promptready.clock import Clock
from promptready.credits import CONTAINER as USERS
from promptready.errors import AlreadyExists, PreconditionFailed, SecretUnavailable, StoreUnavailable
from promptready.providers import Completion, Limits, NoCompletion
from promptready.secrets import Secret
from promptready.store import CALL_TIMEOUT_S, Document, Stored
from tests.simulation.books import Books, Call, Served, Violated
from tests.simulation.loop import VirtualLoop

LATEST_LANDING_S = 20.0
"""A write that its sender has given up may still land this much later."""

LATEST_ANSWER_S = 40.0
"""A provider works on for this long after its caller has left."""

SERVED: ContextVar[Served | None] = ContextVar("SERVED", default=None)
HOLD: ContextVar[Hold | None] = ContextVar("HOLD", default=None)

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
    stale_read: float

    def calm_down(self) -> None:
        self.store_fault = self.provider_fault = self.missing_secret = self.stale_read = 0.0
        self.store_delay_s, self.provider_delay_s = 0.004, 0.1


@dataclass(slots=True)
class _Shelf:
    """Every version of one document."""

    versions: list[Stored] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """What all processes share."""

    loop: VirtualLoop
    rng: Random
    weather: Weather
    books: Books
    clock: Clock
    context: Context
    trace: Trace | None
    shelves: dict[tuple[str, str], _Shelf] = field(default_factory=dict)
    etags: int = 0
    violation: BaseException | None = None
    """What went wrong in the context of a process, whose own error handling must not hide it."""

    def later(self, delay_s: float, action: Callable[..., None], *args: Any) -> None:  # noqa: ANN401
        """Let something happen that no process can stop. What it raises ends the schedule."""
        self.loop.call_later(delay_s, action, *args, context=self.context)

    def document(self, container: str, id_: str) -> Document | None:
        """Return the newest version."""
        shelf = self.shelves.get((container, id_))
        return shelf.versions[-1].document if shelf and shelf.versions else None

    def put(self, container: str, document: Document) -> str:
        """Store a version and hold it against the books."""
        shelf = self.shelves.setdefault((container, document["id"]), _Shelf())
        before = shelf.versions[-1].document if shelf.versions else None
        self.etags += 1
        shelf.versions.append(Stored(document, str(self.etags)))
        if self.trace:
            self.trace(f"   stored {container} {_brief(container, document)} etag {self.etags}")
        if container == BUDGETS:
            self.books.budget_written(document, self.clock())
        elif container == USERS:
            self.books.user_written(before, document, self.clock())
        return str(self.etags)


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

        def look() -> Stored | None:
            shelf = world.shelves.get(key)
            newest = len(shelf.versions) if shelf else 0
            seen = newest
            if fault == "stale":
                seen = world.rng.randint(self._floors.get(key, 0), newest)
            self._floors[key] = max(seen, self._floors.get(key, 0))
            return shelf.versions[seen - 1] if shelf and seen else None

        fault = self._fault(READ_FAULTS) if world.rng.random() >= world.weather.stale_read else "stale"
        return await self._send(f"read {container}", fault, look)  # type: ignore[no-any-return]

    async def create(self, container: str, document: Document) -> str:
        """See the port."""
        key = (container, document["id"])

        def write() -> str:
            if key in self._world.shelves:
                raise AlreadyExists
            etag = self._world.put(container, document)
            self._floors[key] = len(self._world.shelves[key].versions)
            return etag

        fault = self._fault(WRITE_FAULTS)
        return str(await self._send(f"create {container}", fault, write, AlreadyExists))

    async def replace(self, container: str, document: Document, etag: str) -> str:
        """See the port."""
        key = (container, document["id"])

        def write() -> str:
            shelf = self._world.shelves.get(key)
            if not shelf or shelf.versions[-1].etag != etag:
                raise PreconditionFailed
            new_etag = self._world.put(container, document)
            self._floors[key] = len(shelf.versions)
            return new_etag

        fault = self._fault(WRITE_FAULTS)
        return str(await self._send(f"replace {container} {etag}", fault, write, PreconditionFailed))

    async def delete(self, container: str, id: str) -> None:  # noqa: A002 - as in `read`
        """No request deletes."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing is open."""

    def _fault(self, kinds: tuple[str, ...]) -> str | None:
        rng, weather = self._world.rng, self._world.weather
        return rng.choice(kinds) if rng.random() < weather.store_fault else None

    def _send(  # noqa: C901 - one case per fault
        self, what: str, fault: str | None, act: Callable[[], object], conflict: type[Exception] = StoreUnavailable
    ) -> "asyncio.Future[Any]":
        """Let the request travel, and its reply, as the fault has it."""
        world = self._world
        rng, scale_s = world.rng, world.weather.store_delay_s
        there_s, back_s = rng.random() * scale_s, rng.random() * scale_s
        reply: asyncio.Future[Any] = world.loop.create_future()
        if world.trace:
            world.trace(f"{self._name} {what}{f' [{fault}]' if fault else ''}")

        def answer(outcome: object) -> None:
            if reply.done():
                return
            if isinstance(outcome, Exception):
                reply.set_exception(outcome)
            else:
                reply.set_result(outcome)

        def arrive(told: Exception | None, back_s: float | None) -> None:
            try:
                outcome: object = act()
            except (AlreadyExists, PreconditionFailed) as refusal:
                outcome = refusal
            if back_s is not None:
                world.later(back_s, answer, told or outcome)

        match fault:
            case None | "stale":
                if there_s + back_s < CALL_TIMEOUT_S:
                    world.later(there_s, arrive, None, back_s)
                else:
                    world.later(there_s, arrive, None, None)
                    world.later(CALL_TIMEOUT_S, answer, StoreUnavailable())
            case "refused":  # 429, 449, 503 before anything was done
                world.later(there_s, answer, StoreUnavailable())
            case "lost request":
                world.later(min(CALL_TIMEOUT_S, there_s + back_s), answer, StoreUnavailable())
            case "lost reply":  # the connection ends, or 503 after the commit
                world.later(there_s, arrive, StoreUnavailable(), back_s)
            case "late":
                world.later(rng.random() * LATEST_LANDING_S, arrive, None, None)
                world.later(CALL_TIMEOUT_S, answer, StoreUnavailable())
            case "resent":  # the client sent it again and reports the conflict with itself
                world.later(there_s, arrive, conflict(), back_s)
            case "sent twice":
                world.later(there_s, arrive, None, back_s)
                world.later(rng.random() * LATEST_LANDING_S, arrive, None, None)
            case "phantom conflict":
                world.later(there_s, answer, conflict())
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
            call = world.books.call_begins(HOLD.get(), worst)
        except Violated as violation:
            world.violation = world.violation or violation
            return NoCompletion("broken", is_billed_unknown=False)
        fault = rng.choice(COMPLETION_FAULTS) if rng.random() < weather.provider_fault else None
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
            return NoCompletion("too_late", is_billed_unknown=True)

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
            if outcome is not None and not reply.done():
                reply.set_result(outcome)

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
                world.later(delay_s, finish, bill, lambda: complete(honest))
            case "refused connection":
                end(0, NoCompletion("unreachable", is_billed_unknown=False))
            case "throttled" | "broken" | "unauthorized" | "rejected":
                status = {"throttled": 429, "broken": 500, "unauthorized": 401, "rejected": 400}[fault]
                wait = rng.choice((None, "1", "20"))
                world.later(delay_s, finish, 0, lambda: providers._refused(status, wait))
            case "cut off":
                bill = rng.choice((0, bill))
                world.later(delay_s, end, bill, NoCompletion("unreachable", is_billed_unknown=True))
            case "garbage":
                world.later(delay_s, finish, bill, lambda: providers._completion(b"<html>", sent_bytes))
            case "hang" | "after the deadline":
                world.later(limits.timeout_s, _give_up, reply)
                world.later(late_s, end, bill if fault == "after the deadline" else rng.choice((0, bill)), None)
            case "truncated" | "empty":
                choice = {"message": {"content": "" if fault == "empty" else "# Pa"}}
                choice["finish_reason"] = "stop" if fault == "empty" else "length"  # type: ignore[assignment]
                world.later(delay_s, finish, bill, lambda: complete(honest, choices=[choice]))
            case "wrong model":
                world.later(delay_s, finish, bill, lambda: complete(honest, model="another"))
            case "no usage":
                world.later(delay_s, finish, bill, lambda: complete(None))
            case "too little to be true":
                world.later(delay_s, finish, bill, lambda: complete({"prompt_tokens": 1, "completion_tokens": 0}))
            case "says less than it bills":
                # Nobody could know. The books follow what was said, and the difference is told.
                less = {"prompt_tokens": -(-usage[0] // 2), "completion_tokens": max(1, usage[1] // 2)}
                said = providers._usage(less, sent_bytes, len("# Page"))
                believed = route.cost_nanousd(said.input_tokens, said.output_tokens) if said else bill
                world.books.understated_nanousd += bill - min(bill, believed)
                world.later(delay_s, finish, min(bill, believed), lambda: complete(less))
            case "says more than it bills":
                more = {
                    "prompt_tokens": usage[0] * 9,
                    "completion_tokens": limits.output_tokens * rng.choice((1, 1000)),
                }
                world.later(delay_s, finish, bill, lambda: complete(more))
            case _:
                raise NotImplementedError(fault)


class SimulatedSecrets:
    """Keys that are sometimes out of reach."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def get(self, name: str) -> Secret:
        """See the port."""
        if self._world.rng.random() < self._world.weather.missing_secret:
            raise SecretUnavailable
        return Secret(name)

    def forget(self, name: str) -> None:
        """See the port."""

    async def close(self) -> None:
        """Nothing is open."""


def _usage(rng: Random, sent_bytes: int, output_limit_tokens: int) -> tuple[int, int]:
    """Return tokens as a provider may bill them: up to the very worst."""
    if rng.random() < 0.2:  # one call in five costs all it can
        return sent_bytes + TEMPLATE_TOKENS, output_limit_tokens
    return rng.randint(sent_bytes // 8, sent_bytes), rng.randint(1, output_limit_tokens)


def _give_up(reply: "asyncio.Future[Completion | NoCompletion]") -> None:
    if not reply.done():
        reply.set_result(NoCompletion("too_late", is_billed_unknown=True))


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
