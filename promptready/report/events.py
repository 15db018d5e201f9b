"""
Events from a file into columns: a million of them in seconds, in a few hundred megabytes.

A line is an event as telemetry writes it. What Application Insights gives back is read too: a JSON document of tables
or objects, or lines that carry the event as text in one of their fields. What can't be read is counted, never raised.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader, BytesIO
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

EVENT = "process_ai"
SUCCESS = "SUCCESS"
NO_NAME = -1
"""Stands in a column of names for null."""

Rows = NDArray[np.void]

_HEAD_BYTES = 4096

# Packing a row checks its types, and a million rows take 91 MB.
_FIELDS = (
    ("time_s", "d", "<f8"),
    ("request", "q", "<i8"),  # hashes: two of 64 bits coincide once in many billions of rows
    ("unit", "q", "<i8"),
    ("version", "h", "<i2"),
    ("cohort", "h", "<i2"),
    ("outcome", "h", "<i2"),
    ("model", "h", "<i2"),
    ("attempts", "h", "<i2"),
    ("has_mismatch", "?", "?"),
    ("latency_ms", "d", "<f8"),
    ("input_tokens", "d", "<f8"),  # NaN stands for null
    ("output_tokens", "d", "<f8"),
    ("cost_nanousd", "d", "<f8"),
    ("fidelity", "d", "<f8"),
)
_ROW = struct.Struct("<" + "".join(code for _, code, _ in _FIELDS))
ROW_TYPE = np.dtype([(name, kind) for name, _, kind in _FIELDS])
"""One event; the columns of names hold codes."""


class Names:
    """Text that repeats, such as outcomes, as small whole numbers."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._codes = {name: code for code, name in enumerate(names)}

    def code(self, name: str | None) -> int:
        """Return the number of a name, a new one the first time."""
        if name is None:
            return NO_NAME
        code = self._codes.get(name)
        if code is None:
            if not isinstance(name, str):
                raise TypeError("a name is text")
            code = self._codes[name] = len(self._codes)
        return code

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first instant on and before the second; None for no bound."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Events:
    """The events of a file that could be read, one row each, in the order of the file, and what was left out."""

    rows: Rows
    versions: Names
    cohorts: Names
    outcomes: Names
    models: Names
    malformed: int = 0
    first_malformed: int | None = None
    """Number of the first line, or element of a JSON document, that could not be read."""
    duplicates: int = 0
    outside_period: int = 0


def read(path: Path, period: Period = Period()) -> Events:  # frozen
    """
    Read a file of events; other events than `process_ai` are passed over.

    Raises:
        OSError: the file can't be read.
    """
    events = Events(np.empty(0, ROW_TYPE), Names(), Names(), Names(), Names())
    since_s = period.since.timestamp() if period.since else -np.inf
    until_s = period.until.timestamp() if period.until else np.inf
    packed = bytearray()
    with path.open("rb") as file:
        for number, record in enumerate(_records(file), start=1):
            try:
                event = _event_in(record)
                if event is None:
                    continue
                row = _pack(event, events)
            except (ValueError, TypeError, KeyError, OverflowError, struct.error):
                events.malformed += 1
                events.first_malformed = events.first_malformed or number
                continue
            packed += row
    rows = np.frombuffer(packed, ROW_TYPE)
    _, first = np.unique(rows["request"], return_index=True)
    events.duplicates = len(rows) - len(first)
    if events.duplicates:
        rows = rows[np.sort(first)]
    inside = (rows["time_s"] >= since_s) & (rows["time_s"] < until_s)
    events.outside_period = int(len(rows) - inside.sum())
    events.rows = rows if inside.all() else rows[inside]
    return events


def _records(file: BufferedReader) -> Iterator[Any]:
    """Lines, or the elements of one JSON document. Blank lines count, so that numbers are those of an editor."""
    head = file.peek(_HEAD_BYTES)  # a pipe can't be wound back
    if not head.lstrip().startswith(b"[") and b'"tables"' not in head:
        yield from file
        return
    whole = file.read()
    try:
        yield from _rows_of(orjson.loads(whole))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        yield from BytesIO(whole)


def _rows_of(document: Any) -> list[Any]:  # noqa: ANN401  # whatever a file holds
    """What `az monitor` prints: a list of objects, or tables of rows."""
    if isinstance(document, list):
        return document
    return [row for table in document["tables"] for row in table["rows"]]


def _event_in(record: Any) -> dict[str, Any] | None:  # noqa: ANN401  # whatever a file holds
    """The event that a line or an element is or carries; None for other events and blank lines."""
    if isinstance(record, bytes):
        if not record.strip():
            return None
        record = orjson.loads(record)
    if isinstance(record, dict) and "event" in record:
        return record if record["event"] == EVENT else None
    fields = [*record.values()] if isinstance(record, dict) else record
    if not isinstance(fields, list):
        raise TypeError("neither an event nor a row of a table")
    for carried in fields:
        if isinstance(carried, str) and carried.startswith("{"):
            return _event_in(orjson.loads(carried))
    raise ValueError("no event in it")


def _pack(event: dict[str, Any], events: Events) -> bytes:
    time = datetime.fromisoformat(event["time"])
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    latency_ms, cost_nanousd, fidelity = event["latency_total_ms"], event["cost_nanousd"], event["fidelity"]
    if latency_ms < 0 or cost_nanousd < 0 or not (fidelity is None or 0 <= fidelity <= 1):
        raise ValueError("out of range")
    model = event["model_returned"] or event["model_asked"]
    if None in (event["catalog_version"], event["outcome"]):
        raise ValueError("an event says what came of it under which catalog")
    return _ROW.pack(
        time.astimezone(UTC).timestamp(),
        hash(event["request_id"]),
        hash(event["unit"]),
        events.versions.code(event["catalog_version"]),
        events.cohorts.code(event["cohort"]),
        events.outcomes.code(event["outcome"]),
        events.models.code(f"{event['provider']}: {model}" if model else None),
        event["attempts"],
        event["cohort_mismatch"],
        latency_ms,
        _or_nan(event["input_tokens"]),
        _or_nan(event["output_tokens"]),
        cost_nanousd,
        _or_nan(fidelity),
    )


def _or_nan(number: float | None) -> float:
    return nan if number is None else number
