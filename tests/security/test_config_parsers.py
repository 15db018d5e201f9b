"""An operator's files and variables, however wrong, end in one refusal to start that does not repeat a secret."""

import contextlib
import dataclasses
from datetime import date
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from promptready import catalog
from promptready import settings as app_settings
from promptready.errors import StartupRefused

NAMES = [field.name.upper() for field in dataclasses.fields(app_settings.Settings)]
texts = st.text(max_size=60) | st.sampled_from(
    [
        "https://[",
        "https://a:b:c",
        "https://\u2100.example",
        "sqlite:///",
        "1e999",
        "NaN",
        "-0",
        "9" * 5000,
        "\u0661",
        "0x1",
    ]
)
leaves = st.text(max_size=12) | st.integers(-5, 10**12) | st.floats() | st.booleans() | st.dates()
tables = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
ROUTE = ["provider", "model", "input_usd_per_mtok", "output_usd_per_mtok", "context_tokens", "retires_on", "params"]
routes = st.fixed_dictionaries({}, optional=dict.fromkeys(ROUTE, tables))
arms = st.fixed_dictionaries(
    {}, optional={"weight": tables, "label": tables, "routes": st.lists(routes | tables, max_size=3)}
)
catalogs = st.fixed_dictionaries(
    {},
    optional={
        "providers": tables
        | st.dictionaries(st.text(max_size=5), tables | st.fixed_dictionaries({"base_url": tables})),
        "cohorts": tables | st.fixed_dictionaries({}, optional=dict.fromkeys("ABCD", arms | tables)),
    },
)


@settings(max_examples=100, deadline=None)
@given(variables=st.dictionaries(st.sampled_from(NAMES), texts))
def test_any_settings_load_or_are_refused(variables: dict[str, str]) -> None:
    secret = "do-not-repeat-this"
    try:
        loaded = app_settings.load({**variables, "UNIT_SALT": secret, "COSMOS_KEY": secret})
    except StartupRefused as refusal:
        said = str(refusal)
    else:
        said = repr(loaded)
    assert secret not in said


def test_any_catalog_loads_or_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.toml"

    @settings(max_examples=150, deadline=None)
    @given(table=catalogs)
    def attack(table: dict[str, object]) -> None:
        path.write_text(tomli_w.dumps(table), encoding="utf-8")
        with contextlib.suppress(StartupRefused):
            catalog.load(path, date(2026, 11, 22))

    attack()


def refusal_of(tmp_path: Path, before: str, after: str) -> str:
    """Change one thing in the shipped catalog and return what it is refused for."""
    path = tmp_path / "catalog.toml"
    text = catalog.SHIPPED.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(StartupRefused) as refusal:
        catalog.load(path, date(2026, 11, 22))
    return str(refusal.value)


@pytest.mark.parametrize(
    "address", ["http://api.groq.com", "http://127.0.0.1.evil.example", "ftp://x", "https://", "//x", "https://["]
)
def test_a_key_is_never_sent_in_the_clear(tmp_path: Path, address: str) -> None:
    said = refusal_of(tmp_path, "https://api.groq.com/openai/v1", address)
    assert "provider groq: base_url must be an https address" in said


@pytest.mark.parametrize("param", ["n = 5", "max_tokens = 100000", "max_completion_tokens = 9", "stream = true"])
def test_a_route_s_params_can_not_outgrow_its_hold(tmp_path: Path, param: str) -> None:
    said = refusal_of(tmp_path, 'params = { reasoning_effort = "low" }', f"params = {{ {param} }}")
    assert "cohort A, route 1: params must be a table without" in said
