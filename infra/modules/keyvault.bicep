@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags object

@description('The Log Analytics workspace.')
param workspaceId string

@description('Subnet of the private endpoint.')
param endpointSubnetId string

@description('Private DNS zone of vaults.')
param vaultZoneId string

@description('Name of the password\'s entry.')
param walletPasswordName string

@description('Name of the Tatum API\'s entry.')
param apiKeyName string

@description('Both entries are there, so that access to each can be given.')
param grantSecretAccess bool

@description('The function\'s identity.')
param principalId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: '${prefix}-kv-${substring(uniqueString(resourceGroup().id), 0, 6)}'
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'premium'
    }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
    }
  }
}

resource vaultLock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'no-delete'
  scope: vault
  properties: {
    level: 'CanNotDelete'
    notes: 'Without the password in it, wallet.dat cannot be opened.'
  }
}

resource vaultDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

module endpoint 'privateEndpoint.bicep' = {
  name: 'pe-vault'
  params: {
    location: location
    name: '${prefix}-pe-vault'
    tags: tags
    subnetId: endpointSubnetId
    targetId: vault.id
    groupId: 'vault'
    zoneId: vaultZoneId
  }
}

module walletPasswordRole 'secretRole.bicep' = if (grantSecretAccess) {
  name: 'role-wallet-password'
  params: {
    vaultName: vault.name
    entryName: walletPasswordName
    principalId: principalId
  }
}

module apiKeyRole 'secretRole.bicep' = if (grantSecretAccess) {
  name: 'role-api-key'
  params: {
    vaultName: vault.name
    entryName: apiKeyName
    principalId: principalId
  }
}

@description('The vault.')
output vaultId string = vault.id

@description('Its address.')
output vaultUrl string = vault.properties.vaultUri
