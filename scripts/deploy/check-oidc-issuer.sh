#!/usr/bin/env bash
# Says before the login to Azure who this job is for the identity provider, and fails when the issuer is not the one expected: Azure's own
# message names neither. A GitHub Enterprise may have an issuer of its own. Needs the permission `id-token: write`.
set -euo pipefail

: "${OIDC_ISSUER:?}" "${OIDC_AUDIENCE:?}"
: "${ACTIONS_ID_TOKEN_REQUEST_URL:?the job needs the permission id-token: write}" "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?}"

claims=$(
  printf 'header = "Authorization: bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
    curl --config - --silent --show-error --fail --get --data-urlencode "audience=$OIDC_AUDIENCE" "$ACTIONS_ID_TOKEN_REQUEST_URL" |
    jq --raw-output '.value | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d'
)
issuer=$(jq --raw-output .iss <<<"$claims")
subject=$(jq --raw-output .sub <<<"$claims")
echo "issuer:  $issuer"
echo "subject: $subject"
if [[ $issuer != "$OIDC_ISSUER" ]]; then
  echo "::error::The tokens of this GitHub come from $issuer. Set the variable OIDC_ISSUER to it, and provision again with it (docs/deploy.md)."
  exit 1
fi
