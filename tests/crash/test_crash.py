"""Real hosts, real stores, `kill -9`. `python -m tests.crash` does the same for longer."""

from pathlib import Path

import pytest

from tests.crash.run import Plan, StoreKind, crash


@pytest.mark.parametrize("store", ["sqlite", "cosmos"])
async def test_hosts_killed_under_load_break_no_promise(store: StoreKind, tmp_path: Path) -> None:
    result = await crash(Plan(store, hosts=2, users=4, seconds=2.0, kill_every_s=0.8), tmp_path)
    assert result.problems == [], str(result)
    assert result.kills >= 1
    assert result.charged > result.free, str(result)
