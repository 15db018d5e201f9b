"""Provider keys, from a vault through the real SDK client and from the environment."""

import asyncio
import json
import logging

import pytest

from promptready.clock import from_text
from promptready.errors import SecretUnavailable
from promptready.secrets import CACHED_FOR_S, EnvironmentSecrets, KeyVaultSecrets, Secret
from promptready.telemetry import EVENTS_LOGGER
from tests.support.clock import SetClock
from tests.support.key_vault import KeyVault, key_vault


class StoppedWatch:
    """Seconds that a test moves on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def secrets_of(vault: KeyVault, watch: StoppedWatch) -> KeyVaultSecrets:
    return KeyVaultSecrets(lambda: vault.client(retry_total=0), watch, SetClock("2026-11-22T10:00:00Z"))


async def test_a_key_is_found_and_cached_for_ten_minutes() -> None:
    watch = StoppedWatch()
    async with key_vault({"groq-api-key": "gsk-1"}) as vault:
        secrets = secrets_of(vault, watch)
        assert (await secrets.get("groq-api-key")).reveal() == "gsk-1"
        vault.secrets["groq-api-key"] = "gsk-2"
        watch.now_s = CACHED_FOR_S - 1
        assert (await secrets.get("groq-api-key")).reveal() == "gsk-1"
        watch.now_s = CACHED_FOR_S
        assert (await secrets.get("groq-api-key")).reveal() == "gsk-2"
        await secrets.close()


async def test_a_refused_key_is_fetched_again_at_once() -> None:
    async with key_vault({"groq-api-key": "gsk-1"}) as vault:
        secrets = secrets_of(vault, StoppedWatch())
        await secrets.get("groq-api-key")
        vault.secrets["groq-api-key"] = "gsk-2"
        secrets.forget("groq-api-key")
        assert (await secrets.get("groq-api-key")).reveal() == "gsk-2"
        await secrets.close()


async def test_parallel_callers_share_one_fetch() -> None:
    async with key_vault({"groq-api-key": "gsk-1"}) as vault:
        secrets = secrets_of(vault, StoppedWatch())
        await asyncio.gather(*(secrets.get("groq-api-key") for _ in range(20)))
        assert vault.reads == ["groq-api-key"]
        await secrets.close()


async def test_a_missing_key_is_unavailable() -> None:
    async with key_vault({}) as vault:
        secrets = secrets_of(vault, StoppedWatch())
        with pytest.raises(SecretUnavailable):
            await secrets.get("groq-api-key")
        await secrets.close()


async def test_a_forbidden_key_is_unavailable() -> None:
    async with key_vault({"groq-api-key": "gsk-1"}) as vault:
        vault.forbidden.add("groq-api-key")
        secrets = secrets_of(vault, StoppedWatch())
        with pytest.raises(SecretUnavailable):
            await secrets.get("groq-api-key")
        await secrets.close()


async def test_an_unreachable_vault_is_unavailable_and_a_cached_key_still_serves() -> None:
    watch = StoppedWatch()
    async with key_vault({"groq-api-key": "gsk-1"}) as vault:
        secrets = secrets_of(vault, watch)
        await secrets.get("groq-api-key")
        await vault.stop()
        assert (await secrets.get("groq-api-key")).reveal() == "gsk-1"
        watch.now_s = CACHED_FOR_S
        with pytest.raises(SecretUnavailable):
            await secrets.get("groq-api-key")
        await secrets.close()


async def test_a_key_shows_itself_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with key_vault({"groq-api-key": "gsk-visible"}) as vault:
        secrets = secrets_of(vault, StoppedWatch())
        secret = await secrets.get("groq-api-key")
        assert "gsk-visible" not in f"{secret} {secret!r} {[secret]}"
        assert "gsk-visible" not in caplog.text
        await secrets.close()


@pytest.mark.parametrize(
    ("expires_on", "days_left_told"), [("2026-12-21T10:00:00Z", [29, 28]), ("2026-12-25T10:00:00Z", [])]
)
async def test_a_key_that_expires_within_thirty_days_is_announced_once_a_day(
    expires_on: str, days_left_told: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    async with key_vault({"groq-api-key": "gsk-1"}) as vault:
        vault.expires_on = from_text(expires_on)
        clock = SetClock("2026-11-22T10:00:00Z")
        secrets = KeyVaultSecrets(lambda: vault.client(retry_total=0), StoppedWatch(), clock)
        for day in (22, 22, 23):
            clock.now = from_text(f"2026-11-{day}T10:00:00Z")
            secrets.forget("groq-api-key")
            await secrets.get("groq-api-key")
        await secrets.close()
    events = [json.loads(record.message) for record in caplog.records if record.name == EVENTS_LOGGER]
    assert [(event["event"], event["secret"], event["days_left"]) for event in events] == [
        ("secret_expiring", "groq-api-key", days_left) for days_left in days_left_told
    ]


async def test_without_a_vault_a_key_is_an_environment_variable() -> None:
    secrets = EnvironmentSecrets({"GROQ_API_KEY": " gsk-1\n"})
    secret = await secrets.get("groq-api-key")
    assert isinstance(secret, Secret)
    assert secret.reveal() == "gsk-1"
    with pytest.raises(SecretUnavailable):
        await secrets.get("gemini-api-key")
