"""The sandbox over a real socket, in its own process."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.plain_http import client
from tests.support.sandbox import Sandbox, sandbox

ANY_KEY = {"authorization": "Bearer any"}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with sandbox() as started:
        yield started


@pytest.fixture
def provider(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def ask(
    provider: Sandbox, model: str, text: str = "# Hi", headers: dict[str, str] = ANY_KEY, **more: object
) -> httpx.Response:
    document = {"model": model, "messages": [{"role": "user", "content": text}], **more}
    return client.post(f"{provider.base_url}/chat/completions", json=document, headers=headers, timeout=5)


def test_it_cleans_the_page_and_tells_what_it_used(provider: Sandbox) -> None:
    answer = ask(provider, "sandbox/ok", "<page>\n# Title\n* 3.5 %  \n</page>").json()
    assert answer["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": "# Title\n\n- 3.5 %"},
        "logprobs": None,
        "finish_reason": "stop",
    }
    assert answer["model"] == "sandbox/ok"
    assert answer["usage"] == {"prompt_tokens": 8, "completion_tokens": 4, "total_tokens": 12}


def test_its_bill_is_exact(provider: Sandbox) -> None:
    ask(provider, "sandbox/ok", "abcdefgh")
    ask(provider, "sandbox/empty", "abcdefgh")
    assert provider.stats() == {
        "calls": 2,
        "billed_nanousd": (2 * 100 + 2 * 400) + 2 * 100,
        "in_flight": 0,
        "unauthorized": 0,
        "by_model": {
            "sandbox/empty": {"calls": 1, "billed_nanousd": 200, "input_tokens": 2, "output_tokens": 0},
            "sandbox/ok": {"calls": 1, "billed_nanousd": 1000, "input_tokens": 2, "output_tokens": 2},
        },
    }


def test_a_dropped_connection_brings_no_answer_but_is_billed(provider: Sandbox) -> None:
    with pytest.raises(httpx.TransportError) as caught:
        ask(provider, "sandbox/drop")
    assert isinstance(caught.value, httpx.ReadError | httpx.RemoteProtocolError)
    assert provider.stats()["billed_nanousd"] == 500


def test_a_call_that_hangs_is_booked_at_once_and_ends_with_its_caller(provider: Sandbox) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post(
            f"{provider.base_url}/chat/completions",
            json={"model": "sandbox/hang", "messages": [{"role": "user", "content": "# Hi"}]},
            headers=ANY_KEY,
            timeout=0.2,
        )
    stats = provider.stats()
    assert (stats["calls"], stats["billed_nanousd"]) == (1, 500)
    assert stats["in_flight"] in (0, 1)  # it may not have noticed yet


def test_slow_takes_the_time_it_says(provider: Sandbox) -> None:
    reply = ask(provider, "sandbox/slow-300")
    assert reply.status_code == 200
    assert reply.elapsed.total_seconds() >= 0.3


def test_a_rate_limit_says_when_to_come_back_and_costs_nothing(provider: Sandbox) -> None:
    reply = ask(provider, "sandbox/http-429")
    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "1"
    assert reply.json()["error"]["code"] == "rate_limit_exceeded"
    assert provider.stats()["billed_nanousd"] == 0
    assert provider.stats()["calls"] == 1


@pytest.mark.parametrize("status", [400, 404, 413, 500, 503, 599])
def test_any_error_status_can_be_had(provider: Sandbox, status: int) -> None:
    reply = ask(provider, f"sandbox/http-{status}")
    assert reply.status_code == status
    assert set(reply.json()["error"]) >= {"message", "type"}


def test_an_unknown_model_is_reported_as_groq_reports_it(provider: Sandbox) -> None:
    reply = ask(provider, "llama-3.1-8b-instant")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


def test_unusable_answers_look_as_they_do_at_providers(provider: Sandbox) -> None:
    assert ask(provider, "sandbox/truncated", "abcd" * 4).json()["choices"][0]["finish_reason"] == "length"
    assert ask(provider, "sandbox/empty").json()["choices"][0]["message"]["content"] == ""
    assert ask(provider, "sandbox/wrong-model").json()["model"] == "sandbox/other"
    assert "can't help" in ask(provider, "sandbox/refusal").json()["choices"][0]["message"]["content"]
    garbage = ask(provider, "sandbox/garbage")
    assert garbage.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        garbage.json()


def test_it_obeys_the_output_limit(provider: Sandbox) -> None:
    answer = ask(provider, "sandbox/ok", "abcd" * 4, max_tokens=2).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 2


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong-key"}, {"authorization": "Bearer"}])
def test_a_wrong_key_is_refused_everywhere_and_counted(provider: Sandbox, headers: dict[str, str]) -> None:
    reply = ask(provider, "sandbox/ok", headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")
    assert client.get(f"{provider.base_url}/models", headers=headers).status_code == 401
    assert provider.stats() == {"calls": 0, "billed_nanousd": 0, "in_flight": 0, "unauthorized": 2, "by_model": {}}


def test_one_key_can_be_made_the_only_one() -> None:
    with sandbox("--key", "k-2", "--input-usd-per-mtok", "1", "--output-usd-per-mtok", "0") as provider:
        assert ask(provider, "sandbox/ok", headers=ANY_KEY).status_code == 401
        assert ask(provider, "sandbox/ok", headers={"authorization": "Bearer k-2"}).status_code == 200
        assert provider.stats()["billed_nanousd"] == 1000


def test_it_lists_its_models(provider: Sandbox) -> None:
    listed = client.get(f"{provider.base_url}/models", headers=ANY_KEY).json()
    assert listed["object"] == "list"
    assert "sandbox/ok" in [entry["id"] for entry in listed["data"]]


def test_bad_requests_are_answered_400(provider: Sandbox) -> None:
    reply = client.post(f"{provider.base_url}/chat/completions", content=b"{", headers=ANY_KEY)
    assert (reply.status_code, reply.json()["error"]["type"]) == (400, "invalid_request_error")


def test_lone_surrogates_are_no_problem(provider: Sandbox) -> None:
    body = b'{"model":"sandbox/ok","messages":[{"role":"user","content":"a\\ud800b"}]}'
    reply = client.post(f"{provider.base_url}/chat/completions", content=body, headers=ANY_KEY)
    assert reply.status_code == 200


def test_unknown_addresses_are_answered_404(provider: Sandbox) -> None:
    assert client.get(f"{provider.url}/v1/nothing").status_code == 404
    assert client.get(provider.url).status_code == 200
