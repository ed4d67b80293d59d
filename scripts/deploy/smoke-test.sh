#!/usr/bin/env bash
# Asks an app for the state of its flows, until each has answered 200 or the tries are used up. Starts no run.
#
#   FUNCTION_KEY=… smoke-test.sh https://app.example.com LABWARE/run STARTEK/run
#
# SMOKE_TRIES (default 30) and SMOKE_PAUSE (seconds, default 10): an app that was just deployed may take some minutes to answer.
set -euo pipefail

if [[ $# -lt 2 ]]; then
  echo 'smoke test: give the address of the app and at least one route, e.g. LABWARE/run' >&2
  exit 2
fi
address=${1%/}
shift
: "${FUNCTION_KEY:?smoke test: the function key is missing}"
tries=${SMOKE_TRIES:-30}
pause=${SMOKE_PAUSE:-10}

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

ask() {
  # The key goes by standard input: arguments of a program can be read by others on the machine.
  printf 'header = "x-functions-key: %s"\n' "$FUNCTION_KEY" |
    curl --config - --silent --show-error --max-time 60 --output "$answer" --write-out '%{http_code}' "$address/api/$1" || true
}

for route in "$@"; do
  for ((try = 1; ; try++)); do
    status=$(ask "$route")
    if [[ $status == 200 ]]; then
      echo "smoke test: GET /api/$route answers 200"
      break
    fi
    if ((try >= tries)); then
      echo "smoke test: GET /api/$route answers ${status:-nothing} after $tries tries:" >&2
      head -c 2000 "$answer" >&2
      echo >&2
      exit 1
    fi
    sleep "$pause"
  done
done
