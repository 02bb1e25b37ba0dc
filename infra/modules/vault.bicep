// Keys of links and pseudonyms, which keys.sh writes; where used, the certificate and a collector's headers.
// Reachable from everywhere, with a token and a role: key references of a Flex Consumption app do
// not work with a vault that is closed to networks.

param location string
param tags object
param token string
param isProtected bool
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    // Azure refuses another number later; without protection a vault can be purged before.
    softDeleteRetentionInDays: 90
    enablePurgeProtection: isProtected ? true : null
    publicNetworkAccess: 'Enabled'
  }
}

resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'audit', enabled: true }]
  }
}

output name string = vault.name
output uri string = vault.properties.vaultUri
