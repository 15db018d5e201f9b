"""A clock that a test sets."""

from datetime import datetime, timedelta

from promptready.clock import from_text


class SetClock:
    """Calls return the instant it was set to; it never moves by itself."""

    def __init__(self, text: str) -> None:
        self.now = from_text(text)

    def __call__(self) -> datetime:
        return self.now

    def set(self, text: str) -> None:
        """Jump to an instant."""
        self.now = from_text(text)

    def advance(self, **units: float) -> None:
        """Move on by a `timedelta` given by its parts."""
        self.now += timedelta(**units)
