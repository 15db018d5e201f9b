"""
The catalog: which cohort is served by which model, where, and at what price.

It is read once from `catalog.toml` and refused as a whole if a cohort could not be served or a price is
missing: an unknown price is never a free one. Prices are integers of nano-dollars per million tokens.
"""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args
from urllib.parse import urlsplit

from promptready.credits import Cohort
from promptready.errors import StartupRefused
from promptready.money import usd_to_nano

SHIPPED = Path(__file__).with_name("catalog.toml")
COHORTS: tuple[Cohort, ...] = get_args(Cohort)
TOKENS_PER_MTOK = 1_000_000
RETIREMENT_NOTICE = timedelta(days=30)

TEMPLATE_TOKENS = 1_024
"""
Allowance for what a provider's chat template adds around our messages: role markers, dates, a system
preamble. The longest known here, gpt-oss's harmony preamble, is below 200.
"""

OUTPUT_SLACK_TOKENS = 1_024
"""Output beyond a byte-for-byte rewrite: Markdown marks, and reasoning at low effort."""


RESERVED_PARAMS = frozenset(
    {"model", "messages", "n", "best_of", "stream", "max_tokens", "max_completion_tokens", "max_output_tokens", "tools"}
)
"""What the hold counts on: a route's own params may not ask for several answers, a longer one or another shape."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenAI-compatible service. `secret` names its key; None for a local model that wants none."""

    name: str
    base_url: str
    secret: str | None
    output_limit_param: str = "max_tokens"


@dataclass(frozen=True, slots=True)
class Route:
    """One model at one provider, with what it costs and how long it lives."""

    provider: Provider
    model: str
    input_nanousd_per_mtok: int
    output_nanousd_per_mtok: int
    context_tokens: int
    max_output_tokens: int
    retires_on: date | None = None
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What operators and the route's health know it by."""
        return f"{self.provider.name}:{self.model}"

    def is_live(self, today: date) -> bool:
        """Tell whether the model is still served: it is dead from its retirement date."""
        return self.retires_on is None or today < self.retires_on

    def output_limit_tokens(self, content_bytes: int) -> int:
        """Return the enforced maximum: what a full rewrite of the content can need, at most the route's own limit."""
        return min(self.max_output_tokens, content_bytes + OUTPUT_SLACK_TOKENS)

    def fits(self, prompt_bytes: int, content_bytes: int) -> bool:
        """Tell whether prompt and answer can't overflow the model's context."""
        needed = prompt_bytes + TEMPLATE_TOKENS + self.output_limit_tokens(content_bytes)
        return needed <= self.context_tokens

    def worst_case_nanousd(self, prompt_bytes: int, content_bytes: int) -> int:
        """
        Return the most one call can cost.

        A byte-level tokenizer never makes more tokens than the prompt has UTF-8 bytes, and the provider
        stops at the output limit that is sent with the call.
        """
        return self.cost_nanousd(prompt_bytes + TEMPLATE_TOKENS, self.output_limit_tokens(content_bytes))

    def cost_nanousd(self, input_tokens: int, output_tokens: int) -> int:
        """Return the price of this usage, rounded up to a nano-dollar."""
        total = input_tokens * self.input_nanousd_per_mtok + output_tokens * self.output_nanousd_per_mtok
        return -(-total // TOKENS_PER_MTOK)


@dataclass(frozen=True, slots=True)
class Arm:
    """One cohort: its share of new users in percent, and its routes in order."""

    cohort: Cohort
    weight: int
    label: str
    routes: Sequence[Route]


@dataclass(frozen=True, slots=True)
class Catalog:
    """The arms, and a version that changes with anything that may change an answer or its price."""

    arms: Mapping[Cohort, Arm]
    version: str

    def assign(self, draw: int) -> Cohort:
        """Return the cohort of a new user for a uniform `draw` from 0 to 99."""
        for arm in self.arms.values():
            if draw < arm.weight:
                return arm.cohort
            draw -= arm.weight
        raise ValueError("a draw is below 100")

    def live_routes(self, cohort: Cohort, today: date) -> list[Route]:
        """Return the cohort's routes that are still served, in order."""
        return [route for route in self.arms[cohort].routes if route.is_live(today)]

    def days_to_next_retirement(self, today: date) -> int | None:
        """Return the days until the first live route retires, None where none is known to."""
        dates = [route.retires_on for arm in self.arms.values() for route in arm.routes if route.is_live(today)]
        return min(((retires_on - today).days for retires_on in dates if retires_on), default=None)

    def retiring(self, today: date) -> list[tuple[Arm, Route]]:
        """Return live routes that retire within `RETIREMENT_NOTICE`."""
        return [
            (arm, route)
            for arm in self.arms.values()
            for route in arm.routes
            if route.is_live(today) and route.retires_on and route.retires_on - today <= RETIREMENT_NOTICE
        ]


def load(chosen_path: Path | None, today: date) -> Catalog:
    """
    Read and check a catalog file; the shipped one where none is chosen.

    Raises:
        StartupRefused: with every problem found; `today` decides which routes are live.
    """
    path = chosen_path or SHIPPED
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text, parse_float=Decimal)
    except OSError as exc:
        raise StartupRefused(f"the catalog {path} can't be read: {exc.strerror}") from exc
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise StartupRefused(f"the catalog {path} is not valid TOML: {exc}") from exc
    problems: list[str] = []
    arms = _arms(table, today, problems)
    if problems:
        raise StartupRefused("\n".join([f"the catalog {path} can't be used:", *(f"  - {p}" for p in problems)]))
    return Catalog(arms, hashlib.sha256(text.encode()).hexdigest()[:12])


def _arms(table: Mapping[str, Any], today: date, problems: list[str]) -> dict[Cohort, Arm]:
    providers = _providers(_tables(table, "providers", problems), problems)
    cohorts = _tables(table, "cohorts", problems)
    problems += [f"cohort {name} is missing" for name in COHORTS if name not in cohorts]
    problems += [f"cohort {name} is not one of {', '.join(COHORTS)}" for name in cohorts if name not in COHORTS]
    arms: dict[Cohort, Arm] = {}
    for name in COHORTS:
        if name in cohorts:
            arms[name] = _arm(name, cohorts[name], providers, problems)
    for arm in arms.values():
        if not any(route.is_live(today) for route in arm.routes):
            cause = "every model it names has retired" if arm.routes else "it names no route that can be read"
            problems.append(f"cohort {arm.cohort} has no live route: {cause}")
        repeated = [name for name, times in Counter(route.name for route in arm.routes).items() if times > 1]
        problems += [f"cohort {arm.cohort} names {name} twice" for name in repeated]
    total = sum(arm.weight for arm in arms.values())
    if total != 100:  # noqa: PLR2004 - percent
        problems.append(f"the weights sum to {total}, not to 100")
    return arms


def _tables(table: Mapping[str, Any], name: str, problems: list[str]) -> dict[str, Mapping[str, Any]]:
    """Return the tables inside the table `name`; anything else there is a problem."""
    found = table.get(name, {})
    if not isinstance(found, dict):
        problems.append(f"{name} must be a table")
        return {}
    problems += [f"{name}.{key} must be a table" for key, value in found.items() if not isinstance(value, dict)]
    return {key: value for key, value in found.items() if isinstance(value, dict)}


def _providers(table: Mapping[str, Any], problems: list[str]) -> dict[str, Provider]:
    providers: dict[str, Provider] = {}
    for name, entry in table.items():
        base_url = entry.get("base_url")
        if not isinstance(base_url, str) or not _is_safe_address(base_url):
            problems.append(f"provider {name}: base_url must be an https address: the key travels to it")
            continue
        names = (entry.get("secret", ""), entry.get("output_limit_param", ""))
        if not all(isinstance(name_, str) for name_ in names):
            problems.append(f"provider {name}: secret and output_limit_param are names")
            continue
        providers[name] = Provider(
            name=name,
            base_url=base_url.rstrip("/"),
            secret=entry.get("secret"),
            output_limit_param=entry.get("output_limit_param", "max_tokens"),
        )
    return providers


def _is_safe_address(text: str) -> bool:
    """Plain http is for a provider on this machine alone."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def _arm(name: Cohort, table: Mapping[str, Any], providers: Mapping[str, Provider], problems: list[str]) -> Arm:
    weight = table.get("weight")
    if not _is_count(weight):
        problems.append(f"cohort {name}: weight must be a whole number of percent")
        weight = 0
    routes = []
    entries = table.get("routes", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.append(f"cohort {name}: routes must be a list of tables")
        entries = []
    for position, entry in enumerate(entries, start=1):
        route = _route(f"cohort {name}, route {position}", entry, providers, problems)
        if route is not None:
            routes.append(route)
    return Arm(name, cast("int", weight), str(table.get("label", name)), tuple(routes))


def _route(
    where: str, entry: Mapping[str, Any], providers: Mapping[str, Provider], problems: list[str]
) -> Route | None:
    found_before = len(problems)
    provider = providers.get(str(entry.get("provider", "")))
    if provider is None:
        problems.append(f"{where}: provider {entry.get('provider')!r} is not defined")
    model = entry.get("model")
    if not isinstance(model, str) or not model:
        problems.append(f"{where}: model is missing")
    prices = {key: _price(entry, key, where, problems) for key in ("input_usd_per_mtok", "output_usd_per_mtok")}
    problems += [
        f"{where}: {key} must be a whole number above 0"
        for key in ("context_tokens", "max_output_tokens")
        if not _is_count(entry.get(key)) or entry[key] == 0
    ]
    retires_on = entry.get("retires_on")
    if retires_on is not None and type(retires_on) is not date:
        problems.append(f"{where}: retires_on must be a date")
    params = entry.get("params", {})
    reserved = RESERVED_PARAMS | ({provider.output_limit_param} if provider else set())
    if not isinstance(params, dict) or reserved & params.keys():
        problems.append(f"{where}: params must be a table without {', '.join(sorted(reserved))}")
    try:
        params = _json_value(params)
    except TypeError:
        problems.append(f"{where}: params must be what JSON can say")
    if len(problems) > found_before or provider is None:
        return None
    return Route(
        provider=provider,
        model=cast("str", model),
        input_nanousd_per_mtok=prices["input_usd_per_mtok"],
        output_nanousd_per_mtok=prices["output_usd_per_mtok"],
        context_tokens=entry["context_tokens"],
        max_output_tokens=entry["max_output_tokens"],
        retires_on=retires_on,
        params=params,
    )


def _price(entry: Mapping[str, Any], key: str, where: str, problems: list[str]) -> int:
    try:
        return usd_to_nano(entry[key])
    except KeyError:
        problems.append(f"{where}: {key} is missing, and an unknown price can't be held")
    except (ValueError, ArithmeticError, TypeError):
        problems.append(f"{where}: {key} must be dollars per million tokens")
    return 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _json_value(value: Any) -> Any:  # noqa: ANN401 - whatever a catalog holds
    """Return what JSON, which has no decimals, makes of a value; `TypeError` for a date, NaN and the like."""
    match value:
        case dict():
            return {name: _json_value(part) for name, part in value.items()}
        case list():
            return [_json_value(part) for part in value]
        case Decimal() if value.is_finite():
            return float(value)
        case str() | int():
            return value
        case _:
            raise TypeError
