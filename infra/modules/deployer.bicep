// Who deploys: an identity that only a job of this repository, in this GitHub environment, can sign in as.
param location string
param environmentName string
param repository string
param githubEnvironment string

resource deployer 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-promptready-${environmentName}-deployer'
  location: location

  resource github 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: 'repo:${repository}:environment:${githubEnvironment}'
      audiences: [
        'api://AzureADTokenExchange'
      ]
    }
  }
}

output principalId string = deployer.properties.principalId
output clientId string = deployer.properties.clientId
