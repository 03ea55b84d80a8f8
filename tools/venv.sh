#!/bin/sh
# Makes a virtual environment. Debian and Ubuntu keep a part of Python that this needs in a package of its own.
set -eu
python=$1
venv=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or newer is needed, $("$python" --version) is here; name another one with make PYTHON=..." >&2
  exit 1
}
if "$python" -m venv "$venv" >/dev/null 2>&1; then exit 0; fi
rm -rf "$venv"
echo "installing python3-venv, which Debian and Ubuntu keep apart" >&2
if [ "$(id -u)" = 0 ]; then as=""; else as="sudo"; fi
{ $as apt-get update -qq && $as apt-get install -y -qq python3-venv >/dev/null; } || {
  echo "that failed; install the package python3-venv yourself and run make again" >&2
  exit 1
}
"$python" -m venv "$venv"
