"""One seed, one schedule: processes, clients, timers, operators, kills, and the books at the end."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context, copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from promptready import fidelity, telemetry
from promptready.accounts import Accounts
from promptready.admission import Admission
from promptready.budget import CONTAINER, UNKNOWN_WRITER, WHOLE_PERCENT, Budget, Hold
from promptready.catalog import Arm, Catalog, Provider, Route
from promptready.clock import Clock
from promptready.credits import CONTAINER as USERS
from promptready.credits import Rules, User, fresh_grant
from promptready.errors import (
    BudgetExhausted,
    InsufficientCredits,
    RequestRefused,
)
from promptready.group_commit import Change, GroupCommit
from promptready.ledger import HOLD_TIMEOUT_S, WeeklyBudget
from promptready.routing import Asking, Router, _Attempt
from promptready.store import CALL_TIMEOUT_S
from promptready.telemetry import ProcessAiEvent, Pseudonyms
from promptready.trial import Page, Terms, Trial
from tests.simulation.books import Books, Entry, Served, Violated
from tests.simulation.loop import OWNER, Mortal, VirtualLoop
from tests.simulation.network import (
    HOLD,
    LATEST_ANSWER_S,
    LATEST_LANDING_S,
    SERVED,
    Ambush,
    SimulatedProvider,
    SimulatedSecrets,
    SimulatedStore,
    Weather,
    World,
    pick,
)

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
LEASE_S, DEADLINE_S, MAX_LIVE_HOLDS = 60, 25, 3
MOST_SKEW_S = 4.0
SLOW_S = 0.3
"""Replies slower than this may miss the deadline of a settlement."""
KILLS = (0, 0, 0, 0, 1, 2)
EIGHT_DAYS_S = 8 * 24 * 3600.0
PAGES = ("A page about bread.", "A page about cheese, somewhat longer.")

_NEAR = Provider("near", "https://near.example/v1", "near-key")
_FAR = Provider("far", "https://far.example/v1", "far-key")
_ROUTES = (
    Route(_NEAR, "model", 75_000_000, 300_000_000, 131_072, 8_192),
    Route(_FAR, "model", 30_000_000, 140_000_000, 131_072, 8_192),
)
CATALOG = Catalog(
    {
        "A": Arm("A", 70, "two routes", _ROUTES),
        "B": Arm("B", 20, "the dear one", _ROUTES[:1]),
        "C": Arm("C", 10, "the cheap one", _ROUTES[1:]),
    },
    "0" * 12,
)
WORST_NANOUSD = 486_450
"""About what the dearer route holds for one of the pages; the cap is drawn in this unit."""

NO_FIDELITY = fidelity.measure("", "")


@dataclass(frozen=True, slots=True)
class Report:
    """What one schedule came to."""

    seed: int
    violation: str | None
    requests: int
    answers: int
    calls: int
    is_unharmed: bool
    left_by_the_dead_nanousd: int
    understated_nanousd: int
    outcomes: tuple[str, ...]


class _Commits(GroupCommit):
    """The real thing, watched."""

    settling: Entry | None = None
    books: Books

    def apply_later(self, change: Change) -> "asyncio.Future[Budget]":
        landing = super().apply_later(change)
        if self.settling is not None:
            entry, self.settling = self.settling, None

            def landed(future: "asyncio.Future[Budget]") -> None:
                entry.has_settlement_landed = not future.cancelled() and future.exception() is None

            landing.add_done_callback(landed)
        return landing

    def _forget(self, attempt: Any) -> None:  # noqa: ANN401
        """Only a document that does not know its writer any more excuses a settlement that is dropped."""
        if self._seen and self._seen.budget.last_seq_of(self._writer_id) == UNKNOWN_WRITER:
            self.books.has_forgotten = True
        super()._forget(attempt)


class _Budget(WeeklyBudget):
    """The real thing, written down in the money book."""

    def __init__(self, commits: _Commits, clock: Clock, world: World, owner: Mortal) -> None:
        super().__init__(commits, clock)
        self._watched = commits
        self._world = world
        self._owner = owner

    async def hold(
        self, amount_nanousd: int, share_percent: int = WHOLE_PERCENT, *, within_s: float = HOLD_TIMEOUT_S
    ) -> Hold:
        entry = self._world.books.hold_asked(self._owner, amount_nanousd)
        try:
            hold = await super().hold(amount_nanousd, share_percent, within_s=within_s)
        except BudgetExhausted:
            entry.is_refused = True
            raise
        self._world.books.hold_taken(entry, hold)
        return hold

    def settle_later(self, hold: Hold, cost_nanousd: int) -> "asyncio.Future[Budget]":
        try:
            self._watched.settling = self._world.books.settle_asked(hold, cost_nanousd)
        except Violated as violation:
            self._world.broken(violation)
        return super().settle_later(hold, cost_nanousd)


class _Router(Router):
    """The real thing; the provider is told on which hold it is called."""

    async def _attempt(self, route: Route, asking: Asking, hold: Hold) -> _Attempt:
        HOLD.set(hold)
        return await super()._attempt(route, asking, hold)


class Process(Mortal):
    """One instance of the app, as far as the budget goes."""

    def __init__(self, world: World, name: str, skew_s: float, cap_nanousd: int) -> None:
        self.is_dead = False
        skew = timedelta(seconds=skew_s)
        self.clock: Clock = (lambda: world.clock() + skew) if skew else world.clock
        self.store = SimulatedStore(world, name)
        commits = _Commits(self.store, self.clock, name, cap_nanousd)
        commits.books = world.books
        self.budget = _Budget(commits, self.clock, world, self)
        self.context = copy_context()
        self.context.run(OWNER.set, self)


class Instance(Process):
    """One instance of the app: everything that `app.build` puts together, over simulated adapters."""

    def __init__(self, world: World, name: str, skew_s: float, cap_nanousd: int, trial_credits: int) -> None:
        super().__init__(world, name, skew_s, cap_nanousd)
        pseudonyms = Pseudonyms("simulation")
        client: Any = SimulatedProvider(world, name)
        rules = Rules(timedelta(seconds=LEASE_S), MAX_LIVE_HOLDS)
        self.trial = Trial(
            terms=Terms(trial_credits, rules, DEADLINE_S, world.books.newcomers_percent),
            accounts=Accounts(self.store),
            admission=Admission(self.store, pseudonyms, 20),
            budget=self.budget,
            catalog=CATALOG,
            router=_Router(self.budget, client, SimulatedSecrets(world)),
            pseudonyms=pseudonyms,
            clock=self.clock,
            draw_percent=lambda: world.rng.randrange(100),
        )


P = TypeVar("P", bound=Process)


class Schedule(Generic[P]):
    """Everything that a seed decides. What is done is left to the two kinds below."""

    def __init__(self, seed: int, trace: bool = False) -> None:  # noqa: FBT001, FBT002
        self.seed = seed
        self.rng = rng = random.Random(seed)
        random.seed(seed)  # the ledger's own jitter
        self.loop = VirtualLoop()  # type: ignore[abstract]
        self.start = MONDAY - timedelta(seconds=pick(rng, (0.5, 3.0, 10.0, 40.0, 90_000.0)) * (0.5 + rng.random()))
        self._now_read_s, self._now_read = 0.0, self.start
        skew = pick(rng, (0.0, 0.0, MOST_SKEW_S))
        self.books = Books(timedelta(seconds=LEASE_S), timedelta(seconds=skew), MAX_LIVE_HOLDS)
        self.books.newcomers_percent = (100, 100, 50)[seed % 3]  # not drawn, so that seeds stay what they were
        self.world = World(self.loop, rng, _weather(rng), self.books, self._now, self._trace if trace else None)
        self.cap_nanousd = int(WORST_NANOUSD * pick(rng, (0.5, 1, 1.5, 2, 3, 3, 6, 50)))
        self.skew_s = skew
        self.outside = copy_context()
        self.names = [f"p{n}" for n in range(pick(rng, (1, 2, 2, 3)))]
        self.processes: dict[str, P] = {}
        self.made: list[P] = []
        weather = self.world.weather
        self.is_unharmed = weather.store_fault == weather.stale_read == 0 and weather.store_delay_s < SLOW_S
        self.outcomes: list[str] = []
        self.cohorts: dict[str, set[str]] = {}
        self.started = 0

    def run(self) -> Report:
        """Let it happen and check it to the end."""
        try:
            self._plan()
            self._drive()
            self._come_to_rest()
        except Exception as broken:  # noqa: BLE001 - a bug in the ledger is as good as a broken promise
            self.world.broken(broken)
        finally:
            self.loop.bury()
        report = self._report()
        self._let_go()
        return report

    def _report(self) -> Report:
        violation = self.world.violation
        return Report(
            seed=self.seed,
            violation=_described(violation) if violation else None,
            requests=len(self.books.served),
            answers=sum(served.outcome == "SUCCESS" for served in self.books.served.values()),
            calls=self.books.calls,
            is_unharmed=self.is_unharmed,
            left_by_the_dead_nanousd=self.books.left_by_the_dead_nanousd,
            understated_nanousd=self.books.understated_nanousd,
            outcomes=tuple(self.outcomes),
        )

    def _let_go(self) -> None:
        """Cut the rings that only the garbage collector could free, in a tenth of the time that a schedule takes."""
        self.world.shelves.clear()
        for process in self.made:
            vars(process).clear()
        vars(self).clear()

    def _at(self, delay_s: float, action: Callable[..., None], *args: Any) -> None:  # noqa: ANN401
        self.loop.later(delay_s, action, *args)

    def _strike(self, within_s: float, action: Callable[..., None], *args: Any) -> None:  # noqa: ANN401
        """Do it at any time, or between any two steps of the code that a reply sets off."""
        rng = self.rng
        if self.world.ambush is None and rng.random() < 0.5:
            replies, steps = rng.randrange(1, 12), rng.randrange(6)
            self.world.ambush = Ambush(replies, steps, lambda: action(*args))
        else:
            self._at(rng.random() * within_s, action, *args)

    def _perhaps_cancel(self, task: "asyncio.Task[Any]", within_s: float) -> None:
        if self.rng.random() < 0.12:
            self.is_unharmed = False
            self._strike(self.rng.random() ** 2 * within_s, self._cancel, task)

    def _cancel(self, task: "asyncio.Task[Any]") -> None:
        if not task.done():
            self._note("cancel")
            task.cancel()

    def _operate(self) -> None:
        operator = self._launch("operator")
        cap = int(WORST_NANOUSD * pick(self.rng, (0, 0.5, 1, 2, 10)))
        is_open = self.rng.random() < 0.5
        change: Change = pick(
            self.rng, (lambda budget: budget.with_cap(cap), lambda budget: budget.with_breaker(is_open=is_open))
        )
        self._note(f"operator: cap {cap} or breaker {is_open}")
        self._start(operator.budget.change(change), operator.context)

    def _kill(self) -> None:
        self.is_unharmed = False
        name = pick(self.rng, self.names)
        victim = self.processes.pop(name, None)
        if victim is not None:
            self._note(f"kill {name}")
            self.loop.kill(victim)

    def _come_to_rest(self) -> None:
        """
        Let the faults end, and whoever lives speak to the store once more.

        That is how they learn what has landed and give back what nobody needs.
        """
        self.world.weather.calm_down()
        self.world.ambush = None
        self._note("calm")
        pause_s = max(LATEST_LANDING_S, LATEST_ANSWER_S) + LEASE_S + 2 * MOST_SKEW_S
        self.loop.later(pause_s, lambda: None)
        self._drive()
        self._some_process()
        for process in self.processes.values():
            self._start(process.budget.roll(), process.context)
        self._drive()
        self.books.close(self._now())

    def _drive(self) -> None:
        self.loop.run()
        if self.world.violation is not None:
            raise self.world.violation

    def _some_process(self) -> P:
        """Return one of the processes, started on its first use and again after a kill."""
        name = pick(self.rng, self.names)
        process = self.processes.get(name)
        if process is None:
            self.started += 1
            process = self.processes[name] = self._launch(f"{name}.{self.started}")
        return process

    def _launch(self, name: str) -> P:
        process = self._process(name)
        self.made.append(process)
        return process

    def _skew_s(self) -> float:
        return self.rng.uniform(-self.skew_s, self.skew_s) if self.skew_s else 0.0

    def _process(self, name: str) -> P:
        raise NotImplementedError

    def _plan(self) -> None:
        raise NotImplementedError

    def _start(
        self,
        coro: Coroutine[Any, Any, Any],
        context: Context,
        ended: Callable[["asyncio.Task[Any]"], object] | None = None,
    ) -> "asyncio.Task[Any]":
        """Let a process begin something. How it ends is looked at from outside."""
        task = self.loop.create_task(coro, context=context.copy())
        task.add_done_callback(ended or self._outcome, context=self.outside)
        return task

    def _outcome(self, task: "asyncio.Task[Any]") -> str:
        """Name the outcome. Only what the wire contract names may end a request."""
        if task.cancelled():
            outcome = "CancelledError"
        elif (error := task.exception()) is None:
            outcome = "SUCCESS"
        else:
            outcome = type(error).__name__
            if not isinstance(error, RequestRefused):
                self.world.broken(error)
        self.outcomes.append(outcome)
        return outcome

    def _now(self) -> datetime:
        """Return the true time. It is asked for far more often than it passes."""
        if (now_s := self.loop.time()) != self._now_read_s:
            self._now_read_s, self._now_read = now_s, self.start + timedelta(seconds=now_s)
        return self._now_read

    def _note(self, text: str) -> None:
        if self.world.trace:
            self._trace(text)

    def _trace(self, text: str) -> None:
        print(f"{self._now():%a %H:%M:%S.%f} {text}")


class WholeSchedule(Schedule[Instance]):
    """Clients call the use cases."""

    def run(self) -> Report:
        self.trial_credits = pick(self.rng, (1, 1, 2, 3, 5))
        return super().run()

    def _plan(self) -> None:
        rng, world = self.rng, self.world
        users = [f"user-{n}" for n in range(pick(rng, (1, 1, 2)))]
        if rng.random() < 0.7:
            world.put(CONTAINER, Budget.first(self.cap_nanousd, self._now()).to_document())
        span_s = pick(rng, (0.0, 0.0, 0.05, 0.05, 2.0, 2.0, 30.0, 30.0, 200.0, 900.0, EIGHT_DAYS_S))
        for user_id in users:
            if rng.random() < 0.8:
                world.put(USERS, fresh_grant(user_id, "A", self.trial_credits, self._now()).to_document())
            else:
                for _ in range(pick(rng, (1, 2, 3))):
                    self._at(rng.random() * min(span_s, 2.0), self._check_credits, user_id)
        for number in range(pick(rng, (1, 1, 2, 2, 3))):
            self._plan_request(f"r{number}", pick(rng, users), rng.random() * span_s)
        for _ in range(pick(rng, (0, 0, 0, 0, 1, 2))):
            at_s = rng.random() * span_s
            for _ in range(pick(rng, (1, 1, 2))):
                self._at(at_s, self._timer)
        if rng.random() < 0.25:
            self._at(rng.random() * span_s, self._operate)
        for _ in range(pick(rng, KILLS)):
            self._strike(span_s + 5.0, self._kill)

    def _plan_request(self, id_: str, user_id: str, at_s: float) -> None:
        rng = self.rng
        key = f"key-{pick(rng, (id_, id_, 'shared'))}"
        page = pick(rng, PAGES) if rng.random() < 0.2 else PAGES[0]
        self._at(at_s, self._process_ai, id_, user_id, key, page)

    def _process_ai(self, id_: str, user_id: str, key: str, page: str) -> None:
        process = self._some_process()
        served = self.books.served[id_] = Served(id_, user_id, key)
        context = process.context.copy()
        context.run(SERVED.set, served)

        def ended(task: "asyncio.Task[Any]") -> None:
            served.outcome = self._outcome(task)
            self._note(f"{id_} ({user_id}, {key}) ends: {served.outcome}")

        event = ProcessAiEvent(self._now(), id_, CATALOG.version)
        task = self._start(process.trial.process_ai(Page(user_id, "A", page, key), event), context, ended)
        self._perhaps_cancel(task, DEADLINE_S)

    def _check_credits(self, user_id: str) -> None:
        process = self._some_process()

        def ended(task: "asyncio.Task[Any]") -> None:
            if self._outcome(task) == "SUCCESS":
                told = self.cohorts.setdefault(user_id, set())
                told.add(task.result().cohort)
                if len(told) > 1:
                    raise Violated(f"I8: one user was told the cohorts {sorted(told)}")

        task = self._start(process.trial.check_credits(user_id, "192.0.2.1"), process.context, ended)
        self._perhaps_cancel(task, CALL_TIMEOUT_S)

    def _timer(self) -> None:
        process = self._some_process()
        task = self._start(process.trial.reset_week(), process.context)
        self._perhaps_cancel(task, CALL_TIMEOUT_S)

    def _come_to_rest(self) -> None:
        super()._come_to_rest()
        self._check_users()

    def _check_users(self) -> None:
        for (container, _), versions in self.world.shelves.items():
            if container == USERS:
                self._can_hold_again(User.from_document(versions[-1].document))
        if self.is_unharmed:
            self._every_answer_was_paid()

    def _can_hold_again(self, user: User) -> None:
        """I6: no lease is left."""
        try:
            user.hold("probe", "", "probe", self._now(), Rules(timedelta(seconds=LEASE_S), MAX_LIVE_HOLDS))
        except InsufficientCredits:
            return
        except RequestRefused as refusal:
            raise Violated(f"I6: {user.id} is still refused: {type(refusal).__name__}") from refusal

    def _every_answer_was_paid(self) -> None:
        """I3, I5: without faults, one key that was answered is one credit, neither more nor less."""
        answered = {(s.user_id, s.key) for s in self.books.served.values() if s.outcome == "SUCCESS"}
        if answered != set(self.books.charges):
            raise Violated(f"I3: answered {sorted(answered)}, charged {sorted(self.books.charges)}")

    def _process(self, name: str) -> Instance:
        return Instance(self.world, name, self._skew_s(), self.cap_nanousd, self.trial_credits)


class BudgetSchedule(Schedule[Process]):
    """Callers hold, call and settle straight on the budget: many more races over one document in the same time."""

    def _plan(self) -> None:
        rng = self.rng
        span_s = pick(rng, (0.0, 0.02, 2.0, 5.0, 10.0, 60.0, 500.0, 900.0, EIGHT_DAYS_S))
        if rng.random() < 0.7:
            self.world.put(CONTAINER, Budget.first(self.cap_nanousd, self._now()).to_document())
        for _ in range(pick(rng, (1, 2, 2, 2, 3, 4))):
            self._at(rng.random() * span_s, self._spend)
        if rng.random() < 0.2:
            self._at(rng.random() * span_s, self._operate)
        for _ in range(pick(rng, KILLS)):
            self._strike(span_s + 2.0, self._kill)

    def _spend(self) -> None:
        rng, process = self.rng, self._some_process()
        amount = WORST_NANOUSD // pick(rng, (1, 1, 1, 2))
        cost = pick(rng, (0, 0, amount // 2, rng.randint(0, amount)))  # often what another wants to hold
        task = self._start(self._hold_call_settle(process, amount, cost), process.context)
        self._perhaps_cancel(task, 10.0)

    async def _hold_call_settle(self, process: Process, amount: int, cost: int) -> None:
        hold = await process.budget.hold(amount)
        delay_s = pick(self.rng, (0.0, 0.1, 1.0, 5.0))
        call = self.books.call_begins(hold, amount, timeout_s=DEADLINE_S)
        self.loop.later(delay_s, self.books.call_ends, call, cost)
        await asyncio.sleep(delay_s + 0.001)
        await process.budget.settle(hold, cost)

    def _process(self, name: str) -> Process:
        return Process(self.world, name, self._skew_s(), self.cap_nanousd)


def _described(violation: BaseException) -> str:
    return str(violation) if isinstance(violation, Violated) else f"{type(violation).__name__}: {violation}"


def _weather(rng: random.Random) -> Weather:
    return Weather(
        store_fault=pick(rng, (0.0, 0.0, 0.05, 0.2, 0.5)),
        store_delay_s=pick(rng, (0.004, 0.02, 0.2, 1.4, 2.2)),
        provider_fault=pick(rng, (0.0, 0.2, 0.6)),
        provider_delay_s=pick(rng, (0.2, 5.0, 30.0)),
        missing_secret=pick(rng, (0.0, 0.0, 0.0, 0.2)),
        slow_secret=pick(rng, (0.0, 0.0, 0.5)),
        stale_read=pick(rng, (0.0, 0.0, 0.1)),
    )


KINDS: Mapping[str, type[Schedule[Any]]] = {"whole": WholeSchedule, "budget": BudgetSchedule}


def run(seed: int, kind: str = "whole", *, trace: bool = False) -> Report:
    """Run one seed."""
    measure, emit = fidelity.measure, telemetry.emit
    fidelity.measure = lambda source, answer: NO_FIDELITY  # noqa: ARG005
    telemetry.emit = lambda *event: None  # noqa: ARG005
    try:
        return KINDS[kind](seed, trace).run()
    finally:
        fidelity.measure, telemetry.emit = measure, emit
