@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags object

@description('Redundancy.')
param skuName string

@description('The Log Analytics workspace.')
param workspaceId string

@description('Subnet of the private endpoints.')
param endpointSubnetId string

@description('Private DNS zone of blobs.')
param blobZoneId string

@description('The function\'s identity.')
param principalId string

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
    changeFeed: {
      enabled: true
    }
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
                  daysAfterCreationGreaterThan: 30
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
  name: 'pe-wallet-blob'
  params: {
    location: location
    name: '${prefix}-pe-wallet-blob'
    tags: tags
    subnetId: endpointSubnetId
    targetId: account.id
    groupId: 'blob'
    zoneId: blobZoneId
  }
}

resource walletReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(walletContainer.id, principalId, '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')
  scope: walletContainer
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')
  }
}

resource stateWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(stateContainer.id, principalId, 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
  scope: stateContainer
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
  }
}

@description('Where wallet.dat is.')
output walletUrl string = '${account.properties.primaryEndpoints.blob}${walletContainer.name}/wallet.dat'

@description('Where journal and audit log are.')
output stateUrl string = '${account.properties.primaryEndpoints.blob}${stateContainer.name}'
