"""Settings: what an operator sees when something is wrong, all at once."""

import pytest

from promptready.errors import StartupRefused
from promptready.settings import load

AZURE = {
    "STORE_URL": "https://account.documents.azure.com:443/",
    "KEY_VAULT_URL": "https://vault.vault.azure.net/",
    "UNIT_SALT": "sixteen letters or more",
}


def test_a_local_file_needs_nothing_else() -> None:
    settings = load({"STORE_URL": "sqlite:///some/file.db"})
    assert settings.trial_credits == 150
    assert settings.weekly_cap_nanousd == 25_000_000_000
    assert settings.reset_schedule == "0 0 0 * * 1"


def test_azure_needs_a_vault_and_a_salt() -> None:
    assert load(AZURE).key_vault_url == AZURE["KEY_VAULT_URL"]


def test_every_problem_is_named_in_one_message() -> None:
    with pytest.raises(StartupRefused) as refusal:
        load({"TRIAL_CREDITS": "many", "WEEKLY_CAP_USD": "-1", "KEY_VAULT_URL": "http://x", "RESET_SCHEDULE": "weekly"})
    for name in ("STORE_URL", "TRIAL_CREDITS", "WEEKLY_CAP_USD", "KEY_VAULT_URL", "RESET_SCHEDULE"):
        assert name in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"STORE_URL": "postgres://x"}, "STORE_URL must be"),
        ({"STORE_URL": "http://account.documents.azure.com/"}, "STORE_URL must be https"),
        ({"STORE_URL": "sqlite:///"}, "STORE_URL must be"),
        ({"STORE_URL": "https://[account/"}, "STORE_URL must be sqlite:///PATH or https://"),
        ({"STORE_URL": "https://account.documents.azure.com:70000/"}, "STORE_URL must be sqlite:///PATH or"),
        ({"KEY_VAULT_URL": "https://[vault"}, "KEY_VAULT_URL must be an https address"),
        ({"RESET_SCHEDULE": "a b c d e f"}, "RESET_SCHEDULE must have six fields"),
        ({"UNIT_SALT": ""}, "UNIT_SALT must be"),
        ({"UNIT_SALT": "short"}, "UNIT_SALT must be"),
        ({"UNIT_SALT": "@Microsoft.KeyVault(SecretUri=https://v/s)"}, "UNIT_SALT is a Key Vault reference"),
        ({"KEY_VAULT_URL": ""}, "KEY_VAULT_URL is not set"),
        ({"COSMOS_KEY": "YWtleQ=="}, "COSMOS_KEY is for an emulator"),
        ({"COSMOS_KEY": "a key"}, "COSMOS_KEY must be base64"),
        ({"HOLD_LEASE_S": "25"}, "HOLD_LEASE_S must be more"),
        ({"REQUEST_DEADLINE_S": "40"}, "REQUEST_DEADLINE_S must be"),
        ({"MAX_LIVE_HOLDS": "0"}, "MAX_LIVE_HOLDS must be"),
        ({"TRIAL_CREDITS": "\u0661\u0665\u0660"}, "TRIAL_CREDITS must be"),
    ],
)
def test_a_half_configured_app_does_not_start(changes: dict[str, str], problem: str) -> None:
    with pytest.raises(StartupRefused) as refusal:
        load({**AZURE, **changes})
    assert problem in str(refusal.value)


def test_secrets_do_not_show_in_a_repr() -> None:
    assert "letters" not in repr(load(AZURE))
