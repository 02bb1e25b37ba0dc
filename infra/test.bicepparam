// One small environment to try things in. Nothing in it is worth more than a day of work.
// Everything not named here has the default that main.bicep explains.
using 'main.bicep'

param environmentName = 'test'
// Where data is stored. Another one must have Flex Consumption with Python 3.13 (docs/operations.md).
param location = 'germanywestcentral'
// The partner's name in all reports.
param partnerName = readEnvironmentVariable('PARTNER_NAME')
// What register.sh printed; an environment has an application of its own.
param graphClientId = readEnvironmentVariable('GRAPH_CLIENT_ID')
// Mailbox that digests are sent from. Empty: no mail leaves.
param mailSender = readEnvironmentVariable('MAIL_SENDER', '')
// Address of one's own for the service. Empty: the one Azure gives.
param publicUrl = readEnvironmentVariable('PUBLIC_URL', '')
// Gets alerts and what the budget says.
param alertAddress = readEnvironmentVariable('ALERT_ADDRESS')
// Group whose members use the command line. Empty: nobody reads the data.
param engineersGroupId = readEnvironmentVariable('ENGINEERS_GROUP_ID', '')
// Object id of who writes the keys and uploads: yourself, or the workflow's service principal.
param deployerId = readEnvironmentVariable('DEPLOYER_ID', '')
param deployerType = readEnvironmentVariable('DEPLOYER_TYPE', 'User')
// One copy of the data.
param dataRedundancy = 'Standard_LRS'
// The size production has, so that what fits here fits there; a few instances, to see several at work.
param instanceMemory = 2048
param maximumInstances = 4
// Nobody waits for a link here: no instance is kept warm.
param alwaysReady = 0
param linkLifetimeDays = 7
param restoreDays = 1
param logDays = 90
param logGigabytes = 1
// The vault, and its name, can be had back at once.
param protectVault = false
// A month, in the subscription's currency; a mail at 80 %, nothing is stopped. A guess: look again after the first month.
param budget = 50
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
