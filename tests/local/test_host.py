"""The local host over a real socket, with a small app of its own that shows what a function is given."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.local_host import LocalHost, local_host
from tests.support.plain_http import client

FUNCTION_APP = """
import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="show", methods=["POST"])
async def show(req: func.HttpRequest) -> func.HttpResponse:
    seen = {"method": req.method, "url": req.url, "headers": dict(req.headers), "params": dict(req.params)}
    document = json.dumps({**seen, "body_bytes": len(req.get_body())})
    return func.HttpResponse(document, status_code=201, headers={"X-Own": "1"}, mimetype="application/json")


@app.route(route="text")
def text(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("plain")


@app.route(route="word")
async def word(req: func.HttpRequest) -> str:
    return "word"


@app.route(route="raise")
async def raises(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("the words of " + req.get_body().decode())


@app.route(route="nothing")
async def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return None


@app.timer_trigger(arg_name="timer", schedule="%EVERY_SECOND%", run_on_startup=False)
async def tick(timer: func.TimerRequest) -> None:
    print("tick", timer.past_due, flush=True)


@app.timer_trigger(arg_name="timer", schedule="%NOT_SET%", run_on_startup=False)
async def broken(timer: func.TimerRequest) -> None:
    raise RuntimeError("by hand")
"""

SETTINGS = {"Values": {"EVERY_SECOND": "* * * * * *"}, "Host": {"CORS": "https://page.example"}}


def write_app(folder: Path, source: str = FUNCTION_APP, host: object = None) -> Path:
    app_dir = folder / "app"
    app_dir.mkdir()
    (app_dir / "function_app.py").write_text(source)
    (app_dir / "host.json").write_text(json.dumps(host or {"version": "2.0"}))
    return app_dir


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHost]:
    folder = tmp_path_factory.mktemp("host")
    (folder / "local.settings.json").write_text(json.dumps(SETTINGS))
    with local_host(folder, app_dir=write_app(folder)) as started:
        yield started


def test_a_function_gets_the_whole_request(host: LocalHost) -> None:
    reply = client.post(f"{host.url}/api/show?a=1&b=%20x", content=b"12345", headers={"X-Test": "yes"})
    assert reply.status_code == 201
    seen = reply.json()
    assert seen["method"] == "POST"
    assert seen["url"] == f"{host.url}/api/show?a=1&b=%20x"
    assert seen["params"] == {"a": "1", "b": " x"}
    assert seen["body_bytes"] == 5
    assert seen["headers"]["x-test"] == "yes"


def test_a_reply_keeps_its_own_headers_and_type(host: LocalHost) -> None:
    reply = client.post(f"{host.url}/api/show")
    assert reply.headers["x-own"] == "1"
    assert reply.headers["content-type"] == "application/json"
    assert int(reply.headers["content-length"]) == len(reply.content)


def test_the_caller_is_the_last_entry_of_x_forwarded_for_with_a_port(host: LocalHost) -> None:
    reply = client.post(f"{host.url}/api/show", headers={"X-Forwarded-For": "203.0.113.9"})
    forged, own = reply.json()["headers"]["x-forwarded-for"].split(", ")
    assert forged == "203.0.113.9"
    assert own.startswith("127.0.0.1:")


def test_repeated_headers_are_joined(host: LocalHost) -> None:
    reply = client.post(f"{host.url}/api/show", headers=[("x-a", "1"), ("x-a", "2")])
    assert reply.json()["headers"]["x-a"] == "1, 2"


@pytest.mark.parametrize("path", ["/api/show", "/api/SHOW", "/API/show/"])
def test_routes_care_neither_for_case_nor_for_a_last_slash(host: LocalHost, path: str) -> None:
    assert client.post(f"{host.url}{path}").status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/show"),
        ("OPTIONS", "/api/show"),
        ("PROPFIND", "/api/show"),
        ("POST", "/api/none"),
        ("POST", "/show"),
        ("POST", "/api/show/more"),
        ("POST", "/api/%00"),
        ("POST", "/admin/functions/none"),
        ("POST", "/admin/functions/show"),
        ("GET", "/admin/functions/tick"),
    ],
)
def test_another_method_or_path_is_404_without_a_body(host: LocalHost, method: str, path: str) -> None:
    reply = httpx.request(method, f"{host.url}{path}")
    assert (reply.status_code, reply.content) == (404, b"")


def test_a_route_without_methods_takes_them_all(host: LocalHost) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        reply = httpx.request(method, f"{host.url}/api/text")
        assert (reply.status_code, reply.text) == (200, "plain")
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_head_request_has_no_body(host: LocalHost) -> None:
    reply = httpx.head(f"{host.url}/api/text")
    assert (reply.status_code, reply.content, reply.headers["content-length"]) == (200, b"", "5")


def test_a_returned_string_is_a_reply(host: LocalHost) -> None:
    assert client.get(f"{host.url}/api/word").text == "word"


def test_an_exception_is_a_bare_500_and_its_words_stay_inside(host: LocalHost) -> None:
    reply = client.post(f"{host.url}/api/raise", content=b"secret")
    assert (reply.status_code, reply.content) == (500, b"")
    host.server.wait_for(r"error: raises raised RuntimeError at function_app\.py:\d+ raises")
    assert "secret" not in host.server.output


def test_a_function_that_answers_nothing_is_a_bare_500(host: LocalHost) -> None:
    reply = client.post(f"{host.url}/api/nothing")
    assert (reply.status_code, reply.content) == (500, b"")


def test_ten_megabytes_reach_the_function(host: LocalHost) -> None:
    assert client.post(f"{host.url}/api/show", content=bytes(10_000_000)).json()["body_bytes"] == 10_000_000


@pytest.mark.parametrize("path", ["/api/show", "/admin/functions/tick"])
def test_more_than_the_host_holds_is_413_in_the_apps_own_shape(host: LocalHost, path: str) -> None:
    reply = client.post(f"{host.url}{path}", content=bytes(17 * 1024 * 1024))
    assert reply.status_code == 413
    assert reply.json() == {"status": "CONTENT_TOO_LARGE", "message": "The request is larger than 16777216 bytes."}


def test_the_root_says_in_one_line_that_it_runs(host: LocalHost) -> None:
    reply = client.get(host.url)
    assert reply.status_code == 200
    assert len(reply.text.splitlines()) == 1
    assert "/api/show" in reply.text


def test_the_timer_runs_by_the_schedule_in_the_settings(host: LocalHost) -> None:
    host.server.wait_for("tick False\n(?s:.*)tick False\n")


def test_a_timer_can_be_fired_by_hand_and_its_failure_stays_inside(host: LocalHost) -> None:
    for body in ({}, {"input": ""}):
        reply = client.post(f"{host.url}/admin/functions/broken", json=body)
        assert (reply.status_code, reply.content) == (202, b"")
    host.server.wait_for("error: broken raised RuntimeError")


def test_a_timer_without_a_schedule_is_told_and_stops_nothing(host: LocalHost) -> None:
    host.server.wait_for("error: broken will not run by itself: the setting NOT_SET is not set")


def test_the_origins_in_the_settings_may_call_and_no_others(host: LocalHost) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    allowed = httpx.options(f"{host.url}/api/show", headers={"Origin": "https://page.example", **asked})
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "https://page.example"
    assert allowed.headers["access-control-allow-methods"] == "POST"
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    refused = httpx.options(f"{host.url}/api/show", headers={"Origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in refused.headers
    called = client.post(f"{host.url}/api/show", headers={"Origin": "https://page.example"})
    assert called.headers["access-control-allow-origin"] == "https://page.example"
    assert "access-control-allow-origin" not in client.post(f"{host.url}/api/show").headers
