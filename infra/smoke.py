#!/usr/bin/env python3
"""
Asks a deployed app for what its users will ask, through its public address.

    python3 infra/smoke.py https://func-promptready-xyz.azurewebsites.net

Three calls, in the order a new user makes them: a request that must be refused, a first check of credits, one page
through AI Mode. Ends with 0 when every answer is what the wire contract promises. A budget that is used up is no fault
of a deployment: the third call may say so, and the output says that AI Mode was not proven.

Standard library only, so that it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

CALL_TIMEOUT_S = 35  # the server's own deadline is 25
# The page holds a number that has no business changing, so that an answer about something else is noticed.
PAGE = "# Tide table\n\nHigh water at the pier is at 14:37. The next spring tide is 4217 minutes later.\n"


class Wrong(Exception):
    """The app answered something it must not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: status, headers in lower case, the JSON body."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def post(base_url: str, path: str, body: dict[str, Any]) -> Answer:
    """Send one JSON request; raises OSError or http.client.HTTPException when nobody answers."""
    address = urlsplit(base_url)
    connect = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = connect(address.netloc, timeout=CALL_TIMEOUT_S)
    try:
        connection.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read().decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in reply.getheaders()}
    finally:
        connection.close()
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = {}
    return Answer(reply.status, headers, parsed if isinstance(parsed, dict) else {})


def wait_until_up(base_url: str, patience_s: float) -> None:
    """Ask until the app refuses an empty request the way it should, for as long as a start may take."""
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            refusal = post(base_url, "/api/check-credits", {})
        except (OSError, http.client.HTTPException) as error:
            seen = type(error).__name__
        else:
            if refusal.status == http.client.BAD_REQUEST and refusal.body.get("status") == "INVALID_REQUEST":
                _must(refusal.headers.get("cache-control") == "no-store", "a refusal may be cached")
                return
            seen = f"{refusal.status} {refusal.body.get('status', 'without a code')}"
        if time.monotonic() >= give_up_at:
            msg = f"an empty request is answered with {seen}, not 400 INVALID_REQUEST"
            raise Wrong(msg)
        time.sleep(min(5, patience_s / 10))


def check_credits(base_url: str, user_id: str) -> str:
    """Ask for this user's credits; answers with the cohort, empty when the user has none left."""
    answer = post(base_url, "/api/check-credits", {"userId": user_id})
    if answer.status == http.client.PAYMENT_REQUIRED:
        _must(answer.body == {"status": "INSUFFICIENT_CREDITS"}, "402 has another body than the contract's")
        return ""
    _must(answer.status == http.client.OK, f"check-credits answers {answer.status} {answer.body.get('status')}")
    _must(set(answer.body) == {"status", "credits_remaining", "cohort"}, "check-credits has other keys")
    _must(answer.body["status"] == "OK", "check-credits says something else than OK")
    _must(type(answer.body["credits_remaining"]) is int, "credits are no whole number")
    _must(answer.body["cohort"] in {"A", "B", "C"}, "the cohort is none of A, B and C")
    return str(answer.body["cohort"])


def process_page(base_url: str, user_id: str, cohort: str) -> str:
    """Send one page through AI Mode; answers with what was learned."""
    answer = post(base_url, "/api/process-ai", {"userId": user_id, "cohort": cohort, "content": PAGE})
    if answer.status == http.client.SERVICE_UNAVAILABLE and answer.body == {"status": "SERVICE_AT_CAPACITY"}:
        return "not proven, the weekly budget is used up"
    _must(answer.status == http.client.OK, f"process-ai answers {answer.status} {answer.body.get('status')}")
    _must(set(answer.body) == {"status", "processed_content"}, "process-ai has other keys")
    _must("4217" in str(answer.body["processed_content"]), "the answer lost the page's number")
    _must(
        answer.headers.get("x-promptready-credits-remaining", "").isdigit(),
        "the answer does not say what credits remain",
    )
    return "a page went through"


def main(arguments: list[str]) -> int:
    """Run the three calls; 0 when all is well, 1 with one sentence when not."""
    parser = argparse.ArgumentParser(description="Smoke test of a deployed PromptReady API.")
    parser.add_argument("base_url", help="the address up to, not including, /api")
    parser.add_argument("--patience-s", type=float, default=180, help="how long the app may take to start")
    asked = parser.parse_args(arguments)
    base_url = asked.base_url.rstrip("/")
    user_id = f"smoke-test-{datetime.now(UTC):%Y%m%d}"
    try:
        wait_until_up(base_url, asked.patience_s)
        cohort = check_credits(base_url, user_id)
        ai = process_page(base_url, user_id, cohort) if cohort else "not proven, today's smoke user has no credits left"
    except Wrong as wrong:
        sys.stderr.write(f"smoke test failed: {wrong}\n")
        return 1
    except (OSError, http.client.HTTPException) as error:
        sys.stderr.write(f"smoke test failed: the app stopped answering ({type(error).__name__})\n")
        return 1
    sys.stdout.write(f"smoke test passed; AI Mode: {ai}\n")
    return 0


def _must(holds: bool, otherwise: str) -> None:  # noqa: FBT001 a claim reads best as an argument
    if not holds:
        raise Wrong(otherwise)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
