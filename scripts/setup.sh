#!/usr/bin/env bash
# Installs what the build needs from the distribution's packages (Debian or Ubuntu), and only what is missing.
# Safe to run again; asks nothing. Needs root or sudo when something is missing.
set -euo pipefail

packages=(
  g++ cmake ninja-build pkg-config ccache mold git ca-certificates
  clang-14 libclang-rt-14-dev                       # libFuzzer
  libsimdjson-dev libfmt-dev libcli11-dev libtomlplusplus-dev
  libssl-dev libzstd-dev zlib1g-dev libdeflate-dev libsqlite3-dev
  libsodium-dev libp11-kit-dev softhsm2             # keys; SoftHSM is the token of the tests
  libboost-dev libwebsocketpp-dev
  libgtest-dev libgmock-dev libbenchmark-dev nlohmann-json3-dev
)

fail() {
  echo "setup: $*" >&2
  exit 1
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  fail "this is no Debian or Ubuntu; install the equivalents of: ${packages[*]}"
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all ${#packages[@]} packages are here"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || fail "missing: ${missing[*]}; run as root or install sudo"
  sudo -n true 2>/dev/null || [ -t 0 ] || fail "missing: ${missing[*]}; sudo asks for a password, so run this in a terminal"
  as_root=(sudo)
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null >"$log" 2>&1
}
apt update || { cat "$log" >&2; fail "apt-get update failed: is the network up?"; }
apt install -y --no-install-recommends "${missing[@]}" || { cat "$log" >&2; fail "apt-get install failed"; }
echo "setup: done"
