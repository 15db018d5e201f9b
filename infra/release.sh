#!/usr/bin/env bash
# Puts one package live, asks it for an answer, and puts the one before it back when the answer is wrong.
#
#   infra/release.sh deploy  COMMIT PACKAGE.zip
#   infra/release.sh back-to COMMIT
#
# Every package that was ever live here is kept in the releases container under its commit, and `live` names the one
# that passed last. Both ways end with a smoke test through the public address; a failed one ends with status 1, whether
# or not there was something to go back to.
set -euo pipefail

: "${RESOURCE_GROUP:?}" "${FUNCTION_APP:?}" "${STORAGE_ACCOUNT:?}" "${API_URL:?}"
container=${RELEASES_CONTAINER:-releases}
patience_s=${SMOKE_PATIENCE_S:-180}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

put() { # name file
  az storage blob upload --only-show-errors --output none --auth-mode login --overwrite \
    --account-name "$STORAGE_ACCOUNT" --container-name "$container" --name "$1" --file "$2"
}

get() { # name file
  az storage blob download --only-show-errors --output none --auth-mode login \
    --account-name "$STORAGE_ACCOUNT" --container-name "$container" --name "$1" --file "$2"
}

exists() { # name
  local answer
  # A container that cannot be asked is not one that is empty.
  answer=$(az storage blob exists --only-show-errors --auth-mode login --query exists --output tsv \
    --account-name "$STORAGE_ACCOUNT" --container-name "$container" --name "$1") || exit 1
  [ "$answer" = true ]
}

run() { # package
  az functionapp deployment source config-zip --only-show-errors --output none --build-remote false --timeout 900 \
    --resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP" --src "$1"
}

smoke() {
  python3 "$here/smoke.py" "$API_URL" --patience-s "$patience_s"
}

go_live() { # commit package
  run "$2" && smoke || return 1
  printf '%s' "$1" >"$work/live"
  put live "$work/live"
}

usage() {
  sed -n '4,5s/^# *//p' "$0" >&2
  exit 2
}

[ $# -ge 2 ] || usage
case $1 in
  deploy)
    [ $# -eq 3 ] || usage
    commit=$2 package=$3
    put "$commit.zip" "$package"
    ;;
  back-to)
    [ $# -eq 2 ] || usage
    commit=$2 package=$work/package.zip
    exists "$commit.zip" || { echo "no package of $commit was ever released here" >&2; exit 1; }
    get "$commit.zip" "$package"
    ;;
  *) usage ;;
esac

# Read before anything changes. An unreachable container ends the run here, while the app is still as it was.
previous=
if exists live; then
  get live "$work/previous"
  previous=$(cat "$work/previous")
fi

if go_live "$commit" "$package"; then
  echo "live: $commit"
  exit 0
fi

if [ -z "$previous" ] || [ "$previous" = "$commit" ]; then
  echo "$commit failed and there is nothing to go back to" >&2
  exit 1
fi
echo "$commit failed; going back to $previous" >&2
get "$previous.zip" "$work/previous.zip"
if go_live "$previous" "$work/previous.zip"; then
  echo "live again: $previous" >&2
else
  echo "$previous does not pass either: the app needs a person" >&2
fi
exit 1
