import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace.')
param workspaceId string

@description('Where alerts go.')
param actionGroupId string

@description('The vault.')
param vaultId string

@description('Where each alert has its heading.')
param runbookUrl string = 'https://github.com/kmscloud/kmscloud/blob/main/docs/azure.md'

module queries 'queryAlerts.bicep' = {
  params: {
    location: location
    namePrefix: prefix
    tags: tags
    workspaceId: workspaceId
    actionGroupId: actionGroupId
    runbookUrl: runbookUrl
    rules: [
      {
        name: 'vaultDenied'
        title: 'The vault refused somebody'
        severity: 1
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" and column_ifexists("httpStatusCode_d", 0.0) == 403'
      }
      {
        name: 'vaultChanged'
        title: 'A secret or a key was changed, disabled, deleted, backed up or restored'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: 'AzureDiagnostics | where ResourceProvider == "MICROSOFT.KEYVAULT" and OperationName in ("SecretSet", "SecretUpdate", "SecretDelete", "SecretBackup", "SecretRestore", "SecretPurge", "SecretRecover", "KeyCreate", "KeyImport", "KeyUpdate", "KeyDelete", "KeyBackup", "KeyRestore", "KeyPurge", "KeyRecover", "KeyRotationPolicySet", "KeyNearExpiryEventGridNotification", "SecretNearExpiryEventGridNotification") and column_ifexists("httpStatusCode_d", 0.0) != 401'
      }
      {
        name: 'logCap'
        title: 'The daily cap of logs was reached: other alerts are blind until tomorrow'
        severity: 0
        window: 'PT5M'
        operator: 'GreaterThan'
        threshold: 0
        query: '_LogOperation | where Category =~ "Ingestion" and Detail contains "OverQuota"'
      }
    ]
  }
}

resource vaultAvailability 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${prefix}-alert-vault'
  location: 'global'
  tags: tags
  properties: {
    description: '${runbookUrl}#vaultdenied'
    severity: 1
    enabled: true
    autoMitigate: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    scopes: [
      vaultId
    ]
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'availability'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'Availability'
          operator: 'LessThan'
          threshold: 99
          timeAggregation: 'Average'
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}

// Who may change what: each of these operations in the group's activity log reaches the receivers.
var watched = [
  { name: 'roleAdded', operation: 'Microsoft.Authorization/roleAssignments/write' }
  { name: 'roleRemoved', operation: 'Microsoft.Authorization/roleAssignments/delete' }
  { name: 'lockRemoved', operation: 'Microsoft.Authorization/locks/delete' }
  { name: 'diagnosticsRemoved', operation: 'Microsoft.Insights/diagnosticSettings/delete' }
  { name: 'diagnosticsChanged', operation: 'Microsoft.Insights/diagnosticSettings/write' }
  { name: 'alertRemoved', operation: 'Microsoft.Insights/scheduledQueryRules/delete' }
  { name: 'changeAlertRemoved', operation: 'Microsoft.Insights/activityLogAlerts/delete' }
  { name: 'alertsMuted', operation: 'Microsoft.AlertsManagement/actionRules/write' }
  { name: 'receiversChanged', operation: 'Microsoft.Insights/actionGroups/write' }
  { name: 'receiversRemoved', operation: 'Microsoft.Insights/actionGroups/delete' }
  // Whoever becomes an app's identity reads what the app reads, and no alert over logs tells the two apart.
  { name: 'identityAssigned', operation: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' }
  {
    name: 'identityFederated'
    operation: 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write'
  }
  { name: 'vaultSettings', operation: 'Microsoft.KeyVault/vaults/write' }
  { name: 'vaultKeys', operation: 'Microsoft.KeyVault/vaults/keys/write' }
  { name: 'vaultSecrets', operation: 'Microsoft.KeyVault/vaults/secrets/write' }
  { name: 'accountSettings', operation: 'Microsoft.Storage/storageAccounts/write' }
  { name: 'accountKeys', operation: 'Microsoft.Storage/storageAccounts/listKeys/action' }
  { name: 'containerChanged', operation: 'Microsoft.Storage/storageAccounts/blobServices/containers/write' }
  { name: 'containerRemoved', operation: 'Microsoft.Storage/storageAccounts/blobServices/containers/delete' }
  {
    name: 'immutabilityRemoved'
    operation: 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies/delete'
  }
  { name: 'firewallRules', operation: 'Microsoft.Network/firewallPolicies/ruleCollectionGroups/write' }
  { name: 'firewallPolicy', operation: 'Microsoft.Network/firewallPolicies/write' }
  { name: 'subnetRules', operation: 'Microsoft.Network/networkSecurityGroups/write' }
  { name: 'subnetRule', operation: 'Microsoft.Network/networkSecurityGroups/securityRules/write' }
  { name: 'routes', operation: 'Microsoft.Network/routeTables/write' }
  { name: 'route', operation: 'Microsoft.Network/routeTables/routes/write' }
  { name: 'network', operation: 'Microsoft.Network/virtualNetworks/write' }
  { name: 'app', operation: 'Microsoft.Web/sites/write' }
  { name: 'appSettings', operation: 'Microsoft.Web/sites/config/write' }
  { name: 'appPublished', operation: 'Microsoft.Web/sites/publish/action' }
  { name: 'appCredentials', operation: 'Microsoft.Web/sites/config/list/action' }
  { name: 'appRestarted', operation: 'Microsoft.Web/sites/restart/action' }
]

resource changes 'Microsoft.Insights/activityLogAlerts@2026-01-01' = [
  for item in watched: {
    name: '${prefix}-alert-change-${item.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${runbookUrl}#changes'
      enabled: true
      scopes: [
        resourceGroup().id
      ]
      condition: {
        allOf: [
          {
            field: 'category'
            equals: 'Administrative'
          }
          {
            field: 'operationName'
            equals: item.operation
          }
        ]
      }
      actions: {
        actionGroups: [
          {
            actionGroupId: actionGroupId
          }
        ]
      }
    }
  }
]
