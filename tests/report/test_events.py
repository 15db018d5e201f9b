import json
import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from promptready.report.events import NO_NAME, Events, Period, read
from promptready.telemetry import ResetWeekEvent, to_line
from tests.report.lines import BEGIN, VERSION, line, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.ndjson"


def test_an_event_as_the_app_writes_it_is_read_field_by_field(path: Path) -> None:
    events = read(written(path, line(attempts=2, cohort_mismatch=True)))
    (row,) = events.rows
    assert [*events.versions, *events.cohorts, *events.outcomes, *events.models] == [
        VERSION,
        "A",
        "SUCCESS",
        "groq: openai/gpt-oss-20b",
    ]
    assert (row["latency_ms"], row["input_tokens"], row["output_tokens"]) == (900.5, 1200, 1000)
    assert (row["cost_nanousd"], row["fidelity"], row["attempts"], row["has_mismatch"]) == (390_000, 0.97, 2, True)


def test_a_request_refused_before_anything_was_known_is_an_event(path: Path) -> None:
    nulls = dict.fromkeys(
        ("unit", "cohort", "provider", "model_asked", "model_returned", "input_tokens", "output_tokens", "fidelity")
    )
    events = read(written(path, line(outcome="INVALID_REQUEST", http_status=400, **nulls)))
    (row,) = events.rows
    assert (row["cohort"], row["model"]) == (NO_NAME, NO_NAME)
    assert np.isnan([row["input_tokens"], row["output_tokens"], row["fidelity"]]).all()


def test_other_events_and_blank_lines_are_passed_over(path: Path) -> None:
    other = to_line(ResetWeekEvent(BEGIN, BEGIN, 1, 2))
    events = read(written(path, other, "", line()))
    assert (len(events.rows), events.malformed) == (1, 0)


def spoiled(**changes: object) -> str:
    return json.dumps(json.loads(line()) | changes)


@pytest.mark.parametrize(
    "bad",
    [
        "not JSON",
        '{"event": "process_ai"}',
        "[1, 2]",
        "17",
        '"text"',
        line()[:-20],
        spoiled(latency_total_ms="900"),
        spoiled(latency_total_ms=-1),
        spoiled(cost_nanousd=None),
        spoiled(fidelity=1.5),
        spoiled(outcome=7),
        spoiled(attempts=1.5),
        spoiled(attempts=10**9),
        spoiled(time="yesterday"),
        spoiled(time="2026-11-23T10:00:00"),
        spoiled(unit=["a"]),
        spoiled(cohort={}),
        spoiled(catalog_version=None),
        spoiled(outcome=None),
        spoiled(time="9999-12-31T23:59:59-14:00"),
    ],
)
def test_what_is_no_event_is_counted_with_the_number_of_its_line(path: Path, bad: str) -> None:
    events = read(written(path, line(), bad, line(), bad))
    assert (len(events.rows), events.malformed, events.first_malformed) == (2, 2, 2)


@given(st.lists(st.one_of(st.binary(), st.just(line().encode())), max_size=8).map(b"\n".join))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_makes_reading_fail(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert isinstance(read(path), Events)


def test_an_event_that_is_exported_twice_counts_once(path: Path) -> None:
    one, other = line(), line()
    events = read(written(path, one, other, one))
    assert (len(events.rows), events.duplicates) == (2, 1)


def test_the_period_holds_its_begin_and_not_its_end(path: Path) -> None:
    written(path, *(line(time=BEGIN + timedelta(hours=hour)) for hour in range(4)))
    events = read(path, Period(BEGIN + timedelta(hours=1), BEGIN + timedelta(hours=3)))
    assert (len(events.rows), events.outside_period) == (2, 2)
    assert events.rows["time_s"].tolist() == [(BEGIN + timedelta(hours=hour)).timestamp() for hour in (1, 2)]


@pytest.mark.parametrize(
    "export",
    [
        pytest.param(
            lambda lines: [json.dumps({"tables": [{"rows": [[text] for text in lines]}]}, indent=2)], id="query"
        ),
        pytest.param(lambda lines: [json.dumps([{"message": text} for text in lines], indent=2)], id="log-analytics"),
        pytest.param(lambda lines: [json.dumps({"time": "x", "Message": text}) for text in lines], id="storage"),
        pytest.param(lambda lines: [json.dumps([json.loads(text) for text in lines])], id="array"),
    ],
)
def test_what_application_insights_gives_back_is_read(path: Path, export: object) -> None:
    assert callable(export)
    events = read(written(path, *export([line(), line()])))
    assert (len(events.rows), events.malformed) == (2, 0)


@pytest.mark.parametrize("text", [line(), json.dumps([{"message": line()}])])
def test_events_may_come_through_a_pipe(text: str) -> None:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    assert len(read(Path(f"/dev/fd/{reading}")).rows) == 1
    os.close(reading)


def test_a_file_that_is_not_there_is_an_os_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(path)
