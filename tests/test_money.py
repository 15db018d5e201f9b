import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptready.money import MAX_USD, NANO_PER_USD, format_usd, nano_to_usd, usd_to_nano


@given(st.integers(0, MAX_USD * NANO_PER_USD))
def test_every_amount_survives_the_way_through_a_json_number(nanousd: int) -> None:
    assert usd_to_nano(json.loads(json.dumps(nano_to_usd(nanousd)))) == nanousd


def test_whole_dollars_are_written_without_a_fraction() -> None:
    assert nano_to_usd(25 * NANO_PER_USD) == 25
    assert isinstance(nano_to_usd(25 * NANO_PER_USD), int)


@pytest.mark.parametrize("amount", [-1, Decimal("0.0000000001"), float("nan"), float("inf"), MAX_USD + 1])
def test_an_amount_that_can_not_be_kept_exactly_is_refused(amount: float) -> None:
    with pytest.raises(ValueError, match="an amount"):
        usd_to_nano(amount)


@pytest.mark.parametrize(
    ("nanousd", "text"), [(0, "$0.00"), (1, "$0.000000001"), (12_500_000_000, "$12.50"), (25 * NANO_PER_USD, "$25.00")]
)
def test_people_read_at_least_cents(nanousd: int, text: str) -> None:
    assert format_usd(nanousd) == text
