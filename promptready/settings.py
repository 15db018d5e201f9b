"""
Settings from environment variables: one frozen object, all problems reported at once.

This is the only module of the deployed app that reads the environment.
"""

import base64
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from promptready.errors import StartupRefused
from promptready.money import MAX_USD, usd_to_nano

STORE_URL_SHAPE = "sqlite:///PATH or https://ACCOUNT.documents.azure.com:443/"
LOCAL_SALT = "local-development-only"
SHORTEST_SALT_CHARS = 16
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
UNRESOLVED_REFERENCE = "@Microsoft.KeyVault("  # what an app sees where Azure has no right to the secret
LONGEST_DEADLINE_S = 28  # Chrome ends a service worker whose fetch waits over 30 s
# Seconds to weekday. Only months and weekdays have names; the rest is for the host to judge.
NCRONTAB = re.compile(r"([\d*,/-]+\s+){4}[\w*,/-]+\s+[\w*,/-]+", re.ASCII)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides. A field is its variable in lower case, with the unit that code counts in."""

    store_url: str
    cosmos_database: str
    cosmos_key: str | None
    key_vault_url: str | None
    catalog_path: Path | None
    trial_credits: int
    weekly_cap_nanousd: int
    request_deadline_s: int
    hold_lease_s: int
    max_content_bytes: int
    max_live_holds: int
    new_users_per_network_per_day: int
    newcomers_percent: int
    unit_salt: str
    reset_schedule: str

    def __repr__(self) -> str:
        return "Settings(…)"  # two fields are secrets


def environment() -> Mapping[str, str]:
    """Return the process's environment, for the one who looks up provider keys by name."""
    return os.environ


def catalog_path(variables: Mapping[str, str]) -> Path | None:
    """Return the catalog that `variables` name, for whoever needs it though the other settings may be wrong."""
    return _Reader(variables).optional("CATALOG_PATH", Path)


def load(variables: Mapping[str, str] | None = None) -> Settings:
    """
    Return the settings of this process, or of `variables`.

    Raises:
        StartupRefused: one message that names every problem.
    """
    reader = _Reader(os.environ if variables is None else variables)
    store_url = reader.required("STORE_URL", _store_url, STORE_URL_SHAPE)
    settings = Settings(
        store_url=store_url,
        cosmos_database=reader.value("COSMOS_DATABASE", str, "promptready"),
        cosmos_key=reader.optional("COSMOS_KEY", _base64),
        key_vault_url=reader.optional("KEY_VAULT_URL", _https_url),
        catalog_path=reader.optional("CATALOG_PATH", Path),
        trial_credits=reader.count("TRIAL_CREDITS", 150),
        weekly_cap_nanousd=reader.value("WEEKLY_CAP_USD", _dollars, usd_to_nano(25)),
        request_deadline_s=reader.count("REQUEST_DEADLINE_S", 25, least=1, most=LONGEST_DEADLINE_S),
        hold_lease_s=reader.count("HOLD_LEASE_S", 60, least=1),
        max_content_bytes=reader.count("MAX_CONTENT_BYTES", 32_768, least=1_024),
        max_live_holds=reader.count("MAX_LIVE_HOLDS", 3, least=1),
        new_users_per_network_per_day=reader.count("NEW_USERS_PER_NETWORK_PER_DAY", 20, least=1),
        newcomers_percent=reader.count("NEWCOMERS_PERCENT", 100, least=1, most=100),
        unit_salt=reader.value("UNIT_SALT", str, LOCAL_SALT),
        reset_schedule=reader.value("RESET_SCHEDULE", _schedule, "0 0 0 * * 1"),
    )
    reader.problems += _half_configured(settings)
    if settings.hold_lease_s <= settings.request_deadline_s:
        reader.problems.append("HOLD_LEASE_S must be more than REQUEST_DEADLINE_S: no live request may lose its hold")
    if reader.problems:
        raise StartupRefused("\n".join(["the settings can't be used:", *(f"  - {p}" for p in reader.problems)]))
    return settings


class _Reader:
    """Reads variables and collects what is wrong with them. An empty variable counts as unset."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self._variables.get(name, "").strip()
        if not text:
            return None
        if text.startswith(UNRESOLVED_REFERENCE):
            self.problems.append(f"{name} is a Key Vault reference that Azure could not resolve")
            return None
        try:
            return parse(text)
        except ValueError as exc:
            self.problems.append(f"{name} {exc}")
            return None

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        parsed = self.optional(name, parse)
        return default if parsed is None else parsed

    def required(self, name: str, parse: Callable[[str], str], shape: str) -> str:
        if not self._variables.get(name, "").strip():
            self.problems.append(f"{name} is not set; it must be {shape}")
        return self.value(name, parse, "")

    def count(self, name: str, default: int, *, least: int = 0, most: int = 1_000_000_000) -> int:
        def parse(text: str) -> int:
            if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
                raise ValueError(f"must be a whole number from {least} to {most}")
            return int(text)

        return self.value(name, parse, default)


def _half_configured(settings: Settings) -> list[str]:
    """What a real account needs beyond a local file or an emulator on this machine."""
    host = urlsplit(settings.store_url).hostname
    if host is None or host in LOOPBACK:
        return []
    problems = []
    if len(settings.unit_salt) < SHORTEST_SALT_CHARS or settings.unit_salt == LOCAL_SALT:
        problems.append(f"UNIT_SALT must be at least {SHORTEST_SALT_CHARS} characters that only you know")
    if settings.key_vault_url is None:
        problems.append(
            "KEY_VAULT_URL is not set; provider keys come from a vault wherever the store is a real account"
        )
    if settings.cosmos_key is not None:
        problems.append("COSMOS_KEY is for an emulator; a real account is reached by identity")
    return problems


def _dollars(text: str) -> int:
    try:
        return usd_to_nano(Decimal(text))
    except (ValueError, ArithmeticError) as exc:
        raise ValueError(f"must be dollars from 0 to {MAX_USD}, as in 25 or 12.50") from exc


def _store_url(text: str) -> str:
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return text
    parts = _address(text)
    if parts is None or parts.scheme not in {"https", "http"}:
        raise ValueError(f"must be {STORE_URL_SHAPE}")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must be https, except for an emulator on this machine")
    return text


def _https_url(text: str) -> str:
    parts = _address(text)
    if parts is None or parts.scheme != "https":
        raise ValueError("must be an https address")
    return text


def _address(text: str) -> SplitResult | None:
    """Return the parts of an address that names a host; None for anything else."""
    try:
        parts = urlsplit(text)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket left open, a port that is none
        return None
    return parts if is_complete else None


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except ValueError as exc:
        raise ValueError("must be base64, as the emulator prints it") from exc
    return text


def _schedule(text: str) -> str:
    if not NCRONTAB.fullmatch(text):
        raise ValueError("must have six fields, as in 0 0 0 * * 1")
    return text
