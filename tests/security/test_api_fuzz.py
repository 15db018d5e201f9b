"""
The running host against its own OpenAPI document: no 500, no undocumented status, header or body, whatever is sent.

`make fuzz` runs the same with many more examples and another seed each time.
"""

import json
import os
import time
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from promptready.errors import InvalidRequest
from promptready.wire import CheckCreditsRequest, ProcessAiRequest, parse
from tests.support.local_host import LocalHost
from tests.support.process import ROOT

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
fuzzed = settings(
    max_examples=EXAMPLES,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
schema = schemathesis.openapi.from_path(ROOT / "openapi.json")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
READERS = (lambda body: parse(CheckCreditsRequest, body), lambda body: parse(ProcessAiRequest, body))
WITHOUT_A_MODEL_S = 1.0  # of this process's own time
ON_A_BUSY_MACHINE_S = 5.0  # by the clock: what would take minutes shows, other programs don't

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
bodies = st.binary(max_size=300) | st.fixed_dictionaries(
    {},
    optional={
        "userId": json_values | st.just("user-0001"),
        "cohort": json_values | st.just("A"),
        "content": json_values | st.text(min_size=1),
        "extra": json_values,
    },
).map(lambda value: json.dumps(value).encode())


@schema.parametrize()
@fuzzed
def test_the_host_keeps_to_its_own_document(case: schemathesis.Case[Any], host: LocalHost) -> None:
    case.call_and_validate(base_url=host.url, checks=CHECKS)


@pytest.mark.parametrize("path", ["check-credits", "process-ai"])
def test_no_body_brings_a_500_or_a_long_wait(path: str, host: LocalHost) -> None:
    with httpx.Client(base_url=host.url) as client:
        assert client.post("/api/check-credits", json={"userId": "user-0001"}).status_code == 200

        @fuzzed
        @given(body=bodies)
        def attack(body: bytes) -> None:
            reply = client.post(f"/api/{path}", content=body)
            assert reply.status_code in {200, 400, 404}
            assert reply.json()["status"]
            if reply.status_code != 200:
                assert reply.elapsed.total_seconds() < ON_A_BUSY_MACHINE_S

        attack()


@settings(parent=fuzzed, max_examples=max(100, EXAMPLES))
@given(body=bodies | st.text(max_size=200).map(str.encode))
def test_any_body_is_read_or_refused_in_a_sentence(body: bytes) -> None:
    for read in READERS:
        try:
            read(body)
        except InvalidRequest as refusal:
            sentence = str(refusal)
        else:
            continue
        assert sentence.endswith(".")
        assert len(sentence) < 120


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 32_000,
        b'{"a":' * 6_000,
        b'{"userId":' + b"9" * 32_000 + b"}",
        b'{"userId":-' + b"9" * 4_299 + b"e99}",
        b'{"userId":"' + b"\\u0000" * 5_000 + b'"}',
        b'{"userId":"' + b"\\ud800" * 5_000 + b'"}',
        b"{" + b",".join(b'"k%d":0' % n for n in range(3_000)) + b"}",
        b'"' + b"a" * 32_000,
        b" " * 32_000 + b"{",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"userId":NaN}',
        b'{"userId":"user-0001","userId":"user-0002"}',
        b'{"__proto__":{"userId":"user-0001"}}',
    ],
    ids=range(14),
)
def test_the_worst_bodies_are_refused_at_once(body: bytes, host: LocalHost) -> None:
    for read in READERS:
        started_s = time.process_time()
        with pytest.raises(InvalidRequest):
            read(body)
        assert time.process_time() - started_s < WITHOUT_A_MODEL_S
    reply = httpx.post(f"{host.url}/api/process-ai", content=body)
    assert (reply.status_code, reply.json()["status"]) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("size_bytes", [32_769, 1_000_000])
def test_a_body_over_the_limit_is_refused_before_it_is_read_as_json(size_bytes: int, host: LocalHost) -> None:
    reply = httpx.post(f"{host.url}/api/process-ai", content=b"[" * size_bytes)
    assert (reply.status_code, reply.json()["status"]) == (413, "CONTENT_TOO_LARGE")
    assert reply.elapsed.total_seconds() < ON_A_BUSY_MACHINE_S


def test_no_value_that_was_sent_comes_back_in_an_error(host: LocalHost) -> None:
    """Nothing echoed is nothing to inject into: neither body nor headers repeat what the client wrote."""
    mark = "Zq7-echo-mark"
    wrong = [
        {"userId": f"{mark} !"},
        {"userId": f"{mark}-0001", "cohort": mark, "content": mark},
        {"userId": f"{mark}-0001", "cohort": "A", "content": ""},
        {"userId": f"{mark}-0001", "cohort": "A", "content": mark},
        {mark: mark},
        {"userId": {mark: mark}},
        [mark],
        mark,
    ]
    headers = {
        "Idempotency-Key": f"{mark} !",
        "X-Forwarded-For": mark,
        "X-PromptReady-Request-Id": mark,
        "Cookie": mark,
    }
    with httpx.Client(base_url=host.url) as client:
        for path in ("process-ai", "check-credits"):
            for body in wrong:
                for sent in (headers, {}):
                    reply = client.post(f"/api/{path}", params={mark: mark}, json=body, headers=sent)
                    assert reply.status_code != 200 or path == "check-credits"
                    assert mark not in reply.text + str(reply.headers)
