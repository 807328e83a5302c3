import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Short name of the app.')
param appName string

@description('Tags.')
param tags tagsType

@description('The function\'s identity.')
param identityId string

@description('Client id of the identity.')
param identityClientId string

@description('Delegated subnet.')
param subnetId string

@description('Subnet of the private endpoints.')
param endpointSubnetId string

@description('Private DNS zone of apps.')
param siteZoneId string

@description('Blobs of the Functions host\'s own account.')
param hostBlobUrl string

@description('Queues of the same account.')
param hostQueueUrl string

@description('Container of the deployment package.')
param packageUrl string

@description('The app\'s own settings, of docs/azure.md.')
param settings { *: string }

@description('Memory of an instance in MB.')
param instanceMemory int

@description('Most instances.')
param maximumInstanceCount int

@description('Instances in several zones.')
param zoneRedundant bool

@description('Ingestion address of Application Insights.')
param insightsConnection string

@description('The Log Analytics workspace.')
param workspaceId string

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${prefix}-${appName}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: '${prefix}-${appName}-func-${substring(uniqueString(resourceGroup().id), 0, 6)}' // a name of the world's DNS
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Disabled'
    virtualNetworkSubnetId: subnetId
    // No outboundVnetRouting: on this plan all traffic takes the network anyway, and with allTraffic the platform's own calls for
    // the identity's tokens would have to pass the firewall, too.
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemory
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: [
          {
            name: 'function:PollPending'
            instanceCount: zoneRedundant ? 2 : 1
          }
        ]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(
    {
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identityClientId
      AzureWebJobsStorage__blobServiceUri: hostBlobUrl
      AzureWebJobsStorage__queueServiceUri: hostQueueUrl
      APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
      AZURE_CLIENT_ID: identityClientId
      DOTNET_EnableDiagnostics: '0'
      WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED: '0' // the placeholder process crashes with .NET 10 (azure-functions-dotnet-worker issue 3335)
    },
    settings
  )
}

module endpoint 'privateEndpoint.bicep' = {
  params: {
    location: location
    name: '${prefix}-${appName}-pe-site'
    tags: tags
    subnetId: endpointSubnetId
    targetId: site.id
    groupId: 'sites'
    zoneIds: [siteZoneId]
  }
}

resource scmCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource planDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: plan
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

resource siteDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'all'
  scope: site
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'FunctionAppLogs'
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

@description('Name of the function app.')
output name string = site.name
