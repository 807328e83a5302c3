import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace.')
param workspaceId string

@description('Subnet of the private endpoint.')
param endpointSubnetId string

@description('Private DNS zone of vaults.')
param vaultZoneId string

@description('End of the name, for a second vault while the first one keeps its name.')
param generation string

@description('The identity the storage service asks with, as a resource.')
param storageIdentityId string

@description('The identity the storage service asks with for the key that encrypts the wallet account.')
param storagePrincipalId string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: '${prefix}-kv-${substring(uniqueString(resourceGroup().id), 0, 6)}${generation}'
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
      bypass: 'AzureServices'
    }
  }
}

resource storageKey 'Microsoft.KeyVault/vaults/keys@2025-05-01' = {
  parent: vault
  name: 'wallet-storage'
  tags: tags
  properties: {
    kty: 'RSA-HSM'
    keySize: 3072
    keyOps: [
      'wrapKey'
      'unwrapKey'
    ]
    rotationPolicy: {
      attributes: {
        expiryTime: 'P2Y'
      }
      lifetimeActions: [
        {
          trigger: {
            timeAfterCreate: 'P1Y'
          }
          action: {
            type: 'rotate'
          }
        }
        {
          trigger: {
            timeBeforeExpiry: 'P30D'
          }
          action: {
            type: 'notify'
          }
        }
      ]
    }
  }
}

resource storageKeyRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storageKey.id, storageIdentityId, 'e147488a-f6f5-4113-8e2d-b22465e65bf6')
  scope: storageKey
  properties: {
    principalId: storagePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'e147488a-f6f5-4113-8e2d-b22465e65bf6'
    )
  }
}

resource vaultLock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'no-delete'
  scope: vault
  properties: {
    level: 'CanNotDelete'
    notes: 'Without the password and the key in it, wallet.dat cannot be read.'
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
  params: {
    location: location
    name: '${prefix}-pe-vault'
    tags: tags
    subnetId: endpointSubnetId
    targetId: vault.id
    groupId: 'vault'
    zoneIds: [vaultZoneId]
  }
}

@description('The vault.')
output vaultId string = vault.id

@description('Its name.')
output vaultName string = vault.name

@description('Its address.')
output vaultUrl string = vault.properties.vaultUri

@description('Name of the key that encrypts the wallet account; its newest version is used.')
output storageKeyName string = storageKey.name
