// What a Container App runs now.
param name string

resource app 'Microsoft.App/containerApps@2024-10-02-preview' existing = {
  name: name
}

output image string = app.properties.template.containers[0].image
output traffic array = app.properties.configuration.ingress.traffic
