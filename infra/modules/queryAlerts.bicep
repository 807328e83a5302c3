import { tagsType, queryAlertType } from '../types.bicep'

@description('Region.')
param location string

@description('What the rules\' names begin with.')
param namePrefix string

@description('Tags.')
param tags tagsType

@description('The Log Analytics workspace.')
param workspaceId string

@description('Where alerts go.')
param actionGroupId string

@description('Where each alert has its heading: what it means and what to do.')
param runbookUrl string

@description('The rules.')
param rules queryAlertType[]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${namePrefix}-alert-${rule.name}'
    location: location
    tags: tags
    properties: {
      displayName: rule.title
      description: '${runbookUrl}#${toLower(rule.name)}'
      severity: rule.severity
      enabled: true
      autoMitigate: true
      skipQueryValidation: true // the tables come with the first line of each kind
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      scopes: [
        workspaceId
      ]
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: rule.operator
            threshold: rule.threshold
          }
        ]
      }
      actions: {
        actionGroups: [
          actionGroupId
        ]
        customProperties: {
          runbook: '${runbookUrl}#${toLower(rule.name)}'
        }
      }
    }
  }
]
