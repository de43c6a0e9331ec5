#!/bin/sh
# Starts sudo-proxy from this copy of its sources, with exactly the permissions that it needs here.
# Meant to be linked to from a folder of the PATH.
set -f
root=$(dirname "$(readlink -f "$0")")/../..

for deno in "$(command -v deno)" "$HOME/.deno/bin/deno" "$HOME/.local/bin/deno" ''; do
  if [ -x "$deno" ]; then break; fi
done
if [ -z "$deno" ]; then
  echo 'sudo-proxy: Deno is missing on this machine: npm install --global deno@2.9' >&2
  exit 1
fi

start() { "$deno" run --quiet --config="$root/deno.json" "$@"; }
grants() {
  start --no-prompt --allow-read --allow-env --allow-sys=uid "$root/main_proxy.ts" permissions "$@"
}
case ${1-} in
  request | try | audit | hosts | setup | permissions) flags=$(grants "$1") ;;
  --host) flags=$(grants host --host "${2-}") ;;
  *) flags=$(grants proxy) ;;
esac || exit
# The flags have no blanks of their own: sudo-proxy refuses such paths.
exec "$deno" run --quiet --config="$root/deno.json" $flags "$root/main_proxy.ts" "$@"
