"""
The product's story: check credits, process a page, begin a new week.

Who may be served is decided by pure rules (`credits`, `budget`, `catalog`); this module says
in which order they are asked, and what happens to the holds when something fails on the way.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from promptready import fidelity, telemetry
from promptready.accounts import Account, Accounts
from promptready.admission import Admission
from promptready.budget import WHOLE_PERCENT, Hold
from promptready.catalog import Catalog, Route
from promptready.clock import Clock
from promptready.credits import Cohort, Rules, User, fresh_grant
from promptready.errors import (
    BudgetExhausted,
    InsufficientCredits,
    ServiceUnavailable,
    StoreUnavailable,
    UnknownUser,
)
from promptready.ledger import SETTLE_TIMEOUT_S, WeeklyBudget
from promptready.routing import Answer, Asking, Router
from promptready.telemetry import BudgetStatusEvent, InternalErrorEvent, ProcessAiEvent, Pseudonyms, ResetWeekEvent

LAST_SEEN_STALE_AFTER = timedelta(days=1)
SETTLE_RESERVE_S = 3.0
"""Kept back from the deadline for the two writes, side by side, that follow the answer."""

TURNS_TO_THE_STORE = 2
"""Turns of the event loop until both of those writes are under way; then the evidence is counted beside them."""

RELEASE_TIMEOUT_S = SETTLE_RESERVE_S - SETTLE_TIMEOUT_S
"""A failed request settles its last attempt and then gives the credit back, both within that reserve."""

STATUS_EVERY = timedelta(minutes=1)
RETRY_WITHOUT_ROUTES_S = 600  # an operator has to change the catalog


@dataclass(frozen=True, slots=True)
class Terms:
    """What the trial grants and how long a request may take."""

    trial_credits: int
    rules: Rules
    deadline_s: float
    newcomers_percent: int = WHOLE_PERCENT
    """How much of the week's cap users may spend, all together, who came this week. The rest is for the others."""


@dataclass(frozen=True, slots=True)
class Page:
    """One process-ai request, already validated. `key` is its idempotency key, ours where the client sent none."""

    user_id: str
    cohort: str
    content: str
    key: str


@dataclass(frozen=True, slots=True)
class Credits:
    """What check-credits tells."""

    remaining: int
    cohort: Cohort


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What process-ai tells."""

    text: str
    credits_remaining: int


class Trial:
    """The three use cases."""

    def __init__(
        self,
        *,
        terms: Terms,
        accounts: Accounts,
        admission: Admission,
        budget: WeeklyBudget,
        catalog: Catalog,
        router: Router,
        pseudonyms: Pseudonyms,
        clock: Clock,
        draw_percent: Callable[[], int],
    ) -> None:
        self._terms = terms
        self._accounts = accounts
        self._admission = admission
        self._budget = budget
        self._catalog = catalog
        self._router = router
        self._pseudonyms = pseudonyms
        self._clock = clock
        self._draw_percent = draw_percent
        self._status_due = clock()

    async def check_credits(self, user_id: str, network: str) -> Credits:
        """
        Tell a user's credits and cohort; grant both to one who is new.

        Raises:
            InsufficientCredits: none are left.
            TooManyRequests: the network has brought too many new users today.
            StoreUnavailable: the store did not answer.
        """
        now = self._clock()
        account, arrivals = await asyncio.gather(self._accounts.look(user_id), self._admission.look(network, now))
        if account is None:
            await self._admission.admit(user_id, network, arrivals, now)
            cohort = self._catalog.assign(self._draw_percent())
            is_day_kept = self._terms.newcomers_percent < WHOLE_PERCENT
            grant = fresh_grant(user_id, cohort, self._terms.trial_credits, now, is_day_kept=is_day_kept)
            user = await self._accounts.open(grant)
        else:
            user = account.user
            await self._note_visit(account, now)
        if user.credits_remaining <= 0:
            raise InsufficientCredits
        return Credits(user.credits_remaining, user.cohort)

    async def process_ai(self, page: Page, event: ProcessAiEvent) -> Cleaned:
        """
        Turn a page into clean Markdown for one credit. `event` is filled in on the way.

        Raises:
            RequestRefused: any row of the wire contract from 402 on; no credit was taken.
        """
        asking = self._asking(page)
        try:
            account, route_hold = await self._admit(page, asking, event)
            try:
                answer = await self._router.ask(asking, route_hold)
            except Exception:
                await self._release(page, account, event.request_id, is_billed=asking.cost_nanousd > 0)
                raise
            return await self._deliver(page, account, answer, event)
        finally:
            _describe(asking, event)
            self._report_status()

    async def reset_week(self) -> None:
        """Begin the present week, if no request has. Running it again changes nothing."""
        budget = await self._budget.roll()
        telemetry.emit(ResetWeekEvent(self._clock(), budget.week, budget.spend_nanousd, budget.cap_nanousd))

    def _asking(self, page: Page) -> Asking:
        reserve_s = min(SETTLE_RESERVE_S, self._terms.deadline_s / 4)
        ends_at_s = asyncio.get_running_loop().time() + self._terms.deadline_s - reserve_s
        return Asking(page.content, ends_at_s)

    async def _admit(self, page: Page, asking: Asking, event: ProcessAiEvent) -> tuple[Account, Hold]:
        """Take both holds, or refuse, in the contract's order: breaker, user, key, credits."""
        try:
            async with asyncio.timeout(self._terms.deadline_s / 2):
                account = await self._look(page, self._least_any_cohort_needs(asking))
                event.cohort = account.user.cohort
                event.cohort_mismatch = page.cohort != account.user.cohort
                asking.routes = self._routes(account.user.cohort, asking)
                if account.user.is_newcomer(self._clock()):
                    asking.share_percent = self._terms.newcomers_percent
                return await self._take_holds(page, account, asking, event.request_id)
        except TimeoutError as exc:
            raise StoreUnavailable from exc

    async def _look(self, page: Page, least_nanousd: int) -> Account:
        """Read budget and user side by side; but while the breaker is open, ask for the budget alone."""
        if self._budget.looks_exhausted(least_nanousd):
            await self._budget.refuse_when_exhausted(least_nanousd)
        breaker, account = await asyncio.gather(
            self._budget.refuse_when_exhausted(least_nanousd),
            self._accounts.find(page.user_id),
            return_exceptions=True,
        )
        if isinstance(breaker, BaseException):
            raise breaker
        if isinstance(account, BaseException):
            raise account
        return account

    async def _take_holds(self, page: Page, account: Account, asking: Asking, holder: str) -> tuple[Account, Hold]:
        """Hold the credit and the worst case, side by side. If one is refused, the other goes back."""
        worst_case_nanousd = asking.worst_case_nanousd(asking.routes[0])
        if self._budget.looks_exhausted(worst_case_nanousd, asking.share_percent):
            await self._budget.refuse_when_exhausted(worst_case_nanousd, asking.share_percent)
        fingerprint = self._pseudonyms.of("content", page.content)
        now = self._clock()

        def hold(user: User) -> User:
            return user.hold(page.key, fingerprint, holder, now, self._terms.rules)

        held = hold(account.user)  # refuses before the budget is touched
        # The budget's first: its committer takes a turn of the loop to start, and one turn's writes share a commit.
        holding = asyncio.ensure_future(self._budget.hold(worst_case_nanousd, asking.share_percent))
        crediting = asyncio.ensure_future(
            self._accounts.change(
                account,
                lambda user: held if user is account.user else hold(user),
                lambda user: user.is_held_by(page.key, holder),
            )
        )
        try:
            credit, money = await asyncio.gather(crediting, holding, return_exceptions=True)
        except asyncio.CancelledError:
            self._budget.call_off(holding)  # the credit has its lease; money has none
            raise
        if not isinstance(credit, BaseException) and not isinstance(money, BaseException):
            return credit, money
        if not isinstance(credit, BaseException):
            await self._release(page, credit, holder)
        if not isinstance(money, BaseException):
            await self._budget.settle(money, 0)
        raise _first_to_tell(money, credit)

    async def _deliver(self, page: Page, account: Account, answer: Answer, event: ProcessAiEvent) -> Cleaned:
        """
        Take the credit and give back what the call did not cost, side by side.

        The answer is there, so the user gets it whatever the store does now: at worst it was free, and the
        lease ends the hold.
        """
        now = self._clock()

        def pay(user: User) -> User:
            return user.answer(page.key, event.request_id, now)

        settling = asyncio.ensure_future(self._budget.settle(answer.hold, answer.cost_nanousd))  # first, as in holding
        paying = asyncio.ensure_future(
            self._accounts.change(account, pay, lambda user: user.is_answered_by(page.key, event.request_id))
        )
        for _ in range(TURNS_TO_THE_STORE):
            await asyncio.sleep(0)
        self._judge(page, answer, event)
        done, _ = await asyncio.wait({paying, settling}, timeout=SETTLE_RESERVE_S)
        if paying not in done:
            paying.cancel()
        is_paid = paying in done and paying.exception() is None
        user = paying.result().user if is_paid else pay(account.user)
        return Cleaned(answer.text, user.credits_remaining)

    def _judge(self, page: Page, answer: Answer, event: ProcessAiEvent) -> None:
        """Record how much of the page the answer kept. A bug in that costs the evidence, never the answer."""
        event.output_bytes = len(answer.text.encode())
        try:
            event.fidelity = fidelity.measure(page.content, answer.text).score
        except Exception as bug:  # noqa: BLE001 - the credit is being taken: the user gets what it pays for
            error = InternalErrorEvent(self._clock(), event.request_id, type(bug).__name__, where="fidelity")
            telemetry.emit(error, logging.ERROR)

    async def _release(self, page: Page, account: Account, holder: str, *, is_billed: bool = False) -> None:
        """Give the credit back now. If the store does not answer, the lease does it within a minute."""
        billed_at = self._clock() if is_billed else None
        with contextlib.suppress(ServiceUnavailable, UnknownUser, TimeoutError):
            async with asyncio.timeout(RELEASE_TIMEOUT_S):
                await self._accounts.change(
                    account,
                    lambda user: user.release(page.key, holder, billed_at=billed_at),
                    lambda user: not user.is_held_by(page.key, holder),
                )

    async def _note_visit(self, account: Account, now: datetime) -> None:
        """Keep `last_seen` true to the day. It keeps the document from expiring, so a missed write does no harm."""
        if now - account.user.last_seen > LAST_SEEN_STALE_AFTER:
            with contextlib.suppress(ServiceUnavailable, UnknownUser):
                await self._accounts.change(account, lambda user: user.seen(now), lambda user: user.last_seen >= now)

    def _routes(self, cohort: Cohort, asking: Asking) -> list[Route]:
        live = self._catalog.live_routes(cohort, self._clock().date())
        fitting = [route for route in live if route.fits(asking.prompt_bytes, asking.content_bytes)]
        if not fitting:
            raise ServiceUnavailable("The model can't be reached right now.", RETRY_WITHOUT_ROUTES_S)
        return self._router.healthy(fitting)

    def _least_any_cohort_needs(self, asking: Asking) -> int:
        """Return the smallest hold that this content could need. Less than that left is an open breaker."""
        today = self._clock().date()
        holds = [
            asking.worst_case_nanousd(route)
            for cohort in self._catalog.arms
            for route in self._catalog.live_routes(cohort, today)
        ]
        return min(holds, default=0)

    def _report_status(self) -> None:
        """Let the spend alerts know where the week stands, at most once a minute."""
        now, budget = self._clock(), self._budget.last_seen
        if budget is None or now < self._status_due:
            return
        self._status_due = now + STATUS_EVERY
        telemetry.emit(
            BudgetStatusEvent(
                time=now,
                spend_nanousd=budget.spend_nanousd,
                cap_nanousd=budget.cap_nanousd,
                breaker_open=budget.breaker_open or budget.spend_nanousd >= budget.cap_nanousd,
                catalog_version=self._catalog.version,
                days_to_next_retirement=self._catalog.days_to_next_retirement(now.date()),
            )
        )


def _first_to_tell(*outcomes: object) -> BaseException:
    """An exhausted budget is told before anything about the user; apart from that, the first error given."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    return next((error for error in errors if isinstance(error, BudgetExhausted)), errors[0])


def _describe(asking: Asking, event: ProcessAiEvent) -> None:
    """Carry the asking's numbers into the event."""
    event.attempts = asking.attempts
    event.cost_nanousd = asking.cost_nanousd
    event.latency_provider_ms = round(asking.provider_s * 1000, 3) if asking.attempts else None
    event.model_returned = asking.known_model_returned
    if asking.route is not None:
        event.provider, event.model_asked = asking.route.provider.name, asking.route.model
    if asking.usage is not None:
        event.input_tokens, event.output_tokens = asking.usage.input_tokens, asking.usage.output_tokens
