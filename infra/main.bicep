// What the app needs in Azure, in a resource group of its own: `azd up`, or `azd provision` before a pipeline deploys. See docs/deploy.md.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Name of the environment, e.g. prod: part of the names of all resources, and of topics.')
param environmentName string

@minLength(1)
@description('Region of all resources.')
param location string

@allowed(['function-app', 'container-app'])
@description('Where the app runs: a Function App (Flex Consumption), or a Container App. The pipelines choose by the variable of the same name.')
param deploymentTarget string = 'function-app'

@description('App settings beyond those made here, by name: schedules such as LABWARE_SCHEDULE, TOPIC_TEMPLATE … (docs/settings.md).')
param appSettings object = {}

@allowed([2048, 4096])
@description('Memory of an instance of the Function App, in MB. DuckDB takes WORKSPACE_MEMORY_LIMIT of it.')
param instanceMemoryMB int = 2048

@description('Whether the Container App is there already: azd keeps this. Its image then stays what was deployed.')
param containerAppExists bool = false

@description('Object id of who may write secrets into the vault, e.g. who provisions. Empty: nobody is given the role.')
param secretsOfficerId string = ''

@description('Repository whose pipeline deploys, e.g. example/flows. Empty: no identity for a pipeline.')
param githubRepository string = ''

@description('Environment of the repository in which the deploying job runs.')
param githubEnvironment string = 'production'

@description('Who signs the tokens of the pipeline. A GitHub Enterprise may have its own, e.g. https://token.actions.githubusercontent.com/example.')
param oidcIssuer string = 'https://token.actions.githubusercontent.com'

@description('Whether Event Hubs is made, as a Kafka broker with transactions (Premium). Any other broker needs only the secret Kafka.')
param createEventHubs bool = false

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var isFunctionApp = deploymentTarget == 'function-app'
var appName = isFunctionApp ? 'func-tablecast-${token}' : 'ca-tablecast-${token}'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-tablecast-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: { name: 'id-tablecast-${token}', location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: { token: token, location: location, tags: tags, appPrincipalId: identity.outputs.principalId }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: { name: 'st${token}', location: location, tags: tags, appPrincipalId: identity.outputs.principalId }
}

module vaults 'modules/vaults.bicep' = {
  name: 'vaults'
  scope: group
  params: {
    token: token
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    secretsOfficerId: secretsOfficerId
  }
}

// What both kinds of hosting give the app. No value here is a secret.
var settings = union(
  {
    AzureWebJobsStorage__accountName: storage.outputs.name
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identity.outputs.clientId
    // Function keys lie in a vault of their own, so a pipeline can read them without seeing the flows' secrets.
    AzureWebJobsSecretStorageType: 'keyvault'
    AzureWebJobsSecretStorageKeyVaultUri: vaults.outputs.keysUri
    AzureWebJobsSecretStorageKeyVaultClientId: identity.outputs.clientId
    // Which of the identities the app itself uses, for Key Vault, storage and OneLake.
    AZURE_CLIENT_ID: identity.outputs.clientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
    ENVIRONMENT: environmentName
    KEY_VAULT_URL: vaults.outputs.secretsUri
    STATE_STORAGE: storage.outputs.tableEndpoint
    SNAPSHOT_STORAGE: storage.outputs.blobEndpoint
  },
  appSettings
)

module functionApp 'modules/function-app.bicep' = if (isFunctionApp) {
  name: 'function-app'
  scope: group
  params: {
    name: appName
    planName: 'plan-tablecast-${token}'
    location: location
    tags: union(tags, { 'azd-service-name': 'function-app' })
    identityId: identity.outputs.id
    packagesUrl: storage.outputs.packagesUrl
    instanceMemoryMB: instanceMemoryMB
    settings: settings
  }
}

module containerApp 'modules/container-app.bicep' = if (!isFunctionApp) {
  name: 'container-app'
  scope: group
  params: {
    name: appName
    token: token
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityPrincipalId: identity.outputs.principalId
    logAnalyticsName: monitoring.outputs.logAnalyticsName
    exists: containerAppExists
    settings: settings
  }
}

module pipeline 'modules/pipeline-identity.bicep' = if (!empty(githubRepository)) {
  name: 'pipeline'
  scope: group
  params: {
    name: 'id-pipeline-${token}'
    location: location
    tags: tags
    issuer: oidcIssuer
    subject: 'repo:${githubRepository}:environment:${githubEnvironment}'
    keysVaultName: vaults.outputs.keysName
    storageName: storage.outputs.name
    appIdentityName: identity.outputs.name
    functionAppName: isFunctionApp ? functionApp!.outputs.name : ''
    containerAppName: isFunctionApp ? '' : containerApp!.outputs.name
    registryName: isFunctionApp ? '' : containerApp!.outputs.registryName
  }
}

module eventHubs 'modules/event-hubs.bicep' = if (createEventHubs) {
  name: 'event-hubs'
  scope: group
  params: { name: 'evhns-tablecast-${token}', location: location, tags: tags, appPrincipalId: identity.outputs.principalId }
}

// azd keeps these; the pipelines' variables are among them.
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_APP_NAME string = appName
output AZURE_KEYS_VAULT string = vaults.outputs.keysName
output AZURE_SECRETS_VAULT string = vaults.outputs.secretsName
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_CLIENT_ID string = empty(githubRepository) ? '' : pipeline!.outputs.clientId
output AZURE_REGISTRY string = isFunctionApp ? '' : containerApp!.outputs.registryName
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = isFunctionApp ? '' : containerApp!.outputs.registryEndpoint
output DEPLOY_FUNCTION_APP bool = isFunctionApp
output DEPLOY_CONTAINER_APP bool = !isFunctionApp
output KAFKA_BOOTSTRAP_SERVERS string = createEventHubs ? eventHubs!.outputs.bootstrapServers : ''
