using 'platform.bicep'

param prefix = 'kmsdev'
param environmentName = 'dev'
param tags = {
  system: 'kmscloud'
  environment: 'dev'
}
param egressMode = 'natGateway'
param privateTelemetry = false
param allowedHosts = []
param receivers = {
  mails: [
    'kms-on-call@example.com'
  ]
  webhooks: []
  phones: []
}
param budgetAmount = 220
param budgetStart = '2026-12-01'
param walletPolicyIsLocked = false
