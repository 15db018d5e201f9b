// The one identity the app signs in as, everywhere: to Cosmos DB, Key Vault, its storage and its telemetry.
// User-assigned, so that every role is granted before the app first starts and survives the app being replaced.
param location string
param tags object
param suffix string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-promptready-${suffix}'
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
