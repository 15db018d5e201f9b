"""
Whose turn it is to write the budget document: many processes, and no queue but the document itself.

Left alone, the process that has just written wins again: it knows the new etag, and everybody else has to
read it first. So while there is a race, a winner reads like everybody else, and whoever lost waits one
slot for each active writer that has waited longer. The document names them, with the time of their last
write, so everyone works out much the same order without talking. A wrong clock costs its process some
waiting and nobody any money. docs/adr/0005 has the measurements.
"""

import random
from datetime import datetime, timedelta

from promptready.budget import Budget

ACTIVE_FOR = timedelta(seconds=3)
"""A writer that has been silent longer wants nothing now. It must outlast one round of all writers' turns."""

SLOT_ROUND_TRIPS = 1.5
"""One slot in round trips: whoever is next has to see the last write, half a trip away, and to send its own."""

FIRST_GUESS_S = 0.008
SMOOTHING = 0.2
LONGEST_SLOT_S = 0.1  # a store that is being slow is no reason to wait seconds for nobody
CONTENDED_FOR_S = 1.0


class Turns:
    """One process's part in taking turns. All times but `now` are event-loop seconds."""

    def __init__(self, writer_id: str) -> None:
        self._writer_id = writer_id
        self._round_trip_s = FIRST_GUESS_S
        self._next_s = 0.0
        self._lost_s = float("-inf")

    def wait_s(self, at_s: float) -> float:
        """Return how long to wait before the next write, 0 if it may be now."""
        return max(0.0, self._next_s - at_s)

    def won(self, started_s: float, at_s: float) -> None:
        """Note a write that landed."""
        self._measure(at_s - started_s)

    def lost(self, seen: Budget, now: datetime, started_s: float, at_s: float) -> None:
        """Note a race lost: let those go first who have waited longer."""
        self._measure(at_s - started_s)
        self._lost_s = at_s
        mine = seen.writers.get(self._writer_id)
        ahead = sum(at <= mine.at for at in self._others(seen, now)) if mine else 0
        self._next_s = at_s + self._slot_s * (ahead + random.uniform(0, 1))  # noqa: S311 - spreads writes, guards nothing

    def is_contended(self, at_s: float) -> bool:
        """Tell whether a race was lost lately: then even a winner forgets what it knows, and reads again."""
        return at_s - self._lost_s < CONTENDED_FOR_S

    @property
    def _slot_s(self) -> float:
        return min(LONGEST_SLOT_S, SLOT_ROUND_TRIPS * self._round_trip_s)

    def _measure(self, round_trip_s: float) -> None:
        self._round_trip_s += SMOOTHING * (round_trip_s - self._round_trip_s)

    def _others(self, budget: Budget, now: datetime) -> list[datetime]:
        """Return the last writes of the other active writers."""
        return [
            writer.at
            for id_, writer in budget.writers.items()
            if id_ != self._writer_id and now - writer.at < ACTIVE_FOR
        ]
