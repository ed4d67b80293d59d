#!/usr/bin/env bash
# Reads the app's function key from the vault with its keys, and asks the flows of SMOKE_ROUTES for their state.
#
#   KEYS_VAULT=kv-keys-… SMOKE_ROUTES='LABWARE/run STARTEK/run' smoke-test-azure.sh app.azurewebsites.net
set -euo pipefail

: "${KEYS_VAULT:?}" "${SMOKE_ROUTES:?}"
host=$1
# The host makes its keys when it starts for the first time, so the first deployment waits for them.
for ((try = 1; ; try++)); do
  curl --silent --output /dev/null --max-time 60 "https://$host/" || true
  FUNCTION_KEY=$(az keyvault secret show --vault-name "$KEYS_VAULT" --name host--functionKey--default --query value --output tsv) && break
  ((try < 10)) || exit 1
  sleep 15
done
echo "::add-mask::$FUNCTION_KEY"
export FUNCTION_KEY
read -ra routes <<<"$SMOKE_ROUTES"
"$(dirname "$0")/smoke-test.sh" "https://$host" "${routes[@]}"
