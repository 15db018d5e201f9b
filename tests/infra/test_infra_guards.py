"""What must never change by accident: keys, public access, roles, time to live, concurrency, settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.bicep import INFRA, Expression, Resource, read, templates

if TYPE_CHECKING:
    from pathlib import Path

MODULES = INFRA / "modules"

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


def _only(module: str, type_: str) -> Resource:
    (found,) = read(MODULES / module).of_type(type_)
    return found


def _properties(module: str, type_: str) -> Any:  # noqa: ANN401 the tests reach into it by name
    return _only(module, type_).body["properties"]


def _all(type_: str) -> list[Resource]:
    return [found for path in templates() for found in read(path).of_type(type_)]


# --- no keys


def test_storage_takes_no_shared_key_and_shows_nothing_to_the_public() -> None:
    for account in _all("Microsoft.Storage/storageAccounts"):
        properties: Any = account.body["properties"]
        assert properties["allowSharedKeyAccess"] is False
        assert properties["allowBlobPublicAccess"] is False
        assert properties["supportsHttpsTrafficOnly"] is True
        assert properties["minimumTlsVersion"] == "TLS1_2"


def test_cosmos_takes_no_key() -> None:
    properties = _properties("cosmos.bicep", "Microsoft.DocumentDB/databaseAccounts")

    assert properties["disableLocalAuth"] is True
    assert properties["disableKeyBasedMetadataWriteAccess"] is True


def test_telemetry_takes_no_key_and_keeps_no_address() -> None:
    insights = _properties("monitoring.bicep", "Microsoft.Insights/components")
    workspace = _properties("monitoring.bicep", "Microsoft.OperationalInsights/workspaces")

    assert insights["DisableLocalAuth"] is True
    assert insights["DisableIpMasking"] is False
    assert workspace["features"]["disableLocalAuth"] is True


def test_the_site_has_no_publishing_password() -> None:
    policies = read(MODULES / "app.bicep").of_type("Microsoft.Web/sites/basicPublishingCredentialsPolicies")
    off: Any = {policy.body["name"]: policy.body["properties"] for policy in policies}

    assert off == {"scm": {"allow": False}, "ftp": {"allow": False}}


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_no_template_reads_a_key_or_holds_a_secret(path: Path) -> None:
    source = path.read_text(encoding="utf-8")

    assert not re.search(r"\blistKeys\(|\.listKeys|listConnectionStrings|AccountKey=|SharedAccessSignature", source)
    assert "Microsoft.KeyVault/vaults/secrets" not in source
    for output in re.findall(r"^output (\w+)", source, re.MULTILINE):
        assert not re.search(r"key$|secret|password|token|connectionstring", output, re.IGNORECASE), output


# --- the vault


def test_the_vault_grants_by_role_and_cannot_be_purged() -> None:
    vault = _properties("keyvault.bicep", "Microsoft.KeyVault/vaults")

    assert vault["enableRbacAuthorization"] is True
    assert vault["enablePurgeProtection"] is True
    assert vault["enableSoftDelete"] is True
    assert vault["softDeleteRetentionInDays"] == 90
    assert "accessPolicies" not in vault


def test_reading_and_changing_secrets_is_recorded() -> None:
    audit = _properties("keyvault.bicep", "Microsoft.Insights/diagnosticSettings")

    assert audit["logs"] == [{"category": "AuditEvent", "enabled": True}]


# --- the app


def test_the_app_runs_python_313_and_serves_many_requests_at_once() -> None:
    config = _properties("app.bicep", "Microsoft.Web/sites")["functionAppConfig"]
    concurrency = config["scaleAndConcurrency"]["triggers"]["http"]["perInstanceConcurrency"]

    assert config["runtime"] == {"name": "python", "version": "3.13"}
    assert concurrency == Expression("perInstanceConcurrency")
    assert read(MODULES / "app.bicep").variables["perInstanceConcurrency"] == 100


def test_the_app_is_reached_over_https_by_the_extension_alone() -> None:
    properties = _properties("app.bicep", "Microsoft.Web/sites")

    assert properties["httpsOnly"] is True
    assert properties["siteConfig"] == {"minTlsVersion": "1.2"}  # no CORS: no web page may call


def test_settings_that_flex_consumption_refuses_are_not_set() -> None:
    settings = _properties("app.bicep", "Microsoft.Web/sites/config")

    assert not {
        "FUNCTIONS_WORKER_RUNTIME",
        "FUNCTIONS_EXTENSION_VERSION",
        "WEBSITE_RUN_FROM_PACKAGE",
        "SCM_DO_BUILD_DURING_DEPLOYMENT",
        "ENABLE_ORYX_BUILD",
        "AzureWebJobsStorage",
    } & set(settings)


def test_the_app_signs_in_to_its_storage_with_its_identity() -> None:
    settings = _properties("app.bicep", "Microsoft.Web/sites/config")

    assert settings["AzureWebJobsStorage__credential"] == "managedidentity"
    assert settings["AzureWebJobsStorage__clientId"] == Expression("identityClientId")
    assert settings["AZURE_CLIENT_ID"] == Expression("identityClientId")


def test_the_salt_of_the_telemetry_comes_from_the_vault() -> None:
    settings = _properties("app.bicep", "Microsoft.Web/sites/config")

    assert settings["UNIT_SALT"] == Expression("'@Microsoft.KeyVault(SecretUri=${keyVaultUrl}secrets/unit-salt)'")
    assert _properties("app.bicep", "Microsoft.Web/sites")["keyVaultReferenceIdentity"] == Expression("identityId")


# --- the data


def test_three_containers_are_kept_by_id_and_for_as_long_as_promised() -> None:
    containers: Any = read(MODULES / "cosmos.bicep").variables["containers"]
    kept = {container["id"]: container["timeToLive"] for container in containers}

    assert kept == {
        "users": {"defaultTtl": 34_560_000},
        "global_config": {},
        "networks": {"defaultTtl": 172_800},
    }
    assert "'/id'" in _only("cosmos.bicep", "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers").text


def test_indexing_stays_on_because_time_to_live_needs_it() -> None:
    index: Any = read(MODULES / "cosmos.bicep").variables["noIndex"]

    assert index["indexingMode"] == "consistent"


def test_reads_are_strong_and_the_last_week_can_be_restored() -> None:
    properties = _properties("cosmos.bicep", "Microsoft.DocumentDB/databaseAccounts")

    assert properties["consistencyPolicy"] == {"defaultConsistencyLevel": "Strong"}
    assert properties["capabilities"] == [{"name": "EnableServerless"}]
    assert properties["backupPolicy"]["type"] == "Continuous"


# --- rights


def test_data_access_reaches_the_database_and_no_further() -> None:
    for assignment in _all("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"):
        properties: Any = assignment.body["properties"]
        assert properties["scope"] == Expression("'${account.id}/dbs/${database.name}'")


def test_the_app_can_read_secrets_and_not_change_them() -> None:
    source = (MODULES / "keyvault.bicep").read_text(encoding="utf-8")
    read_role, rotate_role = read(MODULES / "keyvault.bicep").of_type("Microsoft.Authorization/roleAssignments")

    assert "keyVaultSecretsUser" in read_role.text
    assert "appPrincipalId" in read_role.text
    assert "appPrincipalId" not in rotate_role.text
    assert "4633458b-17de-408a-b874-0445c86b69e6" in source


def test_every_role_is_granted_on_a_resource_and_never_on_the_group() -> None:
    for path in MODULES.glob("*.bicep"):
        if path.name == "deployer-rights.bicep":
            continue
        for assignment in read(path).of_type("Microsoft.Authorization/roleAssignments"):
            assert "scope" in assignment.body, f"{path.name}: {assignment.symbol}"


def test_the_app_s_rights_are_these_and_no_more() -> None:
    granted = {
        f"{path.stem}: {role[1]}"
        for path in MODULES.glob("*.bicep")
        for assignment in read(path).of_type("Microsoft.Authorization/roleAssignments")
        if "principalId: appPrincipalId" in assignment.text
        and (role := re.search(r"'Microsoft.Authorization/roleDefinitions', (\w+)\)", assignment.text))
    }

    assert granted == {
        "keyvault: keyVaultSecretsUser",
        "monitoring: monitoringMetricsPublisher",
        "storage: storageBlobDataOwner",
        "storage: storageTableDataContributor",
    }


def test_the_deployer_may_hand_out_the_roles_the_templates_hand_out_and_no_others() -> None:
    rights = read(MODULES / "deployer-rights.bicep")
    handed_out = {
        value
        for path in MODULES.glob("*.bicep")
        if path.name != "deployer-rights.bicep"
        for value in read(path).variables.values()
        if isinstance(value, str) and GUID.fullmatch(value) and not value.startswith("00000000")
    }
    (grant,) = [found for found in rights.resources if found.symbol == "grant"]

    assert set(rights.variables["grantable"]) == handed_out  # type: ignore[arg-type]
    assert "condition: replace(onlyGrantable, 'ROLES', roles)" in grant.text


def test_only_a_job_in_the_named_github_environment_may_deploy() -> None:
    credential = _properties(
        "deployer.bicep", "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    )

    assert credential["subject"] == Expression("'repo:${repository}:environment:${githubEnvironment}'")
    assert credential["issuer"] == "https://token.actions.githubusercontent.com"


def test_production_is_refused_without_a_budget_and_without_people_to_tell_and_to_act() -> None:
    production = read(INFRA / "prod.bicepparam").variables

    for name, variable in [
        ("alertEmail", "ALERT_EMAIL"),
        ("operatorsGroupId", "OPERATORS_GROUP_ID"),
        ("deployPrincipalId", "DEPLOY_PRINCIPAL_ID"),
        ("azureBudgetStart", "AZURE_BUDGET_START"),
    ]:
        assert production[name] == Expression(f"readEnvironmentVariable('{variable}')")
    assert production["alwaysReadyInstanceCount"] == 1
    assert production["availabilityTest"] is True
