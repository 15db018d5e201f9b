"""A user document under any sequence of requests, held against a model that is a few dictionaries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from promptready.clock import from_text
from promptready.credits import MAX_RUNS, REMEMBERED_FOR, Rules, User, fresh_grant
from promptready.errors import (
    IdempotencyKeyReused,
    InsufficientCredits,
    RequestAlreadyAnswered,
    RequestInFlight,
    RequestRefused,
    TooManyRequests,
)

RULES = Rules(timedelta(seconds=60), 3)
KEYS = st.sampled_from(["key-a", "key-b", "key-c", "key-d"])
PAGES = st.sampled_from(["one", "one", "one", "two"])


@dataclass(slots=True)
class Known:
    """What the model remembers of a key."""

    page: str
    at: datetime
    runs: int
    is_paid: bool
    holder: str | None


class Credits(RuleBasedStateMachine):
    """Every rule does a thing to the document and to the model, and both must say the same."""

    @initialize(credits_=st.integers(0, 4))
    def grant(self, credits_: int) -> None:
        self.now = from_text("2026-11-18T10:00:00Z")
        self.user: User = fresh_grant("user-0001", "A", credits_, self.now)
        self.credits = credits_
        self.known: dict[str, Known] = {}
        self.holders: list[tuple[str, str]] = []

    @rule(key=KEYS, page=PAGES)
    def hold(self, key: str, page: str) -> None:
        holder = f"h{len(self.holders)}"
        expected = self._verdict(key, page)
        try:
            self.user = self.user.hold(key, page, holder, self.now, RULES)
        except RequestRefused as refusal:
            assert type(refusal) is expected  # noqa: PT017 - the model says which, or none
            return
        assert expected is None
        self.holders.append((key, holder))
        earlier = self.known.get(key)
        self.known[key] = Known(page, self.now, earlier.runs + 1 if earlier else 1, earlier is not None, holder)

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        if not self.holders:
            return
        key, holder = data.draw(st.sampled_from(self.holders))
        self.user = self.user.answer(key, holder, self.now)
        known = self.known.get(key)
        if known and known.holder == holder:
            self.credits -= not known.is_paid
            known.is_paid, known.at, known.holder = True, self.now, None

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        if not self.holders:
            return
        key, holder = data.draw(st.sampled_from(self.holders))
        self.user = self.user.release(key, holder)
        known = self.known.get(key)
        if known and known.holder == holder:
            if known.is_paid:
                known.holder, known.runs = None, known.runs - 1
            else:
                del self.known[key]

    @rule(seconds=st.sampled_from([1, 30, 59, 61, 600, 3_599, 3_601]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def store(self) -> None:
        self.user = User.from_document(self.user.to_document())

    @invariant()
    def agrees(self) -> None:
        assert self.user.credits_remaining == self.credits >= 0
        unpaid = [r for r in self.user.requests if r.is_live(self.now, RULES) and not r.is_paid]
        assert len(unpaid) <= self.credits
        assert sum(r.is_live(self.now, RULES) for r in self.user.requests) <= RULES.max_live_holds
        assert len({r.id for r in self.user.requests}) == len(self.user.requests)

    def _verdict(self, key: str, page: str) -> type[RequestRefused] | None:
        """Say what a hold must come to. Looking prunes the model as a hold prunes the document."""
        for name, known in list(self.known.items()):
            if self.now - known.at >= REMEMBERED_FOR:
                del self.known[name]
            elif known.holder and not self._is_live(known):
                if known.is_paid:
                    known.holder = None
                else:
                    del self.known[name]
        pruned = self.known
        earlier = pruned.get(key)
        live = [known for known in pruned.values() if self._is_live(known)]
        unpaid = sum(not known.is_paid for known in live)
        verdicts: list[tuple[bool, type[RequestRefused]]] = []
        if earlier:
            verdicts += [
                (earlier.page != page, IdempotencyKeyReused),
                (self._is_live(earlier), RequestInFlight),
                (earlier.runs >= MAX_RUNS, RequestAlreadyAnswered),
            ]
        else:
            verdicts += [(self.credits == 0, InsufficientCredits), (unpaid >= self.credits, TooManyRequests)]
        verdicts.append((len(live) >= RULES.max_live_holds, TooManyRequests))
        return next((refusal for applies, refusal in verdicts if applies), None)

    def _is_live(self, known: Known) -> bool:
        return known.holder is not None and self.now - known.at < RULES.hold_lease


TestCredits = Credits.TestCase
TestCredits.settings = settings(max_examples=30, stateful_step_count=30, deadline=None, derandomize=True)
