#!/usr/bin/env bash
# The application customers consent to. Without GRAPH_CLIENT_ID: registers it and prints its id, nothing else.
# With it: brings the application up to date. With outputs of main.bicep, IDENTITY_PRINCIPAL_ID and FUNCTION_APP_URL
# (or PUBLIC_URL), it then trusts the function app and knows where browsers come back to; ENGINEERS_GROUP_ID gets the
# engineers' role; with WATCH_GDAP it may read the partner's GDAP relationships. Run again at any time: of name
# (APPLICATION_NAME), addresses, trust and roles only what is given changes.
set -euo pipefail
cd "$(dirname "$0")/.."
graph=https://graph.microsoft.com/v1.0
address=${PUBLIC_URL:-${FUNCTION_APP_URL:-}}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

describe() {
  "${PYTHON:-.venv/bin/python}" -m ops.app_registration "$@" >"$folder/body.json"
}

# What was registered a moment ago is not seen everywhere yet.
patiently() {
  for _ in $(seq 11); do
    "$@" 2>"$folder/error" && return
    sleep 5
  done
  "$@"
}

name=${APPLICATION_NAME:-}
[ -n "${GRAPH_CLIENT_ID:-}" ] || name=${name:-Pro-active reports}
describe manifest --name "$name" --public-url "$address"
if [ -z "${GRAPH_CLIENT_ID:-}" ]; then
  GRAPH_CLIENT_ID=$(az rest --method post --url "$graph/applications" --body "@$folder/body.json" --query appId --output tsv)
  # At once: whoever does not know the id would register a second application.
  echo "$GRAPH_CLIENT_ID"
  patiently az ad sp create --id "$GRAPH_CLIENT_ID" --output none
  echo "registered: export GRAPH_CLIENT_ID=$GRAPH_CLIENT_ID" >&2
  exit
fi
az rest --method patch --url "$graph/applications(appId='$GRAPH_CLIENT_ID')" --body "@$folder/body.json" --output none
echo "application: up to date" >&2
application=$(az ad sp list --filter "appId eq '$GRAPH_CLIENT_ID'" --query "[].id" --output tsv)
[ -n "$application" ] || application=$(az ad sp create --id "$GRAPH_CLIENT_ID" --query id --output tsv)

if [ -n "${IDENTITY_PRINCIPAL_ID:-}" ]; then
  describe credential --tenant "$(az account show --query tenantId --output tsv)" --principal "$IDENTITY_PRINCIPAL_ID"
  trusted=$(az ad app federated-credential list --id "$GRAPH_CLIENT_ID" --query "[?name=='function-app'].subject" --output tsv)
  if [ -z "$trusted" ]; then
    az ad app federated-credential create --id "$GRAPH_CLIENT_ID" --parameters "@$folder/body.json" --output none
  elif [ "$trusted" != "$IDENTITY_PRINCIPAL_ID" ]; then
    az ad app federated-credential update --id "$GRAPH_CLIENT_ID" --federated-credential-id function-app \
      --parameters "@$folder/body.json" --output none
  fi
  echo "application: trusts the function app" >&2
fi

# grant WHOM WHAT ON: an app role. Looking first whether it is given would mean to read every page of a long list.
grant() {
  describe grant --to "$1" --role "$2" --on "$3"
  if ! az rest --method post --url "$graph/servicePrincipals/$3/appRoleAssignedTo" --body "@$folder/body.json" \
    --output none 2>"$folder/error" && ! grep -qi 'already exists' "$folder/error"; then
    cat "$folder/error" >&2
    exit 1
  fi
  echo "$2: given" >&2
}

if [ -n "${WATCH_GDAP:-}" ]; then
  microsoft=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
  grant "$application" DelegatedAdminRelationship.Read.All "$microsoft"
fi
# Last: roles of groups need Entra ID P1.
if [ -n "${ENGINEERS_GROUP_ID:-}" ]; then
  grant "$ENGINEERS_GROUP_ID" Reports.Engineer "$application"
fi
