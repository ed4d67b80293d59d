// Two vaults: one with the secrets of sources and broker, which the app only reads; one with the function keys, which its host makes.
param token string
param location string
param tags object
param appPrincipalId string
param secretsOfficerId string

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource secrets 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

resource keys 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: 'kvk-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    softDeleteRetentionInDays: 7
  }
}

resource appReadsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(secrets.id, appPrincipalId, secretsUser)
  scope: secrets
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource hostKeepsKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(keys.id, appPrincipalId, secretsOfficer)
  scope: keys
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource operatorWritesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(secretsOfficerId)) {
  name: guid(secrets.id, secretsOfficerId, secretsOfficer)
  scope: secrets
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
    principalId: secretsOfficerId
  }
}

output secretsName string = secrets.name
output secretsUri string = secrets.properties.vaultUri
output keysName string = keys.name
output keysUri string = keys.properties.vaultUri
