// What engineers at the command line may do; who writes the keys and uploads the typesetter.

param engineersGroupId string
param deployerId string
param deployerType string
param dataStorageName string
param vaultName string

var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobDelegator = 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var vaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var vaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

var dataRoles = [blobDataContributor, blobDelegator, queueDataContributor, tableDataContributor]

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: dataStorageName
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' existing = {
  parent: dataStorage
  name: 'default'
}

resource typesetter 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = {
  parent: blobs
  name: 'typesetter'
}

resource engineersOnData 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in dataRoles: if (!empty(engineersGroupId)) {
  name: guid(dataStorage.id, engineersGroupId, role)
  scope: dataStorage
  properties: {
    principalId: engineersGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource engineersOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(engineersGroupId)) {
  name: guid(vault.id, engineersGroupId, vaultSecretsUser)
  scope: vault
  properties: {
    principalId: engineersGroupId
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', vaultSecretsUser)
  }
}

resource deployerOnVault 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerId)) {
  name: guid(vault.id, deployerId, vaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: deployerId
    principalType: deployerType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', vaultSecretsOfficer)
  }
}

// Of the data account this container only: who deploys reads no report.
resource deployerOnTypesetter 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerId)) {
  name: guid(typesetter.id, deployerId, blobDataContributor)
  scope: typesetter
  properties: {
    principalId: deployerId
    principalType: deployerType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}
