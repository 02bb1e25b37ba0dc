// Network of the app and private ways to both storage accounts. Only with privateNetwork.

param location string
param tags object
param token string
param range string
param hostStorageId string
param dataStorageId string

var endpoints = [
  { name: 'host-blob', account: hostStorageId, service: 'blob' }
  { name: 'host-table', account: hostStorageId, service: 'table' }
  { name: 'data-blob', account: dataStorageId, service: 'blob' }
  { name: 'data-queue', account: dataStorageId, service: 'queue' }
  { name: 'data-table', account: dataStorageId, service: 'table' }
]
var services = ['blob', 'queue', 'table']

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [range] }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(range, 24, 0)
          delegations: [
            {
              name: 'flex'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'storage'
        properties: {
          addressPrefix: cidrSubnet(range, 24, 1)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [for service in services: {
  name: 'privatelink.${service}.${environment().suffixes.storage}'
  location: 'global'
  tags: tags
}]

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (service, i) in services: {
  parent: zone[i]
  name: 'app'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: network.id }
  }
}]

// An account, and a subnet, take one at a time.
@batchSize(1)
resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = [for each in endpoints: {
  name: 'pe-${each.name}-${token}'
  location: location
  tags: tags
  properties: {
    subnet: { id: '${network.id}/subnets/storage' }
    privateLinkServiceConnections: [
      {
        name: each.name
        properties: {
          privateLinkServiceId: each.account
          groupIds: [each.service]
        }
      }
    ]
  }
}]

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [for (each, i) in endpoints: {
  parent: endpoint[i]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: each.service
        properties: { privateDnsZoneId: zone[indexOf(services, each.service)].id }
      }
    ]
  }
}]

output subnetId string = '${network.id}/subnets/app'
