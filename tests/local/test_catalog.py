import tomllib
from datetime import date
from pathlib import Path

import pytest

from promptready import catalog as app_catalog
from promptready.local.catalog import Choice, choose
from promptready.local.serve import CannotStart

TODAY = date(2026, 11, 22)
SANDBOX = "http://127.0.0.1:7072/v1"
SHIPPED = app_catalog.SHIPPED.read_text(encoding="utf-8")


def chosen(**settings: str) -> Choice:
    return choose(SHIPPED, settings, TODAY)


def served_by(choice: Choice) -> dict[str, list[str]]:
    document = tomllib.loads(choice.to_toml(SANDBOX))
    return {
        name: [f"{route['provider']}:{route['model']}" for route in cohort["routes"]]
        for name, cohort in document["cohorts"].items()
    }


def test_without_any_key_the_sandbox_serves_all_cohorts() -> None:
    choice = chosen()
    assert served_by(choice) == {name: ["sandbox:sandbox/ok"] for name in "ABC"}
    assert choice.needs_sandbox
    [note] = choice.notes
    assert note == (
        "No provider key is set: using the built-in sandbox provider. "
        "Set GROQ_API_KEY, DEEPINFRA_API_KEY or GEMINI_API_KEY to use real models."
    )


def test_a_cohort_keeps_the_live_routes_whose_key_is_set() -> None:
    choice = chosen(GROQ_API_KEY="k", GEMINI_API_KEY="k")
    assert served_by(choice) == {
        "A": ["groq:openai/gpt-oss-20b"],
        "B": ["sandbox:sandbox/ok"],  # Groq retired its model
        "C": ["gemini:gemini-3.1-flash-lite"],
    }
    assert choice.notes == [
        "Cohort A: openai/gpt-oss-20b at groq.",
        "Cohort B: the built-in sandbox provider; set DEEPINFRA_API_KEY to use a real model.",
        "Cohort C: gemini-3.1-flash-lite at gemini.",
    ]


def test_with_all_keys_no_sandbox_is_needed() -> None:
    choice = chosen(GROQ_API_KEY="k", GEMINI_API_KEY="k", DEEPINFRA_API_KEY="k")
    assert not choice.needs_sandbox
    assert served_by(choice)["A"] == ["groq:openai/gpt-oss-20b", "deepinfra:openai/gpt-oss-20b"]
    assert choice.notes[0] == "Cohort A: openai/gpt-oss-20b at groq, then openai/gpt-oss-20b at deepinfra."


def test_a_blank_key_is_no_key() -> None:
    assert served_by(chosen(GROQ_API_KEY="  "))["A"] == ["sandbox:sandbox/ok"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"GROQ_API_KEY": "k"},
        {"OPENAI_BASE_URL": "http://localhost:11434/v1", "OPENAI_MODEL": "llama3.2:3b"},
    ],
)
def test_what_is_written_is_a_catalog_the_app_accepts(settings: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(choose(SHIPPED, settings, TODAY).to_toml(SANDBOX), encoding="utf-8")
    written = app_catalog.load(path, TODAY)
    assert [arm.weight for arm in written.arms.values()] == [70, 20, 10]


def test_prices_dates_and_parameters_of_a_kept_route_are_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(chosen(GROQ_API_KEY="k").to_toml(SANDBOX), encoding="utf-8")
    kept = app_catalog.load(path, TODAY).arms["A"].routes[0]
    shipped = app_catalog.load(app_catalog.SHIPPED, TODAY).arms["A"].routes[0]
    assert kept == shipped


def test_a_model_of_ones_own_serves_all_cohorts_and_costs_nothing() -> None:
    choice = chosen(OPENAI_BASE_URL="http://localhost:11434/v1", OPENAI_MODEL="llama3.2:3b", GROQ_API_KEY="k")
    document = tomllib.loads(choice.to_toml(""))
    assert served_by(choice) == {name: ["openai-compatible:llama3.2:3b"] for name in "ABC"}
    assert document["providers"] == {"openai-compatible": {"base_url": "http://localhost:11434/v1"}}
    assert document["cohorts"]["A"]["routes"][0]["input_usd_per_mtok"] == 0
    assert not choice.needs_sandbox
    assert choice.notes == ["All cohorts: llama3.2:3b at http://localhost:11434/v1 (OPENAI_BASE_URL and OPENAI_MODEL)."]


def test_the_key_of_ones_own_model_is_used_where_there_is_one() -> None:
    choice = chosen(OPENAI_BASE_URL="http://192.168.1.9:1234/v1", OPENAI_MODEL="m", OPENAI_API_KEY="k")
    assert tomllib.loads(choice.to_toml(""))["providers"]["openai-compatible"]["secret"] == "openai-api-key"


def test_a_model_on_the_internet_needs_a_price() -> None:
    with pytest.raises(CannotStart, match="OPENAI_INPUT_USD_PER_MTOK and OPENAI_OUTPUT_USD_PER_MTOK"):
        chosen(OPENAI_BASE_URL="https://api.example.com/v1", OPENAI_MODEL="m")
    priced = chosen(
        OPENAI_BASE_URL="https://api.example.com/v1",
        OPENAI_MODEL="m",
        OPENAI_INPUT_USD_PER_MTOK="0.075",
        OPENAI_OUTPUT_USD_PER_MTOK="0.30",
    )
    route = tomllib.loads(priced.to_toml(""))["cohorts"]["B"]["routes"][0]
    assert (route["input_usd_per_mtok"], route["output_usd_per_mtok"]) == (0.075, 0.30)


def test_an_address_without_a_model_is_left_alone_and_said_so() -> None:
    choice = chosen(OPENAI_BASE_URL="http://localhost:11434/v1")
    assert served_by(choice)["A"] == ["sandbox:sandbox/ok"]
    assert choice.notes[0] == "OPENAI_BASE_URL is set without OPENAI_MODEL, so it is not used."
