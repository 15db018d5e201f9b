"""Events as the app writes them, for the report's tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from promptready.telemetry import ProcessAiEvent, to_line

BEGIN = datetime(2026, 11, 23, 10, tzinfo=UTC)
VERSION = "3f2a91c04b7d"
_numbers = count()


def line(**changes: Any) -> str:  # noqa: ANN401  # fields of an event
    """Return an answered request of a user of arm A, each a second after the one before, but for `changes`."""
    number = next(_numbers)
    answered = ProcessAiEvent(
        time=BEGIN + timedelta(seconds=number),
        request_id=f"request-{number}",
        catalog_version=VERSION,
        unit="a-user",
        cohort="A",
        provider="groq",
        model_asked="openai/gpt-oss-20b",
        model_returned="openai/gpt-oss-20b",
        outcome="SUCCESS",
        http_status=200,
        latency_total_ms=900.5,
        latency_provider_ms=800.25,
        attempts=1,
        input_tokens=1200,
        output_tokens=1000,
        cost_nanousd=390_000,
        content_bytes=4000,
        output_bytes=3900,
        fidelity=0.97,
    )
    return to_line(replace(answered, **changes))


def written(path: Path, *lines: str) -> Path:
    """Return the file, with these lines in it."""
    path.write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
    return path
