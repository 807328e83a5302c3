import { tagsType, receiversType } from 'types.bicep'

targetScope = 'resourceGroup'

@description('Region of every resource.')
param location string = resourceGroup().location

@description('Short name that every resource name begins with: 3 to 11 lower-case letters and digits, a letter first.')
@minLength(3)
@maxLength(11)
param prefix string

@description('dev or prod: redundancy of the storage follows from it.')
@allowed([
  'dev'
  'prod'
])
param environmentName string

@description('Tags of every resource.')
param tags tagsType

@description('Address space of the virtual network, a /24 at least.')
param addressSpace string = '10.80.0.0/24'

@description('How the apps reach the Internet: firewall lets through the allowed hosts alone; natGateway costs a tenth, gives the same fixed address and filters nothing.')
@allowed([
  'firewall'
  'natGateway'
])
param egressMode string = 'firewall'

@description('Hosts the apps may reach beside Azure: the Tatum API, the approver, nodes of VET, FLOW and BNB. For the firewall.')
param allowedHosts string[]

@description('Networks from which operators work (resource ids): the private DNS zones are linked to them. A network takes one zone of a name, so none that has such zones already.')
param operatorNetworkIds string[] = []

@description('Address ranges of those networks that may reach vault, storage and the apps\' deployment endpoint.')
param operatorRanges string[] = []

@description('Further address ranges that the apps\' traffic comes from, where the platform does not use those of snet-app.')
param appSourceRanges string[] = []

@description('Telemetry goes through a private link scope: nothing but Azure\'s own network may write logs.')
param privateTelemetry bool = true

@description('Largest amount of logs a day in GB; when it is reached alerts are blind until the next day, which is an alert itself.')
@minValue(1)
param dailyLogCap int = 5

@description('The immutability policy of wallet.dat was locked by hand (see README.md): the template leaves it alone.')
param walletPolicyIsLocked bool = false

@description('Up to three characters at the end of the vault\'s name: a vault that was deleted keeps its name for 90 days.')
@maxLength(3)
param vaultGeneration string = ''

@description('Who hears of alerts and of the budget.')
param receivers receiversType

@description('Monthly budget in the currency of the subscription.')
@minValue(1)
param budgetAmount int

@description('The 1st of the month of the first deployment, as 2026-12-01. It can never be changed.')
param budgetStart string

resource storageIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: '${prefix}-id-storage'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    location: location
    prefix: prefix
    tags: tags
    receivers: receivers
    isPrivate: privateTelemetry
    dailyLogCap: dailyLogCap
  }
}

module vnet 'modules/network.bicep' = {
  params: {
    location: location
    prefix: prefix
    tags: tags
    addressSpace: addressSpace
    egressMode: egressMode
    operatorRanges: operatorRanges
    appSourceRanges: appSourceRanges
    workspaceId: monitoring.outputs.workspaceId
  }
}

module firewall 'modules/firewall.bicep' = if (egressMode == 'firewall') {
  params: {
    location: location
    prefix: prefix
    tags: tags
    allowedHosts: allowedHosts
    appRange: vnet.outputs.appRange
    subnetId: vnet.outputs.firewallSubnetId
    addressId: vnet.outputs.egressAddressId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module zones 'modules/zones.bicep' = {
  params: {
    tags: tags
    networkIds: concat([vnet.outputs.networkId], operatorNetworkIds)
    withMonitor: privateTelemetry
  }
}

module telemetryEndpoint 'modules/privateEndpoint.bicep' = if (privateTelemetry) {
  params: {
    location: location
    name: '${prefix}-pe-telemetry'
    tags: tags
    subnetId: vnet.outputs.endpointSubnetId
    targetId: monitoring.outputs.linkScopeId
    groupId: 'azuremonitor'
    zoneIds: zones.outputs.monitorZoneIds
  }
}

module vault 'modules/keyvault.bicep' = {
  params: {
    location: location
    prefix: prefix
    tags: tags
    generation: vaultGeneration
    workspaceId: monitoring.outputs.workspaceId
    endpointSubnetId: vnet.outputs.endpointSubnetId
    vaultZoneId: zones.outputs.vaultZoneId
    storageIdentityId: storageIdentity.id
    storagePrincipalId: storageIdentity.properties.principalId
  }
}

module walletStorage 'modules/walletstorage.bicep' = {
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
    blobZoneId: zones.outputs.blobZoneId
  }
}

module alerts 'modules/platformAlerts.bicep' = {
  params: {
    location: location
    prefix: prefix
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: monitoring.outputs.actionGroupId
    vaultId: vault.outputs.vaultId
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    location: location
    prefix: prefix
    tags: tags
  }
  dependsOn: [
    monitoring
  ]
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
        contactEmails: receivers.mails
      }
      forecast100: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: receivers.mails
      }
    }
  }
}

@description('Where the operators put wallet.dat.')
output walletUrl string = walletStorage.outputs.walletUrl

@description('The account of wallet.dat, journal and audit log.')
output walletAccountName string = walletStorage.outputs.accountName

@description('The vault the operators put the secrets into.')
output vaultName string = vault.outputs.vaultName

@description('Its address, for TATUM_KMS_AZURE_VAULTURL.')
output vaultUrl string = vault.outputs.vaultUrl

@description('The fixed address that everything the apps send comes from: allow it at Tatum and at the approver.')
output egressAddress string = vnet.outputs.egressAddress

@description('The virtual network, for a peering with the operators\' own.')
output networkId string = vnet.outputs.networkId
