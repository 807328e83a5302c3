@description('Region.')
param location string

@description('Prefix of the names.')
param prefix string

@description('Tags.')
param tags object

@description('The Log Analytics workspace.')
param workspaceId string

@description('Where alerts go.')
param actionGroupId string

@description('The vault.')
param vaultId string

@description('The function\'s identity, the only one that reads vault and wallet file.')
param functionPrincipalId string

resource noCycle 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-noCycle'
  location: location
  tags: tags
  properties: {
    displayName: 'No good cycle for 15 minutes'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsInvocation\' | extend line = parse_json(Message) | where tobool(line.good) == true'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource failedInvocations 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-failedInvocations'
  location: location
  tags: tags
  properties: {
    displayName: 'Polling or signing failed'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppRequests | where OperationName == \'PollPending\' and Success == false'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 2
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource failedMessages 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-failedMessages'
  location: location
  tags: tags
  properties: {
    displayName: 'Queue messages could not be worked on'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsInvocation\' | extend line = parse_json(Message) | where tostring(line.function) == \'SignPending\' and tostring(line.outcome) == \'failed\''
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 2
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource refused 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-refused'
  location: location
  tags: tags
  properties: {
    displayName: 'A transaction was refused as unsafe or contradictory'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsMetrics\' | mv-expand metric = parse_json(Message).metrics | where tostring(metric.name) == \'kms.stopped\' and tostring(metric.reason) == \'input\' and todouble(metric.value) > 0'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource policy 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-policy'
  location: location
  tags: tags
  properties: {
    displayName: 'A transaction violated the policy'
    severity: 0
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsMetrics\' | mv-expand metric = parse_json(Message).metrics | where tostring(metric.name) == \'kms.stopped\' and tostring(metric.reason) == \'policy\' and todouble(metric.value) > 0'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource fourEye 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-fourEye'
  location: location
  tags: tags
  properties: {
    displayName: 'The four-eye approver did not approve or could not be reached'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsMetrics\' | mv-expand metric = parse_json(Message).metrics | where tostring(metric.name) == \'kms.stopped\' and tostring(metric.reason) == \'approver\' and todouble(metric.value) > 0'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource rejected 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-rejected'
  location: location
  tags: tags
  properties: {
    displayName: 'The network rejected a signed transaction'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsMetrics\' | mv-expand metric = parse_json(Message).metrics | where tostring(metric.name) == \'kms.broadcasts\' and tostring(metric.outcome) == \'rejected\' and todouble(metric.value) > 0'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource frozen 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-frozen'
  location: location
  tags: tags
  properties: {
    displayName: 'Signing is frozen'
    severity: 2
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AppTraces | where Message has \'KmsMetrics\' | mv-expand metric = parse_json(Message).metrics | where tostring(metric.name) == \'kms.frozen\' and todouble(metric.value) > 0'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource vaultDenied 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-vaultDenied'
  location: location
  tags: tags
  properties: {
    displayName: 'The vault refused somebody'
    severity: 1
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AzureDiagnostics | where ResourceProvider == \'MICROSOFT.KEYVAULT\' and column_ifexists(\'httpStatusCode_d\', 0) == 403'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource vaultOthers 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-vaultOthers'
  location: location
  tags: tags
  properties: {
    displayName: 'Somebody else than the function read the vault'
    severity: 0
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'AzureDiagnostics | where ResourceProvider == \'MICROSOFT.KEYVAULT\' and OperationName in (\'SecretGet\', \'SecretList\', \'SecretSet\') and column_ifexists(\'httpStatusCode_d\', 0) != 401 and coalesce(column_ifexists(\'identity_claim_oid_g\', \'\'), column_ifexists(\'identity_claim_http_schemas_microsoft_com_identity_claims_objectidentifier_g\', \'\')) != \'${functionPrincipalId}\''
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource walletOthers 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: '${prefix}-alert-walletOthers'
  location: location
  tags: tags
  properties: {
    displayName: 'Somebody else than the function touched wallet.dat'
    severity: 0
    enabled: true
    autoMitigate: true
    skipQueryValidation: true
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    scopes: [
      workspaceId
    ]
    criteria: {
      allOf: [
        {
          query: 'StorageBlobLogs | where Uri has \'/kms-wallet/\' and (OperationName != \'GetBlob\' and OperationName != \'GetBlobProperties\' or RequesterObjectId != \'${functionPrincipalId}\')'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroupId
      ]
    }
  }
}

resource vaultAvailability 'Microsoft.Insights/metricAlerts@2026-01-01' = {
  name: '${prefix}-alert-vault'
  location: 'global'
  tags: tags
  properties: {
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

resource roleChanges 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: '${prefix}-alert-roleChanges'
  location: 'global'
  tags: tags
  properties: {
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
          equals: 'Microsoft.Authorization/roleAssignments/write'
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

resource lockChanges 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: '${prefix}-alert-lockChanges'
  location: 'global'
  tags: tags
  properties: {
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
          equals: 'Microsoft.Authorization/locks/delete'
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

resource diagnosticChanges 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: '${prefix}-alert-diagnosticChanges'
  location: 'global'
  tags: tags
  properties: {
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
          equals: 'Microsoft.Insights/diagnosticSettings/delete'
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

resource vaultChanges 'Microsoft.Insights/activityLogAlerts@2026-01-01' = {
  name: '${prefix}-alert-vaultChanges'
  location: 'global'
  tags: tags
  properties: {
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
          equals: 'Microsoft.KeyVault/vaults/write'
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
