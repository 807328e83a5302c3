using 'app.bicep'

param prefix = 'kmsprod'
param environmentName = 'prod'
param tags = {
  system: 'kmscloud'
  environment: 'prod'
}
param network = 'mainnet'
param approverUrl = 'https://approver.example.com/kms'
param approvalEntryName = 'kms-approval'
param policyFile = 'policy.json'
param enabled = true
param grantSecretAccess = false
