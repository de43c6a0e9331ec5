#!/bin/sh
# Installs the clients that the tests run, in fixed versions, into a folder of their own. Needs npm,
# python3 with venv, and about 900 MB.
set -eu
folder=${XDG_CACHE_HOME:-$HOME/.cache}/sudo-proxy-clients
mkdir -p "$folder"
npm install --silent --no-fund --no-audit --prefix "$folder" \
  @anthropic-ai/claude-code@2.1.331 \
  @openai/codex@0.169.0 \
  @modelcontextprotocol/inspector@2.12.0
[ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0
