"""What can't be sent to a provider is found before money is held for it, or costs nothing."""

import asyncio
from datetime import date
from pathlib import Path

import httpx
import pytest

from promptready import catalog
from promptready.errors import SecretUnavailable, StartupRefused
from promptready.providers import Limits, NoCompletion, ProviderClient
from promptready.secrets import EnvironmentSecrets
from tests.support.catalogs import write_catalog

TODAY = date(2026, 11, 27)
LIMITS = Limits(output_tokens=10, timeout_s=5, temperature=0)


def with_params(folder: Path, params: str, provider: str = "") -> Path:
    path = write_catalog(folder / "catalog.toml", "http://127.0.0.1:9/v1", {})
    text = path.read_text().replace("[cohorts.A]", f"{provider}[cohorts.A]", 1)
    path.write_text(text + f"params = {{ {params} }}\n")
    return path


def test_a_key_that_was_pasted_with_its_line_end_is_the_key() -> None:
    secrets = EnvironmentSecrets({"GROQ_API_KEY": " gsk_abc\n"})
    assert asyncio.run(secrets.get("groq-api-key")).reveal() == "gsk_abc"


@pytest.mark.parametrize("stored", ["gsk_a…c", "gsk_abc\ngsk_def", "\n"])
def test_a_key_that_no_header_can_carry_is_none(stored: str) -> None:
    with pytest.raises(SecretUnavailable):
        asyncio.run(EnvironmentSecrets({"GROQ_API_KEY": stored}).get("groq-api-key"))


@pytest.mark.parametrize("params", ["until = 2026-11-27", "share = nan", "thinking = { limits = [inf] }"])
def test_params_that_json_has_no_word_for_are_refused_at_the_start(tmp_path: Path, params: str) -> None:
    with pytest.raises(StartupRefused, match="params must be what JSON can say"):
        catalog.load(with_params(tmp_path, params), TODAY)


def test_decimals_travel_however_deep_they_lie(tmp_path: Path) -> None:
    loaded = catalog.load(with_params(tmp_path, "thinking = { shares = [0.5] }"), TODAY)
    assert loaded.live_routes("C", TODAY)[-1].params == {"thinking": {"shares": [0.5]}}


def test_params_may_not_lift_a_providers_own_output_limit(tmp_path: Path) -> None:
    provider = 'output_limit_param = "max_new_tokens"\n'
    with pytest.raises(StartupRefused, match="max_new_tokens"):
        catalog.load(with_params(tmp_path, "max_new_tokens = 100000", provider), TODAY)


def test_a_request_that_can_t_be_written_down_costs_nothing(tmp_path: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError("illegal header", request=request)

    route = catalog.load(with_params(tmp_path, "seed = 1"), TODAY).live_routes("A", TODAY)[0]
    client = ProviderClient(httpx.MockTransport(refuse))
    reply = asyncio.run(client.complete(route, None, [{"role": "user", "content": "x"}], limits=LIMITS))
    assert reply == NoCompletion("unreachable", is_billed_unknown=False)
