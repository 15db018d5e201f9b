"""
What a socket can do to the local host that an HTTP client would not: smuggled requests, odd methods, odd paths.

Azure's front end has its own parser before ours; this holds the host that developers run, and what the app does with
whatever gets through.
"""

import contextlib
import re
import socket
import uuid
from urllib.parse import urlsplit

import pytest

from tests.support.local_host import LocalHost
from tests.support.plain_http import client

BODY = b'{"userId":"smuggled-0001"}'
POST = b"POST /api/check-credits HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
KEPT = POST.replace(b"Connection: close\r\n", b"")
INNER = POST + b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def send(host: LocalHost, raw: bytes, patience_s: float = 10) -> bytes:
    """Send bytes and return what comes back until the host hangs up, or is silent for that long."""
    parts = urlsplit(host.url)
    reply = b""
    address = (str(parts.hostname), int(parts.port or 0))
    # A host that hangs up early may do so before everything is sent.
    with socket.create_connection(address, timeout=10) as connection, contextlib.suppress(OSError):
        connection.sendall(raw)
        connection.settimeout(patience_s)
        while chunk := connection.recv(65_536):
            reply += chunk
    return reply


def statuses(reply: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", reply)]


def second_request() -> tuple[str, bytes]:
    """Return a new user and the request that grants it credits."""
    user = f"smuggled-{uuid.uuid4().hex}"
    body = b'{"userId":"%s"}' % user.encode()
    return user, POST + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def is_granted(host: LocalHost, user: str) -> bool:
    """Tell whether a grant exists: an unknown user is told 404."""
    reply = client.post(f"{host.url}/api/process-ai", json={"userId": user, "cohort": "A", "content": "Tea."})
    return reply.status_code != 404


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
        b"Content-Length: 0, 5\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: +0\r\n\r\n",
        b"Content-Length: 0x0\r\n\r\n",
        b"Content-Length : 0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"X: a\rb\r\nContent-Length: 0\r\n\r\n",
        b"X: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"\x0bX: a\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=lambda head: repr(head)[2:40],
)
def test_a_request_of_unclear_length_hides_no_other(head: bytes, host: LocalHost) -> None:
    """It ends in one 400, and what follows it on the connection is not taken for a request."""
    user, inner = second_request()
    assert statuses(send(host, KEPT + head + inner)) == [400]
    assert not is_granted(host, user)


def test_a_second_request_on_a_connection_is_seen_where_there_is_one(host: LocalHost) -> None:
    """The witness of the test above can tell the difference."""
    user, inner = second_request()
    assert statuses(send(host, KEPT + b"Content-Length: 0\r\n\r\n" + inner)) == [400, 200]
    assert is_granted(host, user)


@pytest.mark.parametrize(
    "raw",
    [
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /api/check-credits HTTP/9.9\r\n\r\n",
        b"POST /api/check\r\n-credits HTTP/1.1\r\n\r\n",
        b"POST /api/check-credits\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        POST + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
        POST + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
        b"A" * 200_000,
        POST + b"Content-Length: 100\r\n\r\n{}",
    ],
    ids=range(10),
)
def test_bytes_that_are_no_request_leave_the_host_alive(raw: bytes, host: LocalHost) -> None:
    assert all(400 <= status < 500 for status in statuses(send(host, raw, patience_s=0.5)))
    assert statuses(send(host, INNER)) == [200]
    assert "Traceback" not in host.server.output


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "POSTX", "PROPFIND"]
)
@pytest.mark.parametrize("path", ["check-credits", "process-ai"])
def test_no_other_method_reaches_a_function(method: str, path: str, host: LocalHost) -> None:
    head = (
        f"{method} /api/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
    )
    reply = send(host, head + BODY)
    assert b"credits_remaining" not in reply
    assert 400 <= statuses(reply)[0] < 500


@pytest.mark.parametrize(
    "path",
    [
        "/api/check-credits/x",
        "//api/check-credits",
        "/api//check-credits",
        "/api/./check-credits",
        "/api/x/../check-credits",
        "/api/check-credits;x=1",
        "/api/check-credits%00",
        "/api/check-credits%0d%0aX-Evil:%201",
        "/check-credits",
        "/api/admin/functions/reset_budget",
        "/admin/functions/",
        "/admin/functions/../functions/reset_budget",
        "/admin/host/status",
        "/runtime/webhooks/x",
        "/..%2f..%2fetc/passwd",
        "/api/%63heck-credits/..",
    ],
)
def test_paths_beside_the_two_calls_lead_nowhere(path: str, host: LocalHost) -> None:
    reply = send(
        host,
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY,
    )
    assert statuses(reply)[:1] == [404]
    assert b"Evil" not in reply


@pytest.mark.parametrize("header", ["Origin", "Access-Control-Request-Headers", "Idempotency-Key", "X-Forwarded-For"])
def test_a_header_value_can_not_bring_a_header_of_its_own(header: str, host: LocalHost) -> None:
    for inside in (
        b"a\rX-Evil: 1",
        b"a\nX-Evil: 1",
        b"a\\r\\nX-Evil: 1",
        b"a%0d%0aX-Evil: 1",
        b"chrome-extension://a\tX-Evil: 1",
    ):
        head = POST + header.encode() + b": " + inside + b"\r\nContent-Length: %d\r\n\r\n" % len(BODY)
        assert b"\nx-evil" not in send(host, head + BODY).lower()
