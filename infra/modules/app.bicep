// The function app on Flex Consumption, and every setting shared_code/settings.py reads.

param location string
param tags object
param token string
param instanceMemory int
param maximumInstances int
param alwaysReady int
@description('Empty: no network of its own.')
param subnetId string
param workspaceId string
param insightsConnection string
param identityId string
param identityClientId string
param hostBlobs string
param hostTables string
param deploymentContainer string
param dataBlobs string
param dataQueues string
param dataTables string
param vaultUri string
param graphClientId string
param useCertificate bool
param linkLifetimeDays int
param publicUrl string
param portalAudience string
param partnerTenantId string
param partnerName string
param mailSender string
param telemetryEndpoint string
param telemetryKey bool

var appName = 'func-${token}'
var login = environment().authentication.loginEndpoint
// An empty setting is one that is not there.
var settings = {
  AzureWebJobsStorage__blobServiceUri: hostBlobs
  AzureWebJobsStorage__tableServiceUri: hostTables
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // The app says 413 to its callers from 64 kB on, but only when the host has read all of it.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
  AzureWebJobsDisableHomepage: 'true'
  REPORTS_STORAGE__blobServiceUri: dataBlobs
  REPORTS_STORAGE__queueServiceUri: dataQueues
  REPORTS_STORAGE__tableServiceUri: dataTables
  REPORTS_STORAGE__credential: 'managedidentity'
  REPORTS_STORAGE__clientId: identityClientId
  GRAPH_BASE_URL: 'https://graph.microsoft.com/v1.0'
  GRAPH_CLIENT_ID: graphClientId
  GRAPH_IDENTITY_CLIENT_ID: useCertificate ? '' : identityClientId
  GRAPH_CERTIFICATE: useCertificate ? '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/graph-certificate)' : ''
  LINK_KEYS: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/link-keys)'
  PSEUDONYM_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/pseudonym-key)'
  LINK_LIFETIME_DAYS: string(linkLifetimeDays)
  PUBLIC_URL: empty(publicUrl) ? 'https://${appName}.azurewebsites.net' : publicUrl
  PORTAL_AUDIENCE: portalAudience
  PORTAL_ISSUER: '${login}{tid}/v2.0'
  PORTAL_KEYS_URL: '${login}common/discovery/v2.0/keys'
  PORTAL_LOGIN_URL: login
  PARTNER_TENANT_ID: partnerTenantId
  PARTNER_NAME: partnerName
  MAIL_SENDER: mailSender
  INSTANCE_MEMORY_MB: string(instanceMemory)
  OTEL_EXPORTER_OTLP_ENDPOINT: telemetryEndpoint
  OTEL_EXPORTER_OTLP_HEADERS: telemetryKey ? '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/telemetry-headers)' : ''
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostBlobs}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: '3.13'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady > 0 ? [{ name: 'http', instanceCount: alwaysReady }] : []
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      appSettings: [for setting in items(settings): {
        name: setting.key
        value: setting.value
      }]
    }
  }
}

resource noPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource noFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
  // An app takes one change at a time.
  dependsOn: [noPassword]
}

resource metrics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'metrics'
  scope: app
  properties: {
    workspaceId: workspaceId
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
