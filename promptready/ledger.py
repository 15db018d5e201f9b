"""
The weekly budget at the store: hold before the call, settle after it, roll on Monday.

Nothing here decides: `budget.py` does, and `group_commit.py` makes it durable.
"""

import asyncio
import logging

from promptready import telemetry
from promptready.budget import WHOLE_PERCENT, Budget, Hold, exhausted
from promptready.clock import Clock
from promptready.errors import InvariantBroken, StoreUnavailable
from promptready.group_commit import FRESH_FOR_S, Change, GroupCommit
from promptready.telemetry import InternalErrorEvent

HOLD_TIMEOUT_S = 8.0
"""A hold waits its turn behind other processes this long; the provider needs most of the 25 s that a request has."""

SETTLE_TIMEOUT_S = 2.0
"""A reply waits this long for its settlement, which lands later all the same if the process lives."""

BREAKER_NOTICED_WITHIN_S = 0.25
"""How long a process may go by a budget it saw with room in it. Its own writes keep that fresh under load."""


class WeeklyBudget:
    """One budget for all users, all processes, all providers."""

    def __init__(self, commits: GroupCommit, clock: Clock) -> None:
        self._commits = commits
        self._clock = clock

    @property
    def last_seen(self) -> Budget | None:
        """The budget as this process saw it last, without asking the store; None before the first time."""
        return self._commits.last_seen

    def looks_exhausted(self, amount_nanousd: int, share_percent: int = WHOLE_PERCENT) -> bool:
        """Tell whether a hold of this size would have been refused when this process last saw the budget."""
        seen = self._commits.last_seen
        return seen is not None and not seen.has_room_for(amount_nanousd, share_percent)

    async def refuse_when_exhausted(self, amount_nanousd: int, share_percent: int = WHOLE_PERCENT) -> None:
        """
        Refuse early what a hold would refuse. While the breaker is open the store is asked at most once a second.

        Raises:
            BudgetExhausted: the breaker is open, or the cap or the share leaves less than `amount_nanousd`.
            StoreUnavailable: the store did not answer in time.
        """
        is_expected = self.looks_exhausted(amount_nanousd, share_percent)
        budget = await self._commits.current(FRESH_FOR_S if is_expected else BREAKER_NOTICED_WITHIN_S)
        if not budget.has_room_for(amount_nanousd, share_percent):
            raise exhausted(self._clock())

    async def hold(
        self, amount_nanousd: int, share_percent: int = WHOLE_PERCENT, *, within_s: float = HOLD_TIMEOUT_S
    ) -> Hold:
        """
        Reserve `amount_nanousd` of this week's budget, or of a share of it, until it is settled.

        It waits `within_s` seconds, and never longer than `HOLD_TIMEOUT_S`.

        Raises:
            BudgetExhausted: the cap or the share leaves less than that. Nothing was written.
            StoreUnavailable: the store did not answer in time. If the hold landed, it is given back as
                soon as this process can see that; until then the amount stays reserved.
        """

        def give_back(landed: Budget) -> Change:
            return lambda budget: budget.settle(Hold(amount_nanousd, landed.week, share_percent), cost_nanousd=0)

        try:
            async with asyncio.timeout(min(within_s, HOLD_TIMEOUT_S)):
                budget = await self._commits.apply(
                    lambda budget: budget.hold(amount_nanousd, self._clock(), share_percent), undo=give_back
                )
        except TimeoutError as exc:
            raise StoreUnavailable from exc
        return Hold(amount_nanousd, budget.week, share_percent)

    async def settle(self, hold: Hold, cost_nanousd: int) -> None:
        """
        Give back what the call did not cost. Never fails its caller: the answer is there already.

        A settlement that the store has not taken after `SETTLE_TIMEOUT_S` stays queued in this process.
        If the process ends first, the difference stays spent until Monday.
        """
        await asyncio.wait({self.settle_later(hold, cost_nanousd)}, timeout=SETTLE_TIMEOUT_S)

    def settle_later(self, hold: Hold, cost_nanousd: int) -> asyncio.Future[Budget]:
        """Queue a settlement for a caller that can't wait: one that is being cancelled."""
        landing = self._commits.apply_later(lambda budget: budget.settle(hold, cost_nanousd))
        landing.add_done_callback(self._tell_of_a_bug)
        return landing

    def call_off(self, holding: asyncio.Future[Hold]) -> None:
        """Give up a `hold` that is under way. If it was granted already, or is yet, the amount goes back."""

        def give_back(ended: asyncio.Future[Hold]) -> None:
            if not ended.cancelled() and ended.exception() is None:
                self.settle_later(ended.result(), 0)

        holding.cancel()
        holding.add_done_callback(give_back)

    def _tell_of_a_bug(self, landing: asyncio.Future[Budget]) -> None:
        """A settlement that breaks an invariant has nobody to raise to: its caller has its answer."""
        error = None if landing.cancelled() else landing.exception()
        if isinstance(error, InvariantBroken):
            telemetry.emit(
                InternalErrorEvent(self._clock(), request_id="", error=type(error).__name__, where="ledger.settle"),
                logging.ERROR,
            )

    async def roll(self) -> Budget:
        """Begin the present week if nobody has, and return its budget."""
        return await self._commits.apply(lambda budget: budget)

    async def status(self) -> Budget:
        """Return the budget as it was at most a second ago."""
        return await self._commits.current(max_age_s=FRESH_FOR_S)

    async def change(self, change: Change) -> Budget:
        """Apply an operator's change: the cap, the breaker."""
        return await self._commits.apply(change)
