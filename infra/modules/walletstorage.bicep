import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

@description('Redundancy.')
param skuName string

@description('The Log Analytics workspace.')
param workspaceId string

@description('Subnet of the private endpoints.')
param endpointSubnetId string

@description('Private DNS zone of blobs.')
param blobZoneId string

@description('The identity the account asks the vault with.')
param storageIdentityId string

@description('The vault.')
param vaultUrl string

@description('Name of the key that encrypts the account.')
param storageKeyName string

@description('The immutability policy was locked by hand: leave it alone.')
param walletPolicyIsLocked bool

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: '${prefix}wallet${substring(uniqueString(resourceGroup().id), 0, 6)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: skuName
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${storageIdentityId}': {}
    }
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowedCopyScope: 'PrivateLink'
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    isSftpEnabled: false
    isNfsV3Enabled: false
    isHnsEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      defaultAction: 'Deny'
      bypass: 'None'
    }
    sasPolicy: {
      expirationAction: 'Block'
      sasExpirationPeriod: '0.01:00:00'
    }
    keyPolicy: {
      keyExpirationPeriodInDays: 90
    }
    encryption: {
      keySource: 'Microsoft.Keyvault'
      requireInfrastructureEncryption: true
      identity: {
        userAssignedIdentity: storageIdentityId
      }
      keyvaultproperties: {
        keyvaulturi: vaultUrl
        keyname: storageKeyName
      }
    }
  }
}

resource accountLock 'Microsoft.Authorization/locks@2020-05-01' = {
  name: 'no-delete'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Holds wallet.dat, the journal and the audit log.'
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: 30
      allowPermanentDelete: false
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 30
    }
  }
}

resource recordVersions 'Microsoft.Storage/storageAccounts/managementPolicies@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'old-versions-of-records'
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
              prefixMatch: [
                'kms-state/'
              ]
            }
            actions: {
              version: {
                delete: {
                  daysAfterCreationGreaterThan: 7
                }
              }
            }
          }
        }
      ]
    }
  }
  dependsOn: [
    blobs
  ]
}

resource walletContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'kms-wallet'
  properties: {
    publicAccess: 'None'
    immutableStorageWithVersioning: {
      enabled: true
    }
  }
}

resource walletPolicy 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01' = if (!walletPolicyIsLocked) {
  parent: walletContainer
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: 30
  }
}

resource stateContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'kms-state'
  properties: {
    publicAccess: 'None'
  }
}

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'access'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

module blobEndpoint 'privateEndpoint.bicep' = {
  params: {
    location: location
    name: '${prefix}-pe-wallet-blob'
    tags: tags
    subnetId: endpointSubnetId
    targetId: account.id
    groupId: 'blob'
    zoneIds: [blobZoneId]
  }
}

@description('Name of the account.')
output accountName string = account.name

@description('Where wallet.dat is.')
output walletUrl string = '${account.properties.primaryEndpoints.blob}${walletContainer.name}/wallet.dat'
