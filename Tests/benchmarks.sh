#!/bin/sh
# Runs every benchmark and writes BENCHMARKS.md from what they print: Tests/benchmarks.sh ZEROSUM > BENCHMARKS.md
# Peers' figures are quoted with their source; a ratio is stated only where both ran in the same run, by turns:
# PEER_BOOK and PEER_STREAM name commands for that (Specs/benchmarks.md). EXPLORED names the table that `make
# explore` left, which takes half an hour by itself.
set -eu
zerosum=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run() {
    echo "bench $*" >&2
    "$zerosum" bench "$@" --json >>"$work/results"
}
# $1 what, $2 the figure of ours, $3 the peer's command, then the benchmark that both play.
beside() {
    what=$1 figure=$2 peer=$3
    shift 3
    [ -n "$peer" ] || return 0
    "$zerosum" bench "$@" --write "$work/messages"
    for turn in 1 2 3 4 5; do
        echo "peer, bench $*: turn $turn" >&2
        theirs=$($peer "$work/messages" | tail -1 | awk '{print $NF}')
        ours=$("$zerosum" bench "$@" --runs 1 --json | sed -n "s/.*\"$figure\":\"\([0-9]*\).*/\1/p")
        echo "$what $ours $theirs" >>"$work/turns"
    done
}
: >"$work/turns"
for scenario in static normal swing-25 swing-40 flash-crash; do
    run book --scenario "$scenario" --hash
    beside "book $scenario" messagesPerSecond "${PEER_BOOK:-}" book --scenario "$scenario"
done
run stream
beside "stream" bookCommandsPerSecond "${PEER_STREAM:-}" stream
run core --markets 1
run core --markets 100
run core --markets 10000
run risk
run latency
run memory
run stops
run serve
run refusals
python3 "$(dirname "$0")/benchmarks.py" "$work/results" "$work/turns"
if [ -f "${EXPLORED:-}" ]; then
    printf '\n## explorer\n\nWritten by `make explore`, by itself: states of small worlds, each with all laws. Depth: so many commands\nin a row, of which every state was seen.\n\n'
    cat "$EXPLORED"
fi
