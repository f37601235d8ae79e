#!/bin/sh
# fuzz.sh CAMPAIGN SCRATCH SECONDS: runs each target of Tests/Fuzz for that long, two or three at a time.
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
  -enable-experimental-feature RawLayout
  -package-name zerosum -sanitize=fuzzer -I $scratch -I $2/release/Modules"
# The deque of bounded lists is a library's: as the release build made it, without instrumentation.
library=
for name in DequeModule InternalCollectionsUtilities ContainersPreview BasicContainers; do
  rm -f "$scratch/$name.a"
  if [ -d "$2/release/$name.build" ]; then
    find "$2/release/$name.build" -name '*.o' -exec ar qcs "$scratch/$name.a" {} +
  fi
  if [ -e "$scratch/$name.a" ]; then library="$library $scratch/$name.a"; fi
done

changed() {
  # Whether a file of folder $1 is newer than $2, or something under it was built anew.
  [ -n "$rebuilt" ] || [ ! -e "$2" ] || [ -n "$(find "$1" -name '*.swift' -newer "$2")" ]
}

rebuilt=
for name in ExchangeCore ExchangeText ReadModel BinanceDialect TestSupport; do
  folder=Sources/$name
  [ "$name" = TestSupport ] && folder=Tests/TestSupport
  if changed "$folder" "$scratch/$name.o"; then
    $swiftc $flags -module-name $name -emit-module -emit-module-path "$scratch/$name.swiftmodule" \
      -c $(find "$folder" -name '*.swift' | sort) -o "$scratch/$name.o"
    rebuilt=yes
  fi
done
if changed Tests/Fuzz "$scratch/fuzz"; then
  $swiftc $flags -module-name fuzz Tests/Fuzz/*.swift "$scratch/ExchangeCore.o" "$scratch/ExchangeText.o" \
    "$scratch/ReadModel.o" "$scratch/BinanceDialect.o" "$scratch/TestSupport.o" $library -o "$scratch/fuzz"
fi

# Inputs to begin with: what the scenarios do, as lines, as commands, as snapshots.
mkdir -p "$scratch/seeds"
"$campaign" --fuzz-seeds "$scratch/seeds"

run() {
  mkdir -p "$scratch/corpus/$1" "$scratch/seeds/$1" "$scratch/found/$1"
  if [ -d "Tests/Fuzz/Seeds/$1" ]; then cp "Tests/Fuzz/Seeds/$1"/* "$scratch/seeds/$1/"; fi
  # Without the language's own backtrace the fuzzer sees the trap, and keeps the input that led to it.
  if SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$1 "$scratch/fuzz" -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1 -artifact_prefix="$scratch/found/$1/" \
    "$scratch/corpus/$1" "$scratch/seeds/$1" >"$scratch/$1.log" 2>&1; then
    echo "fuzz $1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/$1.log") inputs, no find"
    return 0
  fi
  input=$(sed -n 's/.*Test unit written to //p' "$scratch/$1.log" | tail -1)
  echo "fuzz $1: a find; FUZZ_TARGET=$1 $scratch/fuzz $input shows:"
  FUZZ_TARGET=$1 "$scratch/fuzz" "$input" 2>&1 | grep -E 'Fatal error|failure|^ *[0-9]+ .* in fuzz' | head -8
  return 1
}

# Decimals are quick work beside the others.
failed=0
for group in "commands snapshots decimals" "audit lines wire"; do
  started=
  for target in $group; do
    run "$target" &
    started="$started $!"
  done
  for process in $started; do wait "$process" || failed=1; done
done
exit $failed
