"""
What leaves this process about a request: events of allow-listed fields, one line of JSON each.

Privacy is the shape of this module. An event is a dataclass of numbers, enumerations and ids we made;
there is no field that content, a key, a user id or an address could travel in, and the code that serves
requests has no other logger. A user is a `unit`: an HMAC under a salt that only the operator has.
"""

import dataclasses
import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from promptready.clock import to_text

EVENTS_LOGGER = "promptready.events"
UNIT_HEX_DIGITS = 32

_events = logging.getLogger(EVENTS_LOGGER)


@dataclass(slots=True)
class ProcessAiEvent:
    """
    One `process-ai` request, from its arrival to its reply. Filled in as the request goes along.

    Latencies are milliseconds, sizes UTF-8 bytes; `cost_nanousd` is what the week was charged for it.
    """

    time: datetime
    request_id: str
    catalog_version: str
    unit: str | None = None
    cohort: str | None = None
    provider: str | None = None
    model_asked: str | None = None
    model_returned: str | None = None
    outcome: str = "INTERNAL_ERROR"
    http_status: int = 500
    latency_total_ms: float = 0.0
    latency_provider_ms: float | None = None
    attempts: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_nanousd: int = 0
    content_bytes: int = 0
    output_bytes: int | None = None
    fidelity: float | None = None
    cohort_mismatch: bool = False


@dataclass(frozen=True, slots=True)
class BudgetStatusEvent:
    """The week's budget, at most once a minute while requests come in: what the spend alerts read."""

    time: datetime
    spend_nanousd: int
    cap_nanousd: int
    breaker_open: bool
    catalog_version: str
    days_to_next_retirement: int | None


@dataclass(frozen=True, slots=True)
class ResetWeekEvent:
    """The weekly timer ran."""

    time: datetime
    week: datetime
    spend_nanousd: int
    cap_nanousd: int


@dataclass(frozen=True, slots=True)
class RouteRetiringEvent:
    """A route of the catalog retires within thirty days."""

    time: datetime
    cohort: str
    provider: str
    model_asked: str
    retires_on: str


@dataclass(frozen=True, slots=True)
class SecretExpiringEvent:
    """A key in the vault expires within thirty days. `secret` is its name in the catalog, never its value."""

    time: datetime
    secret: str
    expires_on: datetime
    days_left: int


@dataclass(frozen=True, slots=True)
class StoreNotReadyEvent:
    """The store lacks something that only an operator can give it. `remedy` is our own sentence, by the adapter."""

    time: datetime
    request_id: str
    remedy: str


@dataclass(frozen=True, slots=True)
class InternalErrorEvent:
    """A bug: the exception's class and where it was raised. Its message may quote anything, so it stays behind."""

    time: datetime
    request_id: str
    error: str
    where: str


Event = (
    ProcessAiEvent
    | BudgetStatusEvent
    | ResetWeekEvent
    | RouteRetiringEvent
    | SecretExpiringEvent
    | StoreNotReadyEvent
    | InternalErrorEvent
)

_NAMES: Mapping[type, str] = {
    ProcessAiEvent: "process_ai",
    BudgetStatusEvent: "budget_status",
    ResetWeekEvent: "reset_week",
    RouteRetiringEvent: "route_retiring",
    SecretExpiringEvent: "secret_expiring",
    StoreNotReadyEvent: "store_not_ready",
    InternalErrorEvent: "internal_error",
}

_FIELDS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _NAMES
}


def emit(event: Event, level: int = logging.INFO) -> None:
    """Write the event as one line of JSON to the events logger."""
    _events.log(level, "%s", to_line(event))


def to_line(event: Event) -> str:
    """Return the event as one line of JSON: its name, then its fields and no others."""
    fields: dict[str, Any] = {"event": _NAMES[type(event)]}
    for name in _FIELDS[type(event)]:
        value = getattr(event, name)
        fields[name] = to_text(value) if isinstance(value, datetime) else value
    return json.dumps(fields)


class Pseudonyms:
    """Keyed hashes under the operator's salt: the same input gives the same name, and no name leads back."""

    def __init__(self, salt: str) -> None:
        self._salt = salt.encode()

    def of(self, kind: str, value: str) -> str:
        """Return the pseudonym of `value`; `kind` keeps the names of users, networks and contents apart."""
        message = f"{kind}\0{value}".encode(errors="surrogatepass")
        return hmac.new(self._salt, message, hashlib.sha256).hexdigest()[:UNIT_HEX_DIGITS]
