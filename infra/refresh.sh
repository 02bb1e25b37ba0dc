#!/usr/bin/env bash
# Has the app read its secrets anew: what it once read it keeps for up to a day, also that there was nothing.
# Says which it could not read, and lets smoke.sh judge.
set -euo pipefail
group=${1:?resource group} app=${2:?function app}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
site=$(az functionapp show --resource-group "$group" --name "$app" --query id --output tsv)
references=$site/config/configreferences/appsettings
version=api-version=2022-03-01

# The app's role on the vault takes minutes to work after it is given.
for _ in $(seq 60); do
  az rest --method post --url "$references/refresh?$version" --output none 2>"$folder/error" || true
  if unread=$(az rest --method get --url "$references?$version" --output tsv \
    --query "value[?properties.status!='Resolved'].[name, properties.status]" 2>>"$folder/error"); then
    if [ -z "$unread" ]; then
      echo "the app has read its secrets"
      exit 0
    fi
  fi
  sleep 10
done
cat "$folder/error" >&2
echo "not read: ${unread:-nobody knows}" >&2
