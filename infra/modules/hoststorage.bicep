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

@description('Short name of the app, which the names begin with.')
param appName string

@description('The function\'s identity.')
param principalId string

@description('The function\'s identity, as a resource.')
param identityId string

@description('Private DNS zone of queues.')
param queueZoneId string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: '${take('${prefix}${appName}', 18)}${substring(uniqueString(resourceGroup().id, appName), 0, 6)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: skuName
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
      bypass: 'AzureServices'
    }
    sasPolicy: {
      expirationAction: 'Block'
      sasExpirationPeriod: '0.01:00:00'
    }
    keyPolicy: {
      keyExpirationPeriodInDays: 90
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 14
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 14
    }
  }
}

resource package 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: 'app-package'
  properties: {
    publicAccess: 'None'
  }
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource pendingQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = {
  parent: queues
  name: 'kms-pending'
}

// The host sends a message that failed five times here; it may not make queues, so this one is made.
resource poisonQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-06-01' = {
  parent: queues
  name: 'kms-pending-poison'
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

resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'access'
  scope: queues
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
    name: '${prefix}-${appName}-pe-host-blob'
    tags: tags
    subnetId: endpointSubnetId
    targetId: account.id
    groupId: 'blob'
    zoneIds: [blobZoneId]
  }
}

module queueEndpoint 'privateEndpoint.bicep' = {
  params: {
    location: location
    name: '${prefix}-${appName}-pe-host-queue'
    tags: tags
    subnetId: endpointSubnetId
    targetId: account.id
    groupId: 'queue'
    zoneIds: [queueZoneId]
  }
}

resource hostBlobRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityId, 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
    )
  }
}

resource hostQueueRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(pendingQueue.id, identityId, '974c5e8b-45b9-4653-ba55-5f855dd0fb88')
  scope: pendingQueue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
    )
  }
}

resource poisonQueueRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(poisonQueue.id, identityId, '974c5e8b-45b9-4653-ba55-5f855dd0fb88')
  scope: poisonQueue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
    )
  }
}

@description('Name of the account.')
output name string = account.name

@description('Where the host keeps its locks.')
output blobUrl string = account.properties.primaryEndpoints.blob

@description('Where the queues are.')
output queueUrl string = account.properties.primaryEndpoints.queue

@description('Where the deployment package goes.')
output packageUrl string = '${account.properties.primaryEndpoints.blob}${package.name}'
