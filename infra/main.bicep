targetScope = 'resourceGroup'

@description('Region of every resource.')
param location string = resourceGroup().location

@description('Short name that every resource name begins with: 3 to 11 lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param prefix string

@description('dev or prod: redundancy and the immutability of wallet.dat follow from it.')
@allowed([
  'dev'
  'prod'
])
param environmentName string

@description('Tags of every resource.')
param tags object

@description('Address space of the virtual network, a /24 at least.')
param addressSpace string = '10.80.0.0/24'

@description('mainnet or testnet.')
@allowed([
  'mainnet'
  'testnet'
])
param network string

@description('NCRONTAB schedule of the poll, UTC. Steps under a minute must divide 60.')
param pollSchedule string = '*/15 * * * * *'

@description('Chains this app signs, divided by commas; empty for all.')
param chains string = ''

@description('Name of the app\'s own journal in the state container.')
param stateName string = 'default'

@description('Address of the four-eye approver.')
param approverUrl string

@description('Address ranges of peered networks from which operators reach vault and storage.')
param operatorRanges array = []

@description('Hosts the app may reach beside Azure: the Tatum API, the approver, nodes of VET, FLOW and BNB.')
param allowedHosts array

@description('Name of the Key Vault secret with the wallet file\'s password. Set out of band, never in a template.')
param walletPasswordName string = 'kms-wallet-password'

@description('Name of the Key Vault secret with the Tatum API\'s access. Set out of band, never in a template.')
param apiKeyName string = 'kms-api-key'

@description('Phase 2: the two secrets are in the vault, so the app may be given them.')
param grantSecretAccess bool = false

@description('The immutability policy of wallet.dat was locked by hand (see README.md): the template leaves it alone.')
param walletPolicyIsLocked bool = false

@description('Mail addresses that alerts and the budget go to.')
param alertMails array

@description('Monthly budget in the currency of the subscription.')
param budgetAmount int = 300

@description('First day of the budget, the 1st of a month, as 2026-12-01.')
param budgetStart string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-id-func'
  location: location
  tags: tags
}

resource storageIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-id-storage'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    prefix: prefix
    tags: tags
    alertMails: alertMails
    principalId: identity.properties.principalId
  }
}

module vnet 'modules/network.bicep' = {
  name: 'network'
  params: {
    location: location
    prefix: prefix
    tags: tags
    addressSpace: addressSpace
    operatorRanges: operatorRanges
    allowedHosts: allowedHosts
    workspaceId: monitoring.outputs.workspaceId
  }
}

module vault 'modules/keyvault.bicep' = {
  name: 'keyvault'
  params: {
    location: location
    prefix: prefix
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    endpointSubnetId: vnet.outputs.endpointSubnetId
    vaultZoneId: vnet.outputs.vaultZoneId
    walletPasswordName: walletPasswordName
    apiKeyName: apiKeyName
    grantSecretAccess: grantSecretAccess
    principalId: identity.properties.principalId
    storagePrincipalId: storageIdentity.properties.principalId
  }
}

module hostStorage 'modules/hoststorage.bicep' = {
  name: 'hoststorage'
  params: {
    location: location
    prefix: prefix
    tags: tags
    skuName: environmentName == 'prod' ? 'Standard_ZRS' : 'Standard_LRS'
    workspaceId: monitoring.outputs.workspaceId
    endpointSubnetId: vnet.outputs.endpointSubnetId
    blobZoneId: vnet.outputs.blobZoneId
    queueZoneId: vnet.outputs.queueZoneId
    principalId: identity.properties.principalId
  }
}

module walletStorage 'modules/walletstorage.bicep' = {
  name: 'walletstorage'
  params: {
    location: location
    prefix: prefix
    tags: tags
    skuName: environmentName == 'prod' ? 'Standard_GZRS' : 'Standard_GRS'
    walletPolicyIsLocked: walletPolicyIsLocked
    storageIdentityId: storageIdentity.id
    vaultUrl: vault.outputs.vaultUrl
    storageKeyName: vault.outputs.storageKeyName
    workspaceId: monitoring.outputs.workspaceId
    endpointSubnetId: vnet.outputs.endpointSubnetId
    blobZoneId: vnet.outputs.blobZoneId
    principalId: identity.properties.principalId
  }
}

module app 'modules/function.bicep' = {
  name: 'function'
  params: {
    location: location
    prefix: prefix
    tags: tags
    identityId: identity.id
    identityClientId: identity.properties.clientId
    subnetId: vnet.outputs.appSubnetId
    hostStorageName: hostStorage.outputs.name
    packageUrl: hostStorage.outputs.packageUrl
    walletUrl: walletStorage.outputs.walletUrl
    stateUrl: walletStorage.outputs.stateUrl
    vaultUrl: vault.outputs.vaultUrl
    walletPasswordName: walletPasswordName
    apiKeyName: apiKeyName
    network: network
    pollSchedule: pollSchedule
    chains: chains
    stateName: stateName
    approverUrl: approverUrl
    insightsConnection: monitoring.outputs.insightsConnection
    workspaceId: monitoring.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    location: location
    prefix: prefix
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
    vaultId: vault.outputs.vaultId
    functionPrincipalId: identity.properties.principalId
  }
}

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: '${prefix}-budget'
  properties: {
    category: 'Cost'
    amount: budgetAmount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: budgetStart
    }
    notifications: {
      actual80: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: alertMails
      }
      forecast100: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: alertMails
      }
    }
  }
}

@description('Name of the function app, for the deployment of the package.')
output functionAppName string = app.outputs.name

@description('Where the operators put wallet.dat.')
output walletUrl string = walletStorage.outputs.walletUrl

@description('The vault the operators put the two secrets into.')
output vaultUrl string = vault.outputs.vaultUrl
