"""What the sandbox would have charged, to the nano-dollar."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation

# The price of the sandbox's models, in the local host's catalog and on the sandbox's own bill.
INPUT_USD_PER_MTOK = "0.10"
OUTPUT_USD_PER_MTOK = "0.40"

_NANOUSD_PER_USD = 10**9
_TOKENS_PER_MTOK = 10**6


def _nanousd(usd: str) -> int:
    try:
        nanousd = Decimal(usd) * _NANOUSD_PER_USD
    except InvalidOperation:
        raise ValueError(f"{usd!r} is not a price in dollars") from None
    if not nanousd.is_finite() or nanousd < 0 or nanousd != nanousd.to_integral_value():
        raise ValueError(f"{usd!r} is not a price in whole nano-dollars per million tokens")
    return int(nanousd)


@dataclass(frozen=True, slots=True)
class Price:
    """Nano-dollars per million tokens, so that every price a provider publishes is a whole number."""

    input_nanousd_per_mtok: int
    output_nanousd_per_mtok: int

    @classmethod
    def from_usd(cls, input_usd_per_mtok: str, output_usd_per_mtok: str) -> "Price":
        """
        Read two prices written in dollars per million tokens.

        Raises:
            ValueError: not a number, negative, or finer than a nano-dollar.
        """
        return cls(_nanousd(input_usd_per_mtok), _nanousd(output_usd_per_mtok))

    def cost_nanousd(self, input_tokens: int, output_tokens: int) -> int:
        """The exact cost, rounded up to a whole nano-dollar."""
        exact = input_tokens * self.input_nanousd_per_mtok + output_tokens * self.output_nanousd_per_mtok
        return -(-exact // _TOKENS_PER_MTOK)


SANDBOX_PRICE = Price.from_usd(INPUT_USD_PER_MTOK, OUTPUT_USD_PER_MTOK)


@dataclass(slots=True)
class ModelBill:
    """What one model was asked and would have charged."""

    calls: int = 0
    billed_nanousd: int = 0
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(slots=True)
class Bill:
    """Everything the sandbox was asked since it started or was reset."""

    price: Price
    in_flight: int = 0
    unauthorized: int = 0
    by_model: defaultdict[str, ModelBill] = field(default_factory=lambda: defaultdict(ModelBill))

    def book(self, model: str, input_tokens: int, output_tokens: int) -> None:
        """Charge one call. Call it before the answer leaves: an answer lost on its way is still charged."""
        entry = self.by_model[model]
        entry.calls += 1
        entry.input_tokens += input_tokens
        entry.output_tokens += output_tokens
        entry.billed_nanousd += self.price.cost_nanousd(input_tokens, output_tokens)

    def reset(self) -> None:
        """Forget all calls, those still being answered included. They stay counted as in flight."""
        self.by_model.clear()
        self.unauthorized = 0

    def stats(self) -> dict[str, object]:
        """The document `GET /stats` answers with."""
        return {
            "calls": sum(entry.calls for entry in self.by_model.values()),
            "billed_nanousd": sum(entry.billed_nanousd for entry in self.by_model.values()),
            "in_flight": self.in_flight,
            "unauthorized": self.unauthorized,
            "by_model": {model: asdict(entry) for model, entry in sorted(self.by_model.items())},
        }
