// The multi-tenant application customers consent to. Deployed by somebody who may register
// applications (infra/register.sh does the same with az), into any resource group:
// once before main.bicep for the application id, and once after it with the identity and address.
extension microsoftGraphV1

@description('What customers read when they consent.')
param displayName string

@description('Keeps the application the same one at every deployment. Never change it.')
param uniqueName string = 'pro-active-reports'

@description('IDENTITY_PRINCIPAL_ID of main.bicep. Empty before its first deployment.')
param identityPrincipalId string = ''

@description('PUBLIC_URL of the service. Empty before the first deployment of main.bicep, and never again: nobody could sign in.')
param publicUrl string = ''

@description('Let the service watch GDAP relationships, in this tenant only. Needs the right to grant it.')
param watchGdap bool = false

var graph = '00000003-0000-0000-c000-000000000000'
// DelegatedAdminRelationship.Read.All
var readsGdap = 'f6e9e124-4586-492f-adc0-c6f96e4823fd'
// Where Entra sends browsers back to.
var pages = ['signin/callback', 'signout', 'onboarding/callback']
// Generated from the report registry: `make generated`.
var permissions = loadJsonContent('permissions.json')

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMultipleOrgs'
  api: { requestedAccessTokenVersion: 2 }
  appRoles: map(loadJsonContent('app-roles.json'), role => union(role, { isEnabled: true }))
  web: {
    redirectUris: empty(publicUrl) ? [] : map(pages, page => '${publicUrl}/${page}')
  }
  requiredResourceAccess: [
    {
      resourceAppId: graph
      resourceAccess: map(items(permissions.ids), each => {
        id: each.value
        type: 'Role'
      })
    }
  ]
}

resource principal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
}

resource trust 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = if (!empty(identityPrincipalId)) {
  name: '${application.uniqueName}/function-app'
  description: 'The managed identity of the function app'
  issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
  subject: identityPrincipalId
  audiences: ['api://AzureADTokenExchange']
}

resource graphPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: graph
}

resource gdap 'Microsoft.Graph/appRoleAssignedTo@v1.0' = if (watchGdap) {
  appRoleId: readsGdap
  principalId: principal.id
  resourceId: graphPrincipal.id
}

output applicationId string = application.appId
output servicePrincipalId string = principal.id
