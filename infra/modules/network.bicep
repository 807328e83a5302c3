import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

@description('Address space, a /24 at least.')
param addressSpace string

@description('How the apps reach the Internet.')
@allowed([
  'firewall'
  'natGateway'
])
param egressMode string

@description('Address ranges of the operators.')
param operatorRanges string[]

@description('Further address ranges the apps\' traffic comes from.')
param appSourceRanges string[]

@description('The Log Analytics workspace.')
param workspaceId string

var appRange = cidrSubnet(addressSpace, 26, 0)
var endpointRange = cidrSubnet(addressSpace, 27, 2)
var firewallRange = cidrSubnet(addressSpace, 26, 2)
var behindFirewall = egressMode == 'firewall'

// Azure keeps the first four addresses of a subnet; a firewall takes the next one. Named here and not asked of the firewall, so that
// the route is in the table from the first moment and no deployment ever opens the way past it.
var firewallAddress = cidrHost(firewallRange, 3)

var denyAll = map(['In', 'Out'], way => {
  name: 'deny-all-${toLower(way)}'
  properties: {
    priority: 4096
    direction: '${way}bound'
    access: 'Deny'
    protocol: '*'
    sourceAddressPrefix: '*'
    sourcePortRange: '*'
    destinationAddressPrefix: '*'
    destinationPortRange: '*'
  }
})

resource appGroup 'Microsoft.Network/networkSecurityGroups@2025-01-01' = {
  name: '${prefix}-nsg-app'
  location: location
  tags: tags
  properties: {
    securityRules: concat(
      [
        {
          name: 'allow-platform-in'
          properties: {
            priority: 100
            direction: 'Inbound'
            access: 'Allow'
            protocol: '*'
            sourceAddressPrefix: 'AzureLoadBalancer'
            sourcePortRange: '*'
            destinationAddressPrefix: '*'
            destinationPortRange: '*'
          }
        }
        {
          name: 'allow-endpoints-out'
          properties: {
            priority: 100
            direction: 'Outbound'
            access: 'Allow'
            protocol: 'Tcp'
            sourceAddressPrefix: '*'
            sourcePortRange: '*'
            destinationAddressPrefix: endpointRange
            destinationPortRange: '443'
          }
        }
        {
          name: 'allow-https-out'
          properties: {
            priority: 110
            direction: 'Outbound'
            access: 'Allow'
            protocol: 'Tcp'
            sourceAddressPrefix: '*'
            sourcePortRange: '*'
            destinationAddressPrefix: 'Internet'
            destinationPortRange: '443'
          }
        }
      ],
      denyAll
    )
  }
}

resource endpointGroup 'Microsoft.Network/networkSecurityGroups@2025-01-01' = {
  name: '${prefix}-nsg-pe'
  location: location
  tags: tags
  properties: {
    securityRules: concat(
      [
        {
          name: 'allow-app-and-operators-in'
          properties: {
            priority: 100
            direction: 'Inbound'
            access: 'Allow'
            protocol: 'Tcp'
            sourceAddressPrefixes: concat([appRange], operatorRanges, appSourceRanges)
            sourcePortRange: '*'
            destinationAddressPrefix: endpointRange
            destinationPortRange: '443'
          }
        }
      ],
      denyAll
    )
  }
}

resource egressAddress 'Microsoft.Network/publicIPAddresses@2025-01-01' = {
  name: '${prefix}-pip-egress'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource gateway 'Microsoft.Network/natGateways@2025-01-01' = if (!behindFirewall) {
  name: '${prefix}-nat'
  location: location
  tags: tags
  sku: {
    name: 'Standard'
  }
  properties: {
    publicIpAddresses: [
      {
        id: egressAddress.id
      }
    ]
  }
}

resource routes 'Microsoft.Network/routeTables@2025-01-01' = if (behindFirewall) {
  name: '${prefix}-rt-app'
  location: location
  tags: tags
  properties: {
    disableBgpRoutePropagation: true
    routes: [
      {
        name: 'through-firewall'
        properties: {
          addressPrefix: '0.0.0.0/0'
          nextHopType: 'VirtualAppliance'
          nextHopIpAddress: firewallAddress
        }
      }
    ]
  }
}

resource vnet 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: '${prefix}-vnet'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressSpace
      ]
    }
    subnets: [
      {
        name: 'snet-app'
        properties: {
          addressPrefix: appRange
          defaultOutboundAccess: false
          networkSecurityGroup: {
            id: appGroup.id
          }
          routeTable: behindFirewall ? { id: routes.id } : null
          natGateway: behindFirewall ? null : { id: gateway.id }
          delegations: [
            {
              name: 'flex'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'snet-pe'
        properties: {
          addressPrefix: endpointRange
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled'
          networkSecurityGroup: {
            id: endpointGroup.id
          }
        }
      }
      {
        name: 'AzureFirewallSubnet'
        properties: {
          addressPrefix: firewallRange
          defaultOutboundAccess: false
        }
      }
    ]
  }
}

resource appGroupDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: appGroup
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

resource endpointGroupDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: endpointGroup
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

resource addressDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: egressAddress
  properties: {
    workspaceId: workspaceId
    logs: [
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

// No diagnostics of the NAT gateway: none of its metrics can be exported.

resource vnetDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: vnet
  properties: {
    workspaceId: workspaceId
    logs: [
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

@description('The virtual network.')
output networkId string = vnet.id

@description('Addresses of the apps.')
output appRange string = appRange

@description('Subnet of the private endpoints.')
output endpointSubnetId string = '${vnet.id}/subnets/snet-pe'

@description('Subnet of the firewall.')
output firewallSubnetId string = '${vnet.id}/subnets/AzureFirewallSubnet'

@description('The fixed public address, as a resource.')
output egressAddressId string = egressAddress.id

@description('The fixed public address.')
output egressAddress string = egressAddress.properties.ipAddress
