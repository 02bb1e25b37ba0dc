#!/usr/bin/env bash
# Names of all functions, sorted: those written in functions/, and one planner per report type.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."
{
  sed -n 's/^@blueprint\.function_name("\([a-z_]*\)").*/\1/p' functions/*.py
  sed -n '/"reports": {/,$s/^    "\([a-z-]*\)": \[.*/plan_\1/p' infra/permissions.json | tr - _
} | sort
