// What customers depend on. Everything not named here has the default that main.bicep explains.
using 'main.bicep'

param environmentName = 'production'
// Customer data is stored in this region only.
param location = 'germanywestcentral'
param partnerName = readEnvironmentVariable('PARTNER_NAME')
param graphClientId = readEnvironmentVariable('GRAPH_CLIENT_ID')
param mailSender = readEnvironmentVariable('MAIL_SENDER', '')
param publicUrl = readEnvironmentVariable('PUBLIC_URL', '')
param alertAddress = readEnvironmentVariable('ALERT_ADDRESS')
param engineersGroupId = readEnvironmentVariable('ENGINEERS_GROUP_ID', '')
param deployerId = readEnvironmentVariable('DEPLOYER_ID', '')
param deployerType = readEnvironmentVariable('DEPLOYER_TYPE', 'User')
// Three copies in three buildings. Runs for 200 customers on a Monday morning need about ten instances.
param dataRedundancy = 'Standard_ZRS'
param maximumInstances = 40
// A reader who clicks on a link does not wait for a cold start; costs about one small instance a month.
param alwaysReady = 1
param restoreDays = 7
param logDays = 90
