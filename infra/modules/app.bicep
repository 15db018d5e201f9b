// The function app: Flex Consumption, Python 3.13, and every setting promptready.settings reads.
param location string
param tags object
param suffix string
param identityId string
param identityClientId string
param storageAccountName string
param packageContainerUrl string
param applicationInsightsName string
param storeUrl string
param cosmosDatabase string
param keyVaultUrl string
param weeklyCapUsd string
param alwaysReadyInstanceCount int
param maximumInstanceCount int

// Flex Consumption gives a Python app one request per instance unless told otherwise, and a request of ours spends its
// seconds waiting for a provider. One event loop carries a hundred of them easily: a request holds well under a
// megabyte of the 2,048, and the loop answers thousands a second when nobody waits. Fewer, busier instances are also
// better for the budget document: a process commits all its waiting changes in one write, and every further process is
// a writer to race. Simulated at 8 ms a round trip, 99 of 100 changes were through within 19 ms from one process and
// within 964 ms from sixteen.
var perInstanceConcurrency = 100

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-promptready-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-promptready-${suffix}'
  location: location
  tags: union(tags, {
    'azd-service-name': 'api'
  })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Resolves the references to Key Vault among the settings below.
    keyVaultReferenceIdentity: identityId
    siteConfig: {
      minTlsVersion: '1.2'
      // No `cors`: the extension's worker calls with host permission and needs none, and no web page may call at all.
    }
    functionAppConfig: {
      runtime: {
        name: 'python'
        version: '3.13'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstanceCount == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyInstanceCount
              }
            ]
        triggers: {
          http: {
            perInstanceConcurrency: perInstanceConcurrency
          }
        }
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      // The host's own.
      AzureWebJobsStorage__accountName: storageAccountName
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      // Which identity the Azure libraries sign in as.
      AZURE_CLIENT_ID: identityClientId
      // promptready.settings, every one of them, so that what production runs with is read here and not in a default.
      STORE_URL: storeUrl
      COSMOS_DATABASE: cosmosDatabase
      KEY_VAULT_URL: keyVaultUrl
      UNIT_SALT: '@Microsoft.KeyVault(SecretUri=${keyVaultUrl}secrets/unit-salt)'
      WEEKLY_CAP_USD: weeklyCapUsd
      TRIAL_CREDITS: '150'
      REQUEST_DEADLINE_S: '25'
      HOLD_LEASE_S: '60'
      MAX_CONTENT_BYTES: '32768'
      MAX_LIVE_HOLDS: '3'
      NEW_USERS_PER_NETWORK_PER_DAY: '20'
      NEWCOMERS_PERCENT: '100'
      RESET_SCHEDULE: '0 0 0 * * 1'
    }
  }

  // Deployments sign in with Entra; the passwords a site would otherwise have do not work.
  resource noPublishPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }

  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
