"""Many processes at one document, in virtual time: everyone gets a turn."""

from bench.contention import measure


def test_thirty_two_busy_processes_get_their_share() -> None:
    result = measure(processes=32, callers=8, seconds=3.0)
    assert min(result.by_process) > 0.4 * result.changes / 32
    assert result.by_caller.count(0) == 0
    assert result.quantile_s(0.99) < 1.0
    assert result.attempts < result.changes
    assert (result.over_nanousd, result.unaccounted_nanousd) == (0, 0)


def test_a_process_alone_writes_once_for_all_who_wait() -> None:
    result = measure(processes=1, callers=32, seconds=1.0)
    assert result.changes > 1_000
    assert result.attempts / result.changes < 0.05
