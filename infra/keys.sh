#!/usr/bin/env bash
# Writes the keys of links and pseudonyms into the vault, unless they are there. Run again at any time.
# To rotate the key of links, see docs/operations.md.
set -euo pipefail
umask 077
vault=${1:?name of the vault}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

there() {
  az keyvault secret list --vault-name "$vault" --query "[].name" --output tsv
}

# The role on the vault takes minutes to work after it is given.
for _ in $(seq 60); do
  names=$(there 2>"$folder/error") && break
  sleep 10
done
if [ -z "${names+set}" ]; then
  cat "$folder/error" >&2
  echo "The vault does not answer: does whoever runs this have Key Vault Secrets Officer (deployerId)?" >&2
  exit 1
fi

write() {
  if printf '%s\n' "$names" | grep -qx "$1"; then
    echo "$1: there"
    return
  fi
  # Through a file: arguments are seen by every process of the machine.
  printf '%s:%s' "$2" "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n')" >"$folder/key"
  az keyvault secret set --vault-name "$vault" --name "$1" --file "$folder/key" --output none
  echo "$1: written"
}

write link-keys k1
# Another key gives everybody another pseudonym: written once, never changed.
write pseudonym-key p1
