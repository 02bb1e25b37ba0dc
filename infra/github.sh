#!/usr/bin/env bash
# Lets the workflow deploy into the subscription that az is signed in to, without a secret: two applications that trust
# one GitHub environment each. ENVIRONMENT may change everything; ENVIRONMENT-what-if, which nobody approves, only
# reads. Prints the variables of both. Needs Owner and Cloud Application Administrator. Run again at any time.
set -euo pipefail
shopt -s inherit_errexit
environment=${1:?test or production}
repository=${2:?as it stands in tokens of GitHub: OWNER/REPO, or OWNER-ID/REPO-ID}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
subscription=$(az account show --query id --output tsv)
scope=/subscriptions/$subscription
reading="Reports what-if $subscription"

# What was made a moment ago is not seen everywhere yet.
patiently() {
  for _ in $(seq 11); do
    "$@" 2>"$folder/error" && return
    sleep 5
  done
  "$@"
}

# trusted GITHUB-ENVIRONMENT ROLE...: prints ids of the application and of its service principal.
trusted() {
  local name="Reports, GitHub $1" github=$1 client principal
  shift
  client=$(az ad app list --filter "displayName eq '$name'" --query "[].appId" --output tsv)
  [ -n "$client" ] || client=$(az ad app create --display-name "$name" --query appId --output tsv)
  principal=$(az ad sp list --filter "appId eq '$client'" --query "[].id" --output tsv)
  [ -n "$principal" ] || principal=$(patiently az ad sp create --id "$client" --query id --output tsv)
  if [ -z "$(az ad app federated-credential list --id "$client" --query "[?name=='github'].name" --output tsv)" ]; then
    cat >"$folder/trust.json" <<JSON
{"name": "github", "issuer": "https://token.actions.githubusercontent.com",
 "subject": "repo:$repository:environment:$github", "audiences": ["api://AzureADTokenExchange"]}
JSON
    az ad app federated-credential create --id "$client" --parameters "@$folder/trust.json" --output none
  fi
  for role; do
    patiently az role assignment create --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal \
      --role "$role" --scope "$scope" --output none
  done
  echo "$client $principal"
}

if [ -z "$(az role definition list --name "$reading" --query "[].name" --output tsv)" ]; then
  cat >"$folder/role.json" <<JSON
{"Name": "$reading", "Description": "Sees what a deployment would change.", "AssignableScopes": ["$scope"],
 "Actions": ["*/read", "Microsoft.Resources/deployments/validate/action", "Microsoft.Resources/deployments/whatIf/action"]}
JSON
  az role definition create --role-definition "@$folder/role.json" --output none
fi
ids=$(trusted "$environment" Contributor "Role Based Access Control Administrator")
read -r deploys deployer <<<"$ids"
ids=$(trusted "$environment-what-if" "$reading")
read -r looks _ <<<"$ids"

tenant=$(az account show --query tenantId --output tsv)
echo "in both: AZURE_TENANT_ID=$tenant AZURE_SUBSCRIPTION_ID=$subscription DEPLOYER_ID=$deployer"
echo "$environment: AZURE_CLIENT_ID=$deploys"
echo "$environment-what-if: AZURE_CLIENT_ID=$looks"
