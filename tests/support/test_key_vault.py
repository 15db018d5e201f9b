"""The stand-in is indistinguishable from Key Vault for the SDK's own client."""

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)

from tests.support.key_vault import key_vault


async def test_a_secret_is_read_through_the_challenge() -> None:
    async with key_vault({"groq-api-key": "s3cr3t"}) as vault, vault.client() as client:
        secret = await client.get_secret("groq-api-key")
        assert secret.value == "s3cr3t"
        assert secret.name == "groq-api-key"
        assert vault.credential.scopes == ["https://vault.azure.net/.default"]
        assert vault.reads == ["groq-api-key"]


async def test_a_rotated_secret_is_seen_by_the_next_read() -> None:
    async with key_vault({"k": "old"}) as vault, vault.client() as client:
        assert (await client.get_secret("k")).value == "old"
        vault.secrets["k"] = "new"
        assert (await client.get_secret("k")).value == "new"


async def test_a_missing_secret_is_not_found() -> None:
    async with key_vault({}) as vault, vault.client() as client:
        with pytest.raises(ResourceNotFoundError):
            await client.get_secret("k")


async def test_a_forbidden_secret_is_refused() -> None:
    async with key_vault({"k": "v"}) as vault, vault.client() as client:
        vault.forbidden.add("k")
        with pytest.raises(HttpResponseError) as caught:
            await client.get_secret("k")
        assert caught.value.status_code == 403


async def test_a_hanging_vault_is_left_after_the_read_timeout() -> None:
    async with key_vault({"k": "v"}) as vault, vault.client(retry_total=0, read_timeout=0.1) as client:
        vault.is_hanging = True
        with pytest.raises(ServiceResponseTimeoutError):
            await client.get_secret("k")


async def test_a_stopped_vault_refuses_connections() -> None:
    async with key_vault({"k": "v"}) as vault, vault.client(retry_total=0) as client:
        await vault.stop()
        with pytest.raises(ServiceRequestError):
            await client.get_secret("k")
