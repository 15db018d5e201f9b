"""
What grows with users, callers, content and weeks, and what stays flat: a table each, and docs/images/growth.svg.

The use cases in this process over SQLite, with a provider that answers at once, so that a slope is ours.
"""

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import plot_file
from bench.inside import Clock, app_inside, process
from bench.results import Section, Table
from bench.upstream import PAGE
from promptready.app import App
from promptready.store.sqlite import SqliteStore
from tests.support.process import ROOT

ROUNDS = 3
REQUESTS = 150
ACTIVE_USERS = 50  # who send pages, however many more are stored
USERS = (1, 100, 1_000, 10_000, 100_000, 1_000_000)
CALLERS = (1, 2, 4, 8, 16, 32, 64)
CONTENT_KB = (1, 2, 4, 8, 16, 32)
WEEKS = (0, 1, 4, 13, 26, 52)
BY_TENS = {"users in the store"}
PLOT = ROOT / "docs" / "images" / "growth.svg"


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement: where on its axis, milliseconds and processor time of a request, and what it cost."""

    at: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    cost_nanousd: float
    stored_kb: float


async def run() -> Section:
    """Measure all four axes; draw them if matplotlib can be had."""
    axes = {
        "users in the store": await _with_users(),
        "callers at once": await _with_callers(),
        "content, kB": await _with_content(),
        "weeks of use": await _with_weeks(),
    }
    notes = ["A user's document and the budget's are all that a request reads and writes; both are in the last column."]
    notes.append(_draw(axes))
    columns = ("", "p50 ms", "p99 ms", "CPU ms", "nano-dollars a request", "kB stored for user and budget")
    tables = [
        Table(f"By {axis}", (axis, *columns[1:]), [_row(point) for point in points]) for axis, points in axes.items()
    ]
    return Section("5 Growth", tables, (), notes)


def _row(point: Point) -> tuple[str, ...]:
    return (
        f"{point.at:,}",
        f"{point.p50_ms:.2f}",
        f"{point.p99_ms:.2f}",
        f"{point.cpu_ms:.2f}",
        f"{point.cost_nanousd:,.0f}",
        f"{point.stored_kb:.2f}",
    )


async def _with_users() -> Sequence[Point]:
    clock = Clock()
    async with AsyncExitStack() as stack:
        apps = {count: await stack.enter_async_context(_app(count, clock)) for count in USERS}
        rounds = [
            [await _measure(app, count, active=min(count, ACTIVE_USERS), clock=clock) for count, app in apps.items()]
            for _ in range(ROUNDS)
        ]
    return _medians(rounds)


async def _with_callers() -> Sequence[Point]:
    async with _app(1_000) as app:
        rounds = [[await _measure(app, callers, callers=callers) for callers in CALLERS] for _ in range(ROUNDS)]
    return _medians(rounds)


async def _with_content() -> Sequence[Point]:
    async with _app(1_000) as app:
        pages = {kb: (PAGE * (kb // 4 + 1))[: kb * 1000 - 300] for kb in CONTENT_KB}
        rounds = [[await _measure(app, kb, content=page) for kb, page in pages.items()] for _ in range(ROUNDS)]
    return _medians(rounds)


async def _with_weeks() -> Sequence[Point]:
    clock = Clock()
    points = []
    async with _app(1_000, clock) as app:
        for week in range(max(WEEKS) + 1):
            clock.weeks = week
            if week in WEEKS:
                points.append(await _measure(app, week))
            else:
                await process(app, "bench-user-0", PAGE)
    return points


@asynccontextmanager
async def _app(users: int, clock: Clock | None = None) -> AsyncIterator[App]:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "store.db"
        store = SqliteStore(database)
        await store.read("users", "nobody-1")  # makes the tables
        await asyncio.to_thread(_fill, database, users)
        async with app_inside(store, Path(folder), clock=clock) as app:
            await _measure(app, 0, active=min(users, ACTIVE_USERS))
            yield app


def _fill(database: Path, users: int) -> None:
    """Write users as the store does, but all in one transaction."""
    rows = (
        (
            "users",
            f"bench-user-{n}",
            f"{n:016x}",
            time.time() + 10**7,
            json.dumps(
                {
                    "id": f"bench-user-{n}",
                    "credits_remaining": 10**6,
                    "cohort": "A",
                    "last_seen": "2026-11-18T10:00:00Z",
                    "requests": [],
                }
            ),
        )
        for n in range(users)
    )
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO documents (container, id, etag, expires_at, body) VALUES (?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _measure(
    app: App,
    at: int,
    *,
    callers: int = 1,
    content: str = PAGE,
    active: int = ACTIVE_USERS,
    clock: Clock | None = None,
) -> Point:
    """
    Send `REQUESTS` pages from `callers`, each for users of its own, spread over all that are active.

    With a `clock` each page comes an hour after the last: a request is remembered that long, and where all come
    from one user, its document would be what grows.
    """
    latencies_ms: list[float] = []
    costs: list[int] = []

    async def call(caller: int) -> None:
        for n in range(REQUESTS // callers + 1):
            user = f"bench-user-{(caller + n * callers) % active}"
            if clock:
                clock.hours += 1
            sent_s = time.perf_counter()
            _, event = await process(app, user, content)
            latencies_ms.append((time.perf_counter() - sent_s) * 1000)
            costs.append(event.cost_nanousd)

    cpu_s = time.process_time()
    await asyncio.gather(*(call(caller) for caller in range(callers)))
    cpu_ms = (time.process_time() - cpu_s) * 1000 / len(latencies_ms)
    cuts = statistics.quantiles(latencies_ms, n=100)
    return Point(at, cuts[49], cuts[98], cpu_ms, statistics.mean(costs), await _stored_kb(app))


async def _stored_kb(app: App) -> float:
    documents = [await app.store.read("users", "bench-user-0"), await app.store.read("global_config", "budget")]
    return sum(len(json.dumps(stored.document)) for stored in documents if stored) / 1000


def _medians(rounds: Sequence[Sequence[Point]]) -> list[Point]:
    return [
        Point(
            points[0].at,
            *(
                statistics.median(getattr(point, name) for point in points)
                for name in ("p50_ms", "p99_ms", "cpu_ms", "cost_nanousd", "stored_kb")
            ),
        )
        for points in zip(*rounds, strict=True)
    ]


def _draw(axes: dict[str, Sequence[Point]]) -> str:
    charts = {
        axis: plot_file.Chart(
            [point.at for point in points],
            {
                "latency p50, ms": [point.p50_ms for point in points],
                "processor, ms": [point.cpu_ms for point in points],
            },
            by_tens=axis in BY_TENS,
        )
        for axis, points in axes.items()
    }
    return plot_file.draw("growth", charts, PLOT)
