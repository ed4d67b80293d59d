// What a Container App runs now.
param name string

resource app 'Microsoft.App/containerApps@2025-07-01' existing = {
  name: name
}

output image string = app.properties.template.containers[0].image
output traffic array = app.properties.configuration.ingress.traffic
