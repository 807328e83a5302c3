@description('The private DNS zone.')
param zoneName string

@description('Networks that ask it.')
param networkIds string[]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zoneName
}

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for id in networkIds: {
    parent: zone
    name: 'vnet-${uniqueString(id)}'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: id
      }
    }
  }
]
