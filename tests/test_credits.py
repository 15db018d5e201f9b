"""The user document's rules, without a store."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promptready.clock import from_text
from promptready.credits import MAX_BILLED_FAILURES, Request, Rules, User, fresh_grant
from promptready.errors import (
    IdempotencyKeyReused,
    InsufficientCredits,
    RequestAlreadyAnswered,
    RequestInFlight,
    TooManyRequests,
)

NOW = from_text("2026-11-18T10:00:00Z")
RULES = Rules(hold_lease=timedelta(seconds=60), max_live_holds=3)
AFTER_LEASE = NOW + timedelta(seconds=60)


def user(credits_: int = 5) -> User:
    return fresh_grant("user-0001", "A", credits_, NOW)


def answered(credits_: int = 5) -> User:
    return user(credits_).hold("key-0001", "f", "h1", NOW, RULES).answer("key-0001", "h1", NOW)


def test_a_hold_takes_no_credit_and_an_answer_takes_one() -> None:
    held = user().hold("key-0001", "f", "h1", NOW, RULES)
    assert held.credits_remaining == 5
    assert held.answer("key-0001", "h1", NOW).credits_remaining == 4


def test_a_release_leaves_no_trace() -> None:
    assert user().hold("key-0001", "f", "h1", NOW, RULES).release("key-0001", "h1").requests == ()


def test_without_credits_there_is_no_hold() -> None:
    with pytest.raises(InsufficientCredits):
        user(0).hold("key-0001", "f", "h1", NOW, RULES)


def test_one_credit_holds_one_request() -> None:
    held = user(1).hold("key-0001", "f", "h1", NOW, RULES)
    with pytest.raises(TooManyRequests):
        held.hold("key-0002", "f", "h2", NOW, RULES)


def test_a_user_has_at_most_three_requests_in_flight() -> None:
    held = user()
    for number in range(3):
        held = held.hold(f"key-000{number}", "f", f"h{number}", NOW, RULES)
    with pytest.raises(TooManyRequests):
        held.hold("key-0009", "f", "h9", NOW, RULES)


def test_an_expired_hold_frees_its_credit() -> None:
    held = user(1).hold("key-0001", "f", "h1", NOW, RULES)
    again = held.hold("key-0002", "f", "h2", AFTER_LEASE, RULES)
    assert [request.id for request in again.requests] == ["key-0002"]


def test_an_answer_after_its_hold_was_pruned_takes_nothing() -> None:
    pruned = user(1).hold("key-0001", "f", "h1", NOW, RULES).hold("key-0002", "f", "h2", AFTER_LEASE, RULES)
    assert pruned.answer("key-0001", "h1", AFTER_LEASE) == pruned


def test_the_same_key_in_flight_is_told_to_wait() -> None:
    held = user().hold("key-0001", "f", "h1", NOW, RULES)
    with pytest.raises(RequestInFlight) as refusal:
        held.hold("key-0001", "f", "h2", NOW, RULES)
    assert refusal.value.retry_after_s >= 1


def test_the_same_key_with_other_content_is_refused() -> None:
    for before in (user().hold("key-0001", "f", "h1", NOW, RULES), answered()):
        with pytest.raises(IdempotencyKeyReused):
            before.hold("key-0001", "other", "h2", NOW, RULES)


def test_an_answered_key_runs_twice_more_for_free() -> None:
    again = answered(1)
    for run in (2, 3):
        again = again.hold("key-0001", "f", f"h{run}", NOW, RULES)
        again = again.answer("key-0001", f"h{run}", NOW)
        assert again.credits_remaining == 0
    with pytest.raises(RequestAlreadyAnswered):
        again.hold("key-0001", "f", "h4", NOW, RULES)


def test_a_failed_re_run_does_not_count() -> None:
    rerun = answered().hold("key-0001", "f", "h2", NOW, RULES)
    assert rerun.release("key-0001", "h2").requests == (Request("key-0001", "f", "answered", NOW, 1, "h2"),)


def test_a_crashed_re_run_never_costs_a_second_credit() -> None:
    crashed = answered(3).hold("key-0001", "f", "h2", NOW, RULES)
    rerun = crashed.hold("key-0001", "f", "h3", AFTER_LEASE, RULES)
    assert rerun.answer("key-0001", "h3", AFTER_LEASE).credits_remaining == 2


def test_a_key_is_forgotten_after_an_hour() -> None:
    later = NOW + timedelta(hours=1)
    fresh = answered().hold("key-0001", "other", "h2", later, RULES)
    assert [request.runs for request in fresh.requests] == [1]


def test_only_the_holder_can_answer_or_release() -> None:
    held = user().hold("key-0001", "f", "h1", NOW, RULES)
    assert held.answer("key-0001", "twin", NOW) == held
    assert held.release("key-0001", "twin") == held


def test_the_document_reads_back_exactly() -> None:
    written = answered().hold("key-0002", "g", "h2", NOW, RULES)
    assert User.from_document(written.to_document()) == written


def test_the_document_has_the_contract_s_fields() -> None:
    assert answered(150).to_document() == {
        "id": "user-0001",
        "credits_remaining": 149,
        "cohort": "A",
        "last_seen": "2026-11-18T10:00:00Z",
        "requests": [
            {
                "id": "key-0001",
                "fingerprint": "f",
                "state": "answered",
                "at": "2026-11-18T10:00:00Z",
                "runs": 1,
                "holder": "h1",
            }
        ],
    }


def test_a_user_without_credits_hears_that_before_anything_about_failures() -> None:
    spent = replace(user(0), billed_failures=(NOW,) * MAX_BILLED_FAILURES)
    with pytest.raises(InsufficientCredits):
        spent.hold("key-0001", "f", "h1", NOW, RULES)
