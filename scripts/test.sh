#!/usr/bin/env bash
# Sets up, builds and runs every test: the decoders' fuzz targets (clang), the sanitized build, then the release build,
# whose CTest summary comes last. The first failure stops it. Takes no input; prints little unless something fails.
#   scripts/test.sh            all presets
#   scripts/test.sh debug      only these presets, in this order
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(fuzz debug release)
jobs=$(nproc)

scripts/setup.sh

quietly() {  # what was done goes to a log, shown only if it fails
  local log=build/test-$1.log
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 200 "$log" >&2
    echo "test: failed: $* (whole log: $log)" >&2
    exit 1
  fi
}

mkdir -p build
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
for preset in "${presets[@]}"; do
  started=$SECONDS
  echo "test: $preset: build"
  quietly "$preset-configure" cmake --preset "$preset"
  target=all
  [ "$preset" != fuzz ] || target=fuzz_targets
  quietly "$preset-build" cmake --build --preset "$preset" --target "$target" -j "$jobs"
  echo "test: $preset: built in $((SECONDS - started)) s, testing"
  # One more than cores: tests of whole runs mostly wait.
  if ! ctest --preset "$preset" -j "$((jobs + 1))" --quiet --no-tests=error --output-log "build/test-$preset.log"; then
    grep -vE '^ +Start +[0-9]+: |  Passed  ' "build/test-$preset.log" | tail -n 1000 >&2 || true
    echo "test: $preset: tests failed (whole log: build/test-$preset.log)" >&2
    exit 1
  fi
  tail -n 40 "build/test-$preset.log" | sed -n '/tests passed/,$p'
done
