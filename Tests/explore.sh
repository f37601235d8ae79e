#!/bin/sh
# explore.sh CAMPAIGN SCRATCH STATES AUDITED: every state of the small worlds of Tests/Worlds, two worlds at a time.
#
# STATES are found of a world that has a file of its own, a quarter of them where a file is a world of each
# selection; AUDITED likewise, with the second implementation beside the core. Counterexamples are left in
# SCRATCH/explorer as scenarios.
set -eu
export campaign=$1
export out=$2/explorer
states=$3
audited=$4
mkdir -p "$out"
rm -f "$out"/*

# Merging loses nothing: sequences of three commands, with nothing merged, meet as many different states.
for world in cross orders vault steps hedge; do
  for merge in 0 2; do
    "$campaign" --explore --depth 3 --states 10000000 --laws 0 --merge $merge "Tests/Worlds/$world.jsonl" |
      sed -n 's/^world .*: \([0-9]*\) states, \([0-9]*\) different.*/\1 \2/p' >"$out/merge-$merge"
  done
  read -r sequences different <"$out/merge-0"
  read -r merged _ <"$out/merge-2"
  if [ "$different" != "$merged" ]; then
    echo "explore: $world has $different states, and $merged where they are merged"
    exit 1
  fi
  echo "world $world: $sequences sequences of up to three commands reach $different states, merged or not"
done

# The file, the world and how many states, a line a world.
worlds() {
  for file in Tests/Worlds/*.jsonl; do
    "$campaign" --explore --list "$file" | while read -r world; do
      case $world in */*) echo "$file $world $(($1 / 4))" ;; *) echo "$file $world $1" ;; esac
    done
  done
}

# A row is printed in one piece.
one='
  status=0
  said=$("$campaign" --explore --only "$2" --states "$3" --audit "$audit" --out "$out" "$1") || status=1
  echo "$said"
  exit $status
'
explore() {
  export audit=$2
  worlds "$1" | xargs -P 2 -L 1 sh -c "$one" explore
}

total() {
  awk -v what="$1" '/^world / { worlds++
      for (i = 2; i <= NF; i++) { if ($i == "states,") states += $(i - 1); if ($i == "steps,") steps += $(i - 1) } }
    END { printf "%d worlds, %d states, %d steps, %s\n", worlds, states, steps, what }'
}

# The rows as a table, which BENCHMARKS.md takes.
table() {
  echo "| world | states | steps | depth | steps/s of a core |"
  echo "|---|---|---|---|---|"
  sed -n 's/^world \(.*\): \([0-9]*\) states, .* different, \([0-9]*\) steps, .* depth \(.*\), .* ms, \(.*\) steps.s$/| \1 | \2 | \3 | \4 | \5 |/p'
}

status=0
explore "$states" 0 >"$out/rows" || status=1
cat "$out/rows"
total "the laws at each" <"$out/rows" | tee "$out/total"
{ echo "STATES=$states: $(cat "$out/total")"; echo; table <"$out/rows"; } >"$out/table.md"
explore "$audited" 1 >"$out/audited" || status=1
grep -B 2 -A 1 'DOES NOT HOLD' "$out/audited" || true
total "the second implementation beside the core" <"$out/audited"
exit $status
