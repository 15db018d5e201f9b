"""The weekly budget's rules, without a store."""

from datetime import timedelta

import pytest

from promptready.budget import Budget, Hold
from promptready.clock import from_text
from promptready.errors import BudgetExhausted, InvariantBroken

NOW = from_text("2026-11-18T10:00:00Z")
WEEK = from_text("2026-11-16T00:00:00Z")
NEXT_WEEK = WEEK + timedelta(days=7)


def budget(spend: int = 0, cap: int = 100) -> Budget:
    return Budget(spend_nanousd=spend, cap_nanousd=cap, week=WEEK)


def test_a_hold_counts_as_spent_until_it_is_settled() -> None:
    held = budget().hold(60, NOW)
    assert held.spend_nanousd == 60
    assert held.settle(Hold(60, WEEK), 25).spend_nanousd == 25


def test_the_last_hold_may_reach_the_cap_exactly() -> None:
    assert budget(spend=60).hold(40, NOW).spend_nanousd == 100


def test_a_hold_over_the_cap_is_refused_until_monday() -> None:
    with pytest.raises(BudgetExhausted) as refusal:
        budget(spend=61).hold(40, NOW)
    assert refusal.value.retry_after_s == (NEXT_WEEK - NOW).total_seconds()


def test_an_open_breaker_refuses_whatever_is_left() -> None:
    with pytest.raises(BudgetExhausted):
        budget().with_breaker(is_open=True).hold(1, NOW)


def test_a_cost_above_its_hold_never_takes_more_than_the_hold() -> None:
    assert budget(spend=60).settle(Hold(60, WEEK), 1_000_000).spend_nanousd == 60


def test_a_settlement_of_a_closed_week_is_dropped() -> None:
    rolled = budget(spend=60).rolled(NEXT_WEEK).hold(10, NEXT_WEEK)
    assert rolled.settle(Hold(60, WEEK), 0).spend_nanousd == 10


def test_newcomers_are_refused_at_their_share_and_others_are_not() -> None:
    held = budget().hold(40, NOW, share_percent=50)
    assert (held.spend_nanousd, held.newcomers_nanousd) == (40, 40)
    assert held.has_room_for(10, share_percent=50)
    with pytest.raises(BudgetExhausted) as refusal:
        held.hold(11, NOW, share_percent=50)
    assert refusal.value.retry_after_s == (NEXT_WEEK - NOW).total_seconds()
    assert held.hold(60, NOW).spend_nanousd == 100


def test_what_newcomers_get_back_is_theirs_again() -> None:
    held = budget().hold(40, NOW, share_percent=50).hold(30, NOW)
    settled = held.settle(Hold(40, WEEK, share_percent=50), 5).settle(Hold(30, WEEK), 0)
    assert (settled.spend_nanousd, settled.newcomers_nanousd) == (5, 5)


def test_a_new_week_gives_newcomers_their_whole_share() -> None:
    rolled = budget().hold(40, NOW, share_percent=50).rolled(NEXT_WEEK)
    assert (rolled.newcomers_nanousd, rolled.has_room_for(50, share_percent=50)) == (0, True)


def test_a_share_never_lets_newcomers_over_the_cap() -> None:
    assert not budget(spend=90).has_room_for(11, share_percent=50)


def test_a_settlement_survives_a_release_that_did_not_know_shares() -> None:
    forgotten = budget(spend=40).settle(Hold(40, WEEK, share_percent=50), 0)
    assert (forgotten.spend_nanousd, forgotten.newcomers_nanousd) == (0, 0)


def test_a_budget_without_newcomers_is_stored_as_ever() -> None:
    assert "newcomers_spend_usd" not in budget(spend=40).to_document()
    held = budget().hold(40, NOW, share_percent=50)
    assert Budget.from_document(held.to_document()) == held


def test_giving_back_more_than_was_held_is_a_bug_that_crashes() -> None:
    with pytest.raises(InvariantBroken):
        budget(spend=10).settle(Hold(60, WEEK), 0)


def test_a_roll_begins_the_week_once_and_never_goes_back() -> None:
    rolled = budget(spend=60).rolled(NEXT_WEEK)
    assert (rolled.spend_nanousd, rolled.week) == (0, NEXT_WEEK)
    spent = rolled.hold(5, NEXT_WEEK)
    assert spent.rolled(NEXT_WEEK + timedelta(days=1)) == spent
    assert spent.rolled(NOW) == spent  # a clock that is behind


def test_a_roll_leaves_the_breaker_and_the_cap_to_the_operator() -> None:
    rolled = budget(cap=7).with_breaker(is_open=True).rolled(NEXT_WEEK)
    assert rolled.breaker_open
    assert rolled.cap_nanousd == 7


def test_a_lowered_cap_under_the_spend_opens_the_breaker() -> None:
    lowered = budget(spend=60).with_cap(50)
    assert not lowered.has_room_for(0 + 1)
    assert lowered.spend_nanousd == 60


def test_writers_that_have_been_silent_are_forgotten() -> None:
    first = budget().written_by("one", 1, NOW)
    later = first.written_by("two", 1, NOW + timedelta(minutes=10))
    assert later.last_seq_of("one") == 0
    assert later.last_seq_of("two") == 1


def test_the_document_reads_back_exactly() -> None:
    written = budget(spend=1_234_567_891, cap=25_000_000_000).written_by("one", 42, NOW)
    assert Budget.from_document(written.to_document()) == written


def test_the_document_has_the_contract_s_fields() -> None:
    document = budget(spend=1_234_567_891, cap=25_000_000_000).written_by("one", 42, NOW).to_document()
    assert document == {
        "id": "budget",
        "weekly_spend_usd": 1.234567891,
        "weekly_cap_usd": 25,
        "last_reset": "2026-11-16T00:00:00Z",
        "breaker_open": False,
        "writers": {"one": {"seq": 42, "at": "2026-11-18T10:00:00Z"}},
    }
