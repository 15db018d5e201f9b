"""The weekly budget under any sequence of changes, held against a list of holds."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from promptready.budget import WHOLE_PERCENT, Budget, Hold
from promptready.clock import from_text, week_start
from promptready.errors import BudgetExhausted

AMOUNTS = st.one_of(st.integers(0, 60), st.integers(10**9, 999_999 * 10**9))


class Spending(RuleBasedStateMachine):
    """The model: what each hold of the present week weighs now."""

    @initialize(cap=AMOUNTS)
    def begin(self, cap: int) -> None:
        self.now = from_text("2026-11-18T10:00:00Z")
        self.budget = Budget.first(cap, self.now)
        self.cap = cap
        self.is_open = False
        self.out: list[Hold] = []
        self.weights: list[int] = []
        self.newcomers: list[int] = []

    @rule(amount=AMOUNTS, share=st.sampled_from([1, 50, WHOLE_PERCENT]))
    def hold(self, amount: int, share: int) -> None:
        fits = sum(self.weights) + amount <= self.cap and not self.is_open
        if share < WHOLE_PERCENT:
            fits &= sum(self.newcomers) + amount <= self.cap * share // 100
        try:
            self.budget = self.budget.hold(amount, self.now, share)
        except BudgetExhausted:
            assert not fits
            return
        assert fits
        self.out.append(Hold(amount, self.budget.week, share))
        self.weights.append(amount)
        if share < WHOLE_PERCENT:
            self.newcomers.append(amount)

    @rule(data=st.data(), share=st.fractions(0, 1), lie=st.booleans())
    def settle(self, data: st.DataObject, share: float, lie: bool) -> None:  # noqa: FBT001 - drawn
        """Pay what the call cost. A provider that lies says ten times the hold."""
        if not self.out:
            return
        index = data.draw(st.integers(0, len(self.out) - 1))
        hold = self.out.pop(index)
        cost = 10 * hold.amount_nanousd if lie else int(hold.amount_nanousd * share)
        self.budget = self.budget.settle(hold, cost)
        if hold.week == self.budget.week:
            for weights in (self.weights, self.newcomers)[: 1 + (hold.share_percent < WHOLE_PERCENT)]:
                weights.remove(hold.amount_nanousd)
                weights.append(min(cost, hold.amount_nanousd))

    @rule(days=st.sampled_from([-2, -0.001, 0, 0.5, 3, 7, 30]))
    def time_passes_and_somebody_rolls(self, days: float) -> None:
        """Also backwards: another process's clock may be behind."""
        now = self.now + timedelta(days=days)
        for _ in range(2):  # twice at once
            self.budget = self.budget.rolled(now)
        if week_start(now) > week_start(self.now):
            self.weights.clear()
            self.newcomers.clear()
            self.now = now
        assert self.budget.week == week_start(self.now)

    @rule(cap=AMOUNTS)
    def operator_sets_the_cap(self, cap: int) -> None:
        self.budget = self.budget.with_cap(cap)
        self.cap = cap

    @rule(is_open=st.booleans())
    def operator_turns_the_breaker(self, is_open: bool) -> None:  # noqa: FBT001 - drawn
        self.budget = self.budget.with_breaker(is_open=is_open)
        self.is_open = is_open

    @rule(writer=st.sampled_from(["a", "b", "c"]), seq=st.integers(1, 9))
    def somebody_writes_it_down(self, writer: str, seq: int) -> None:
        signed = self.budget.written_by(writer, seq, self.now)
        assert signed.last_seq_of(writer) == seq
        read = Budget.from_document(signed.to_document())
        assert read == signed
        self.budget = read

    @invariant()
    def adds_up(self) -> None:
        if hasattr(self, "budget"):
            assert self.budget.spend_nanousd == sum(self.weights)
            assert self.budget.newcomers_nanousd == sum(self.newcomers)
            if self.budget.spend_nanousd > self.budget.cap_nanousd:
                assert not self.budget.has_room_for(0)


TestSpending = Spending.TestCase
TestSpending.settings = settings(max_examples=25, stateful_step_count=25, deadline=None, derandomize=True)
