import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('The platform\'s prefix.')
param prefix string

@description('Short name of the app.')
param appName string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace.')
param workspaceId string

@description('Lines are taken through the platform\'s private link scope alone.')
param isPrivate bool

@description('The app\'s identity, which sends telemetry.')
param principalId string

@description('The same, as a resource.')
param identityId string

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: '${prefix}-${appName}-appi'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaceId
    DisableLocalAuth: true
    publicNetworkAccessForIngestion: isPrivate ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: 'Enabled'
  }
}

resource linkScope 'Microsoft.Insights/privateLinkScopes@2021-09-01' existing = if (isPrivate) {
  name: '${prefix}-ampls'
}

resource scopedInsights 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-09-01' = if (isPrivate) {
  parent: linkScope
  name: appName
  properties: {
    linkedResourceId: insights.id
  }
}

resource telemetryRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identityId, '3913510d-42f4-4e42-8a64-420c390055eb')
  scope: insights
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '3913510d-42f4-4e42-8a64-420c390055eb'
    )
  }
}

@description('Application Insights.')
output insightsId string = insights.id

@description('Its name.')
output insightsName string = insights.name

@description('Ingestion address; local authentication is off, so it grants nothing by itself.')
output insightsConnection string = insights.properties.ConnectionString
