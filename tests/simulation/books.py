"""
What must be true of every stored state, by books that the ledger does not keep.

The provider's book says what was asked and billed. The money book says what each hold was taken for. The
credit book follows every version of every user document. `Violated` is the end of a schedule.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from promptready.budget import Hold
from promptready.clock import week_start
from promptready.credits import MAX_RUNS, REMEMBERED_FOR
from promptready.money import NANO_PER_USD
from promptready.store import Document
from tests.simulation.loop import Mortal


class Violated(Exception):
    """An invariant does not hold. The text begins with its number."""


@dataclass(eq=False, slots=True)
class Call:
    """One call in the provider's book. `owed_nanousd` is the worst case until the provider has finished."""

    week: datetime
    worst_nanousd: int
    owed_nanousd: int


@dataclass(eq=False, slots=True)
class Entry:
    """One hold in the money book, from the moment it was asked for."""

    owner: Mortal
    amount_nanousd: int
    hold: Hold | None = None
    is_refused: bool = False
    is_settled: bool = False
    has_settlement_landed: bool = False
    cost_nanousd: int = 0
    call: Call | None = None


@dataclass(eq=False, slots=True)
class Served:
    """One HTTP request as the outside sees it."""

    id: str
    user_id: str
    key: str
    has_answer: bool = False  # the provider's usable reply reached the process
    is_charged: bool = False
    outcome: str = "none"  # none: its process died, or it has not ended


@dataclass(slots=True)
class Books:
    """All three, and the checks on them."""

    lease: timedelta
    skew: timedelta
    max_live_holds: int
    week: datetime | None = None
    cap_nanousd: int = 0
    newcomers_percent: int = 100
    newcomers_nanousd: int = 0
    spend_nanousd: dict[datetime, int] = field(default_factory=dict)
    owed_nanousd: defaultdict[datetime, int] = field(default_factory=lambda: defaultdict(int))
    entries: list[Entry] = field(default_factory=list)
    by_hold: dict[int, Entry] = field(default_factory=dict)
    served: dict[str, Served] = field(default_factory=dict)
    charges: dict[tuple[str, str], datetime] = field(default_factory=dict)
    calls: int = 0
    understated_nanousd: int = 0
    has_forgotten: bool = False

    # The budget document.

    def budget_written(self, after: Document, now: datetime) -> None:
        """I1, I2, I9 on one version of the budget document."""
        week, spend = _instant(after["last_reset"]), _nanousd(after["weekly_spend_usd"])
        self.cap_nanousd = cap = _nanousd(after["weekly_cap_usd"])
        if week != self.week:
            if week != week_start(week):
                raise Violated(f"I9: {week} is no Monday 00:00 UTC")
            if self.week is not None and week < self.week:
                raise Violated(f"I9: a closed week was opened again: {week}")
            if week > week_start(now + self.skew):
                raise Violated(f"I9: the week {week} began early, at {now}")
            self.week, self.newcomers_nanousd = week, 0
        newcomers, share = _nanousd(after.get("newcomers_spend_usd", 0)), cap * self.newcomers_percent // 100
        if newcomers > spend or newcomers > max(share, self.newcomers_nanousd):
            raise Violated(f"I1: newcomers spent {newcomers} of {spend}, and of a share of {share}")
        self.newcomers_nanousd = newcomers
        if spend > cap and spend > self.spend_nanousd.get(week, 0):
            raise Violated(f"I1: {spend} spent of a cap of {cap}")
        self.spend_nanousd[week] = spend
        self._covers(week)

    def _covers(self, week: datetime) -> None:
        recorded, owed = self.spend_nanousd.get(week, 0), self.owed_nanousd[week]
        if recorded < owed:
            raise Violated(f"I2: {owed} owed to providers, {recorded} recorded, {owed - recorded} too little")

    # The provider's book.

    def call_begins(self, hold: Hold | None, worst_nanousd: int, timeout_s: float) -> Call:
        """I7: there is a hold, it is stored, and it covers the worst case; and there is time for an answer."""
        if timeout_s <= 0:
            raise Violated("I6: a call with no time left, which can only strand its worst case")
        if hold is None or hold.amount_nanousd < worst_nanousd:
            raise Violated(f"I7: a call that may cost {worst_nanousd} on {hold}")
        entry = self.by_hold.get(id(hold))
        if entry is None or entry.call is not None or entry.is_settled:
            raise Violated("I7: a call on a hold that was not taken for it")
        self.calls += 1
        entry.call = call = Call(hold.week, worst_nanousd, worst_nanousd)
        self.owed_nanousd[hold.week] += worst_nanousd
        self._covers(hold.week)
        return call

    def call_ends(self, call: Call, bill_nanousd: int) -> None:
        """The provider has finished, whoever is still listening."""
        self.owed_nanousd[call.week] += bill_nanousd - call.owed_nanousd
        call.owed_nanousd = bill_nanousd

    # The money book.

    def hold_asked(self, owner: Mortal, amount_nanousd: int) -> Entry:
        """A process wants to hold."""
        entry = Entry(owner, amount_nanousd)
        self.entries.append(entry)
        return entry

    def hold_taken(self, entry: Entry, hold: Hold) -> None:
        """The ledger says that the hold is stored."""
        entry.hold = hold
        self.by_hold[id(hold)] = entry

    def settle_asked(self, hold: Hold, cost_nanousd: int) -> Entry:
        """I6: a hold is settled once, and never below what the provider bills."""
        entry = self.by_hold[id(hold)]
        if entry.is_settled:
            raise Violated("I6: a hold was settled twice")
        entry.is_settled, entry.cost_nanousd = True, cost_nanousd
        if entry.call and cost_nanousd < entry.call.owed_nanousd:
            raise Violated(f"I2: a call of {entry.call.owed_nanousd} was settled as {cost_nanousd}")
        return entry

    # The credit book.

    def user_written(self, before: Document | None, after: Document, now: datetime) -> None:
        """I3, I4, I5, I8 on one version of a user document."""
        credits_, user_id = after["credits_remaining"], after["id"]
        if credits_ < 0:
            raise Violated(f"I3: {credits_} credits")
        entries = after["requests"]
        unpaid = [
            entry
            for entry in entries
            if entry["state"] == "held" and entry["runs"] == 1 and self._is_surely_live(entry, now)
        ]
        if len(unpaid) > credits_:
            raise Violated(f"I4: {len(unpaid)} credits held of {credits_}")
        live = [entry for entry in entries if entry["state"] == "held" and self._is_surely_live(entry, now)]
        if len(live) > self.max_live_holds:
            raise Violated(f"I4: {len(live)} requests in flight for one user")
        if any(entry["runs"] > MAX_RUNS for entry in entries):
            raise Violated("I5: a key was run too often")
        if before is None:
            return
        if before["cohort"] != after["cohort"]:
            raise Violated("I8: the cohort has changed")
        match before["credits_remaining"] - credits_:
            case 0:
                return
            case 1:
                self._charged(user_id, before, after, now)
            case other:
                raise Violated(f"I3: {other} credits taken in one write")

    def _is_surely_live(self, entry: Document, now: datetime) -> bool:
        return now - _instant(entry["at"]) < self.lease - 2 * self.skew

    def _charged(self, user_id: str, before: Document, after: Document, now: datetime) -> None:
        held = {entry["id"]: entry for entry in before["requests"] if entry["state"] == "held"}
        paid = [entry for entry in after["requests"] if entry["state"] == "answered" and entry["id"] in held]
        if len(paid) != 1:
            raise Violated("I3: a credit was taken for no answer")
        key, holder = paid[0]["id"], paid[0]["holder"]
        if not self.served[holder].has_answer:
            raise Violated(f"I3: a credit was taken for {holder}, which has no answer")
        self.served[holder].is_charged = True
        earlier, self.charges[user_id, key] = self.charges.get((user_id, key)), now
        if earlier is not None and now - earlier < REMEMBERED_FOR - 2 * self.skew:
            raise Violated(f"I5: the key {key} was charged twice")

    # At the end, when every process that lives has spoken to the store once more.

    def close(self, now: datetime) -> None:
        """I2, I3, I6 and I9 when all has come to rest."""
        for week in self.owed_nanousd:
            self._covers(week)
        for served in self.served.values():
            if served.is_charged and served.outcome not in {"SUCCESS", "CancelledError", "none"}:
                raise Violated(f"I3: {served.id} was charged and told {served.outcome}")
        if self.week is not None and self.week < week_start(now - self.skew):
            raise Violated(f"I9: the week of {now} has not begun")
        for entry in self.entries:
            if entry.hold and not entry.owner.is_dead and not entry.is_settled and entry.call is None:
                raise Violated(f"I6: a hold of {entry.amount_nanousd} was never settled and nothing was called on it")
        if not self.has_forgotten:
            for week, recorded in self.spend_nanousd.items():
                self._adds_up(week, recorded, is_open=week == self.week)

    def _adds_up(self, week: datetime, recorded: int, *, is_open: bool) -> None:
        """
        I6: every hold of the week was counted once and given back once.

        What the dead held counts as anything between given back and never given back, and so does what
        was settled after its week was closed.
        """
        least = most = 0
        for entry in self.entries:
            if entry.is_refused or (entry.hold is not None and entry.hold.week != week):
                continue
            low, high = _bounds(entry, is_open=is_open)
            least, most = least + low, most + high
        if not least <= recorded <= most:
            raise Violated(f"I6: {recorded} recorded for {week:%d %b}, the holds add up to {least} to {most}")

    @property
    def left_by_the_dead_nanousd(self) -> int:
        """What crashes have cost: held or unsettled by processes that died, this week."""
        return sum(
            entry.amount_nanousd - (entry.cost_nanousd if entry.is_settled else 0)
            for entry in self.entries
            if entry.owner.is_dead and entry.hold and entry.hold.week == self.week and not entry.has_settlement_landed
        )


@lru_cache(maxsize=1024)
def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _nanousd(usd: float) -> int:
    """Read an amount without the ledger's own code. What is not a whole number of nano-dollars is no amount."""
    nanousd = round(usd * NANO_PER_USD)
    if nanousd / NANO_PER_USD != usd:
        raise Violated(f"I1: {usd!r} is not exact")
    return nanousd


def _bounds(entry: Entry, *, is_open: bool) -> tuple[int, int]:
    """Return the least and the most that this hold may still weigh on the week."""
    if entry.hold is None:  # given up, or cut off: it may have landed, and whoever lives gives it back
        return 0, entry.amount_nanousd if entry.owner.is_dead or not is_open else 0
    if not entry.is_settled:
        return entry.amount_nanousd, entry.amount_nanousd
    is_certain = is_open and (entry.has_settlement_landed or not entry.owner.is_dead)
    return entry.cost_nanousd, entry.cost_nanousd if is_certain else entry.amount_nanousd
