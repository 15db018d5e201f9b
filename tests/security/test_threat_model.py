"""docs/threat-model.md names tests that exist and numbers that the simulation gives."""

import re

import pytest

from bench import farming
from tests.guards.strangers import STRANGERS
from tests.support.process import ROOT

TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:tests|extension)/[\w./-]+)(?:::([^`]+))?`", TEXT)))


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_every_test_that_is_named_exists(path: str, test: str) -> None:
    source = (ROOT / path).read_text(encoding="utf-8")
    if test:
        assert re.search(rf"def {re.escape(test)}\(" if path.endswith(".py") else re.escape(f"'{test}'"), source)


def test_the_table_of_farmers_is_what_the_simulation_says() -> None:
    for row in [*farming.rows(), *farming.network_limits(), *farming.newcomer_shares()]:
        assert row in TEXT


def test_every_guard_that_is_said_to_be_removed_is_on_the_list() -> None:
    removed = {guard.test.partition("[")[0] for guard in STRANGERS}
    rows = [line for line in TEXT.splitlines() if line.startswith("|") and "\u2702" in line]
    assert rows
    for row in rows:
        assert removed & set(re.findall(r"`([^`]+::[^`]+)`", row)), row
