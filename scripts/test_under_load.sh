#!/usr/bin/env bash
# Runs built tests again and again on a machine that is busy with other things: four loops that want a whole core each,
# and the tests a step below them in priority; then on half of the machine, with one such loop on that half. What fails here
# and passes on an idle machine depends on its pace. Prints what failed; ends with 1 then.
#   scripts/test_under_load.sh [PRESET ...]       debug and release when none is named; build them first
#   WAITING=20 OTHERS=3 JOBS=3 scripts/test_under_load.sh   how often: programs that start programs, threads or
#                                          sockets; all others; and how many at once (more: a heavier load, done sooner)
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

waiting='^(app|live|net|keys|report)_test'
presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(debug release)
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

loops=()
trap 'kill "${loops[@]}" 2>/dev/null || true' EXIT
busy() {  # count, then words put before the loop (taskset)
  local count=$1
  shift
  for _ in $(seq "$count"); do
    "$@" bash -c 'while :; do :; done' &
    loops+=($!)
  done
}
calm() {
  kill "${loops[@]}" 2>/dev/null || true
  wait "${loops[@]}" 2>/dev/null || true
  loops=()
}
failed=0
round() {  # title, preset, how often, then words for ctest; $around goes before ctest
  local title=$1 preset=$2 times=$3
  shift 3
  local log=build/load-$preset.log started=$SECONDS
  if "${around[@]}" ctest --preset "$preset" --quiet --output-log "$log" --repeat "until-fail:$times" "$@"; then
    echo "$title: $preset: $times times, no failure, $((SECONDS - started)) s: $*"
  else
    failed=1
    echo "$title: $preset: FAILED within $times times: $*"
    grep -E 'run it alone|^[0-9 ]+% tests passed|\*\*\*|Failure$' "$log" | sort | uniq -c | head -n 40
    cp "$log" "$log.failed"
  fi
}

for preset in "${presets[@]}"; do
  around=(nice -n 1)
  busy 4 env
  round "four loops" "$preset" "${WAITING:-20}" -j "${JOBS:-3}" -R "$waiting"
  round "four loops" "$preset" "${OTHERS:-3}" -j "${JOBS:-3}" -E "$waiting"
  calm
  around=(taskset -c 0 nice -n 1)
  busy 1 taskset -c 0
  round "half a machine" "$preset" 1 -j 2
  calm
done
exit "$failed"
