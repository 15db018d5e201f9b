"""Events: one line of JSON, allow-listed fields, names that lead back to nobody."""

import json
import logging
from datetime import datetime
from pathlib import Path
from types import NoneType
from typing import get_args, get_type_hints

import pytest

from promptready import telemetry
from promptready.clock import from_text
from promptready.http import Incoming
from promptready.store import Store
from promptready.telemetry import ProcessAiEvent, Pseudonyms
from tests.support.apps import PAGE, add_user, running_app
from tests.support.sandbox import Sandbox

FIELDS = [
    "event", "time", "request_id", "catalog_version", "unit", "cohort", "provider", "model_asked", "model_returned",
    "outcome", "http_status", "latency_total_ms", "latency_provider_ms", "attempts", "input_tokens", "output_tokens",
    "cost_nanousd", "content_bytes", "output_bytes", "fidelity", "cohort_mismatch",
]  # fmt: skip


def test_an_event_has_the_allow_listed_fields_and_no_others() -> None:
    event = ProcessAiEvent(from_text("2026-11-22T10:00:00Z"), "r", "v")
    assert list(json.loads(telemetry.to_line(event))) == FIELDS
    with pytest.raises(AttributeError):
        event.content = "a page"  # type: ignore[attr-defined]


def test_every_field_of_every_event_is_a_number_a_name_or_an_instant() -> None:
    plain = {str, int, float, bool, datetime}
    for kind in telemetry._NAMES:
        for name, hint in get_type_hints(kind).items():
            assert set(get_args(hint) or (hint,)) <= plain | {NoneType}, f"{kind.__name__}.{name}"


def test_pseudonyms_keep_kinds_and_salts_apart() -> None:
    one, other = Pseudonyms("salt"), Pseudonyms("another salt")
    names = {one.of("user", "x"), one.of("network", "x"), other.of("user", "x"), one.of("user", "y")}
    assert len(names) == 4
    assert one.of("user", "x") == one.of("user", "x")


async def test_one_request_makes_one_event_with_its_numbers(
    store: Store, sandbox_provider: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, telemetry.EVENTS_LOGGER)
    async with running_app(store, sandbox_provider, tmp_path) as app:
        await add_user(store, "user-0001", cohort="B")
        body = json.dumps({"userId": "user-0001", "cohort": "A", "content": PAGE}).encode()
        reply = await app.endpoints.process_ai(Incoming(body, {}))
    (event,) = [e for e in map(json.loads, caplog.messages) if e["event"] == "process_ai"]
    assert event["catalog_version"] == app.catalog.version
    assert event["request_id"] == reply.headers["X-PromptReady-Request-Id"]
    assert (event["outcome"], event["http_status"], event["attempts"]) == ("SUCCESS", 200, 1)
    assert (event["cohort"], event["cohort_mismatch"]) == ("B", True)
    assert (event["model_asked"], event["model_returned"]) == ("sandbox/ok", "sandbox/ok")
    assert event["content_bytes"] == event["output_bytes"] == len(PAGE)
    assert event["fidelity"] == 1.0
    assert event["cost_nanousd"] > 0
    assert event["latency_total_ms"] >= event["latency_provider_ms"] > 0
    assert event["unit"] not in {None, "user-0001"}


async def test_a_bug_is_told_by_its_class_and_place_alone(
    store: Store,
    sandbox_provider: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_app(store, sandbox_provider, tmp_path) as app:

        async def broken(user_id: str, network: str) -> None:
            raise RuntimeError(f"quotes {user_id} and {network}")

        monkeypatch.setattr(app.trial, "check_credits", broken)
        reply = await app.endpoints.check_credits(Incoming(b'{"userId":"user-0001"}', {}))
    assert reply.status == 500
    assert reply.body == b'{"status":"INTERNAL_ERROR","message":"Something went wrong on our side."}'
    (event,) = [e for e in map(json.loads, caplog.messages) if e["event"] == "internal_error"]
    assert event["error"] == "RuntimeError"
    assert event["where"].startswith("http.py:")
    assert "user-0001" not in caplog.text
