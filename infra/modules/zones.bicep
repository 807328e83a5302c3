import { tagsType } from '../types.bicep'

@description('Tags.')
param tags tagsType

@description('Networks in which the private names are known: ours first, then the operators\'.')
param networkIds string[]

@description('The zones of a private link scope for telemetry, too.')
param withMonitor bool

var storageSuffix = environment().suffixes.storage

resource vaultZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.vaultcore.azure.net'
  location: 'global'
  tags: tags
}

resource blobZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.blob.${storageSuffix}'
  location: 'global'
  tags: tags
}

resource queueZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.queue.${storageSuffix}'
  location: 'global'
  tags: tags
}

resource siteZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.azurewebsites.net'
  location: 'global'
  tags: tags
}

var monitorNames = [
  'privatelink.monitor.azure.com'
  'privatelink.oms.opinsights.azure.com'
  'privatelink.ods.opinsights.azure.com'
  'privatelink.agentsvc.azure-automation.net'
]

resource monitorZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in monitorNames: if (withMonitor) {
    name: name
    location: 'global'
    tags: tags
  }
]

module vaultLinks 'zoneLinks.bicep' = {
  params: {
    zoneName: vaultZone.name
    networkIds: networkIds
  }
}

module blobLinks 'zoneLinks.bicep' = {
  params: {
    zoneName: blobZone.name
    networkIds: networkIds
  }
}

module queueLinks 'zoneLinks.bicep' = {
  params: {
    zoneName: queueZone.name
    networkIds: networkIds
  }
}

module siteLinks 'zoneLinks.bicep' = {
  params: {
    zoneName: siteZone.name
    networkIds: networkIds
  }
}

// For our own network alone: where these zones are asked, all telemetry goes through our link scope, which takes ours only.
module monitorLinks 'zoneLinks.bicep' = [
  for (name, i) in monitorNames: if (withMonitor) {
    params: {
      zoneName: monitorZones[i].name
      networkIds: take(networkIds, 1)
    }
  }
]

@description('DNS zone of vaults.')
output vaultZoneId string = vaultZone.id

@description('DNS zone of blobs.')
output blobZoneId string = blobZone.id

@description('DNS zones of the telemetry\'s private link scope: four of its own, and blobs.')
output monitorZoneIds string[] = withMonitor
  ? concat(
      map(range(0, length(monitorNames)), i => resourceId('Microsoft.Network/privateDnsZones', monitorNames[i])),
      [blobZone.id]
    )
  : []
