#!/usr/bin/env bash
# After a deployment: every function is listed and the health route says ok. Waits ten minutes at most.
set -euo pipefail
export LC_ALL=C
group=${1:?resource group} app=${2:?function app} url=${3:?its address}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/functions.sh" >"$folder/expected"

for _ in $(seq 60); do
  az functionapp function list --resource-group "$group" --name "$app" --query "[].name" --output tsv |
    sed 's#.*/##' | sort >"$folder/listed" || true
  missing=$(comm -23 "$folder/expected" "$folder/listed")
  health=$(curl --silent --max-time 30 "$url/api/health" || true)
  if [ -z "$missing" ] && printf '%s' "$health" | grep -q '"status": *"ok"'; then
    echo "$(wc -l <"$folder/listed") functions, health ok"
    exit 0
  fi
  sleep 10
done
echo "not listed: ${missing:-none}" >&2
echo "health: ${health:-no answer}" >&2
exit 1
