// PromptReady on Azure: one resource group with everything the trial backend needs, and nothing that holds a key.
targetScope = 'subscription'

@description('Short name of the environment; it is part of every resource name.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Region of every resource. Flex Consumption must be offered there.')
param location string

@description('The weekly spend cap in US dollars that seeds the budget document. Afterwards the document decides: see docs/operations.md.')
param weeklyCapUsd string

@description('HTTP instances kept warm. 0 scales to zero and pays with a cold start.')
@minValue(0)
@maxValue(5)
param alwaysReadyInstanceCount int

@description('Most instances the app may scale out to.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Ask the deployed app for an answer from outside every 15 minutes.')
param availabilityTest bool

@description('Gigabytes a day after which log ingestion stops, so that a flood of requests cannot run up a bill.')
@minValue(1)
param dailyLogCapGb int = 1

@description('Where alerts are sent. Empty: alerts are only shown in the portal.')
param alertEmail string = ''

@description('Object id of the Entra group whose members operate the app: its data, its secrets. Empty: nobody.')
param operatorsGroupId string = ''

@description('Object id of the identity the deploy workflow signs in as (infra/bootstrap.bicep). Empty: none.')
param deployPrincipalId string = ''

@description('Azure spending per month, in the currency of the subscription, at which Azure itself warns. It cannot stop spending.')
@minValue(1)
param azureMonthlyBudget int

@description('First day of the month in which the Azure budget was first deployed, as yyyy-MM-01. Azure refuses to move it. Empty: no budget.')
param azureBudgetStart string = ''

var suffix = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  product: 'promptready'
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-promptready-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    dailyCapGb: dailyLogCapGb
    appPrincipalId: identity.outputs.principalId
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    appPrincipalId: identity.outputs.principalId
    deployPrincipalId: deployPrincipalId
  }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    appPrincipalId: identity.outputs.principalId
    operatorsGroupId: operatorsGroupId
  }
}

module vault 'modules/keyvault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    appPrincipalId: identity.outputs.principalId
    operatorsGroupId: operatorsGroupId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module app 'modules/app.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    suffix: suffix
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    packageContainerUrl: storage.outputs.packageContainerUrl
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    storeUrl: cosmos.outputs.endpoint
    cosmosDatabase: cosmos.outputs.database
    keyVaultUrl: vault.outputs.url
    weeklyCapUsd: weeklyCapUsd
    alwaysReadyInstanceCount: alwaysReadyInstanceCount
    maximumInstanceCount: maximumInstanceCount
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    email: alertEmail
    probeUrl: availabilityTest ? '${app.outputs.url}/api/check-credits' : ''
  }
}

module spending 'modules/spending.bicep' = {
  scope: group
  params: {
    monthlyBudget: azureMonthlyBudget
    start: azureBudgetStart
    email: alertEmail
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output API_URL string = app.outputs.url
output FUNCTION_APP_NAME string = app.outputs.name
output STORAGE_ACCOUNT_NAME string = storage.outputs.name
output RELEASES_CONTAINER string = storage.outputs.releasesContainer
output KEY_VAULT_NAME string = vault.outputs.name
output STORE_URL string = cosmos.outputs.endpoint
