// A Container App that runs the Functions image, several revisions at a time while one replaces another; and the registry of its images.
param name string
param token string
param location string
param tags object
param identityId string
param identityPrincipalId string
param logAnalyticsName string
param exists bool
param settings object

var acrPull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: logAnalyticsName
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: { name: 'Basic' }
  properties: {
    adminUserEnabled: false
  }
}

resource appPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identityPrincipalId, acrPull)
  scope: registry
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', acrPull)
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: 'cae-tablecast-${token}'
  location: location
  tags: tags
  properties: {
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
  }
}

// Provisioning again must not put the first image back.
module deployed 'deployed-image.bicep' = if (exists) {
  name: 'deployed-image'
  params: { name: name }
}

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'container-app' })
  // Scales by the functions' triggers, timers too.
  kind: 'functionapp'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Multiple'
      ingress: {
        external: true
        targetPort: 80
        allowInsecure: false
        traffic: exists ? deployed!.outputs.traffic : [{ latestRevision: true, weight: 100 }]
      }
      registries: [{ server: registry.properties.loginServer, identity: identityId }]
    }
    template: {
      containers: [
        {
          name: 'app'
          // Until the first deployment: an image that answers and does nothing.
          image: exists ? deployed!.outputs.image : 'mcr.microsoft.com/azure-functions/node:4-node22'
          resources: { cpu: json('1.0'), memory: '2Gi' }
          env: [
            for setting in items(union(settings, {
              // Two revisions of one app share locks and timers only under one id. It has 32 characters at most.
              AzureFunctionsWebHost__hostid: take('tablecast-${token}', 32)
            })): {
              name: setting.key
              value: string(setting.value)
            }
          ]
        }
      ]
      // One replica stays: runs go on after an answer, and a timer needs no cold start.
      scale: { minReplicas: 1, maxReplicas: 10 }
    }
  }
  dependsOn: [appPulls]
}

output name string = app.name
output registryName string = registry.name
output registryEndpoint string = registry.properties.loginServer
