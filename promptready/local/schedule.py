"""When a timer runs: Azure's six-field NCRONTAB, in UTC."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

_FIELDS = 6  # second, minute, hour, day, month, day of the week

# A long sleep counts time the machine was not suspended. Looking at the clock once a minute keeps to the wall.
LONGEST_SLEEP_S = 60.0


class BadSchedule(Exception):
    """The schedule cannot be understood."""


def resolve(schedule: str, settings: Mapping[str, str]) -> str:
    """
    Put app settings in for `%NAME%`, as Azure does.

    Raises:
        BadSchedule: a setting it names does not exist.
    """

    def setting(match: re.Match[str]) -> str:
        try:
            return settings[match[1]]
        except KeyError:
            raise BadSchedule(f"the setting {match[1]} is not set") from None

    return re.sub(r"%([^%]+)%", setting, schedule)


def next_run(schedule: str, after: datetime) -> datetime:
    """
    The first instant after `after` that the schedule names.

    Raises:
        BadSchedule: not six fields of NCRONTAB, or no such instant.
    """
    from croniter import croniter  # type: ignore[import-untyped]  # noqa: PLC0415 - 65 ms, and the first reply does not need it

    if len(schedule.split()) != _FIELDS:
        raise BadSchedule(f"{schedule!r} does not have the six fields of an NCRONTAB expression")
    try:
        # NCRONTAB has the seconds first, and wants both the day and the day of the week where both are given.
        times = croniter(schedule, after, second_at_beginning=True, day_or=False)
        found: datetime = times.get_next(datetime)
    except ValueError as exc:
        raise BadSchedule(f"{schedule!r} is not an NCRONTAB expression") from exc
    return found


async def run_on_schedule(
    schedule: str,
    fire: Callable[[timedelta], Awaitable[None]],
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """
    Call `fire` at every instant the schedule names, until cancelled. Its argument is how late it is.

    A machine that slept over several instants makes up for them once, as Azure does.

    Raises:
        BadSchedule: before the first run.
    """
    due = next_run(schedule, now())
    while True:
        wait_s = (due - now()).total_seconds()
        if wait_s > 0:
            await sleep(min(wait_s, LONGEST_SLEEP_S))
        else:
            await fire(now() - due)
            due = next_run(schedule, now())
