#!/bin/sh
# Fetches a runtime for compiled programs, and the Deno that it is of, from PyPI: Deno's own can be had
# from its server alone. It is older than the one of a release. Prints the folder that has both.
set -eu
folder=${XDG_CACHE_HOME:-$HOME/.cache}/sudo-proxy-standin
if ! [ -x "$folder/denort" ]; then
  mkdir -p "$folder/wheels"
  cat >"$folder/wheels.txt" <<'END'
deno==2.6.10 --hash=sha256:d1600f4ee7b4a9699b7057841bdb5d7b7eac3fb073df072540064166841c2f4c
bids-validator-deno==2.4.1 --hash=sha256:5087fcd13341f529b5404792a74e22f570e50f17e5ea4cabe9c91b1caf74cbf4
END
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --require-hashes --requirement "$folder/wheels.txt" --dest "$folder/wheels" >&2
  for wheel in "$folder"/wheels/*.whl; do python3 -m zipfile -e "$wheel" "$folder/wheels"; done
  mv "$folder"/wheels/deno-2.6.10.data/scripts/deno "$folder/deno"
  mv "$folder"/wheels/bids_validator_deno-2.4.1.data/scripts/bids-validator-deno "$folder/denort"
  chmod 755 "$folder/deno" "$folder/denort"
  rm -rf "$folder/wheels"
fi
echo "$folder"
