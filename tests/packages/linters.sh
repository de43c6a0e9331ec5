#!/bin/sh
# Fetches zizmor from PyPI, and actionlint where Go can build it: they check the workflow of a release.
# Prints the folder that has them.
set -eu
folder=${XDG_CACHE_HOME:-$HOME/.cache}/sudo-proxy-linters
mkdir -p "$folder"
if ! [ -x "$folder/zizmor" ]; then
  echo 'zizmor==1.32.0 --hash=sha256:84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071' \
    >"$folder/wheels.txt"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --requirement "$folder/wheels.txt" --dest "$folder/wheels" >&2
  python3 -m zipfile -e "$folder"/wheels/*.whl "$folder/wheels"
  mv "$folder"/wheels/zizmor-*.data/scripts/zizmor "$folder/zizmor"
  chmod 755 "$folder/zizmor"
  rm -rf "$folder/wheels"
fi
PATH=$PATH:/usr/local/go/bin
if ! [ -x "$folder/actionlint" ] && command -v go >/dev/null; then
  GOBIN=$folder go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 >&2
fi
echo "$folder"
