import json
import logging
from pathlib import Path

import pytest

from promptready.local.console import EVENTS, _Readable, set_up_logging
from promptready.telemetry import EVENTS_LOGGER


def line(message: str, *, logger: str = EVENTS, level: int = logging.INFO) -> str:
    record = logging.LogRecord(logger, level, "file", 1, message, None, None)
    return _Readable().format(record).split(" ", 1)[1]


def event(**changes: object) -> str:
    document = {
        "event": "process_ai",
        "cohort": "A",
        "provider": "groq",
        "model_asked": "openai/gpt-oss-20b",
        "outcome": "SUCCESS",
        "http_status": 200,
        "latency_total_ms": 812.4,
        "input_tokens": 324,
        "output_tokens": 5,
        "cost_nanousd": 34400,
        **changes,
    }
    return json.dumps(document)


def test_the_events_are_those_of_the_app() -> None:
    assert EVENTS == EVENTS_LOGGER


def test_a_request_is_one_readable_line() -> None:
    assert line(event()) == ("process_ai 200 SUCCESS cohort A groq:openai/gpt-oss-20b 812 ms 324+5 tokens $0.000034400")


def test_a_request_that_called_nobody_says_so() -> None:
    refused = event(
        provider=None, outcome="SERVICE_AT_CAPACITY", http_status=503, input_tokens=None, output_tokens=None
    )
    assert line(refused).startswith("process_ai 503 SERVICE_AT_CAPACITY cohort A no provider called 812 ms 0+0 tokens")


def test_another_event_lists_what_it_knows() -> None:
    assert line('{"event": "reset_week", "time": "t", "spend_nanousd": 7, "x": null}') == "reset_week spend_nanousd=7"


@pytest.mark.parametrize("message", ["plain words", "[]", "{}", '{"event": "process_ai"}'])
def test_what_is_no_event_is_shown_as_it_is(message: str) -> None:
    assert line(message) == message


def test_a_traceback_never_reaches_the_terminal() -> None:
    failure = (ValueError, ValueError("secret"), None)
    record = logging.LogRecord("azure", logging.ERROR, "file", 1, "it failed", None, failure)
    assert _Readable().format(record).endswith("error: it failed (ValueError)")


def test_the_file_holds_the_message_alone(tmp_path: Path) -> None:
    root, events = logging.getLogger(), logging.getLogger(EVENTS)
    before = (root.handlers[:], events.handlers[:], root.level, logging.getLogger("promptready").level)
    try:
        set_up_logging(tmp_path / "events.ndjson")
        events.info("%s", '{"event":"x"}')
        assert (tmp_path / "events.ndjson").read_text() == '{"event":"x"}\n'
    finally:
        for handler in events.handlers:
            handler.close()
        root.handlers[:], events.handlers[:] = before[0], before[1]
        root.setLevel(before[2])
        logging.getLogger("promptready").setLevel(before[3])
