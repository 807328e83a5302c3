using 'platform.bicep'

param prefix = 'kmsprod'
param environmentName = 'prod'
param tags = {
  system: 'kmscloud'
  environment: 'prod'
}
param egressMode = 'firewall'
param allowedHosts = [
  'api.tatum.io'
  'approver.example.com'
  'sync-mainnet.vechain.org'
  'rest-mainnet.onflow.org'
]
param operatorNetworkIds = [
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/operators/providers/Microsoft.Network/virtualNetworks/operators'
]
param operatorRanges = [
  '10.90.0.0/28'
]
param receivers = {
  mails: [
    'kms-on-call@example.com'
  ]
  webhooks: [
    'https://paging.example.com/azure'
  ]
  phones: []
}
param budgetAmount = 1500
param budgetStart = '2026-12-01'
param walletPolicyIsLocked = false
