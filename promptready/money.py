"""
Money: an integer count of nano-dollars in code, a JSON number of dollars on documents.

Both directions are exact. A JSON number read as a float is taken by its shortest decimal text, which
brings back every amount this module wrote: 15 significant digits are enough for nine decimals below
`MAX_USD`.
"""

from decimal import Decimal

NANO_PER_USD = 1_000_000_000
MAX_USD = 999_999  # six digits before the point and nine after it fit the 15 that a float keeps

Number = int | float | Decimal


def usd_to_nano(usd: Number) -> int:
    """
    Return the exact number of nano-dollars in `usd`.

    Raises:
        ValueError: not finite, negative, above `MAX_USD`, or finer than a nano-dollar.
    """
    amount = Decimal(str(usd))
    if not amount.is_finite() or not 0 <= amount <= MAX_USD:
        raise ValueError(f"an amount must be between 0 and {MAX_USD} dollars")
    nano = amount.scaleb(9)
    if nano != nano.to_integral_value():
        raise ValueError("an amount has at most nine decimals")
    return int(nano)


def nano_to_usd(nanousd: int) -> int | float:
    """Return the JSON number for `nanousd`: an integer for whole dollars, else a float of at most nine decimals."""
    dollars, rest = divmod(nanousd, NANO_PER_USD)
    return dollars if rest == 0 else float(Decimal(nanousd).scaleb(-9))


def format_usd(nanousd: int) -> str:
    """Return `nanousd` for people: dollars with two to nine decimals, as many as it needs."""
    text = f"{Decimal(nanousd).scaleb(-9):.9f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"${whole}.{decimals:0<2}"
