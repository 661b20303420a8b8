#!/usr/bin/env bash
# Sets up, builds and runs every test: the sanitized build with the decoders' fuzz targets (clang), then the release
# build (g++). The first failure stops it. Takes no input; prints little unless something fails, and at the end where
# the time went (kept in build/test-times.txt).
#   scripts/test.sh                          everything
#   scripts/test.sh debug                    only these presets, in this order
#   scripts/test.sh --only FOLDER [PRESET]   the tests of one folder: connectors/okx, engine/market, tests/contract, tests
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

jobs=$(nproc)
times=build/test-times.txt
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

fail() {
  echo "test: $*" >&2
  exit 1
}

seconds_since() { awk -v now="$(date +%s.%N)" -v then="$1" 'BEGIN { printf "%.1f", now - then }'; }

quietly() {  # what was done goes to a log, shown only if it fails
  local log=build/test-$1.log
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 200 "$log" >&2
    fail "failed: $* (whole log: $log)"
  fi
}

# The tests of one folder are one program: its name, or nothing.
program_of() {
  local folder=${1%/}
  case $folder in
    tests) echo house_test ;;
    tests/fuzz) echo fuzz_targets ;;
    connectors/*) echo "connector_${folder#connectors/}_test" ;;
    strategies/*) echo "strategy_${folder#strategies/}_test" ;;
    engine/connect | engine/emulate) echo venue_test ;;
    engine/* | tests/*) echo "${folder##*/}_test" ;;
  esac
}

run_tests() {  # preset, further words for ctest
  local preset=$1
  shift
  local log=build/test-$preset.log
  rm -rf "build/$preset/test-results"
  # More than cores: tests of whole runs mostly wait.
  if ! ctest --preset "$preset" -j "$((jobs + 2))" --quiet --no-tests=error --output-log "$log" "$@"; then
    grep -vE '^ +Start +[0-9]+: |  Passed  |^\[( RUN      |       OK |-+)\]|^\[==' "$log" | tail -n 1000 >&2 || true
    fail "$preset: tests failed (whole log: $log)"
  fi
}

# One line a test of a preset: result, seconds, name, and why it was skipped. From what the programs wrote.
results_of() {
  find "build/$1/test-results" -name '*.xml' 2>/dev/null | sort | xargs -r awk '
    function value(key,   from, rest) {
      from = index($0, " " key "=\""); if (!from) return ""
      rest = substr($0, from + length(key) + 3); return substr(rest, 1, index(rest, "\"") - 1)
    }
    /<testcase / { test = value("classname") "." value("name"); took = value("time"); result = value("result")
                   if (result != "skipped") print result "\t" took "\t" test "\t" }
    /<skipped message=/ { why = value("message"); sub(/^.*&#x0A;/, "", why)
                          print "skipped\t" took "\t" test "\t" why; result = "" }'
}

if [ "${1:-}" = --only ]; then
  [ $# -ge 2 ] || fail "--only needs a folder, such as connectors/okx or engine/market"
  program=$(program_of "$2")
  preset=${3:-debug}
  [ -d "$2" ] && [ -n "$program" ] || fail "$2 is no folder with tests: see tests/README.md"
  mkdir -p build
  [ -f "build/$preset/build.ninja" ] || { scripts/setup.sh; quietly "$preset-configure" cmake --preset "$preset"; }
  ninja -C "build/$preset" -t targets all 2>/dev/null | grep "^$program:" >/dev/null ||
    fail "$2 has no tests of its own in the $preset build"
  quietly "$preset-build" cmake --build --preset "$preset" --target "$program" -j "$jobs"
  run_tests "$preset" -R "^$(echo "$program" | sed 's/^fuzz_targets$/fuzz_/')(_[0-9]+_of_[0-9]+$|$|[a-z])"
  results_of "$preset" | awk -F'\t' '{ n[$1]++; t += $2 } END {
    printf "test: %d passed, %d skipped, %.1f s\n", n["completed"], n["skipped"], t }'
  exit 0
fi

presets=("$@")
[ ${#presets[@]} -gt 0 ] || presets=(debug release)
scripts/setup.sh
mkdir -p build
facts=$(mktemp)
trap 'rm -f "$facts"' EXIT
for preset in "${presets[@]}"; do
  echo "test: $preset: build"
  started=$(date +%s.%N)
  quietly "$preset-configure" cmake --preset "$preset"
  printf 'part\t%s\tconfigure\t%s\n' "$preset" "$(seconds_since "$started")" >>"$facts"
  log=build/$preset/.ninja_log
  known=$(wc -l 2>/dev/null <"$log" || echo 1)
  started=$(date +%s.%N)
  quietly "$preset-build" cmake --build --preset "$preset" -j "$jobs"
  printf 'part\t%s\tbuild\t%s\n' "$preset" "$(seconds_since "$started")" >>"$facts"
  tail -n "+$((known + 1))" "$log" | awk -F'\t' -v part="$preset" '
    { kind = $4 ~ /\.o$/ ? "compile" : "link"; took = ($2 - $1) / 1000
      p = $4 ~ /^tests\/fuzz\// ? "fuzz" : part; sum[p "\t" kind] += took
      if (kind == "compile") print "object\t" took "\t" part "/" $4 }
    END { for (s in sum) printf "part\t%s\t%.1f\n", s, sum[s] }' >>"$facts"
  echo "test: $preset: built, testing"
  started=$(date +%s.%N)
  run_tests "$preset"
  printf 'part\t%s\ttest\t%s\n' "$preset" "$(seconds_since "$started")" >>"$facts"
  awk '/fuzz_.* Passed / { for (i = 1; i < NF; i++) if ($i == "Passed") took += $(i + 1) }
       END { if (took) printf "part\tfuzz\ttest\t%.1f\n", took }' "build/test-$preset.log" >>"$facts"
  results_of "$preset" | sed "s/^/test\t$preset\t/" >>"$facts"
done

awk -F'\t' '
  $1 == "part" { sum[$2 "\t" $3] += $4; if (!($2 in seen)) { seen[$2] = 1; order[++parts] = $2 } }
  END {
    printf "seconds       configure    build     test    compile   (of these, summed over parallel jobs:\n"
    printf "                                             and link   compile and link)\n"
    for (i = 1; i <= parts; i++) { p = order[i]
      printf "  %-12s%9.1f%9.1f%9.1f%11.1f + %.1f\n", p, sum[p "\tconfigure"], sum[p "\tbuild"], sum[p "\ttest"],
             sum[p "\tcompile"], sum[p "\tlink"] }
    print "  fuzz targets are built and run within debug: their build and test seconds are part of it"
  }' "$facts" >"$times"
dearest() {  # kind, column of the seconds; awk reads to the end, so that nothing before it writes into a closed pipe
  awk -F'\t' -v kind="$1" '$1 == kind' "$facts" | sort -t$'\t' -k"$2,$2nr" | awk -F'\t' -v at="$2" '
    NR <= 10 { printf "  %7.1f  %s\n", $at, at == 2 ? $3 : $2 " " $5 }'
}
{
  echo "dearest objects (seconds)"
  dearest object 2
  echo "dearest tests (seconds)"
  dearest test 4
  echo "skipped"
  awk -F'\t' '$1 == "test" && $3 == "skipped" { print "  " $2 " " $5 ": " $6 }' "$facts"
} >>"$times"
cat "$times"
awk -F'\t' '$1 == "test" { n[$3]++ } END { printf "%d passed, 0 failed, %d skipped\n", n["completed"], n["skipped"] }' "$facts"
