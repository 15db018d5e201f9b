// What wakes somebody up. Every rule is a query in ../alerts that yields one row with one number, `value`, and a limit
// for it; docs/operations.md says for each what it means and what to do.
param location string
param tags object
param applicationInsightsName string
param email string
param probeUrl string

var rules = [
  {
    name: 'breaker-open'
    description: 'The breaker is open: no AI request is served.'
    severity: 1
    query: loadTextContent('../alerts/breaker-open.kql')
    atLeast: 1
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'spend-50'
    description: 'Half of the weekly cap is spent.'
    severity: 3
    query: loadTextContent('../alerts/spend.kql')
    atLeast: 50
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'spend-80'
    description: '80 % of the weekly cap is spent.'
    severity: 2
    query: loadTextContent('../alerts/spend.kql')
    atLeast: 80
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'spend-100'
    description: 'The weekly cap is used up: AI requests are turned away until Monday 00:00 UTC.'
    severity: 1
    query: loadTextContent('../alerts/refused-for-budget.kql')
    atLeast: 1
    frequency: 'PT15M'
    window: 'PT1H'
  }
  {
    name: 'error-rate'
    description: 'More than 5 % of AI requests fail.'
    severity: 1
    query: loadTextContent('../alerts/error-rate.kql')
    atLeast: 5
    frequency: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'latency'
    description: 'One AI request in twenty takes over 15 seconds.'
    severity: 2
    query: loadTextContent('../alerts/latency.kql')
    atLeast: 15000
    frequency: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'unexpected-errors'
    description: 'The app or its host reports errors nobody planned for.'
    severity: 2
    query: loadTextContent('../alerts/unexpected-errors.kql')
    atLeast: 5
    frequency: 'PT15M'
    window: 'PT30M'
  }
  {
    name: 'secret-expiring'
    description: 'A provider key in Key Vault is about to expire.'
    severity: 2
    query: loadTextContent('../alerts/secret-expiring.kql')
    atLeast: 1
    frequency: 'PT6H'
    window: 'P1D'
  }
  {
    name: 'route-retiring'
    description: 'A model in the catalog is about to be switched off by its provider.'
    severity: 2
    query: loadTextContent('../alerts/route-retiring.kql')
    atLeast: 1
    frequency: 'PT6H'
    window: 'P1D'
  }
]

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-promptready'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'promptready'
    enabled: true
    emailReceivers: empty(email)
      ? []
      : [
          {
            name: 'operators'
            emailAddress: email
            useCommonAlertSchema: true
          }
        ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for item in rules: {
    name: 'promptready-${item.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'PromptReady: ${item.name}'
      description: item.description
      severity: item.severity
      enabled: true
      scopes: [
        insights.id
      ]
      evaluationFrequency: item.frequency
      windowSize: item.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: item.query
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThanOrEqual'
            threshold: item.atLeast
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [
          operators.id
        ]
      }
    }
  }
]

// An empty request, which the app refuses before it looks anything up: proof that the app started, is reachable and
// speaks our contract, at no cost to the store or the budget.
resource probe 'Microsoft.Insights/webtests@2022-06-15' = if (!empty(probeUrl)) {
  name: 'promptready-probe'
  location: location
  tags: union(tags, {
    'hidden-link:${insights.id}': 'Resource'
  })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'promptready-probe'
    Name: 'promptready-probe'
    Kind: 'standard'
    Enabled: true
    Frequency: 900
    Timeout: 30
    RetryEnabled: true
    Locations: [
      {
        Id: 'emea-nl-ams-azr'
      }
      {
        Id: 'us-va-ash-azr'
      }
    ]
    Request: {
      RequestUrl: probeUrl
      HttpVerb: 'POST'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 400
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
      ContentValidation: {
        ContentMatch: 'INVALID_REQUEST'
        IgnoreCase: false
        PassIfTextFound: true
      }
    }
  }
}

resource unreachable 'Microsoft.Insights/metricAlerts@2018-03-01' = if (!empty(probeUrl)) {
  name: 'promptready-unreachable'
  location: 'global'
  tags: tags
  properties: {
    description: 'The app does not answer from outside.'
    severity: 1
    enabled: true
    scopes: [
      probe.id
      insights.id
    ]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: probe.id
      componentId: insights.id
      failedLocationCount: 2
    }
    actions: [
      {
        actionGroupId: operators.id
      }
    ]
  }
}
