@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags object

@description('The function\'s identity.')
param identityId string

@description('Client id of the identity.')
param identityClientId string

@description('Delegated subnet.')
param subnetId string

@description('The Functions host\'s own account.')
param hostStorageName string

@description('Container of the deployment package.')
param packageUrl string

@description('Where wallet.dat is.')
param walletUrl string

@description('Where journal and audit log are.')
param stateUrl string

@description('The vault.')
param vaultUrl string

@description('Name of the password\'s entry in the vault.')
param walletPasswordName string

@description('Name of the Tatum API\'s entry in the vault.')
param apiKeyName string

@description('mainnet or testnet.')
param network string

@description('NCRONTAB schedule.')
param pollSchedule string

@description('Chains, divided by commas; empty for all.')
param chains string

@description('Name of the app\'s journal.')
param stateName string

@description('The four-eye approver.')
param approverUrl string

@description('Ingestion address of Application Insights.')
param insightsConnection string

@description('The Log Analytics workspace.')
param workspaceId string

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: '${prefix}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: '${prefix}-func'
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
    outboundVnetRouting: {
      allTraffic: true
    }
    endToEndEncryptionEnabled: true
    clientAffinityEnabled: false
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
        instanceMemoryMB: 2048
        maximumInstanceCount: 40
        alwaysReady: [
          {
            name: 'function:PollPending'
            instanceCount: 1
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

resource settings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: site
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__accountName: hostStorageName
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    AZURE_CLIENT_ID: identityClientId
    DOTNET_EnableDiagnostics: '0'
    KMS_POLL_SCHEDULE: pollSchedule
    KMS_NETWORK: network
    KMS_CHAINS: chains
    KMS_WALLET: walletUrl
    KMS_STATE: stateUrl
    KMS_STATE_NAME: stateName
    KMS_EXTERNAL_URL: approverUrl
    KMS_PASSWORD_SOURCE: 'azure'
    KMS_API_KEY_SECRETNAME: apiKeyName
    KMS_QUEUE: 'kms-pending'
    TATUM_KMS_AZURE_VAULTURL: vaultUrl
    TATUM_KMS_AZURE_SECRETNAME: walletPasswordName
  }
}

resource scmCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: site
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
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
