#!/bin/sh
# Starts sudo-proxy with exactly the permissions that its arguments need: start.sh DENO [ARGUMENT]...
# For the MCP server, the first argument is mcp. In a package, the bundle is beside this file.
here=$(dirname "$(readlink -f "$0")")
module=$here/main_permissions.js
config=--no-config
if [ ! -f "$module" ]; then
  module=$here/../main_permissions.ts
  config=--config=$here/../deno.json
fi
deno=$1
shift

if [ "$(uname -s)" != Linux ]; then
  echo "sudo-proxy: Cannot start: it needs Linux on x86_64 or aarch64, and this is $(uname -sm)" >&2
  exit 1
fi
if [ -z "$deno" ]; then
  echo 'sudo-proxy: Cannot start: Deno is missing. Install it: npm install --global deno@2.9' >&2
  exit 1
fi
if ! /usr/bin/env --block-signal=USR1 true 2>/dev/null; then
  echo 'sudo-proxy: Cannot start: /usr/bin/env has no --block-signal. Install GNU coreutils 8.31 or later' >&2
  exit 1
fi
# These would load code, open a debugger or connect to something, whatever is granted.
unset NODE_OPTIONS OTEL_DENO
command=$(/usr/bin/env --block-signal=USR1 "$deno" run \
  --v8-flags=--max-semi-space-size=2,--heap-growing-percent=30 --quiet --cached-only --no-prompt \
  "$config" --allow-read --allow-env --allow-sys=uid "$module" "$@") || exit
eval "exec $command"
