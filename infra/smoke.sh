#!/usr/bin/env bash
# After a deployment: every function is listed, and the health route says ok and that it is the release just built:
# what ran before may answer for a while yet, or for good if the new one does not start. Waits ten minutes at most.
set -euo pipefail
export LC_ALL=C
group=${1:?resource group} app=${2:?function app} url=${3:?its address} dist=${4:-$(dirname "$0")/../dist}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$(dirname "$0")/functions.sh" >"$folder/expected"
release=$(cat "$dist/release.txt")

for _ in $(seq 60); do
  az functionapp function list --resource-group "$group" --name "$app" --query "[].name" --output tsv |
    sed 's#.*/##' | sort >"$folder/listed" || true
  missing=$(comm -23 "$folder/expected" "$folder/listed")
  health=$(curl --silent --max-time 30 "$url/api/health" || true)
  if [ -z "$missing" ] && printf '%s' "$health" | grep '"status": *"ok"' | grep -q "\"release\": *\"$release\""; then
    echo "$(wc -l <"$folder/listed") functions, health ok, release $release"
    exit 0
  fi
  sleep 10
done
echo "not listed: ${missing:-none}" >&2
echo "health: ${health:-no answer}" >&2
echo "release wanted: $release" >&2
exit 1
