"""Time: aware UTC instants from a clock that is passed in, and their text on documents."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present instant, aware and in UTC."""


def system_clock() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def to_text(instant: datetime) -> str:
    """Return `2026-11-22T10:00:00Z`, with microseconds where the instant has them."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    """Return the instant that `to_text` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def week_start(instant: datetime) -> datetime:
    """Return Monday 00:00 UTC of the week that `instant` is in."""
    midnight = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday())


def seconds_until_next_week(instant: datetime) -> int:
    """Return the whole seconds, at least one, until Monday 00:00 UTC."""
    return _seconds_until(week_start(instant) + timedelta(days=7), instant)


def seconds_until_tomorrow(instant: datetime) -> int:
    """Return the whole seconds, at least one, until the next midnight UTC."""
    midnight = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _seconds_until(midnight + timedelta(days=1), instant)


def _seconds_until(end: datetime, instant: datetime) -> int:
    return max(1, math.ceil((end - instant).total_seconds()))
