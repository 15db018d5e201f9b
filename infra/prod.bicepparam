// Production: one instance kept warm, so that nobody's first press waits for a start, and a probe from outside.
using 'main.bicep'

param environmentName = 'prod'
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')

param weeklyCapUsd = '25'
param alwaysReadyInstanceCount = 1
param availabilityTest = true

param azureMonthlyBudget = 150

// No defaults: production without a budget, without somebody to tell or without somebody who may act is refused.
param azureBudgetStart = readEnvironmentVariable('AZURE_BUDGET_START')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
param operatorsGroupId = readEnvironmentVariable('OPERATORS_GROUP_ID')
param deployPrincipalId = readEnvironmentVariable('DEPLOY_PRINCIPAL_ID')
