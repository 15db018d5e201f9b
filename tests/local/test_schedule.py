from datetime import UTC, datetime, timedelta

import pytest

from promptready.local.schedule import BadSchedule, next_run, resolve, run_on_schedule

SUNDAY = datetime(2026, 11, 22, 23, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 0 0 * * 1", datetime(2026, 11, 23, tzinfo=UTC)),
        ("0 0 0 * * Mon", datetime(2026, 11, 23, tzinfo=UTC)),
        ("*/15 * * * * *", datetime(2026, 11, 22, 23, 59, 45, tzinfo=UTC)),
        ("30 */5 * * * *", datetime(2026, 11, 23, 0, 0, 30, tzinfo=UTC)),
        ("0 30 9 * 1 *", datetime(2027, 1, 1, 9, 30, tzinfo=UTC)),
        # Both the day of the month and of the week: NCRONTAB wants a Monday that is a 7th, cron would take either.
        ("0 0 0 7 * 1", datetime(2026, 12, 7, tzinfo=UTC)),
    ],
)
def test_the_next_run_is_the_first_instant_after_now(schedule: str, expected: datetime) -> None:
    assert next_run(schedule, SUNDAY) == expected


def test_a_run_due_right_now_is_the_next_one_later() -> None:
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert next_run("0 0 0 * * 1", monday) == monday + timedelta(days=7)


@pytest.mark.parametrize(
    "schedule", ["", "0 0 * * 1", "0 0 0 * * 1 2026", "0 0 0 * * 9", "a b c d e f", "0 0 0 30 2 *"]
)
def test_what_is_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(BadSchedule):
        next_run(schedule, SUNDAY)


def test_app_settings_stand_in_for_their_names() -> None:
    assert resolve("%RESET_SCHEDULE%", {"RESET_SCHEDULE": "0 0 0 * * 1"}) == "0 0 0 * * 1"
    assert resolve("0 0 0 * * 1", {}) == "0 0 0 * * 1"
    with pytest.raises(BadSchedule, match="RESET_SCHEDULE is not set"):
        resolve("%RESET_SCHEDULE%", {})


class Timeline:
    """A clock that only sleeping moves, and that ends the test after so many runs."""

    def __init__(self, now: datetime, runs: int) -> None:
        self.now = now
        self.runs_left = runs
        self.runs: list[tuple[datetime, timedelta]] = []
        self.longest_sleep_s = 0.0

    async def sleep(self, seconds: float) -> None:
        self.longest_sleep_s = max(self.longest_sleep_s, seconds)
        self.now += timedelta(seconds=seconds)

    async def fire(self, late_by: timedelta) -> None:
        self.runs.append((self.now, late_by))
        self.runs_left -= 1
        if not self.runs_left:
            raise EOFError


async def test_it_runs_at_each_instant_and_never_sleeps_long() -> None:
    timeline = Timeline(SUNDAY, runs=2)
    with pytest.raises(EOFError):
        await run_on_schedule("0 0 0 * * 1", timeline.fire, lambda: timeline.now, timeline.sleep)
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    assert timeline.runs == [(monday, timedelta(0)), (monday + timedelta(days=7), timedelta(0))]
    assert timeline.longest_sleep_s <= 60


async def test_a_run_missed_while_the_machine_slept_is_made_up_for_once_and_known_to_be_late() -> None:
    timeline = Timeline(SUNDAY, runs=1)

    async def suspended(_seconds: float) -> None:
        timeline.now += timedelta(days=20)

    with pytest.raises(EOFError):
        await run_on_schedule("0 0 0 * * 1", timeline.fire, lambda: timeline.now, suspended)
    assert [late_by > timedelta(days=19) for _, late_by in timeline.runs] == [True]
