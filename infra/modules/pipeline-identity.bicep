// Who the pipeline is: a token of the repository's environment stands for this identity, so no credential is stored. It may deploy this app,
// read its function keys, and nothing else: not the secrets of the flows, not their state.
param name string
param location string
param tags object
param issuer string
param subject string
param keysVaultName string
param storageName string
param appIdentityName string
param functionAppName string
param containerAppName string
param registryName string

var websiteContributor = 'de139f84-1756-47ae-9be6-808fbbe84772'
var contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var acrPush = '8311e382-0749-4cb8-b61a-304f252e45ec'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var identityOperator = 'f1a07417-d97a-45cb-824c-7a7467783830'
var roles = 'Microsoft.Authorization/roleDefinitions'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags

  resource github 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: issuer
      subject: subject
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource keys 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: keysVaultName
}

resource readsKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(keys.id, name, secretsUser)
  scope: keys
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, secretsUser)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource functionApp 'Microsoft.Web/sites@2024-04-01' existing = if (!empty(functionAppName)) {
  name: functionAppName
}

resource deploysFunctionApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(functionAppName)) {
  name: guid(resourceGroup().id, functionAppName, name, websiteContributor)
  scope: functionApp
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, websiteContributor)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' existing = {
  name: '${storageName}/default/packages'
}

// Keeps the package that runs, to put it back when the new one fails.
resource readsPackages 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(functionAppName)) {
  name: guid(packages.id, name, blobDataReader)
  scope: packages
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, blobDataReader)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource containerApp 'Microsoft.App/containerApps@2025-07-01' existing = if (!empty(containerAppName)) {
  name: containerAppName
}

resource deploysContainerApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(containerAppName)) {
  name: guid(resourceGroup().id, containerAppName, name, contributor)
  scope: containerApp
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, contributor)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: appIdentityName
}

// Who changes an app with an identity must be allowed to assign that identity.
resource assignsAppIdentity 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(appIdentity.id, name, identityOperator)
  scope: appIdentity
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, identityOperator)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = if (!empty(registryName)) {
  name: registryName
}

resource pushesImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(registryName)) {
  name: guid(resourceGroup().id, registryName, name, acrPush)
  scope: registry
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, acrPush)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

output clientId string = identity.properties.clientId
