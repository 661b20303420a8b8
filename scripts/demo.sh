#!/usr/bin/env bash
# Sets up, builds, and does the main job on the recording that the project ships: audit it, backtest it, leave the
# HTML report, and show that the recorded session replays to the same decisions.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh
cmake --preset release > /dev/null
cmake --build --preset release --target arbiter -- -j"$(nproc)" | tail -n 1

arbiter=build/release/arbiter
out=out/demo
mkdir -p "$out"

echo
echo "1. Are the recorded books true?   arbiter audit config/sample.arb"
"$arbiter" audit config/sample.arb
echo
echo "2. What would we have earned?     arbiter backtest config/backtest.toml config/sample.arb"
"$arbiter" backtest config/backtest.toml config/sample.arb --report "$out/report.html" --record "$out/session.arb"
echo
echo "3. Does it decide the same again? arbiter replay $out/session.arb"
"$arbiter" replay "$out/session.arb"
echo
echo "The report: $out/report.html"
