#!/bin/sh
# Starts sudo-proxy from this copy of its sources, with exactly the permissions that it needs here.
# Meant to be linked to from a folder of the PATH. `sudo-proxy fetch` fetches the packages.
root=$(dirname "$(readlink -f "$0")")/../..

for deno in "$(command -v deno)" "$HOME/.deno/bin/deno" "$HOME/.local/bin/deno" ''; do
  if [ -x "$deno" ]; then break; fi
done
if [ -z "$deno" ]; then
  echo 'sudo-proxy: Deno is missing on this machine: npm install --global deno@2.9' >&2
  exit 1
fi
if [ "${1-}" = fetch ]; then
  cd "$root" && exec "$deno" install --frozen
fi
exec /bin/sh "$root/lib/start.sh" "$deno" "$@"
