"""Who gets into which arm: over 100,000 new users by the app's own draw, and once for each of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from promptready.app import App
from promptready.report.comparison import WEIGHTS
from promptready.report.statistics import SRM_ALARM, sample_ratio_p
from promptready.store import Store
from promptready.store.sqlite import SqliteStore
from tests.support.apps import running_app
from tests.support.sandbox import Sandbox

USERS = 100_000
ONCE_IN_A_BILLION = 1e-9  # the draw can't be seeded, and this test must not fail by accident


@pytest.fixture
async def running(sandbox_provider: Sandbox, tmp_path: Path) -> AsyncIterator[tuple[App, Store]]:
    store = SqliteStore(tmp_path / "store.db")
    async with running_app(store, sandbox_provider, tmp_path) as app:
        yield app, store
    await store.close()


def test_a_hundred_thousand_new_users_are_split_as_the_catalog_says(running: tuple[App, Store]) -> None:
    trial = running[0].trial
    weights = {str(cohort): float(arm.weight) for cohort, arm in trial._catalog.arms.items()}
    drawn = Counter(str(trial._catalog.assign(trial._draw_percent())) for _ in range(USERS))
    assert weights == WEIGHTS  # what the report expects
    assert drawn.total() == USERS
    assert sample_ratio_p(drawn, weights) > ONCE_IN_A_BILLION


def test_the_report_would_notice_a_draw_that_is_off_by_one_percent_among_so_many() -> None:
    assert sample_ratio_p({"A": 69_000, "B": 21_000, "C": 10_000}, WEIGHTS) < SRM_ALARM


async def test_a_user_keeps_the_arm_of_the_first_draw_however_many_come_at_once(running: tuple[App, Store]) -> None:
    app, store = running
    users = [f"assigned-user-{number}" for number in range(40)]
    for _ in range(3):
        told = await asyncio.gather(*(app.trial.check_credits(user, "a-network") for user in users * 3))
        stored = [await store.read("users", user) for user in users]
        assert [answer.cohort for answer in told] == [found and found.document["cohort"] for found in stored] * 3
