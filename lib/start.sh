#!/bin/sh
# Starts sudo-proxy with exactly the permissions that its arguments need: start.sh DENO [ARGUMENT]...
# For the MCP server, the first argument is mcp.
root=$(dirname "$(readlink -f "$0")")/..
deno=$1
shift

if ! /usr/bin/env --block-signal=USR1 true 2>/dev/null; then
  echo 'sudo-proxy: Cannot start: /usr/bin/env has no --block-signal. Install GNU coreutils 8.31 or later' >&2
  exit 1
fi
# These would load code, open a debugger or connect to something, whatever is granted.
unset NODE_OPTIONS OTEL_DENO
command=$(/usr/bin/env --block-signal=USR1 "$deno" run --quiet --cached-only --no-prompt \
  --config="$root/deno.json" --allow-read --allow-env --allow-sys=uid \
  "$root/main_permissions.ts" "$@") || exit
eval "exec $command"
