import { tagsType } from '../types.bicep'

@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags tagsType

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: '${prefix}-log'
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, prefix, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'KmsCloud (${prefix})'
    category: 'workbook'
    sourceId: workspace.id
    version: '1.0'
    serializedData: replace(loadTextContent('../workbook.json'), '%WORKSPACE%', workspace.id)
  }
}
