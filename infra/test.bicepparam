// One small environment to try things in: az deployment sub create with these values, or azd.
using 'main.bicep'

param environmentName = 'test'
param location = 'germanywestcentral'
// The partner's name in all reports, and the application that `app-registration.bicep` made.
param partnerName = readEnvironmentVariable('PARTNER_NAME')
param graphClientId = readEnvironmentVariable('GRAPH_CLIENT_ID')
param alertAddress = readEnvironmentVariable('ALERT_ADDRESS')
param deployerId = readEnvironmentVariable('DEPLOYER_ID', '')
param deployerType = readEnvironmentVariable('DEPLOYER_TYPE', 'User')
// Nothing in it is worth more: one copy of the data, few instances, and the vault may be deleted.
param dataRedundancy = 'Standard_LRS'
param maximumInstances = 4
param restoreDays = 1
param logDays = 30
param logGigabytes = 1
param protectVault = false
