"""A short run of the simulation, and proof that it would see what it looks for."""

import asyncio

import pytest

from tests.simulation.__main__ import main, run_chunk
from tests.simulation.loop import OWNER, Livelock, Mortal, VirtualLoop
from tests.simulation.world import run


@pytest.mark.parametrize(("kind", "seeds"), [("whole", 300), ("budget", 300)], ids=["whole", "budget"])
def test_a_short_run_keeps_every_promise(kind: str, seeds: int) -> None:
    tally = run_chunk(kind, 0, seeds)
    assert tally.violations == []
    assert tally.calls > seeds / 2, "the schedules must reach the provider to mean anything"
    assert {"SUCCESS", "BudgetExhausted", "StoreUnavailable", "CancelledError"} <= set(tally.outcomes)


@pytest.mark.parametrize("kind", ["whole", "budget"])
def test_one_seed_is_one_schedule(kind: str) -> None:
    assert [run(seed, kind) for seed in range(20)] == [run(seed, kind) for seed in range(20)]


def test_a_failing_seed_is_printed_with_the_command_that_replays_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ledger is broken on purpose: holds that count for nothing."""
    monkeypatch.setattr("promptready.budget.Budget.hold", lambda budget, _amount, _now, _share: budget)
    assert main(["--seeds", "50", "--kind", "budget"]) == 1
    printed = capsys.readouterr().out
    assert "I2: " in printed
    assert "--kind budget --seed" in printed


def test_a_trace_tells_what_happened_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--kind", "budget", "--seed", "2", "--trace"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "budget 2: every promise was kept"
    assert any("replace global_config" in line for line in lines)


def test_hours_pass_in_no_time() -> None:
    loop = VirtualLoop()  # type: ignore[abstract]
    task = loop.create_task(asyncio.sleep(7200, result="done"))
    loop.run()
    assert (task.result(), loop.time()) == ("done", 7200)


def test_the_dead_do_nothing_more() -> None:
    loop, owner = VirtualLoop(), Mortal()  # type: ignore[abstract]
    token = OWNER.set(owner)
    task = loop.create_task(asyncio.sleep(2))
    OWNER.reset(token)
    loop.later(1, loop.kill, owner)
    loop.run()
    assert not task.done()
    loop.bury()


def test_a_schedule_without_end_is_found() -> None:
    async def spin() -> None:
        for _ in range(2_000):
            await asyncio.sleep(0)

    loop = VirtualLoop(max_steps=1_000)  # type: ignore[abstract]
    loop.create_task(spin())
    with pytest.raises(Livelock):
        loop.run()
    loop.bury()
