import { tagsType } from 'types.bicep'

targetScope = 'resourceGroup'

@description('Region of every resource: the platform\'s.')
param location string = resourceGroup().location

@description('The platform\'s prefix.')
@minLength(3)
@maxLength(11)
param prefix string

@description('Short name of this app, different for each app on the platform: 2 to 7 lower-case letters and digits.')
@minLength(2)
@maxLength(7)
param appName string = 'main'

@description('dev or prod: redundancy of the host\'s storage follows from it.')
@allowed([
  'dev'
  'prod'
])
param environmentName string

@description('Tags of every resource.')
param tags tagsType

@description('The platform\'s vaultGeneration.')
@maxLength(3)
param vaultGeneration string = ''

@description('false stops all signing: the app answers its ticks and does nothing. A deployment never undoes it, since this parameter says it.')
param enabled bool = true

@description('mainnet or testnet.')
@allowed([
  'mainnet'
  'testnet'
])
param network string

@description('NCRONTAB schedule of the poll, UTC. Steps under a minute must divide 60.')
param pollSchedule string = '*/15 * * * * *'

@description('Chains this app signs, divided by commas; empty for all. A chain belongs to one app.')
param chains string = ''

@description('Name of the app\'s own journal in the state container.')
param stateName string = appName

@description('Address of the four-eye approver.')
param approverUrl string

@description('Policy file in the package, such as policy.json; empty for none.')
param policyFile string = ''

@description('Further settings of docs/azure.md, such as TATUM_KMS_BTC_FEE_CEILING. Here and not by hand: a deployment sets the settings of this template and no others.')
param moreSettings { *: string } = {}

@description('Key Vault secret with the wallet file\'s password. Set out of band, never in a template.')
param walletEntryName string = 'kms-wallet-password'

@description('Version of that secret; empty for the newest.')
param walletEntryVersion string = ''

@description('Key Vault secret with the Tatum API\'s access. Set out of band, never in a template.')
param apiEntryName string = 'kms-api-key'

@description('Key Vault secret shared with the approver, so that questions and answers are signed; empty for unsigned ones.')
param approvalEntryName string = ''

@description('Phase 2: the secrets are in the vault, so the app may be given them.')
param grantSecretAccess bool = false

@description('Memory of an instance in MB.')
@allowed([
  512
  2048
  4096
])
param instanceMemory int = 2048

@description('Most instances. One signs; the others stand by.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances in several zones: two are always ready then, the second stands by.')
param zoneRedundant bool = environmentName == 'prod'

@description('The platform\'s telemetry is private.')
param privateTelemetry bool = true

@description('Principal ids of the other apps on the platform, whose reading of vault and wallet file is no alarm.')
param otherPrincipalIds string[] = []

var suffix = substring(uniqueString(resourceGroup().id), 0, 6)

resource vnet 'Microsoft.Network/virtualNetworks@2025-01-01' existing = {
  name: '${prefix}-vnet'

  resource appSubnet 'subnets' existing = {
    name: 'snet-app'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'snet-pe'
  }
}

resource blobZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: 'privatelink.blob.${environment().suffixes.storage}'
}

resource queueZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: 'privatelink.queue.${environment().suffixes.storage}'
}

resource siteZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: 'privatelink.azurewebsites.net'
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: '${prefix}-log'
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: '${prefix}-ag'
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: '${prefix}-kv-${suffix}${vaultGeneration}'
}

resource walletAccount 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: '${prefix}wallet${suffix}'

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource walletContainer 'containers' existing = {
      name: 'kms-wallet'
    }

    resource stateContainer 'containers' existing = {
      name: 'kms-state'
    }
  }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-${appName}-id'
  location: location
  tags: tags
}

module telemetry 'modules/telemetry.bicep' = {
  params: {
    location: location
    prefix: prefix
    appName: appName
    tags: tags
    workspaceId: workspace.id
    isPrivate: privateTelemetry
    principalId: identity.properties.principalId
    identityId: identity.id
  }
}

module hostStorage 'modules/hoststorage.bicep' = {
  params: {
    location: location
    prefix: prefix
    appName: appName
    tags: tags
    skuName: environmentName == 'prod' ? 'Standard_ZRS' : 'Standard_LRS'
    workspaceId: workspace.id
    endpointSubnetId: vnet::endpointSubnet.id
    blobZoneId: blobZone.id
    queueZoneId: queueZone.id
    principalId: identity.properties.principalId
    identityId: identity.id
  }
}

resource walletReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(walletAccount::blobs::walletContainer.id, identity.id, '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')
  scope: walletAccount::blobs::walletContainer
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
    )
  }
}

resource stateWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(walletAccount::blobs::stateContainer.id, identity.id, 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
  scope: walletAccount::blobs::stateContainer
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
    )
  }
}

// Each entry by itself, and only once it is there: a role on an entry that is not yet there cannot be given.
var entryNames = union([walletEntryName, apiEntryName], empty(approvalEntryName) ? [] : [approvalEntryName])

module entryRoles 'modules/secretRole.bicep' = [
  for entryName in entryNames: if (grantSecretAccess) {
    name: 'role-${appName}-${entryName}'
    params: {
      vaultName: vault.name
      entryName: entryName
      principalId: identity.properties.principalId
      identityId: identity.id
    }
  }
]

var approvalSettings = empty(approvalEntryName)
  ? {}
  : {
      KMS_APPROVAL_SECRET: '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${approvalEntryName})'
      KMS_APPROVAL_SIGNED: 'true'
    }
var policySettings = empty(policyFile) ? {} : { KMS_POLICY: policyFile }
var versionSettings = empty(walletEntryVersion) ? {} : { TATUM_KMS_AZURE_SECRETVERSION: walletEntryVersion }

module app 'modules/function.bicep' = {
  params: {
    location: location
    prefix: prefix
    appName: appName
    tags: tags
    identityId: identity.id
    identityClientId: identity.properties.clientId
    subnetId: vnet::appSubnet.id
    endpointSubnetId: vnet::endpointSubnet.id
    siteZoneId: siteZone.id
    hostBlobUrl: hostStorage.outputs.blobUrl
    hostQueueUrl: hostStorage.outputs.queueUrl
    packageUrl: hostStorage.outputs.packageUrl
    insightsConnection: telemetry.outputs.insightsConnection
    workspaceId: workspace.id
    instanceMemory: instanceMemory
    maximumInstanceCount: maximumInstanceCount
    zoneRedundant: zoneRedundant
    settings: union(
      {
        KMS_ENABLED: enabled ? 'true' : 'false'
        KMS_POLL_SCHEDULE: pollSchedule
        KMS_NETWORK: network
        KMS_CHAINS: chains
        KMS_WALLET: '${walletAccount.properties.primaryEndpoints.blob}kms-wallet/wallet.dat'
        KMS_STATE: '${walletAccount.properties.primaryEndpoints.blob}kms-state'
        KMS_STATE_NAME: stateName
        KMS_EXTERNAL_URL: approverUrl
        KMS_PASSWORD_SOURCE: 'azure'
        KMS_API_KEY_SECRETNAME: apiEntryName
        KMS_QUEUE: 'kms-pending'
        TATUM_KMS_AZURE_VAULTURL: vault.properties.vaultUri
        TATUM_KMS_AZURE_SECRETNAME: walletEntryName
      },
      approvalSettings,
      policySettings,
      versionSettings,
      moreSettings
    )
  }
  dependsOn: [
    entryRoles // a Key Vault reference is asked for when settings are written, and then for a day no more
  ]
}

module alerts 'modules/appAlerts.bicep' = {
  params: {
    location: location
    namePrefix: '${prefix}-${appName}'
    tags: tags
    workspaceId: workspace.id
    actionGroupId: actionGroup.id
    insightsId: telemetry.outputs.insightsId
    hostAccountName: hostStorage.outputs.name
    stateName: stateName
    principalIds: concat([identity.properties.principalId], otherPrincipalIds)
  }
}

@description('Name of the function app, for the deployment of the package.')
output functionAppName string = app.outputs.name

@description('The app\'s principal id, for otherPrincipalIds of the next app.')
output principalId string = identity.properties.principalId

@description('Application Insights of the app.')
output insightsName string = telemetry.outputs.insightsName

@description('Key Vault entries to set before the app may be given them: the wallet file\'s password,')
output walletEntryName string = walletEntryName

@description('the Tatum API\'s access,')
output apiEntryName string = apiEntryName

@description('and what is shared with the approver; empty for unsigned questions and answers.')
output approvalEntryName string = approvalEntryName

@description('mainnet or testnet: a wallet of the other one would not be signed with.')
output network string = network

@description('Whether it signs, or was stopped by its parameter.')
output enabled bool = enabled
