// Event Hubs as a Kafka broker. Transactions need the Premium tier. The app logs in by its identity, without a connection string; the
// secret Kafka names the broker and the schema registry (docs/secrets.md).
param name string
param location string
param tags object
param appPrincipalId string

// The app makes topics and writes to them; commit records are read by consumers only.
var dataOwner = 'f526a384-b230-433a-b45c-95f59c4a2dec'

resource namespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Premium', tier: 'Premium', capacity: 1 }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(namespace.id, appPrincipalId, dataOwner)
  scope: namespace
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataOwner)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output bootstrapServers string = '${namespace.name}.servicebus.windows.net:9093'
