// What customers depend on. Everything not named here has the default that main.bicep explains.
using 'main.bicep'

param environmentName = 'production'
// Customer data is stored in this region only. Another one must have Flex Consumption with Python 3.13 (docs/operations.md).
param location = 'germanywestcentral'
// The partner's name in all reports.
param partnerName = readEnvironmentVariable('PARTNER_NAME')
// What register.sh printed; an environment has an application of its own.
param graphClientId = readEnvironmentVariable('GRAPH_CLIENT_ID')
// Mailbox that digests are sent from. Empty: no mail leaves.
param mailSender = readEnvironmentVariable('MAIL_SENDER', '')
// Address of one's own for the service. Empty: the one Azure gives. Links carry it: choose before the first one.
param publicUrl = readEnvironmentVariable('PUBLIC_URL', '')
// Gets alerts and what the budget says: a mailbox that several people read.
param alertAddress = readEnvironmentVariable('ALERT_ADDRESS')
// Group whose members use the command line. Empty: nobody reads the data.
param engineersGroupId = readEnvironmentVariable('ENGINEERS_GROUP_ID', '')
// Object id of who writes the keys and uploads: yourself, or the workflow's service principal.
param deployerId = readEnvironmentVariable('DEPLOYER_ID', '')
param deployerType = readEnvironmentVariable('DEPLOYER_TYPE', 'User')
// Three copies in three buildings.
param dataRedundancy = 'Standard_ZRS'
// host.json lets six runs share an instance; one with a million guests took 220 MB, PDF included (docs/performance.md).
param instanceMemory = 2048
// Runs for 200 customers of 1,000 members are some three minutes of processor time for ten instances (docs/costs.md);
// four times that bounds the cost.
param maximumInstances = 40
// A reader who clicks on a link does not wait for a cold start; docs/costs.md says what that costs.
param alwaysReady = 1
param linkLifetimeDays = 30
// Whoever promises a customer deletion counts these days in.
param restoreDays = 7
param logDays = 90
param logGigabytes = 5
// Cannot be taken back, and is not meant to be.
param protectVault = true
// A month, in the subscription's currency; a mail at 80 %, nothing is stopped. A guess: set it to what the first
// month cost and a third more.
param budget = 300
param budgetStart = readEnvironmentVariable('BUDGET_START', '')
