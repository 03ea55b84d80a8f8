#!/bin/sh
# sbom.sh BIN FILE: the bill of materials (CycloneDX, JSON) of what runs. It is read from an environment that holds
# what is locked and nothing else: names, versions, licences, what needs what. The same lock gives the same file.
set -eu
cd "$(dirname "$0")/.."
bin=$1
file=$2
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
"$bin/python" -m venv --without-pip "$environment"
"$bin/pip" --python "$environment/bin/python" install --quiet --disable-pip-version-check --no-compile --no-deps \
  --require-hashes --requirement requirements/run.txt
mkdir -p "$(dirname "$file")"
"$bin/cyclonedx-py" environment --pyproject pyproject.toml --output-reproducible --output-format JSON \
  --spec-version 1.6 --output-file "$file" "$environment/bin/python"
