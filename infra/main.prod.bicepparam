using 'main.bicep'

param prefix = 'kmsprod'
param environmentName = 'prod'
param tags = {
  system: 'kmscloud'
  environment: 'prod'
}
param network = 'mainnet'
param approverUrl = 'https://approver.example.com/kms'
param budgetAmount = 1500
param allowedHosts = [
  'api.tatum.io'
  'approver.example.com'
  'sync-mainnet.vechain.org'
  'rest-mainnet.onflow.org'
  '*.in.applicationinsights.azure.com'
  '*.livediagnostics.monitor.azure.com'
]
param operatorRanges = [
  '10.90.0.0/28'
]
param alertMails = [
  'kms-on-call@example.com'
]
param budgetStart = '2026-12-01'
param grantSecretAccess = false
param walletPolicyIsLocked = false
