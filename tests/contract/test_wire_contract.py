"""Section 2 of the design, row by row, byte for byte where it fixes bytes."""

import asyncio
import json
import re

import pytest

from promptready.clock import seconds_until_next_week, system_clock
from promptready.telemetry import Pseudonyms
from tests.contract.world import (
    CROWDED,
    HASTY,
    NO_KEY,
    NO_STORE,
    ODD,
    SALT,
    SLOW,
    THROTTLED,
    TRIAL_CREDITS,
    Reply,
    World,
    now_text,
)

KEY = "idempotency-key-1"


class TestCheckCredits:
    async def test_a_new_user_is_granted_the_trial(self, world: World) -> None:
        reply = await world.post("check-credits", {"userId": "new-user-" + now_id()})
        assert reply.status == 200
        cohort = reply.json()["cohort"]
        assert cohort in "ABC"
        expected = f'{{"status":"OK","credits_remaining":{TRIAL_CREDITS},"cohort":"{cohort}"}}'
        assert reply.body == expected.encode()

    async def test_asking_again_changes_nothing(self, world: World) -> None:
        user = "new-user-" + now_id()
        first = await world.post("check-credits", {"userId": user})
        second = await world.post("check-credits", {"userId": user})
        assert first.body == second.body

    async def test_without_credits_the_body_is_the_contract_s(self, world: World) -> None:
        reply = await world.post("check-credits", {"userId": await world.user(credits_=0)})
        assert (reply.status, reply.body) == (402, b'{"status":"INSUFFICIENT_CREDITS"}')

    @pytest.mark.flavour(CROWDED)
    async def test_too_many_new_users_from_one_network_wait_until_tomorrow(self, world: World) -> None:
        headers = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9:4711"}
        replies = [await world.post("check-credits", {"userId": f"crowd-{n}-{now_id()}"}, headers) for n in range(3)]
        assert [reply.status for reply in replies][-1] == 429
        assert_error(replies[-1], 429, "TOO_MANY_REQUESTS")
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 86_400

    @pytest.mark.flavour(NO_STORE)
    async def test_without_a_store_nobody_is_served(self, world: World) -> None:
        reply = await world.post("check-credits", {"userId": "somebody-1"})
        assert_error(reply, 503, "SERVICE_UNAVAILABLE")
        assert int(reply.headers["retry-after"]) >= 1


class TestProcessAi:
    async def test_a_page_comes_back_for_one_credit(self, world: World) -> None:
        user = await world.user()
        reply = await world.process(user, "# Tea\n\nTea is made with *water*.")
        assert reply.status == 200
        assert reply.body == b'{"status":"SUCCESS","processed_content":"# Tea\\n\\nTea is made with *water*."}'
        assert reply.headers["x-promptready-credits-remaining"] == str(TRIAL_CREDITS - 1)
        assert (await world.stored_user(user))["credits_remaining"] == TRIAL_CREDITS - 1

    async def test_every_reply_is_named_and_never_cached(self, world: World) -> None:
        good = await world.process(await world.user())
        bad = await world.post("process-ai", b"no json")
        for reply in (good, bad):
            assert re.fullmatch("[0-9a-f]{32}", reply.headers["x-promptready-request-id"])
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["content-type"] == "application/json"

    async def test_another_cohort_in_the_request_is_ignored(self, world: World) -> None:
        user = await world.user(cohort="A")
        reply = await world.post("process-ai", {"userId": user, "cohort": "C", "content": "Tea"})
        assert reply.status == 200

    async def test_unknown_fields_are_ignored(self, world: World) -> None:
        user = await world.user()
        reply = await world.post("process-ai", {"userId": user, "cohort": "A", "content": "Tea", "more": [1]})
        assert reply.status == 200

    async def test_without_credits_the_body_is_the_contract_s(self, world: World) -> None:
        reply = await world.process(await world.user(credits_=0))
        assert (reply.status, reply.body) == (402, b'{"status":"INSUFFICIENT_CREDITS"}')

    async def test_an_open_breaker_answers_with_the_contract_s_body(self, world: World) -> None:
        user = await world.user()
        async with world.open_breaker():
            reply = await world.process(user)
        assert (reply.status, reply.body) == (503, b'{"status":"SERVICE_AT_CAPACITY"}')
        assert abs(int(reply.headers["retry-after"]) - seconds_until_next_week(system_clock())) <= 5
        assert (await world.stored_user(user))["credits_remaining"] == TRIAL_CREDITS

    async def test_a_spent_budget_answers_with_the_contract_s_body(self, world: World) -> None:
        async with world.changed_budget(lambda budget: budget.with_cap(budget.spend_nanousd)):
            reply = await world.process(await world.user())
        assert (reply.status, reply.body) == (503, b'{"status":"SERVICE_AT_CAPACITY"}')

    async def test_an_unknown_user_is_sent_to_check_credits(self, world: World) -> None:
        assert_error(await world.process("never-seen-" + now_id()), 404, "UNKNOWN_USER")

    @pytest.mark.flavour(SLOW)
    async def test_the_same_key_in_flight_waits(self, world: World) -> None:
        user = await world.user()
        first = asyncio.create_task(world.process(user, key=KEY))
        while not (await world.stored_user(user))["requests"]:
            await asyncio.sleep(0.01)
        second = await world.process(user, key=KEY)
        assert_error(second, 409, "REQUEST_IN_FLIGHT")
        assert int(second.headers["retry-after"]) >= 1
        assert (await first).status == 200

    async def test_a_key_costs_one_credit_and_runs_three_times(self, world: World) -> None:
        user = await world.user()
        statuses = [(await world.process(user, key=KEY)).status for _ in range(4)]
        assert statuses == [200, 200, 200, 409]
        assert_error(await world.process(user, key=KEY), 409, "REQUEST_ALREADY_ANSWERED")
        assert (await world.stored_user(user))["credits_remaining"] == TRIAL_CREDITS - 1

    async def test_a_key_with_other_content_is_refused(self, world: World) -> None:
        user = await world.user()
        await world.process(user, "Tea", key=KEY)
        assert_error(await world.process(user, "Coffee", key=KEY), 422, "IDEMPOTENCY_KEY_REUSED")

    async def test_when_all_credits_are_held_the_next_request_waits(self, world: World) -> None:
        user = await world.user(credits_=1, requests=(held("held-request-1"),))
        reply = await world.process(user)
        assert_error(reply, 429, "TOO_MANY_REQUESTS")
        assert int(reply.headers["retry-after"]) >= 1

    async def test_more_than_three_requests_in_flight_wait(self, world: World) -> None:
        user = await world.user(requests=tuple(held(f"held-request-{n}") for n in range(3)))
        assert_error(await world.process(user), 429, "TOO_MANY_REQUESTS")

    async def test_a_provider_s_error_costs_no_credit(self, world: World) -> None:
        await assert_free_failure(world, "B", 502, "PROVIDER_FAILED")

    @pytest.mark.flavour(HASTY)
    async def test_a_provider_that_hangs_runs_into_the_deadline(self, world: World) -> None:
        await assert_free_failure(world, "A", 504, "PROVIDER_TIMEOUT")

    @pytest.mark.flavour(THROTTLED)
    async def test_a_throttling_provider_is_unavailable(self, world: World) -> None:
        reply = await assert_free_failure(world, "A", 503, "SERVICE_UNAVAILABLE")
        assert int(reply.headers["retry-after"]) >= 1

    @pytest.mark.flavour(THROTTLED)
    async def test_a_truncated_answer_is_not_delivered(self, world: World) -> None:
        await assert_free_failure(world, "B", 502, "PROVIDER_FAILED")

    @pytest.mark.flavour(THROTTLED)
    async def test_an_empty_answer_is_not_delivered(self, world: World) -> None:
        await assert_free_failure(world, "C", 502, "PROVIDER_FAILED")

    @pytest.mark.flavour(ODD)
    async def test_garbage_is_not_delivered(self, world: World) -> None:
        await assert_free_failure(world, "A", 502, "PROVIDER_FAILED")

    @pytest.mark.flavour(ODD)
    async def test_another_model_s_answer_is_not_delivered(self, world: World) -> None:
        await assert_free_failure(world, "B", 502, "PROVIDER_FAILED")

    @pytest.mark.flavour(ODD)
    async def test_a_dropped_connection_is_unavailable(self, world: World) -> None:
        await assert_free_failure(world, "C", 503, "SERVICE_UNAVAILABLE")

    @pytest.mark.flavour(SLOW)
    async def test_a_refusal_is_not_delivered(self, world: World) -> None:
        await assert_free_failure(world, "B", 502, "PROVIDER_FAILED")

    @pytest.mark.flavour(NO_KEY)
    async def test_without_a_provider_key_nobody_is_called(self, world: World) -> None:
        await assert_free_failure(world, "A", 503, "SERVICE_UNAVAILABLE")

    @pytest.mark.flavour(NO_STORE)
    async def test_without_a_store_nobody_is_called(self, world: World) -> None:
        reply = await world.process("somebody-1")
        assert_error(reply, 503, "SERVICE_UNAVAILABLE")

    async def test_a_request_that_failed_works_when_it_is_run_again(self, world: World) -> None:
        user = await world.user(cohort="B")
        assert (await world.process(user, key=KEY)).status == 502
        stored = await world.store.read("users", user)
        assert stored is not None
        await world.store.replace("users", {**stored.document, "cohort": "A"}, stored.etag)
        assert (await world.process(user, key=KEY)).status == 200


class TestPrecedence:
    async def test_a_bad_request_is_told_before_the_breaker(self, world: World) -> None:
        async with world.open_breaker():
            assert (await world.post("process-ai", b"{}")).status == 400

    async def test_a_large_request_is_told_before_the_breaker(self, world: World) -> None:
        async with world.open_breaker():
            assert (await world.post("process-ai", b'{"content":"' + b"x" * 40_000 + b'"}')).status == 413

    async def test_the_breaker_is_told_before_an_unknown_user(self, world: World) -> None:
        body = {"userId": "never-seen-" + now_id(), "cohort": "A", "content": "Tea"}
        async with world.open_breaker():
            assert (await world.post("process-ai", body)).status == 503

    async def test_the_breaker_is_told_before_missing_credits(self, world: World) -> None:
        body = {"userId": await world.user(credits_=0), "cohort": "A", "content": "Tea"}
        async with world.open_breaker():
            assert (await world.post("process-ai", body)).status == 503

    async def test_a_key_in_flight_is_told_before_missing_credits(self, world: World) -> None:
        fingerprint = fingerprint_of("Tea")
        user = await world.user(credits_=0, requests=(held(KEY, fingerprint),))
        assert (await world.process(user, "Tea", key=KEY)).status == 409

    async def test_a_reused_key_is_told_before_missing_credits(self, world: World) -> None:
        user = await world.user(credits_=0, requests=(held(KEY, "other content"),))
        assert (await world.process(user, "Tea", key=KEY)).status == 422

    async def test_missing_credits_are_told_before_too_many_requests(self, world: World) -> None:
        user = await world.user(credits_=0, requests=tuple(held(f"held-request-{n}") for n in range(3)))
        assert (await world.process(user)).status == 402


GOOD = {"userId": "user-0001", "cohort": "A", "content": "Tea"}

BAD_BODIES = {
    "empty": b"",
    "not JSON": b"tea",
    "half of JSON": b'{"userId":',
    "an array": b"[]",
    "a string": b'"tea"',
    "null": b"null",
    "invalid UTF-8": b'{"userId":"\xff\xfe"}',
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "deep nesting": b"[" * 20_000,
    "deep nesting in a field": b'{"userId":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
    "duplicate keys": b'{"userId":"user-0001","userId":"user-0002","cohort":"A","content":"Tea"}',
    "NaN": b'{"userId":"user-0001","cohort":"A","content":NaN}',
    "Infinity": b'{"userId":"user-0001","cohort":"A","content":"Tea","more":Infinity}',
    "a huge number": b'{"userId":' + b"9" * 10_000 + b"}",
}

BAD_FIELDS = [
    ("userId", None),
    ("userId", 12345678),
    ("userId", "short"),
    ("userId", "x" * 129),
    ("userId", "with space"),
    ("userId", "slash/in-it"),
    ("userId", "newline-at-end\n"),
    ("userId", "ümlaut-in-it"),
    ("userId", ["user-0001"]),
    ("cohort", None),
    ("cohort", "D"),
    ("cohort", "a"),
    ("cohort", 1),
    ("content", None),
    ("content", ""),
    ("content", " \n\t "),
    ("content", 42),
    ("content", {"text": "Tea"}),
    ("content", "lone \ud800 surrogate"),
]


class TestBadInput:
    @pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
    @pytest.mark.parametrize("path", ["check-credits", "process-ai"])
    async def test_a_body_that_can_not_be_read_is_a_400(self, world: World, path: str, body: bytes) -> None:
        assert_error(await world.post(path, body), 400, "INVALID_REQUEST")

    @pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
    async def test_a_wrong_field_is_named(self, world: World, field: str, value: object) -> None:
        reply = await world.post("process-ai", json.dumps({**GOOD, field: value}).encode())
        assert_error(reply, 400, "INVALID_REQUEST")
        assert field in reply.json()["message"]

    @pytest.mark.parametrize("field", GOOD)
    async def test_a_missing_field_is_named(self, world: World, field: str) -> None:
        body = {name: value for name, value in GOOD.items() if name != field}
        reply = await world.post("process-ai", body)
        assert_error(reply, 400, "INVALID_REQUEST")
        assert reply.json()["message"] == f"The field {field} is missing."

    @pytest.mark.parametrize("key", ["short", "x" * 65, "with space", "ends-with-dot."])
    async def test_a_malformed_idempotency_key_is_named(self, world: World, key: str) -> None:
        reply = await world.process("user-0001", key=key)
        assert_error(reply, 400, "INVALID_REQUEST")
        assert "Idempotency-Key" in reply.json()["message"]

    @pytest.mark.parametrize("size", [32_769, 10_000_000])
    async def test_a_large_body_is_refused_with_the_limit(self, world: World, size: int) -> None:
        reply = await world.post("process-ai", b"x" * size)
        assert_error(reply, 413, "CONTENT_TOO_LARGE")
        assert "32768" in reply.json()["message"]

    async def test_a_body_at_the_limit_is_read(self, world: World) -> None:
        user = await world.user()
        body = {"userId": user, "cohort": "A", "content": ""}
        body["content"] = "x" * (32_768 - len(json.dumps(body)))
        raw = json.dumps(body).encode()
        assert len(raw) == 32_768
        assert (await world.post("process-ai", raw)).status == 200

    async def test_the_content_type_does_not_matter(self, world: World) -> None:
        user = await world.user()
        reply = await world.post("check-credits", {"userId": user}, {"Content-Type": "text/plain"})
        assert reply.status == 200

    async def test_an_error_never_quotes_what_was_sent(self, world: World) -> None:
        reply = await world.post("process-ai", {**GOOD, "cohort": "a-secret-word"})
        assert b"a-secret-word" not in reply.body


async def assert_free_failure(world: World, cohort: str, status: int, code: str) -> Reply:
    user = await world.user(cohort=cohort)
    reply = await world.process(user)
    assert_error(reply, status, code)
    stored = await world.stored_user(user)
    assert (stored["credits_remaining"], stored["requests"]) == (TRIAL_CREDITS, [])
    return reply


def assert_error(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json()["status"]) == (status, code)
    assert set(reply.json()) == {"status", "message"}
    assert re.fullmatch(r"[A-Z][^\n]*\.", reply.json()["message"])


def held(key: str, fingerprint: str = "f") -> dict[str, object]:
    return {"id": key, "fingerprint": fingerprint, "state": "held", "at": now_text(), "runs": 1, "holder": "another"}


def fingerprint_of(content: str) -> str:
    return Pseudonyms(SALT).of("content", content)


def now_id() -> str:
    return re.sub(r"\D", "", now_text())
