#!/usr/bin/env bash
# Sets up, builds, and does the main job: a minute of trading on six emulated venues over TLS on loopback, with faults, and the
# account of it beside the venues' own; then the shipped recording is audited and backtested.
#   DEMO_SECONDS=20 scripts/demo.sh    a shorter one
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
cmake --preset release > /dev/null
cmake --build --preset release --target arbiter -- -j"$(nproc)" | tail -n 1

arbiter=build/release/arbiter
out=out/demo
mkdir -p "$out"

echo
echo "1. Does it trade?                 arbiter demo --seconds ${DEMO_SECONDS:-60} --report $out/ledger.html"
"$arbiter" demo --seconds "${DEMO_SECONDS:-60}" --directory "$out/run" --report "$out/ledger.html"
echo
echo "2. Are recorded books true?       arbiter audit config/sample.arb"
"$arbiter" audit config/sample.arb
echo
echo "3. What would we have earned?     arbiter backtest config/backtest.toml config/sample.arb"
"$arbiter" backtest config/backtest.toml config/sample.arb --report "$out/report.html" --record "$out/session.arb"
echo
echo "4. Does it decide the same again? arbiter replay $out/session.arb"
"$arbiter" replay "$out/session.arb"
echo
echo "The reports: $out/ledger.html, $out/report.html"
