targetScope = 'subscription'

@description('dev or prod: the environment of azd, and which parameter files infra/deploy reads.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of the group.')
param location string

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'kms-${environmentName}'
  location: location
  tags: {
    system: 'kmscloud'
    environment: environmentName
    'azd-env-name': environmentName // how azd finds it again
  }
}

@description('The group infra/deploy deploys into.')
output AZURE_RESOURCE_GROUP string = group.name
