"""
The composition root: settings to adapters to use cases, once per process.

`function_app.py`, the local host and the operators' commands all start here. Loading this module brings
in pydantic and the use cases; the Azure clients and httpx load when the first call needs them.
"""

import asyncio
import logging
import secrets as random_source
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from promptready import catalog, settings, startup, telemetry
from promptready.accounts import Accounts
from promptready.admission import Admission
from promptready.catalog import Catalog
from promptready.clock import Clock, system_clock
from promptready.credits import Rules
from promptready.group_commit import GroupCommit
from promptready.http import Endpoints
from promptready.ledger import WeeklyBudget
from promptready.providers import ProviderClient
from promptready.routing import Router
from promptready.secrets import EnvironmentSecrets, KeyVaultSecrets, Secrets, key_vault_client
from promptready.settings import Settings
from promptready.store import Store
from promptready.store.cosmos import CosmosStore
from promptready.store.sqlite import SqliteStore
from promptready.telemetry import Pseudonyms, RouteRetiringEvent
from promptready.trial import Terms, Trial

QUIET_LIBRARIES = ("azure", "httpx", "aiohttp")
"""They log addresses, headers and ids, and our logger does not. Only their warnings pass."""


@dataclass(frozen=True, slots=True)
class App:
    """The parts of a running app that its hosts and commands use."""

    settings: Settings
    catalog: Catalog
    store: Store
    accounts: Accounts
    budget: WeeklyBudget
    trial: Trial
    endpoints: Endpoints
    _provider_client: ProviderClient
    _secrets: Secrets

    async def close(self) -> None:
        """Give back every connection, thread and file."""
        await asyncio.gather(self._provider_client.close(), self._secrets.close(), self.store.close())


def start(variables: Mapping[str, str] | None = None, *, clock: Clock = system_clock) -> App:
    """
    Put the app together from the environment, or from `variables`.

    Raises:
        StartupRefused: one message that names every problem of the settings and the catalog.
    """
    environment = settings.environment() if variables is None else variables
    return build(startup.check(environment, clock().date()), environment, clock=clock)


def build(
    chosen: Settings, environment: Mapping[str, str], *, clock: Clock = system_clock, store: Store | None = None
) -> App:
    """Put the app together from settings. A test may pass the store it wants to look into."""
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
    arms = catalog.load(chosen.catalog_path, clock().date())
    store = store or open_store(chosen)
    pseudonyms = Pseudonyms(chosen.unit_salt)
    accounts = Accounts(store)
    commits = GroupCommit(store, clock, random_source.token_hex(8), chosen.weekly_cap_nanousd)
    budget = WeeklyBudget(commits, clock)
    provider_client = ProviderClient()
    provider_keys = _secrets(chosen, environment, clock)
    trial = Trial(
        terms=Terms(
            trial_credits=chosen.trial_credits,
            rules=rules_of(chosen),
            deadline_s=chosen.request_deadline_s,
            newcomers_percent=chosen.newcomers_percent,
        ),
        accounts=accounts,
        admission=Admission(store, pseudonyms, chosen.new_users_per_network_per_day),
        budget=budget,
        catalog=arms,
        router=Router(budget, provider_client, provider_keys),
        pseudonyms=pseudonyms,
        clock=clock,
        draw_percent=lambda: random_source.randbelow(100),
    )
    endpoints = Endpoints(
        trial,
        max_body_bytes=chosen.max_content_bytes,
        catalog_version=arms.version,
        pseudonyms=pseudonyms,
        clock=clock,
    )
    _warn_of_retirements(arms, clock)
    return App(chosen, arms, store, accounts, budget, trial, endpoints, provider_client, provider_keys)


def open_store(chosen: Settings) -> Store:
    """Return the store that `STORE_URL` names. Nothing is opened before its first use."""
    if chosen.store_url.startswith("sqlite:///"):
        return SqliteStore(Path(chosen.store_url.removeprefix("sqlite:///")))
    return CosmosStore(chosen.store_url, chosen.cosmos_database, chosen.cosmos_key)


def _secrets(chosen: Settings, environment: Mapping[str, str], clock: Clock) -> Secrets:
    vault_url = chosen.key_vault_url
    if vault_url is None:
        return EnvironmentSecrets(environment)
    return KeyVaultSecrets(lambda: key_vault_client(vault_url), time.monotonic, clock)


def _warn_of_retirements(arms: Catalog, clock: Clock) -> None:
    """Name every route that retires within thirty days; the weekly workflow fails on the same list."""
    now = clock()
    for arm, route in arms.retiring(now.date()):
        event = RouteRetiringEvent(now, arm.cohort, route.provider.name, route.model, str(route.retires_on))
        telemetry.emit(event, logging.WARNING)


def rules_of(chosen: Settings) -> Rules:
    """Return what a user's holds are judged by."""
    return Rules(timedelta(seconds=chosen.hold_lease_s), chosen.max_live_holds)
