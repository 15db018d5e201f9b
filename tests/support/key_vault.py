"""
A Key Vault on loopback that the real SecretClient talks to, over TLS and through the real challenge.

No emulator of Key Vault installs from a package registry. This answers reads of secrets as the service does
(https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret) and can do what the service does on
a bad day.
"""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import trustme
from aiohttp import web
from azure.core.credentials import AccessToken
from azure.keyvault.secrets.aio import SecretClient

_TOKEN = "stand-in-token"
_CHALLENGE = (
    'Bearer authorization="https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000", '
    'resource="https://vault.azure.net"'
)


class Credential:
    """An identity whose tokens the stand-in accepts, and that remembers the scopes it was asked for."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    async def get_token(self, *scopes: str, **_options: Any) -> AccessToken:  # noqa: ANN401 - the port's shape
        """Return a token that is good for an hour."""
        self.scopes.extend(scopes)
        return AccessToken(_TOKEN, int(time.time()) + 3600)

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


@dataclass(slots=True)
class KeyVault:
    """
    A running vault. All but `url` may be changed while it runs.

    `secrets` is what it holds (a change is a rotation), all of it until `expires_on`. `forbidden` names what this
    identity may not read, and while `is_hanging` it takes requests and answers none. `reads` lists the names asked
    for by an accepted token.
    """

    url: str
    ca_path: Path
    secrets: dict[str, str]
    expires_on: datetime | None = None
    forbidden: set[str] = field(default_factory=set)
    is_hanging: bool = False
    reads: list[str] = field(default_factory=list)
    credential: Credential = field(default_factory=Credential)
    _runner: web.AppRunner | None = None

    def client(self, **options: Any) -> SecretClient:  # noqa: ANN401 - the client's own options
        """Return the real client, which trusts this vault's certificate and signs in as `credential`."""
        return SecretClient(
            self.url,
            self.credential,
            # The stand-in's host is not under vault.azure.net, which is what this check is about.
            verify_challenge_resource=False,
            connection_verify=str(self.ca_path),
            **options,
        )

    async def stop(self) -> None:
        """Become unreachable: connections are refused from now on."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def start(self) -> None:
        """Listen on a free port of this machine."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_path))
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(tls)
        app = web.Application()
        app.router.add_get("/secrets/{name}/{version:.*}", self._answer)
        app.router.add_get("/secrets/{name}", self._answer)
        # A hanging answer ends with the caller that waits for it.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls).start()
        self.url = f"https://localhost:{self._runner.addresses[0][1]}"

    async def _answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {_TOKEN}":
            # This header is what makes the client ask its credential for a token.
            return _error(401, "Unauthorized", "AKV10000", {"WWW-Authenticate": _CHALLENGE})
        name = request.match_info["name"]
        self.reads.append(name)
        if self.is_hanging:
            await asyncio.Event().wait()
        if name in self.forbidden:
            return _error(403, "Forbidden", "The identity does not have secrets get permission on key vault")
        if name not in self.secrets:
            return _error(404, "SecretNotFound", f"A secret with (name/id) {name} was not found in this key vault")
        now_s = int(time.time())
        attributes = {"enabled": True, "created": now_s, "updated": now_s, "recoveryLevel": "Recoverable"}
        if self.expires_on:
            attributes["exp"] = int(self.expires_on.timestamp())
        secret_id = f"{self.url}/secrets/{name}/{'0' * 32}"
        return web.json_response({"value": self.secrets[name], "id": secret_id, "attributes": attributes})


@asynccontextmanager
async def key_vault(secrets: Mapping[str, str]) -> AsyncIterator[KeyVault]:
    """Run a vault that holds `secrets`, in the running event loop."""
    with TemporaryDirectory() as folder:
        vault = KeyVault("", Path(folder) / "ca.pem", dict(secrets))
        await vault.start()
        try:
            yield vault
        finally:
            await vault.stop()


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)
