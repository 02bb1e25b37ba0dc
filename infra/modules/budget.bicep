// Tells before the money is spent; Azure stops nothing by itself.

param amount int
param start string
param address string

resource budget 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: 'reports'
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: start }
    notifications: {
      spent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [address]
      }
      expected: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [address]
      }
    }
  }
}
