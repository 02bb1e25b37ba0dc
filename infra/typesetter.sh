#!/usr/bin/env bash
# Uploads the typesetter that dist/package.zip asks for, unless it is there. Others stay, for the way back.
set -euo pipefail
account=${1:?storage account of the data} dist=${2:-$(dirname "$0")/../dist}

shopt -s nullglob
files=("$dist"/typesetter-*.zip)
file=${files[0]:?run make package first}
name=$(basename "$file")
blob=(--account-name "$account" --container-name typesetter --name "$name" --auth-mode login)

# The role on the container takes minutes to work after it is given.
for _ in $(seq 60); do
  there=$(az storage blob exists "${blob[@]}" --query exists --output tsv) || there=
  if [ "$there" = true ]; then
    echo "$name: there"
    exit 0
  fi
  if [ "$there" = false ] && az storage blob upload "${blob[@]}" --file "$file" --output none; then
    echo "$name: uploaded"
    exit 0
  fi
  sleep 10
done
echo "The storage account does not answer: does whoever runs this have Storage Blob Data Contributor" >&2
echo "on its container typesetter (deployerId), and, with privateNetwork, a way into the network?" >&2
exit 1
