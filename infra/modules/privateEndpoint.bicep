import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Name of the endpoint.')
param name string

@description('Tags.')
param tags tagsType

@description('Subnet of the endpoint.')
param subnetId string

@description('What it leads to.')
param targetId string

@description('Sub-resource, such as blob or vault.')
param groupId string

@description('Private DNS zones of the sub-resource.')
param zoneIds string[]

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    customNetworkInterfaceName: '${name}-nic'
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: targetId
          groupIds: [
            groupId
          ]
        }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      for id in zoneIds: {
        name: replace(last(split(id, '/'))!, '.', '-')
        properties: {
          privateDnsZoneId: id
        }
      }
    ]
  }
}
