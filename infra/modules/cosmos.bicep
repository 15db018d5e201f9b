// Credits and the weekly budget: a serverless account, one database, three containers, no keys.
param location string
param tags object
param suffix string
param appPrincipalId string
param operatorsGroupId string

var builtInDataContributor = '00000000-0000-0000-0000-000000000002'

// Every access is a point read or a guarded replace by id, so nothing but the id needs an index; each index less makes
// a write cheaper. `consistent` stays, because time to live does nothing with indexing off.
var noIndex = {
  indexingMode: 'consistent'
  automatic: true
  includedPaths: []
  excludedPaths: [
    {
      path: '/*'
    }
  ]
}

var containers = [
  {
    // A person who stays away for 400 days is forgotten.
    id: 'users'
    timeToLive: {
      defaultTtl: 34560000
    }
  }
  {
    // The budget document lives for ever: without it nothing may be spent.
    id: 'global_config'
    timeToLive: {}
  }
  {
    // How many new users a network brought today; of no use once the day is over everywhere, which takes two.
    id: 'networks'
    timeToLive: {
      defaultTtl: 172800
    }
  }
]

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: 'cosmos-promptready-${suffix}'
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      {
        name: 'EnableServerless'
      }
    ]
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: false
      }
    ]
    // After a lost reply the app re-reads a document to see whether its own write landed. A read that may be stale
    // would answer that wrongly, so reads are strong; in one region that costs a second request unit per read.
    consistencyPolicy: {
      defaultConsistencyLevel: 'Strong'
    }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    // Any second of the last seven days can be restored; this tier of continuous backup is free.
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: 'Continuous7Days'
      }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: 'promptready'
  properties: {
    resource: {
      id: 'promptready'
    }
  }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [
  for item in containers: {
    parent: database
    name: item.id
    properties: {
      resource: union(item.timeToLive, {
        id: item.id
        partitionKey: {
          kind: 'Hash'
          version: 2
          paths: [
            '/id'
          ]
        }
        indexingPolicy: noIndex
      })
    }
  }
]

resource appAccess 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(database.id, appPrincipalId, builtInDataContributor)
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${builtInDataContributor}'
    principalId: appPrincipalId
    scope: '${account.id}/dbs/${database.name}'
  }
}

resource operatorAccess 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = if (!empty(operatorsGroupId)) {
  parent: account
  name: guid(database.id, operatorsGroupId, builtInDataContributor)
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${builtInDataContributor}'
    principalId: operatorsGroupId
    scope: '${account.id}/dbs/${database.name}'
  }
}

output endpoint string = account.properties.documentEndpoint
output database string = database.name
