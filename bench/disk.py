"""What one durable commit takes on this disk: the floor under every request, which waits for two of them."""

import sqlite3
import time
from pathlib import Path

COMMITS = 30
ROW_CHARS = 600  # about what a user's and the budget's document have together


def commits_ms(folder: Path) -> list[float]:
    """Return the milliseconds of some commits by SQLite alone, written as the store writes."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT)")
    taken_ms = []
    for number in range(COMMITS):
        started_s = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (number % 10, "x" * ROW_CHARS))
        connection.execute("COMMIT")
        taken_ms.append((time.perf_counter() - started_s) * 1000)
    connection.close()
    return taken_ms
