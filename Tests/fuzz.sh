#!/bin/sh
# fuzz.sh CAMPAIGN SCRATCH SECONDS: runs each target of Tests/Fuzz for that long, two at a time.
#
# The package manager cannot link a fuzzer, so the modules are compiled here, with the instrumentation
# that lets it see which branches an input reaches. Inputs that were worth keeping stay in SCRATCH.
set -eu
campaign=$1
scratch=$2/fuzz
seconds=$3
swiftc=${SWIFTC:-swiftc}
mkdir -p "$scratch"
flags="-O -wmo -parse-as-library -swift-version 6 -enable-upcoming-feature ExistentialAny
  -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
  -sanitize=fuzzer -I $scratch"

module() {
  # $1 its name, $2 its folder
  $swiftc $flags -module-name "$1" -emit-module -emit-module-path "$scratch/$1.swiftmodule" \
    -c $(find "$2" -name '*.swift' | sort) -o "$scratch/$1.o"
}

if [ ! -x "$scratch/fuzz" ] || [ -n "$(find Sources/ExchangeCore Sources/ExchangeText Tests/TestSupport \
  Tests/Fuzz -name '*.swift' -newer "$scratch/fuzz")" ]; then
  module ExchangeCore Sources/ExchangeCore
  module ExchangeText Sources/ExchangeText
  module TestSupport Tests/TestSupport
  $swiftc $flags -module-name fuzz Tests/Fuzz/*.swift "$scratch/ExchangeCore.o" "$scratch/ExchangeText.o" \
    "$scratch/TestSupport.o" -o "$scratch/fuzz"
fi

# Inputs to begin with: what the scenarios do, as lines, as commands, as snapshots.
mkdir -p "$scratch/seeds"
"$campaign" --fuzz-seeds "$scratch/seeds"

run() {
  mkdir -p "$scratch/corpus/$1" "$scratch/seeds/$1" "$scratch/found/$1"
  if FUZZ_TARGET=$1 "$scratch/fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -max_len=8192 -print_final_stats=1 -artifact_prefix="$scratch/found/$1/" \
    "$scratch/corpus/$1" "$scratch/seeds/$1" >"$scratch/$1.log" 2>&1; then
    echo "fuzz $1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$1.log") inputs, no find"
  else
    echo "fuzz $1: a find, $scratch/$1.log"
    grep -E 'Fatal error|ERROR|SUMMARY|Test unit written' "$scratch/$1.log" | head -5
    return 1
  fi
}

failed=0
for pair in "commands snapshots" "audit lines" "decimals"; do
  set -- $pair
  run "$1" & first=$!
  if [ $# -gt 1 ]; then run "$2" || failed=1; fi
  wait $first || failed=1
done
exit $failed
