#!/usr/bin/env bash
# `muster up --once` as an ordinary user, in a copy of the house that belongs to them. For machines where the tests run as
# root: there nothing else tries the other way. Needs root, to become somebody else; ends with the run's own exit status.
#
#   test/scenarios/ordinary-user.sh [user]        the user defaults to nobody
set -euo pipefail
user="${1:-nobody}"
house="$(cd "$(dirname "$0")/../.." && pwd)"
if [ "$(id -u)" != 0 ]; then
  echo "ordinary-user.sh: run it as root; as an ordinary user the tests themselves are this check" >&2
  exit 1
fi
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
(cd "$house" && git ls-files -z | while IFS= read -r -d '' file; do [ -f "$file" ] && printf '%s\0' "$file"; done |
  tar --null -cf - -T - prisma/generated) | tar -xf - -C "$copy"
ln -s "$(readlink -f "$house/node_modules")" "$copy/node_modules"
chown -R "$user:" "$copy"
cd "$copy"
env -i PATH="$PATH" HOME="$copy" API_PORT=0 SANDBOX_PORT=0 \
  setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups node --import tsx cli/main.ts up --once
