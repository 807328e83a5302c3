import { tagsType, receiversType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

@description('Who hears of alerts.')
param receivers receiversType

@description('Logs are taken from the private link scope alone.')
param isPrivate bool

@description('Largest amount of logs a day in GB.')
param dailyLogCap int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: '${prefix}-log'
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 90
    publicNetworkAccessForIngestion: isPrivate ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled' // operators and alerts; Entra ID and roles guard it
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
    workspaceCapping: {
      dailyQuotaGb: dailyLogCap
    }
  }
}

resource workspaceDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

resource linkScope 'Microsoft.Insights/privateLinkScopes@2021-09-01' = if (isPrivate) {
  name: '${prefix}-ampls'
  location: 'global'
  tags: tags
  properties: {
    accessModeSettings: {
      ingestionAccessMode: 'PrivateOnly'
      queryAccessMode: 'Open'
    }
  }
}

resource scopedWorkspace 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-09-01' = if (isPrivate) {
  parent: linkScope
  name: 'workspace'
  properties: {
    linkedResourceId: workspace.id
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${prefix}-ag'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'kmscloud'
    emailReceivers: [
      for (mail, i) in receivers.mails: {
        name: 'mail${i}'
        emailAddress: mail
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: [
      for (url, i) in receivers.webhooks: {
        name: 'webhook${i}'
        serviceUri: url
        useCommonAlertSchema: true
      }
    ]
    smsReceivers: [
      for (phone, i) in receivers.phones: {
        name: 'sms${i}'
        countryCode: phone.countryCode
        phoneNumber: phone.number
      }
    ]
  }
}

@description('The Log Analytics workspace.')
output workspaceId string = workspace.id

@description('Where alerts go.')
output actionGroupId string = actionGroup.id

@description('The private link scope; empty without one.')
output linkScopeId string = isPrivate ? linkScope.id : ''
