"""
The user document: grant, hold, answer, release. Pure.

A request's life is an entry in `requests`:

    hold ──> held ──answer──> answered ──hold (free re-run)──> held ──answer──> answered
               │                                                 │
               ├──release──> gone                                └──release──> answered
               └──lease over──> expired

A credit leaves the balance with the first `answer` of a key and at no other time. Until then it is held:
the live holds that have not been paid never outnumber the credits, so whoever holds will be able to pay.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, cast

from promptready.clock import from_text, to_text, week_start
from promptready.errors import (
    IdempotencyKeyReused,
    InsufficientCredits,
    InvariantBroken,
    RequestAlreadyAnswered,
    RequestInFlight,
    TooManyRequests,
)
from promptready.store import Document

CONTAINER = "users"
REMEMBERED_FOR = timedelta(hours=1)
MAX_RUNS = 3  # the charged run and two free re-runs, for replies that were lost on the way

MAX_BILLED_FAILURES = 30
FAILURES_REMEMBERED_FOR = timedelta(days=1)
"""
A failure costs the user nothing and may cost us a whole call: a page can talk a model into answers that can't
be used. Four long pages of eight parts may fail in a day; a user who goes on after that waits.
"""

Cohort = Literal["A", "B", "C"]
State = Literal["held", "answered"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a hold lives without being resolved, and how many one user may have at once."""

    hold_lease: timedelta
    max_live_holds: int


@dataclass(frozen=True, slots=True)
class Request:
    """
    One idempotency key's bookkeeping.

    `holder` is the server's id of the HTTP request that wrote the entry: it tells our own write, whose
    reply was lost, from a twin that sent the same key. `runs` counts this run too.
    """

    id: str
    fingerprint: str
    state: State
    at: datetime
    runs: int
    holder: str

    @property
    def is_paid(self) -> bool:
        """The key's credit has been taken: it was answered once, and is at most being run again."""
        return self.state == "answered" or self.runs > 1

    def is_live(self, now: datetime, rules: Rules) -> bool:
        """Being processed, by a process that may still be alive."""
        return self.state == "held" and now - self.at < rules.hold_lease


@dataclass(frozen=True, slots=True)
class User:
    """The user document as a value."""

    id: str
    credits_remaining: int
    cohort: Cohort
    last_seen: datetime
    requests: tuple[Request, ...] = ()
    billed_failures: tuple[datetime, ...] = ()
    granted_at: datetime | None = None
    """Kept only while the owner keeps a part of the week for users of earlier weeks. All others count as such."""

    @classmethod
    def from_document(cls, document: Document) -> "User":
        """Read the stored document."""
        return cls(
            id=document["id"],
            credits_remaining=document["credits_remaining"],
            cohort=cast("Cohort", document["cohort"]),
            last_seen=from_text(document["last_seen"]),
            requests=tuple(
                Request(**{**entry, "at": from_text(entry["at"])}) for entry in document.get("requests", [])
            ),
            billed_failures=tuple(from_text(at) for at in document.get("billed_failures", [])),
            granted_at=from_text(document["granted_at"]) if "granted_at" in document else None,
        )

    def to_document(self) -> Document:
        """Return the document that `from_document` reads back exactly."""
        document: Document = {
            "id": self.id,
            "credits_remaining": self.credits_remaining,
            "cohort": self.cohort,
            "last_seen": to_text(self.last_seen),
            "requests": [
                {
                    "id": request.id,
                    "fingerprint": request.fingerprint,
                    "state": request.state,
                    "at": to_text(request.at),
                    "runs": request.runs,
                    "holder": request.holder,
                }
                for request in self.requests
            ],
        }
        if self.billed_failures:  # nearly nobody has any
            document["billed_failures"] = [to_text(at) for at in self.billed_failures]
        if self.granted_at is not None:
            document["granted_at"] = to_text(self.granted_at)
        return document

    def request(self, key: str) -> Request | None:
        """Return the entry of that idempotency key."""
        return next((request for request in self.requests if request.id == key), None)

    def is_held_by(self, key: str, holder: str) -> bool:
        """Tell whether this very HTTP request holds the key."""
        request = self.request(key)
        return request is not None and request.holder == holder and request.state == "held"

    def is_answered_by(self, key: str, holder: str) -> bool:
        """Tell whether this very HTTP request was the last to answer the key."""
        request = self.request(key)
        return request is not None and request.holder == holder and request.state == "answered"

    def is_newcomer(self, now: datetime) -> bool:
        """Tell whether the user came in this very week of the budget."""
        return self.granted_at is not None and self.granted_at >= week_start(now)

    def seen(self, now: datetime) -> "User":
        """Note that the user was here."""
        return replace(self, last_seen=max(now, self.last_seen))

    def hold(self, key: str, fingerprint: str, holder: str, now: datetime, rules: Rules) -> "User":
        """
        Hold a credit for one request, or run an answered one again for free.

        Raises:
            IdempotencyKeyReused: the key came with other content before.
            RequestInFlight: the key is being processed.
            RequestAlreadyAnswered: the key was answered and has been re-run as often as it may.
            InsufficientCredits: no credit is left.
            TooManyRequests: all that is left is held, the user has too many requests in flight, or too many of
                today's failed at our cost.
        """
        pruned = self.pruned(now, rules)
        earlier = pruned.request(key)
        if earlier is not None:
            _refuse_unless_repeatable(earlier, fingerprint, now, rules)
        if earlier is None and pruned.credits_remaining <= 0:
            raise InsufficientCredits
        if len(pruned.billed_failures) >= MAX_BILLED_FAILURES:
            raise _too_many_failures(pruned.billed_failures[0], now)
        live = [request for request in pruned.requests if request.is_live(now, rules)]
        if earlier is None:
            unpaid = sum(not request.is_paid for request in live)
            if unpaid >= pruned.credits_remaining:
                raise _too_many(live, now, rules)
        if len(live) >= rules.max_live_holds:
            raise _too_many(live, now, rules)
        entry = Request(key, fingerprint, "held", now, earlier.runs + 1 if earlier else 1, holder)
        return replace(pruned.with_request(entry), last_seen=max(now, self.last_seen))

    def answer(self, key: str, holder: str, now: datetime) -> "User":
        """
        Turn the hold into `answered` and take the credit, unless the key is paid already.

        A hold that is gone has expired: its credit may be held by another request, so none is taken.
        """
        held = self.request(key)
        if held is None or not self.is_held_by(key, holder):
            return self
        price = 0 if held.is_paid else 1
        if self.credits_remaining < price:
            raise InvariantBroken("a hold without a credit behind it")
        answered = replace(held, state="answered", at=now)
        return replace(self.with_request(answered), credits_remaining=self.credits_remaining - price)

    def release(self, key: str, holder: str, *, billed_at: datetime | None = None) -> "User":
        """
        Take the hold back after a failure: the credit is free again, a re-run does not count.

        `billed_at` is set where the failure cost us something; such failures are remembered for a day.
        """
        held = self.request(key)
        if held is None or not self.is_held_by(key, holder):
            return self
        user = self if billed_at is None else replace(self, billed_failures=(*self.billed_failures, billed_at))
        if held.is_paid:
            return user.with_request(replace(held, state="answered", runs=held.runs - 1))
        return replace(user, requests=tuple(request for request in self.requests if request.id != key))

    def with_request(self, entry: Request) -> "User":
        """Put the entry in place of the one with its id, or add it."""
        others = (request for request in self.requests if request.id != entry.id)
        return replace(self, requests=(*others, entry))

    def pruned(self, now: datetime, rules: Rules) -> "User":
        """Expire what outlived its lease, forget requests after an hour and failures after a day."""
        failures = tuple(at for at in self.billed_failures if now - at < FAILURES_REMEMBERED_FOR)
        return replace(self, requests=tuple(_expire(self.requests, now, rules)), billed_failures=failures)


def fresh_grant(user_id: str, cohort: Cohort, trial_credits: int, now: datetime, *, is_day_kept: bool = False) -> User:
    """Return a new user with the trial's credits."""
    granted_at = now if is_day_kept else None
    return User(id=user_id, credits_remaining=trial_credits, cohort=cohort, last_seen=now, granted_at=granted_at)


def _expire(requests: Iterable[Request], now: datetime, rules: Rules) -> Iterable[Request]:
    for request in requests:
        if now - request.at >= REMEMBERED_FOR:
            continue
        if request.state == "held" and not request.is_live(now, rules):
            if request.is_paid:  # a crashed re-run: the key stays answered, so that it never costs a second credit
                yield replace(request, state="answered")
            continue
        yield request


def _refuse_unless_repeatable(earlier: Request, fingerprint: str, now: datetime, rules: Rules) -> None:
    if earlier.fingerprint != fingerprint:
        raise IdempotencyKeyReused("This idempotency key was used for other content.")
    if earlier.is_live(now, rules):
        raise RequestInFlight("This request is still being processed.", _seconds_left(earlier, now, rules))
    if earlier.runs >= MAX_RUNS:
        raise RequestAlreadyAnswered("This request was answered and can't be repeated again.")


def _too_many(live: list[Request], now: datetime, rules: Rules) -> TooManyRequests:
    retry_after_s = min((_seconds_left(request, now, rules) for request in live), default=1)
    return TooManyRequests("Other pages of yours are still being processed.", retry_after_s)


def _too_many_failures(oldest: datetime, now: datetime) -> TooManyRequests:
    retry_after_s = max(1, round((oldest + FAILURES_REMEMBERED_FOR - now).total_seconds()))
    return TooManyRequests("Too many of your pages gave no usable answer today.", retry_after_s)


def _seconds_left(request: Request, now: datetime, rules: Rules) -> int:
    """
    Return when to ask again: soon, since most requests end long before their lease.

    A tenth of what is left of the lease, at least one second.
    """
    left_s = (request.at + rules.hold_lease - now).total_seconds()
    return max(1, round(left_s / 10))
