#!/usr/bin/env bash
# DET-1: every scenario, in two processes each of a debug and a release build (every process has its own hash
# seed), must print the same events and end in the same state.
set -euo pipefail
cd "$(dirname "$0")/.."
debug=$1
release=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
for file in Tests/Scenarios/*.jsonl; do
    number=0
    for program in "$debug" "$debug" "$release" "$release"; do
        number=$((number + 1))
        "$program" run "$file" > "$work/events.$number"
        "$program" run --state "$file" >> "$work/events.$number"
    done
    for other in 2 3 4; do
        if ! cmp "$work/events.1" "$work/events.$other"; then
            echo "determinism: $file differs between processes 1 and $other" >&2
            exit 1
        fi
    done
    count=$((count + 1))
done
echo "$count scenarios give the same bytes in four processes, debug and release"
