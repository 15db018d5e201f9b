"""
Provider keys: from Key Vault where one is configured, else from environment variables.

A key is wrapped in `Secret` from the moment it is read, so that no log line, exception or repr can show it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from promptready import telemetry
from promptready.clock import Clock
from promptready.errors import SecretUnavailable
from promptready.telemetry import SecretExpiringEvent

if TYPE_CHECKING:
    from azure.keyvault.secrets.aio import SecretClient

CACHED_FOR_S = 600.0
FETCH_TIMEOUT_S = 5.0
EXPIRY_NOTICE = timedelta(days=30)


class Secret:
    """A value that shows itself to nobody but the one who asks for it by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, to be put into one Authorization header."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"


class Secrets(Protocol):
    """Where provider keys come from."""

    async def get(self, name: str) -> Secret:
        """
        Return the key.

        Raises:
            SecretUnavailable: missing, forbidden or out of reach.
        """
        ...

    def forget(self, name: str) -> None:
        """Read this key again next time: a provider has refused it."""
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class EnvironmentSecrets:
    """`groq-api-key` is the variable `GROQ_API_KEY`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    async def get(self, name: str) -> Secret:
        """See the port."""
        return _key(self._environment.get(variable_name(name)))

    def forget(self, name: str) -> None:
        """Nothing is cached."""

    async def close(self) -> None:
        """Nothing is open."""


class KeyVaultSecrets:
    """
    Secrets of one vault, cached for ten minutes.

    `client` makes the real `SecretClient`; it is called on first use, because loading it takes a third of
    a second that a request without it should not pay.
    """

    def __init__(self, client: Callable[[], "SecretClient"], now_s: Callable[[], float], clock: Clock) -> None:
        self._make_client = client
        self._now_s = now_s
        self._clock = clock
        self._warned_on: dict[str, date] = {}
        self._client: SecretClient | None = None
        self._cache: dict[str, tuple[Secret, float]] = {}
        self._fetching = asyncio.Lock()

    async def get(self, name: str) -> Secret:
        """See the port. Parallel callers share one fetch."""
        async with self._fetching:
            cached = self._cache.get(name)
            if cached and self._now_s() - cached[1] < CACHED_FOR_S:
                return cached[0]
            secret = await self._fetch(name)
            self._cache[name] = (secret, self._now_s())
            return secret

    def forget(self, name: str) -> None:
        """See the port."""
        self._cache.pop(name, None)

    async def close(self) -> None:
        """See the port."""
        if self._client is not None:
            await self._client.close()

    async def _fetch(self, name: str) -> Secret:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - heavy, and only needed with a vault

        if self._client is None:
            self._client = self._make_client()
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                found = await self._client.get_secret(name)
        except (AzureError, TimeoutError) as exc:
            # The vault's text may quote the request; only the class of the failure goes on.
            raise SecretUnavailable from exc
        self._warn_of_expiry(name, found.properties.expires_on)
        return _key(found.value)

    def _warn_of_expiry(self, name: str, expires_on: datetime | None) -> None:
        """Tell operators that a key needs to be rotated, once a day: the alert on it looks back that far."""
        now = self._clock()
        if expires_on is None or expires_on - now > EXPIRY_NOTICE or self._warned_on.get(name) == now.date():
            return
        self._warned_on[name] = now.date()
        event = SecretExpiringEvent(now, name, expires_on, days_left=(expires_on - now).days)
        telemetry.emit(event, logging.WARNING)


def _key(stored: str | None) -> Secret:
    """Return the key, without the line's end that pasting brings along. One that no header can carry is no key."""
    value = (stored or "").strip()
    if not (value and value.isascii() and value.isprintable()):
        raise SecretUnavailable
    return Secret(value)


def variable_name(secret_name: str) -> str:
    """Return the environment variable that stands in for a Key Vault secret."""
    return secret_name.replace("-", "_").upper()


def key_vault_client(url: str) -> "SecretClient":
    """Return the client of the vault at `url`, signed in as whoever runs this process."""
    from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - heavy, and only needed with a vault
    from azure.keyvault.secrets.aio import SecretClient  # noqa: PLC0415 - the same

    return SecretClient(url, DefaultAzureCredential(), retry_total=1)
