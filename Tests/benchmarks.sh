#!/bin/sh
# Runs every benchmark and writes BENCHMARKS.md from what they print: Tests/benchmarks.sh ZEROSUM > BENCHMARKS.md
# Peers' figures are quoted with their source; a ratio is stated only where both ran in the same run.
set -eu
zerosum=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() {
    echo "bench $*" >&2
    "$zerosum" bench "$@" --json >>"$work/results"
}
for scenario in static normal swing-25 swing-40 flash-crash; do run book --scenario "$scenario" --hash; done
run stream
run core --markets 1
run core --markets 100
run core --markets 10000
run risk
run latency
run memory
python3 "$(dirname "$0")/benchmarks.py" "$work/results"
