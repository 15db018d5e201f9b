"""
The weekly budget: what a hold, a settlement, a roll and an operator's hand do to it. Pure.

`Budget` is the `global_config/budget` document as a value. Every method returns the next value or
refuses, and none of them knows a store: `group_commit.py` carries them there.

The cap holds because of three rules. A hold adds the worst case before the provider is called; a
settlement only ever gives back, never takes more than its hold; and a settlement after a roll is
dropped, because the week that took the hold is closed.

An owner may keep a part of the week for users who were there before it began: holds of newcomers then
count a second time, against a share of the cap.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from promptready.clock import from_text, seconds_until_next_week, to_text, week_start
from promptready.errors import BudgetExhausted, InvariantBroken, UnreadableBudget
from promptready.money import nano_to_usd, usd_to_nano
from promptready.store import Document

CONTAINER = "global_config"
DOCUMENT_ID = "budget"
WRITER_SILENT_FOR = timedelta(minutes=10)
WHOLE_PERCENT = 100
"""The share of those whom only the cap limits."""

UNKNOWN_WRITER = 0
"""The number of a writer that has not written, or that has been silent for too long to be remembered."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The last budget write of one process: its number, and when."""

    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """
    `amount_nanousd` of the week that began at `week`, taken out of the budget until it is settled.

    Less than the whole in `share_percent` makes it a newcomer's.
    """

    amount_nanousd: int
    week: datetime
    share_percent: int = WHOLE_PERCENT


@dataclass(frozen=True, slots=True)
class Budget:
    """
    The budget of the week that began at `week`.

    `spend_nanousd` counts what was settled and, for holds still out, their worst case; `newcomers_nanousd`
    is the part of it that was taken under a share.
    """

    spend_nanousd: int
    cap_nanousd: int
    week: datetime
    breaker_open: bool = False
    writers: Mapping[str, Writer] = field(default_factory=dict)
    newcomers_nanousd: int = 0

    @classmethod
    def first(cls, cap_nanousd: int, now: datetime) -> "Budget":
        """Return the budget of a new installation."""
        return cls(spend_nanousd=0, cap_nanousd=cap_nanousd, week=week_start(now))

    @classmethod
    def from_document(cls, document: Document) -> "Budget":
        """Read the stored document. Raises `UnreadableBudget`: what we can't read is spent by nobody."""
        try:
            return cls(
                spend_nanousd=usd_to_nano(document["weekly_spend_usd"]),
                cap_nanousd=usd_to_nano(document["weekly_cap_usd"]),
                week=from_text(document["last_reset"]),
                breaker_open=bool(document.get("breaker_open", False)),
                writers={
                    id_: Writer(seq=writer["seq"], at=from_text(writer["at"]))
                    for id_, writer in document.get("writers", {}).items()
                },
                newcomers_nanousd=usd_to_nano(document.get("newcomers_spend_usd", 0)),
            )
        except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as exc:
            raise UnreadableBudget from exc

    def to_document(self) -> Document:
        """Return the document that `from_document` reads back exactly."""
        document: Document = {
            "id": DOCUMENT_ID,
            "weekly_spend_usd": nano_to_usd(self.spend_nanousd),
            "weekly_cap_usd": nano_to_usd(self.cap_nanousd),
            "last_reset": to_text(self.week),
            "breaker_open": self.breaker_open,
            "writers": {id_: {"seq": writer.seq, "at": to_text(writer.at)} for id_, writer in self.writers.items()},
        }
        if self.newcomers_nanousd:  # never where the owner keeps nothing for others
            document["newcomers_spend_usd"] = nano_to_usd(self.newcomers_nanousd)
        return document

    def has_room_for(self, amount_nanousd: int, share_percent: int = WHOLE_PERCENT) -> bool:
        """Tell whether a hold of this size would be granted now to one of those who have this share of the cap."""
        if self.breaker_open or self.spend_nanousd + amount_nanousd > self.cap_nanousd:
            return False
        share_nanousd = self.cap_nanousd * share_percent // 100
        return share_percent >= WHOLE_PERCENT or self.newcomers_nanousd + amount_nanousd <= share_nanousd

    def hold(self, amount_nanousd: int, now: datetime, share_percent: int = WHOLE_PERCENT) -> "Budget":
        """
        Take the worst case of one provider call.

        Raises:
            BudgetExhausted: the cap or the share leaves less than that, or the breaker is open.
        """
        if amount_nanousd < 0:
            raise InvariantBroken("a hold can't be negative")
        if not self.has_room_for(amount_nanousd, share_percent):
            raise exhausted(now)
        held = replace(self, spend_nanousd=self.spend_nanousd + amount_nanousd)
        if share_percent >= WHOLE_PERCENT:
            return held
        return replace(held, newcomers_nanousd=self.newcomers_nanousd + amount_nanousd)

    def settle(self, hold: Hold, cost_nanousd: int) -> "Budget":
        """Give back what the call did not cost. A cost above the hold keeps the hold: the cap comes first."""
        if hold.week != self.week:
            return self
        given_back = hold.amount_nanousd - max(0, min(cost_nanousd, hold.amount_nanousd))
        if given_back > self.spend_nanousd:
            raise InvariantBroken("more would be given back than was ever held")
        settled = replace(self, spend_nanousd=self.spend_nanousd - given_back)
        if hold.share_percent >= WHOLE_PERCENT:
            return settled
        # Not below nothing: an instance of an earlier release writes the document without this field.
        return replace(settled, newcomers_nanousd=max(0, self.newcomers_nanousd - given_back))

    def rolled(self, now: datetime) -> "Budget":
        """
        Begin the week that `now` is in, if it has not begun.

        Only forward: a process whose clock is behind must not reopen a closed week.
        """
        week = week_start(now)
        return replace(self, spend_nanousd=0, newcomers_nanousd=0, week=week) if week > self.week else self

    def with_cap(self, cap_nanousd: int) -> "Budget":
        """Set the cap. Below the spend it leaves the breaker open until the week ends or the cap is raised."""
        return replace(self, cap_nanousd=cap_nanousd)

    def with_breaker(self, *, is_open: bool) -> "Budget":
        """Open or close the breaker by hand. A roll does not touch it."""
        return replace(self, breaker_open=is_open)

    def written_by(self, writer_id: str, seq: int, now: datetime) -> "Budget":
        """Sign a write, so that its writer knows it again; forget writers that have been silent."""
        recent = {id_: writer for id_, writer in self.writers.items() if now - writer.at < WRITER_SILENT_FOR}
        return replace(self, writers={**recent, writer_id: Writer(seq, now)})

    def last_seq_of(self, writer_id: str) -> int:
        """Return the number of that writer's last write which this document remembers, or `UNKNOWN_WRITER`."""
        writer = self.writers.get(writer_id)
        return writer.seq if writer else UNKNOWN_WRITER


def exhausted(now: datetime) -> BudgetExhausted:
    """Return the refusal that lasts until the week ends."""
    return BudgetExhausted("Free AI is full until Monday.", seconds_until_next_week(now))
