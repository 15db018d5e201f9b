"""
Which models the local host uses: the shipped catalog, narrowed to what this machine can reach.

A route stays where its provider's key is set; a cohort without any is served by the sandbox provider; an
OpenAI-compatible address of the developer's own (Ollama, LM Studio) replaces them all. Pure: text and
settings in, text and plain words out.
"""

import ipaddress
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from promptready.local.sandbox.bill import INPUT_USD_PER_MTOK, OUTPUT_USD_PER_MTOK, Price
from promptready.local.serve import CannotStart
from promptready.secrets import variable_name

SANDBOX_MODEL = "sandbox/ok"

# The sandbox refuses calls without a key, as providers do, so the whole way of a key is walked on a bare clone too.
SANDBOX_SECRET = "sandbox-api-key"  # noqa: S105 - the name of a secret
SANDBOX_KEY_VARIABLE = variable_name(SANDBOX_SECRET)

_OWN = "openai-compatible"
_OWN_SECRET = "openai-api-key"  # noqa: S105 - the name of a secret

# The limits of a model we know nothing about. The answer's limit is what every shipped route has.
_CONTEXT_TOKENS = 131_072
_MAX_OUTPUT_TOKENS = 8_192


@dataclass(frozen=True, slots=True)
class Choice:
    """The models to use. `notes` are sentences for the developer."""

    providers: Mapping[str, Any]
    cohorts: Mapping[str, Any]
    notes: Sequence[str]

    @property
    def needs_sandbox(self) -> bool:
        """Whether any cohort is served by the sandbox provider."""
        return "sandbox" in self.providers

    def to_toml(self, sandbox_base_url: str) -> str:
        """The catalog file, with the sandbox provider at `sandbox_base_url`."""
        import tomli_w  # noqa: PLC0415 - not needed with a catalog of one's own

        providers = dict(self.providers)
        if self.needs_sandbox:
            providers["sandbox"] = {"base_url": sandbox_base_url, "secret": SANDBOX_SECRET}
        notice = "# Written by the local host at every start. Use --catalog for one of your own.\n\n"
        return notice + tomli_w.dumps({"providers": providers, "cohorts": dict(self.cohorts)})


def choose(shipped: str, settings: Mapping[str, str], today: date) -> Choice:
    """
    Decide from the shipped catalog's text and the environment.

    Raises:
        CannotStart: an address of one's own whose price nobody has named.
    """
    catalog = tomllib.loads(shipped, parse_float=Decimal)
    base_url, model = settings.get("OPENAI_BASE_URL", ""), settings.get("OPENAI_MODEL", "")
    if base_url and model:
        return _own_model(catalog, base_url, model, settings)
    choice = _by_keys(catalog, settings, today)
    if base_url:
        ignored = "OPENAI_BASE_URL is set without OPENAI_MODEL, so it is not used."
        return Choice(choice.providers, choice.cohorts, [ignored, *choice.notes])
    return choice


def _by_keys(catalog: Mapping[str, Any], settings: Mapping[str, str], today: date) -> Choice:
    providers: dict[str, Any] = {}
    cohorts: dict[str, Any] = {}
    notes: list[str] = []
    for name, cohort in catalog["cohorts"].items():
        live = [route for route in cohort["routes"] if route.get("retires_on", date.max) > today]
        usable = [route for route in live if settings.get(_key_variable(catalog, route), "").strip()]
        if usable:
            providers.update({route["provider"]: catalog["providers"][route["provider"]] for route in usable})
            cohorts[name] = {**cohort, "routes": usable}
            notes.append(f"Cohort {name}: {', then '.join(_describe(route) for route in usable)}.")
        else:
            providers["sandbox"] = {}
            cohorts[name] = {**cohort, "label": f"{cohort['label']} (sandbox)", "routes": [_sandbox_route()]}
            keys = _either(_key_variable(catalog, route) for route in live)
            notes.append(f"Cohort {name}: the built-in sandbox provider; set {keys} to use a real model.")
    if set(providers) == {"sandbox"}:
        keys = _either(variable_name(entry["secret"]) for entry in catalog["providers"].values())
        notes = [f"No provider key is set: using the built-in sandbox provider. Set {keys} to use real models."]
    return Choice(providers, cohorts, notes)


def _own_model(catalog: Mapping[str, Any], base_url: str, model: str, settings: Mapping[str, str]) -> Choice:
    input_usd, output_usd = _own_price(base_url, settings)
    route = {
        "provider": _OWN,
        "model": model,
        "input_usd_per_mtok": input_usd,
        "output_usd_per_mtok": output_usd,
        "context_tokens": _CONTEXT_TOKENS,
        "max_output_tokens": _MAX_OUTPUT_TOKENS,
        "source": "OPENAI_BASE_URL and OPENAI_MODEL in the environment of the local host",
    }
    secret = {"secret": _OWN_SECRET} if settings.get("OPENAI_API_KEY", "").strip() else {}
    cohorts = {name: {**cohort, "label": model, "routes": [route]} for name, cohort in catalog["cohorts"].items()}
    note = f"All cohorts: {model} at {base_url} (OPENAI_BASE_URL and OPENAI_MODEL)."
    return Choice({_OWN: {"base_url": base_url, **secret}}, cohorts, [note])


def _own_price(base_url: str, settings: Mapping[str, str]) -> tuple[Decimal, Decimal]:
    """An unknown price is never a free one; a model on a machine of one's own is free."""
    input_usd = settings.get("OPENAI_INPUT_USD_PER_MTOK", "")
    output_usd = settings.get("OPENAI_OUTPUT_USD_PER_MTOK", "")
    if not input_usd and not output_usd and _is_own_machine(base_url):
        return Decimal(0), Decimal(0)
    try:
        Price.from_usd(input_usd, output_usd)
    except ValueError:
        raise CannotStart(
            f"The price of the model at {base_url} is not known: set OPENAI_INPUT_USD_PER_MTOK and "
            "OPENAI_OUTPUT_USD_PER_MTOK to dollars per million tokens."
        ) from None
    return Decimal(input_usd), Decimal(output_usd)


def _is_own_machine(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))


def _sandbox_route() -> dict[str, Any]:
    return {
        "provider": "sandbox",
        "model": SANDBOX_MODEL,
        "input_usd_per_mtok": Decimal(INPUT_USD_PER_MTOK),
        "output_usd_per_mtok": Decimal(OUTPUT_USD_PER_MTOK),
        "context_tokens": _CONTEXT_TOKENS,
        "max_output_tokens": _MAX_OUTPUT_TOKENS,
        "source": "made up: what the sandbox provider puts on its bill",
    }


def _key_variable(catalog: Mapping[str, Any], route: Mapping[str, Any]) -> str:
    return variable_name(catalog["providers"][route["provider"]]["secret"])


def _describe(route: Mapping[str, Any]) -> str:
    return f"{route['model']} at {route['provider']}"


def _either(names: Iterable[str]) -> str:
    *others, last = dict.fromkeys(names)
    return f"{', '.join(others)} or {last}" if others else last
