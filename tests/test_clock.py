import pytest

from promptready.clock import from_text, seconds_until_next_week, seconds_until_tomorrow, to_text, week_start


@pytest.mark.parametrize("text", ["2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000001Z"])
def test_an_instant_survives_the_way_through_its_text(text: str) -> None:
    assert to_text(from_text(text)) == text


@pytest.mark.parametrize(
    ("instant", "start"),
    [
        ("2026-11-16T00:00:00Z", "2026-11-16T00:00:00Z"),
        ("2026-11-22T23:59:59.999999Z", "2026-11-16T00:00:00Z"),
        ("2026-11-15T23:59:59Z", "2026-11-09T00:00:00Z"),
        ("2026-11-16T00:30:00+01:00", "2026-11-09T00:00:00Z"),
    ],
)
def test_a_week_begins_on_monday_midnight_utc(instant: str, start: str) -> None:
    assert to_text(week_start(from_text(instant))) == start


def test_waiting_is_rounded_up_so_that_nobody_comes_too_early() -> None:
    assert seconds_until_next_week(from_text("2026-11-22T23:59:58.5Z")) == 2
    assert seconds_until_next_week(from_text("2026-11-16T00:00:00Z")) == 7 * 86_400
    assert seconds_until_tomorrow(from_text("2026-11-22T23:59:59.999Z")) == 1
