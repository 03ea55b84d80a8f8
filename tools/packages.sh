#!/bin/sh
# Installs the Debian packages that tests need and that are missing. Servers that tests run are not among them: the
# package would start them as a service.
set -eu
list=$(dirname "$0")/packages.txt
missing=""
while read -r package shown rest; do
  case $package in ''|'#'*) continue ;; esac
  command -v "$shown" >/dev/null 2>&1 || [ -e "$shown" ] || missing="$missing $package"
done <"$list"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then as=""; else as="sudo"; fi
[ ! -t 2 ] || echo "installing what tests need:$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
{ $as apt-get update -qq && $as apt-get install -y -qq --no-install-recommends $missing >/dev/null; } || {
  echo "that failed; install these packages yourself and run make again:$missing" >&2
  exit 1
}
