// Development: scales to zero, a small cap, no probe from outside. `azd up` deploys this one.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')

param weeklyCapUsd = '2'
param alwaysReadyInstanceCount = 0
param availabilityTest = false

param azureMonthlyBudget = 20
param azureBudgetStart = readEnvironmentVariable('AZURE_BUDGET_START', '')

param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
param operatorsGroupId = readEnvironmentVariable('OPERATORS_GROUP_ID', '')
param deployPrincipalId = readEnvironmentVariable('DEPLOY_PRINCIPAL_ID', '')
