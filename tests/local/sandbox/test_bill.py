import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptready.local.sandbox.bill import Bill, Price


def test_a_published_price_becomes_whole_nano_dollars() -> None:
    assert Price.from_usd("0.075", "0.30") == Price(75_000_000, 300_000_000)


@pytest.mark.parametrize("usd", ["", "cheap", "-1", "NaN", "Infinity", "0.0000000001"])
def test_what_is_no_exact_price_is_refused(usd: str) -> None:
    with pytest.raises(ValueError, match="is not a price"):
        Price.from_usd(usd, "1")


def test_a_cost_is_rounded_up_once_and_never_down() -> None:
    price = Price(500_000, 500_000)  # half a nano-dollar per token
    assert [price.cost_nanousd(tokens, 0) for tokens in (0, 1, 2, 3)] == [0, 1, 1, 2]
    assert price.cost_nanousd(1, 1) == 1


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_large_costs_are_exact(input_tokens: int, output_tokens: int) -> None:
    assert (
        Price(100_000_000, 400_000_000).cost_nanousd(input_tokens, output_tokens)
        == 100 * input_tokens + 400 * output_tokens
    )


def test_calls_add_up_by_model_and_a_reset_forgets_them() -> None:
    bill = Bill(Price(1_000_000, 2_000_000))
    bill.book("b", 10, 5)
    bill.book("a", 1, 0)
    bill.book("b", 1, 1)
    assert bill.stats() == {
        "calls": 3,
        "billed_nanousd": 24,
        "in_flight": 0,
        "unauthorized": 0,
        "by_model": {
            "a": {"calls": 1, "billed_nanousd": 1, "input_tokens": 1, "output_tokens": 0},
            "b": {"calls": 2, "billed_nanousd": 23, "input_tokens": 11, "output_tokens": 6},
        },
    }
    bill.reset()
    assert bill.stats() == {"calls": 0, "billed_nanousd": 0, "in_flight": 0, "unauthorized": 0, "by_model": {}}
