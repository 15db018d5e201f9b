"""Where log lines go on a developer's machine: readable ones to the terminal, events to a file."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

EVENTS = "promptready.events"


def set_up_logging(events_path: Path) -> None:
    """Send events to `events_path`, one JSON document a line, and everything worth reading to stderr."""
    terminal = logging.StreamHandler(sys.stderr)
    terminal.setFormatter(_Readable())
    # The libraries' INFO lines tell of every request they make.
    logging.basicConfig(level=logging.WARNING, handlers=[terminal])
    logging.getLogger("promptready").setLevel(logging.INFO)
    file = logging.FileHandler(events_path, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(message)s"))
    logging.getLogger(EVENTS).addHandler(file)


class _Readable(logging.Formatter):
    """One line a record, without a traceback; an event becomes the sentence a developer would look for in it."""

    def format(self, record: logging.LogRecord) -> str:
        clock = self.formatTime(record, "%H:%M:%S")
        if record.name == EVENTS:
            return f"{clock} {_sentence(record.getMessage())}"
        level = "" if record.levelno == logging.INFO else f"{record.levelname.lower()}: "
        failure = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
        return f"{clock} {level}{record.getMessage()}{failure}"


def _sentence(message: str) -> str:
    try:
        event = json.loads(message)
        return _request_sentence(event) if event["event"] == "process_ai" else _other_sentence(event)
    except (ValueError, KeyError, TypeError):
        return message


def _request_sentence(event: dict[str, Any]) -> str:
    model = f"{event['provider']}:{event['model_asked']}" if event["provider"] else "no provider called"
    tokens = f"{event['input_tokens'] or 0}+{event['output_tokens'] or 0} tokens"
    return (
        f"process_ai {event['http_status']} {event['outcome']} cohort {event['cohort']} {model} "
        f"{event['latency_total_ms']:.0f} ms {tokens} ${event['cost_nanousd'] / 1e9:.9f}"
    )


def _other_sentence(event: dict[str, Any]) -> str:
    facts = [f"{name}={value}" for name, value in event.items() if name not in {"event", "time"} and value is not None]
    return " ".join([event["event"], *facts])
