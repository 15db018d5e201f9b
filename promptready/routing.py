"""
From a cohort to an answer: which route is asked, in what order, and what each attempt costs.

Every attempt has its own hold on the weekly budget before it is sent. Failover stays inside the cohort.
A route that keeps failing is skipped for a while.
"""

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from promptready import prompt
from promptready.budget import WHOLE_PERCENT, Hold
from promptready.catalog import Route
from promptready.errors import ProviderFailed, ProviderTimeout, RequestRefused, SecretUnavailable, ServiceUnavailable
from promptready.ledger import WeeklyBudget
from promptready.providers import Completion, Fault, Limits, NoCompletion, ProviderClient, Usage
from promptready.secrets import Secret, Secrets

MAX_ATTEMPTS = 4
SHORTEST_ATTEMPT_S = 0.5  # less time than this can't bring an answer, only a bill
FAILURES_TO_SKIP = 3
SKIPPED_FOR_S = 30.0
REPEAT_AFTER_S = 0.25  # before the one repetition, where the provider names no time
DEFAULT_RETRY_AFTER_S = 10

WORTH_REPEATING: frozenset[str] = frozenset({"unreachable", "throttled", "broken"})
NOBODY_ANSWERED: frozenset[str] = frozenset({"unreachable", "throttled", "no_key"})


_MODEL_NAME = re.compile(r"[A-Za-z0-9._:/@-]{1,128}")


@dataclass(slots=True)
class Asking:
    """One request's way along its routes: what it may take, and what it has come to so far."""

    content: str
    ends_at_s: float
    """In the event loop's time."""
    routes: Sequence[Route] = ()
    share_percent: int = WHOLE_PERCENT
    attempts: int = 0
    provider_s: float = 0.0
    cost_nanousd: int = 0
    route: Route | None = None
    model_returned: str | None = None
    usage: Usage | None = None
    faults: set[str] = field(default_factory=set)
    content_bytes: int = field(init=False)
    prompt_bytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.content_bytes = len(self.content.encode())
        self.prompt_bytes = prompt.size_bytes(self.content)

    @property
    def known_model_returned(self) -> str | None:
        """
        Return the model that answered, as far as telemetry may know it.

        The name is the provider's text. One that is not the model asked for is not passed on, nor is one
        that has more to it than a path of names.
        """
        if self.route is None or self.model_returned is None:
            return None
        is_known = _MODEL_NAME.fullmatch(self.model_returned) and prompt.is_same_model(
            self.route.model, self.model_returned
        )
        return self.model_returned if is_known else "other"

    @property
    def time_left_s(self) -> float:
        """Return the seconds until the deadline of the last attempt."""
        return self.ends_at_s - _loop_time()

    def worst_case_nanousd(self, route: Route) -> int:
        """Return what one attempt on this route has to hold."""
        return route.worst_case_nanousd(self.prompt_bytes, self.content_bytes)


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable answer, and the hold that pays for it. Settling them is left to the caller."""

    text: str
    hold: Hold
    cost_nanousd: int


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one call came to: an answer or the reason why not, and what the budget is charged for it."""

    answer: str | None
    cost_nanousd: int
    fault: Fault | prompt.Problem | Literal["no_key"] | None = None
    retry_after_s: float | None = None


@dataclass(slots=True)
class _Health:
    """What this process remembers of a route's recent failures. Times are event-loop seconds."""

    failures: int = 0
    skipped_until_s: float = 0.0

    def note(self, attempt: _Attempt, now_s: float) -> None:
        """Skip the route after several failures in a row, or for as long as the provider asks."""
        if attempt.fault in {None, "empty", "truncated", "refusal"}:  # the route works; the content was hard
            self.failures, self.skipped_until_s = 0, 0.0
            return
        self.failures += 1
        if self.failures >= FAILURES_TO_SKIP:
            self.skipped_until_s = now_s + SKIPPED_FOR_S
        elif attempt.retry_after_s is not None:
            self.skipped_until_s = now_s + min(attempt.retry_after_s, SKIPPED_FOR_S)


class Router:
    """Asks providers on behalf of a request."""

    def __init__(self, budget: WeeklyBudget, client: ProviderClient, secrets: Secrets) -> None:
        self._budget = budget
        self._client = client
        self._secrets = secrets
        self._health: dict[str, _Health] = {}

    def healthy(self, routes: Sequence[Route]) -> list[Route]:
        """Leave out routes that are being skipped. If all are, try them all the same rather than serve nobody."""
        now_s = _loop_time()
        return [route for route in routes if self._health_of(route).skipped_until_s <= now_s] or list(routes)

    async def ask(self, asking: Asking, first_hold: Hold) -> Answer:
        """
        Return the first usable answer of the asking's routes. `first_hold` covers the first of them.

        All holds but the answer's are settled when this returns or raises.

        Raises:
            ProviderTimeout: the deadline passed.
            ProviderFailed: providers answered, and no answer could be used.
            ServiceUnavailable: no provider could be reached, or all of them asked to wait.
            BudgetExhausted: a further attempt would not fit the budget.
        """
        tries = deque(asking.routes)
        repeated: set[str] = set()
        hold: Hold | None = first_hold
        retry_after_s: float | None = None
        while tries and asking.attempts < MAX_ATTEMPTS and asking.time_left_s > SHORTEST_ATTEMPT_S:
            route = tries.popleft()
            hold = hold or await self._budget.hold(
                asking.worst_case_nanousd(route), asking.share_percent, within_s=asking.time_left_s
            )
            attempt = await self._attempt(route, asking, hold)
            if attempt.answer is not None:
                return Answer(attempt.answer, hold, attempt.cost_nanousd)
            await self._budget.settle(hold, attempt.cost_nanousd)
            hold = None
            retry_after_s = attempt.retry_after_s
            wait_s = None if route.name in repeated else _wait_before_repeating(attempt, is_last=not tries)
            if wait_s is not None and wait_s + SHORTEST_ATTEMPT_S < asking.time_left_s:
                repeated.add(route.name)
                tries.appendleft(route)
                await asyncio.sleep(wait_s)
        if hold is not None:
            await self._budget.settle(hold, 0)
        raise _failure(asking, retry_after_s)

    async def _attempt(self, route: Route, asking: Asking, hold: Hold) -> _Attempt:
        """Call the provider once and judge what it says."""
        try:
            key = await self._key(route)
        except SecretUnavailable:
            asking.faults.add("no_key")
            return _Attempt(None, 0, "no_key")
        except BaseException:
            self._budget.settle_later(hold, 0)  # cancelled, or a bug, with nothing sent
            raise
        if asking.time_left_s <= SHORTEST_ATTEMPT_S:  # the hold or the key took the time that was left
            asking.faults.add("too_late")
            return _Attempt(None, 0, "too_late")
        asking.attempts += 1
        asking.route, asking.model_returned, asking.usage = route, None, None
        started_s = _loop_time()
        limits = Limits(route.output_limit_tokens(asking.content_bytes), asking.time_left_s, prompt.TEMPERATURE)
        try:
            reply = await self._client.complete(route, key, prompt.messages(asking.content), limits=limits)
        except BaseException:
            asking.cost_nanousd += hold.amount_nanousd  # cancelled, or a bug: it may be billed, so it stays spent
            raise
        asking.provider_s += _loop_time() - started_s
        attempt = _judge_failure(reply, hold) if isinstance(reply, NoCompletion) else _judge(reply, asking, route, hold)
        asking.cost_nanousd += attempt.cost_nanousd
        if attempt.fault is not None:
            asking.faults.add(attempt.fault)
        if attempt.fault == "unauthorized" and route.provider.secret:
            self._secrets.forget(route.provider.secret)
        self._health_of(route).note(attempt, _loop_time())
        return attempt

    async def _key(self, route: Route) -> Secret | None:
        return await self._secrets.get(route.provider.secret) if route.provider.secret else None

    def _health_of(self, route: Route) -> _Health:
        return self._health.setdefault(route.name, _Health())


def _judge_failure(reply: NoCompletion, hold: Hold) -> _Attempt:
    cost_nanousd = hold.amount_nanousd if reply.is_billed_unknown else 0
    return _Attempt(None, cost_nanousd, reply.fault, reply.retry_after_s)


def _judge(reply: Completion, asking: Asking, route: Route, hold: Hold) -> _Attempt:
    """
    Decide whether the reply can be used, and what it cost.

    The worst case stays spent where the usage can't be believed, and where another model answered, whose
    price nobody knows.
    """
    asking.model_returned, asking.usage = reply.model, reply.usage
    verdict = prompt.read_answer(
        source=asking.content,
        model_asked=route.model,
        model_returned=reply.model,
        finish_reason=reply.finish_reason,
        content=reply.content,
    )
    problem = verdict.problem if isinstance(verdict, prompt.Unusable) else None
    if reply.usage is None or problem == "wrong_model":
        cost_nanousd = hold.amount_nanousd
    else:
        cost_nanousd = min(hold.amount_nanousd, route.cost_nanousd(reply.usage.input_tokens, reply.usage.output_tokens))
    return _Attempt(None if problem else str(verdict), cost_nanousd, problem)


def _wait_before_repeating(attempt: _Attempt, *, is_last: bool) -> float | None:
    """Return the seconds after which the same route deserves one more try; None to go on to the next."""
    if attempt.fault == "unauthorized":
        return 0.0  # the key may have been rotated: it is read again
    if is_last and attempt.fault in WORTH_REPEATING:
        return REPEAT_AFTER_S if attempt.retry_after_s is None else attempt.retry_after_s
    return None


def _failure(asking: Asking, retry_after_s: float | None) -> RequestRefused:
    if "too_late" in asking.faults or asking.time_left_s <= SHORTEST_ATTEMPT_S:
        return ProviderTimeout("The model took too long.")
    if asking.faults <= NOBODY_ANSWERED:
        wait_s = DEFAULT_RETRY_AFTER_S if retry_after_s is None else max(1, round(retry_after_s))
        return ServiceUnavailable("The model can't be reached right now.", wait_s)
    return ProviderFailed("The model gave no usable answer.")


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
