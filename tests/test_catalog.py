"""The catalog: what is refused, what a request can cost at most, and who is assigned where."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from promptready import catalog
from promptready.errors import StartupRefused
from tests.support.catalogs import write_catalog

TODAY = date(2026, 11, 22)


@pytest.fixture
def shipped() -> catalog.Catalog:
    return catalog.load(None, TODAY)


def test_the_shipped_arms_have_the_plan_s_weights(shipped: catalog.Catalog) -> None:
    assert {arm.cohort: arm.weight for arm in shipped.arms.values()} == {"A": 70, "B": 20, "C": 10}


def test_retired_models_are_not_routed_to(shipped: catalog.Catalog) -> None:
    live = {route.model for cohort in shipped.arms for route in shipped.live_routes(cohort, TODAY)}
    assert live == {"openai/gpt-oss-20b", "meta-llama/Meta-Llama-3.1-8B-Instruct", "gemini-3.1-flash-lite"}


def test_a_route_dies_on_its_day(shipped: catalog.Catalog) -> None:
    route = shipped.live_routes("C", TODAY)[0]
    assert route.is_live(date(2027, 5, 6))
    assert not route.is_live(date(2027, 5, 7))


def test_a_retirement_is_announced_thirty_days_before(shipped: catalog.Catalog) -> None:
    assert shipped.retiring(date(2027, 4, 6)) == []
    assert [route.model for _, route in shipped.retiring(date(2027, 4, 7))] == ["gemini-3.1-flash-lite"]


def test_every_draw_of_a_hundred_is_assigned_by_weight(shipped: catalog.Catalog) -> None:
    assert Counter(shipped.assign(draw) for draw in range(100)) == {"A": 70, "B": 20, "C": 10}


def test_the_worst_case_covers_a_token_a_byte_and_the_whole_output(shipped: catalog.Catalog) -> None:
    route = shipped.live_routes("A", TODAY)[0]
    expected = (10_000 + catalog.TEMPLATE_TOKENS) * 75 + 8192 * 300
    assert route.worst_case_nanousd(prompt_bytes=10_000, content_bytes=8_000) == expected


def test_a_fraction_of_a_nano_dollar_is_rounded_up(shipped: catalog.Catalog) -> None:
    route = shipped.live_routes("A", TODAY)[0]
    assert route.cost_nanousd(1, 0) == 75
    cheap = shipped.arms["B"].routes[1]
    assert cheap.cost_nanousd(1, 1) == 80


def test_the_version_changes_with_a_price(tmp_path: Path) -> None:
    path = write_catalog(tmp_path / "catalog.toml", "http://127.0.0.1:1/v1", {})
    before = catalog.load(path, TODAY).version
    path.write_text(path.read_text().replace("0.40", "0.41", 1))
    assert catalog.load(path, TODAY).version != before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("weight = 70", "weight = 71", "the weights sum to 101"),
        ("weight = 70", 'weight = "70"', "cohort A: weight must be"),
        ("cohorts.C", "cohorts.D", "cohort C is missing"),
        ("input_usd_per_mtok = 0.10\n", "", "input_usd_per_mtok is missing, and an unknown price can't be held"),
        ("output_usd_per_mtok = 0.40", "output_usd_per_mtok = -1", "output_usd_per_mtok must be"),
        ("max_output_tokens = 8192", "max_output_tokens = 0", "max_output_tokens must be"),
        ("max_output_tokens = 8192", "max_output_tokens = 8192\nretires_on = 2026-11-22", "every model it names has"),
        ("[[cohorts.C.routes]]", "[[cohorts.C.ways]]", "cohort C has no live route: it names no route"),
        ('provider = "sandbox"', 'provider = "nobody"', "provider 'nobody' is not defined"),
        ('base_url = "http', 'base_url = "ftp', "base_url must be"),
        ("[cohorts.A]", "[cohorts.A", "is not valid TOML"),
    ],
)
def test_a_catalog_that_can_not_be_served_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    path = write_catalog(tmp_path / "catalog.toml", "http://127.0.0.1:1/v1", {})
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(StartupRefused) as refusal:
        catalog.load(path, TODAY)
    assert problem in str(refusal.value)


def test_a_route_named_twice_is_refused(tmp_path: Path) -> None:
    path = write_catalog(tmp_path / "catalog.toml", "http://127.0.0.1:1/v1", {"A": ["sandbox/ok", "sandbox/ok"]})
    with pytest.raises(StartupRefused, match="cohort A names sandbox:sandbox/ok twice"):
        catalog.load(path, TODAY)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupRefused, match="can't be read"):
        catalog.load(tmp_path / "none.toml", TODAY)
