#!/usr/bin/env bash
# Outputs of a deployment of main.bicep, as NAME=value lines: export $(infra/outputs.sh reports-test)
set -euo pipefail
deployment=${1:?name of the deployment}

# Azure does not keep the case of their names.
az deployment sub show --name "$deployment" --query properties.outputs --output json |
  python3 -c 'import json, sys
for name, output in json.load(sys.stdin).items():
    print(name.upper() + "=" + str(output["value"]))'
