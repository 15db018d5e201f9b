// Run once per environment by an owner of the subscription: the identity GitHub's deploy workflow signs in as, without
// a password, and exactly the rights it needs. See docs/operations.md, "First deployment".
targetScope = 'subscription'

@description('The same name main.bicep is deployed with.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Region of the resource groups.')
param location string

@description('The repository whose workflows may deploy, as owner/name.')
param repository string

@description('The GitHub environment a job must run in to sign in; production has reviewers.')
@allowed([
  'development'
  'production'
])
param githubEnvironment string

var contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
var roleBasedAccessControlAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'

// The identity lives in a group of its own, out of its own reach: it cannot let anybody else sign in as itself.
resource deployerGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-promptready-${environmentName}-deployer'
  location: location
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-promptready-${environmentName}'
  location: location
}

module deployer 'modules/deployer.bicep' = {
  scope: deployerGroup
  params: {
    location: location
    environmentName: environmentName
    repository: repository
    githubEnvironment: githubEnvironment
  }
}

// main.bicep starts at the subscription, because it names its resource group; this is all that takes.
resource startDeployments 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'promptready', environmentName)
  properties: {
    roleName: 'PromptReady deployment starter (${environmentName})'
    description: 'Start and read deployments at the subscription and name a resource group.'
    type: 'CustomRole'
    assignableScopes: [
      subscription().id
    ]
    permissions: [
      {
        actions: [
          'Microsoft.Resources/deployments/*'
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Resources/subscriptions/resourceGroups/write'
        ]
        notActions: []
      }
    ]
  }
}

resource start 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, environmentName, startDeployments.id)
  properties: {
    roleDefinitionId: startDeployments.id
    principalId: deployer.outputs.principalId
    principalType: 'ServicePrincipal'
  }
}

module rights 'modules/deployer-rights.bicep' = {
  scope: group
  params: {
    principalId: deployer.outputs.principalId
    contributor: contributor
    roleBasedAccessControlAdministrator: roleBasedAccessControlAdministrator
  }
}

output AZURE_CLIENT_ID string = deployer.outputs.clientId
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_SUBSCRIPTION_ID string = subscription().subscriptionId
output DEPLOY_PRINCIPAL_ID string = deployer.outputs.principalId
