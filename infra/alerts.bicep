// Who is woken by what. Each rule has its line under "Alerts" in docs/operations.md.

param location string
param tags object
param token string
param workspaceId string
param actionGroupId string
param dataStorageId string
param hostStorageId string

var permissions = loadJsonContent('permissions.json')
var planners = map(objectKeys(permissions.reports), name => 'plan_${replace(name, '-', '_')}')
// Hours after which a timer that has not run well is silent: its interval and two hours more.
var timers = {
  plan_digests: 2
  probe_readiness: 3
  complete_onboarding: 2
  check_gdap: 3
  end_services: 3
  resume_offboardings: 3
  apply_retention: 26
  watch_queues: 2
  watch_certificate: 26
}
var silences = union(timers, toObject(planners, name => name, name => 2))

// A rule fires when its query finds more rows than `above` within `window`. A condition is told once until
// it is over. An event is told each time: once, by when its line arrived, which may be late.
var rules = [
  {
    name: 'poison-queue'
    title: 'A message failed too often'
    severity: 1
    every: 'PT15M'
    window: 'PT1H'
    isEvent: true
    above: 0
    query: '''
AppRequests
| where OperationName endswith '_poison'
| where ingestion_time() > ago(15m)
'''
  }
  {
    name: 'planner-silent'
    title: 'A timer has not run for hours'
    severity: 1
    every: 'PT1H'
    window: 'P2D'
    isEvent: false
    above: 0
    query: format('''
let seen = AppRequests
| where Success == true
| summarize last = max(TimeGenerated) by OperationName;
print expected = dynamic({0})
| mv-expand kind=array expected
| project OperationName = tostring(expected[0]), hours = toint(expected[1])
| join kind=leftouter seen on OperationName
| where isnull(last) or last < now() - hours * 1h
''', string(silences))
  }
  {
    name: 'backlog-age'
    title: 'Messages wait for more than two hours'
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    isEvent: false
    above: 0
    // Looked for each quarter of an hour; seen once only, it was a message that had been put off.
    query: '''
AppTraces
| where Message startswith 'backlog queue='
| parse Message with 'backlog queue=' queue ' ' *
| summarize looks = count() by queue
| where looks > 1
'''
  }
  {
    name: 'run-failures'
    title: 'Timers or messages fail'
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    isEvent: false
    above: 4
    query: '''
AppRequests
| where Success == false
'''
  }
  {
    name: 'tenant-lost'
    title: 'A customer cannot be read any more'
    severity: 2
    every: 'PT1H'
    window: 'PT2H'
    isEvent: true
    above: 0
    query: '''
AppTraces
| where Message startswith 'readiness changed tenant='
| where Message contains ' report=all now=' and not(Message endswith ' now=reachable')
| where ingestion_time() > ago(1h)
'''
  }
  {
    name: 'digests-refused'
    title: 'Digests were not accepted'
    severity: 2
    every: 'PT1H'
    window: 'PT2H'
    isEvent: true
    above: 0
    query: '''
AppTraces
| where Message startswith 'digest '
| where Message contains ': given up, ' or Message contains ': refused: '
| where ingestion_time() > ago(1h)
'''
  }
  {
    name: 'left-out'
    title: 'Reports went out without their PDF'
    severity: 3
    every: 'PT1H'
    window: 'PT2H'
    isEvent: true
    above: 0
    query: '''
AppTraces
| where Message startswith 'left out: file='
| where ingestion_time() > ago(1h)
'''
  }
  {
    name: 'link-denials'
    title: 'Many links are refused'
    severity: 2
    every: 'PT15M'
    window: 'PT15M'
    isEvent: false
    above: 50
    query: '''
AppTraces
| where Message startswith 'answered function=open_' and Message contains ' status=410'
'''
  }
  {
    name: 'server-errors'
    title: 'Pages or API answer with errors'
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    isEvent: false
    above: 5
    query: '''
AppTraces
| where Message startswith 'answered function=' and Message contains ' status=5'
'''
  }
  {
    name: 'gdap-ends'
    title: 'A GDAP relationship ends, has ended or cannot be read'
    severity: 3
    every: 'PT1H'
    window: 'PT2H'
    isEvent: true
    above: 0
    query: '''
AppTraces
| where Message startswith 'gdap tenant=' or Message startswith 'gdap not readable'
| where ingestion_time() > ago(1h)
'''
  }
  {
    name: 'certificate-ends'
    title: 'The certificate ends in 60 days or less'
    severity: 2
    every: 'PT1H'
    window: 'PT2H'
    isEvent: true
    above: 0
    query: '''
AppTraces
| where Message startswith 'certificate ends in '
| where ingestion_time() > ago(1h)
'''
  }
  {
    name: 'logs-capped'
    title: 'No more logs today: alerts are blind'
    severity: 1
    every: 'PT15M'
    window: 'PT1H'
    isEvent: false
    above: 0
    query: '''
_LogOperation
| where Category =~ 'Ingestion' and Detail contains 'OverQuota'
'''
  }
]

var accounts = [
  { name: 'data', id: dataStorageId }
  { name: 'host', id: hostStorageId }
]

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for each in rules: {
  name: 'alert-${each.name}-${token}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: each.title
    description: 'docs/operations.md, Alerts: ${each.name}'
    severity: each.severity
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: each.every
    windowSize: each.window
    autoMitigate: !each.isEvent
    // The tables appear with the first lines of log, after this deployment.
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: each.query
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: each.above
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: { actionGroups: [actionGroupId] }
  }
}]

resource throttling 'Microsoft.Insights/metricAlerts@2018-03-01' = [for account in accounts: {
  name: 'alert-storage-throttling-${account.name}-${token}'
  location: 'global'
  tags: tags
  properties: {
    description: 'docs/operations.md, Alerts: storage-throttling'
    severity: 2
    enabled: true
    autoMitigate: true
    scopes: [account.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'throttled'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Transactions'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 10
          dimensions: [
            {
              name: 'ResponseType'
              operator: 'Include'
              values: [
                'ServerBusyError'
                'ClientThrottlingError'
                'ClientAccountBandwidthThrottlingError'
                'ClientAccountRequestThrottlingError'
              ]
            }
          ]
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}]
