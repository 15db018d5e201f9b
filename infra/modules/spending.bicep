// What Azure itself may cost. It warns and cannot stop anything; the providers' bill has its own hard cap in the app.
param monthlyBudget int
param start string
param email string

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = if (!empty(email) && !empty(start)) {
  name: 'promptready'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: start
    }
    notifications: {
      half: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 50
        thresholdType: 'Actual'
        contactEmails: [
          email
        ]
      }
      mostly: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [
          email
        ]
      }
      forecast: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [
          email
        ]
      }
    }
  }
}
