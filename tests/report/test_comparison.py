import json
from pathlib import Path

import pytest

from promptready.report.comparison import Report, Verdict, compare
from promptready.report.events import read
from tests.report.lines import VERSION, line, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.ndjson"


def report_on(path: Path, *lines: str, version: str | None = None) -> Report:
    report = compare(read(written(path, *lines)), version)
    assert report is not None
    return report


def arm(cohort: str, users: int, **changes: object) -> list[str]:
    return [line(cohort=cohort, unit=f"{cohort}{number}", **changes) for number in range(users)]


def test_requests_are_the_arms_only_where_it_had_a_part_in_the_outcome(path: Path) -> None:
    asked_nobody = {"provider": None, "model_asked": None, "model_returned": None, "attempts": 0, "fidelity": None}
    report = report_on(
        path,
        *arm("A", 3),
        *arm("A", 1, outcome="PROVIDER_FAILED", attempts=2, model_returned=None, fidelity=None),
        *arm("A", 1, outcome="SERVICE_UNAVAILABLE", **asked_nobody),
        *arm("A", 1, outcome="SERVICE_AT_CAPACITY", **asked_nobody),
        *arm("A", 2, outcome="INSUFFICIENT_CREDITS", **asked_nobody),
        line(outcome="INVALID_REQUEST", unit=None, cohort=None, **asked_nobody),
    )
    (found,) = report.arms
    assert (found.users, found.requests, found.refused, report.unassigned) == (3, 5, 3, 1)
    assert found.outcomes == {
        "SUCCESS": 3,
        "INSUFFICIENT_CREDITS": 2,
        "PROVIDER_FAILED": 1,
        "SERVICE_UNAVAILABLE": 1,
        "SERVICE_AT_CAPACITY": 1,
    }
    success, failover = found.estimates["success"], found.failover
    assert success is not None
    assert failover is not None
    assert (success.value, failover.value) == (3 / 5, 1 / 5)


def test_latency_tokens_and_fidelity_are_of_answers_and_costs_of_everything(path: Path) -> None:
    failed = {"outcome": "PROVIDER_TIMEOUT", "latency_total_ms": 25_000.0, "input_tokens": None, "output_tokens": None}
    report = report_on(
        path,
        *arm("A", 2, latency_total_ms=1000.0, cost_nanousd=100, fidelity=0.9),
        *arm("A", 2, cost_nanousd=50, fidelity=None, **failed),
    )
    (found,) = report.arms
    values = {key: estimate and estimate.value for key, estimate in found.estimates.items()}
    assert values == pytest.approx(
        {"success": 0.5, "latency_p50": 1000, "latency_p95": 1000, "cost": 150, "fidelity": 0.9}
    )
    assert found.input_tokens is not None
    assert found.input_tokens.value == pytest.approx(1200)


def test_a_failover_to_another_model_is_told_by_model(path: Path) -> None:
    report = report_on(path, *arm("A", 3), *arm("A", 2, provider="deepinfra", attempts=2))
    assert [(model.name, model.requests) for model in report.models] == [
        ("groq: openai/gpt-oss-20b", 3),
        ("deepinfra: openai/gpt-oss-20b", 2),
    ]
    assert list(report.arms[0].models) == ["groq: openai/gpt-oss-20b", "deepinfra: openai/gpt-oss-20b"]


def test_the_model_that_answered_counts_not_the_one_that_was_asked(path: Path) -> None:
    report = report_on(path, *arm("A", 2, model_returned="gpt-oss-20b-0905"))
    assert [model.name for model in report.models] == ["groq: gpt-oss-20b-0905"]


def test_versions_are_never_mixed(path: Path) -> None:
    lines = [*arm("A", 2, catalog_version="old"), *arm("A", 3, catalog_version="new")]
    newest, chosen = report_on(path, *lines), report_on(path, *lines, version="old")
    assert (newest.version, newest.other_versions, newest.arms[0].requests) == ("new", {"old": 2}, 3)
    assert (chosen.version, chosen.other_versions, chosen.arms[0].requests) == ("old", {"new": 3}, 2)


def test_the_newest_version_is_that_of_the_latest_event_wherever_it_stands(path: Path) -> None:
    later, earlier = arm("A", 2, catalog_version="new"), arm("A", 2, catalog_version="old")
    times = [json.loads(text)["time"] for text in (*later, *earlier)]
    swapped = [
        text.replace(json.loads(text)["time"], time)
        for text, time in zip((*later, *earlier), (*times[2:], *times[:2]), strict=True)
    ]
    assert report_on(path, *swapped).version == "new"


def test_there_is_no_report_without_events_of_the_version(path: Path) -> None:
    events = read(written(path, line()))
    assert compare(events, "unknown") is None
    assert compare(read(written(path))) is None


def test_a_split_of_users_that_is_no_accident_raises_the_alarm(path: Path) -> None:
    fair = report_on(path, *arm("A", 70), *arm("B", 20), *arm("C", 10)).sample_ratio
    assert (fair.p, fair.is_alarming) == (1, False)
    assert not report_on(path, *arm("A", 75), *arm("B", 15), *arm("C", 10)).sample_ratio.is_alarming
    assert report_on(path, *arm("A", 60), *arm("B", 20), *arm("C", 30)).sample_ratio.is_alarming
    assert report_on(path, *arm("A", 140), *arm("B", 40)).sample_ratio.is_alarming  # an arm that nobody got into


def test_requests_do_not_count_as_users_in_the_split(path: Path) -> None:
    busy = [line(cohort="C", unit="C0") for _ in range(200)]
    assert not report_on(path, *arm("A", 70), *arm("B", 20), *arm("C", 10), *busy).sample_ratio.is_alarming


def test_a_user_in_two_arms_raises_the_alarm(path: Path) -> None:
    ratio = report_on(path, *arm("A", 70), *arm("B", 20), *arm("C", 10), line(cohort="B", unit="A3")).sample_ratio
    assert (ratio.moved_users, ratio.is_alarming) == (1, True)


def test_too_little_data_is_said_not_guessed(path: Path) -> None:
    report = report_on(path, *arm("A", 40), *arm("B", 1), *arm("C", 5, fidelity=None))
    verdicts = {(found.arm, found.metric.key): found.verdict for found in report.comparisons}
    assert {verdicts["B", key] for key in ("success", "fidelity", "cost")} == {Verdict.NO_DATA}
    assert verdicts["C", "fidelity"] is Verdict.NO_DATA
    assert verdicts["C", "success"] is Verdict.UNDECIDED


def test_an_undecided_difference_says_how_many_users_it_takes(path: Path) -> None:
    report = report_on(path, *arm("A", 70), *arm("B", 20), *arm("C", 10))
    success = next(found for found in report.comparisons if (found.arm, found.metric.key) == ("C", "success"))
    assert success.verdict is Verdict.UNDECIDED
    assert success.users_needed is not None
    assert success.users_needed > 10_000  # a hundredth, in a tenth of the users


def test_one_arm_alone_is_reported_without_comparisons(path: Path) -> None:
    assert report_on(path, *arm("A", 5)).comparisons == []
    assert report_on(path, *arm("B", 5)).comparisons == []


def test_what_was_left_out_is_counted(path: Path) -> None:
    text = line(cohort_mismatch=True)
    report = report_on(path, text, text, "garbage")
    assert (report.mismatches, report.duplicates, report.malformed, report.first_malformed) == (1, 1, 1, 3)
    assert report.version == VERSION
