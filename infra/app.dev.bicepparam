using 'app.bicep'

param prefix = 'kmsdev'
param environmentName = 'dev'
param tags = {
  system: 'kmscloud'
  environment: 'dev'
}
param network = 'testnet'
param approverUrl = 'https://approver.dev.example.com/kms'
param privateTelemetry = false
param enabled = true
param grantSecretAccess = false
