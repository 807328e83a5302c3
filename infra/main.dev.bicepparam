using 'main.bicep'

param prefix = 'kmsdev'
param environmentName = 'dev'
param tags = {
  system: 'kmscloud'
  environment: 'dev'
}
param network = 'testnet'
param approverUrl = 'https://approver.dev.example.com/kms'
param budgetAmount = 900
param allowedHosts = [
  'api.tatum.io'
  'approver.dev.example.com'
  'sync-testnet.vechain.org'
  'rest-testnet.onflow.org'
  '*.in.applicationinsights.azure.com'
  '*.livediagnostics.monitor.azure.com'
]
param alertMails = [
  'kms-on-call@example.com'
]
param budgetStart = '2026-12-01'
param grantSecretAccess = false
param walletPolicyIsLocked = false
