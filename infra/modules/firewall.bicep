import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

@description('Hosts the apps may reach over HTTPS.')
param allowedHosts string[]

@description('Addresses of the apps.')
param appRange string

@description('Subnet of the firewall.')
param subnetId string

@description('Its public address.')
param addressId string

@description('The Log Analytics workspace.')
param workspaceId string

resource firewallPolicy 'Microsoft.Network/firewallPolicies@2025-01-01' = {
  name: '${prefix}-fwp'
  location: location
  tags: tags
  properties: {
    threatIntelMode: 'Deny'
    dnsSettings: {
      enableProxy: true
    }
  }
}

resource firewallRules 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2025-01-01' = {
  parent: firewallPolicy
  name: 'egress'
  properties: {
    priority: 100
    ruleCollections: [
      {
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
        name: 'https'
        priority: 100
        action: {
          type: 'Allow'
        }
        rules: [
          {
            ruleType: 'ApplicationRule'
            name: 'allowed-hosts'
            sourceAddresses: [
              appRange
            ]
            protocols: [
              {
                protocolType: 'Https'
                port: 443
              }
            ]
            targetFqdns: allowedHosts
          }
        ]
      }
    ]
  }
}

resource firewall 'Microsoft.Network/azureFirewalls@2025-01-01' = {
  name: '${prefix}-fw'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'AZFW_VNet'
      tier: 'Standard'
    }
    firewallPolicy: {
      id: firewallPolicy.id
    }
    ipConfigurations: [
      {
        name: 'egress'
        properties: {
          subnet: {
            id: subnetId
          }
          publicIPAddress: {
            id: addressId
          }
        }
      }
    ]
  }
  dependsOn: [
    firewallRules // an update of the rules touches every attached firewall: both at once fails
  ]
}

resource firewallDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: firewall
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}
