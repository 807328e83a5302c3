@description('The vault.')
param vaultName string

@description('The one entry that may be read.')
param entryName string

@description('Who may read it.')
param principalId string

@description('The same, as a resource.')
param identityId string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource entry 'Microsoft.KeyVault/vaults/secrets@2025-05-01' existing = {
  parent: vault
  name: entryName
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(entry.id, identityId, '4633458b-17de-408a-b874-0445c86b69e6')
  scope: entry
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      '4633458b-17de-408a-b874-0445c86b69e6'
    )
  }
}
