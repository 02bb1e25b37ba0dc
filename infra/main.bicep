// The whole service in a resource group of its own. The same templates for test and production:
// what differs stands in test.bicepparam, production.bicepparam or azd's environment.
targetScope = 'subscription'

@description('Short name of the environment, for example test or production. Part of every name.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Azure region. Customer data is stored here and nowhere else.')
param location string

@description('The partner\'s own Entra tenant; its engineers see all customers.')
param partnerTenantId string = tenant().tenantId

@description('Name of the partner, as readers of the reports see it.')
@minLength(1)
param partnerName string

@description('Application id of the multi-tenant app registration (app-registration.bicep).')
@minLength(36)
@maxLength(36)
param graphClientId string

@description('Audience of access tokens for the portal\'s API: of tokens of version 2 it is the application id.')
param portalAudience string = graphClientId

@description('Mailbox digests are sent from, as address or object id. Empty: no digests.')
param mailSender string = ''

@description('Address customers reach the service at. Empty: the one Azure gives the function app.')
param publicUrl string = ''

@description('Days a link issued on request lives.')
@minValue(1)
@maxValue(366)
param linkLifetimeDays int = 30

@description('Sign in to customers with the certificate in the vault instead of the managed identity.')
param useCertificate bool = false

@description('Collector that takes OpenTelemetry over HTTP as JSON, without the path. Empty: none.')
param telemetryEndpoint string = ''

@description('The collector wants headers: name=value,... in the vault as telemetry-headers.')
param telemetryKey bool = false

@description('Memory of one instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemory int = 2048

@description('Most instances at a time: the ceiling of throughput and of cost.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances kept warm for readers of links and portal; 0: none, a first click waits seconds.')
@minValue(0)
@maxValue(20)
param alwaysReady int = 0

@description('Redundancy of customer data.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param dataRedundancy string = 'Standard_ZRS'

@description('Days in which a deleted blob can be restored. A customer\'s deletion is complete only after them.')
@minValue(1)
@maxValue(90)
param restoreDays int = 7

@description('Days logs are kept. Azure keeps the lines of an app no shorter than 90.')
@minValue(90)
@maxValue(730)
param logDays int = 90

@description('Most GB of logs a day; -1: no limit. Above it, alerts are blind until midnight.')
param logGigabytes int = 5

@description('Storage reachable only from a network of its own. Files above 16 MiB then open only from there.')
param privateNetwork bool = false

@description('Address range of that network.')
param networkRange string = '10.60.0.0/23'

@description('The vault\'s secrets survive a deletion. Cannot be taken back; false only for tests.')
param protectVault bool = true

@description('Entra group of the engineers who use the command line. Empty: none.')
param engineersGroupId string = ''

@description('Who writes the keys into the vault (keys.sh): azd\'s user or the workflow\'s identity. Empty: nobody yet.')
param deployerId string = ''

@description('Kind of that one.')
@allowed(['User', 'ServicePrincipal'])
param deployerType string = 'User'

@description('Address alerts and the budget are mailed to.')
@minLength(3)
param alertAddress string

@description('Most money a month, in the subscription\'s currency; 0: no budget.')
@minValue(0)
param budget int = 0

@description('First day of the budget\'s first month (yyyy-MM-01), the month of the first deployment: Azure takes no other, and none later. Empty: no budget.')
param budgetStart string = ''

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
var deploymentContainer = 'deployments'
// As shared_code/storage/accounts.py declares them; tests/infra compares.
var containers = ['reports', 'spool', 'dead-letters', 'typesetter']
var tables = [
  'tenants'
  'invitations'
  'runs'
  'links'
  'opens'
  'audit'
  'deliveries'
  'limits'
  'assessments'
  'proofs'
]
var queues = [
  'runs'
  'runs-poison'
  'deliveries'
  'deliveries-poison'
  'probes'
  'probes-poison'
  'upkeep'
  'upkeep-poison'
]

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-reports-${environmentName}'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    days: logDays
    gigabytes: logGigabytes
    address: alertAddress
  }
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
  }
}

module hostStorage 'modules/storage.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    name: 'sthost${token}'
    location: location
    tags: tags
    redundancy: 'Standard_LRS'
    restoreDays: restoreDays
    isPrivate: privateNetwork
    containers: [deploymentContainer]
    tables: []
    queues: []
    temporary: []
    workspaceId: monitoring.outputs.workspaceId
  }
}

module dataStorage 'modules/storage.bicep' = {
  name: 'data-storage'
  scope: group
  params: {
    name: 'stdata${token}'
    location: location
    tags: tags
    redundancy: dataRedundancy
    restoreDays: restoreDays
    isPrivate: privateNetwork
    containers: containers
    tables: tables
    queues: queues
    temporary: ['spool']
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    isProtected: protectVault
    workspaceId: monitoring.outputs.workspaceId
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  scope: group
  params: {
    principalId: identity.outputs.principalId
    hostStorageName: hostStorage.outputs.name
    dataStorageName: dataStorage.outputs.name
    vaultName: vault.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module people 'modules/people.bicep' = {
  name: 'people'
  scope: group
  params: {
    engineersGroupId: engineersGroupId
    deployerId: deployerId
    deployerType: deployerType
    dataStorageName: dataStorage.outputs.name
    vaultName: vault.outputs.name
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    range: networkRange
    hostStorageId: hostStorage.outputs.id
    dataStorageId: dataStorage.outputs.id
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    instanceMemory: instanceMemory
    maximumInstances: maximumInstances
    alwaysReady: alwaysReady
    subnetId: privateNetwork ? network!.outputs.subnetId : ''
    workspaceId: monitoring.outputs.workspaceId
    insightsConnection: monitoring.outputs.insightsConnection
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    hostBlobs: hostStorage.outputs.blobs
    hostTables: hostStorage.outputs.tables
    deploymentContainer: deploymentContainer
    dataBlobs: dataStorage.outputs.blobs
    dataQueues: dataStorage.outputs.queues
    dataTables: dataStorage.outputs.tables
    vaultUri: vault.outputs.uri
    graphClientId: graphClientId
    useCertificate: useCertificate
    linkLifetimeDays: linkLifetimeDays
    publicUrl: publicUrl
    portalAudience: portalAudience
    partnerTenantId: partnerTenantId
    partnerName: partnerName
    mailSender: mailSender
    telemetryEndpoint: telemetryEndpoint
    telemetryKey: telemetryKey
  }
  // Started without its roles, the app would not find its own code.
  dependsOn: [roles]
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
    dataStorageId: dataStorage.outputs.id
    hostStorageId: hostStorage.outputs.id
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module spending 'modules/budget.bicep' = if (budget > 0 && !empty(budgetStart)) {
  name: 'budget'
  scope: group
  params: {
    amount: budget
    start: budgetStart
    address: alertAddress
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = app.outputs.name
output FUNCTION_APP_URL string = app.outputs.url
output IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output KEY_VAULT_NAME string = vault.outputs.name
output DATA_STORAGE_NAME string = dataStorage.outputs.name
