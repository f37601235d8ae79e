#!/bin/sh
# instructions.sh ZEROSUM [--write]: instructions a command, counted by valgrind, against Tests/instructions.txt.
#
# Seconds on a shared machine say little; instructions are the same on every run to a few thousandths. More
# than four in a hundred above what is committed fails; --write commits what is counted now.
# Status 3: valgrind is not there and cannot be installed.
set -eu
zerosum=$1
figures=$(dirname "$0")/instructions.txt

have() { command -v "$1" >/dev/null 2>&1; }
if ! have valgrind || ! have strip; then
  root=
  [ "$(id -u)" -eq 0 ] || root="sudo -n"
  if have apt-get && { [ -z "$root" ] || have sudo; }; then
    { $root apt-get update && $root apt-get install -y --no-install-recommends valgrind binutils; } \
      >/dev/null 2>&1 || true
  fi
  if ! have valgrind || ! have strip; then
    echo "instructions: valgrind is missing; this installs it: sudo apt-get install valgrind binutils"
    exit 3
  fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Valgrind stumbles over some compilers' debug information and needs only the symbols.
strip -g -o "$work/zerosum" "$zerosum"

failed=0
measure() {
  # $1 name, $2 commands, $3 the function inside of which is counted, then arguments of bench
  name=$1 commands=$2 function=$3
  shift 3
  valgrind --tool=callgrind --callgrind-out-file="$work/out" --toggle-collect="$function" \
    "$work/zerosum" bench "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  total=$(sed -n 's/.*Collected : *//p' "$work/log" | tr -d ,)
  now=$((total / commands))
  if [ "$mode" = --write ]; then
    echo "$name $now" >>"$work/figures"
    return 0
  fi
  committed=$(sed -n "s/^$name //p" "$figures")
  if [ -z "$committed" ] || [ $((now * 100)) -gt $((committed * 104)) ]; then
    echo "instructions $name: $now a command; committed are ${committed:-none}"
    failed=1
  else
    echo "instructions $name: $now a command, at most $((committed * 104 / 100))"
  fi
}

mode=${2:-}
batch='*ExchangeCore0A0V5apply5batch*'
measure book 99955 '*Benchmarks9BookBenchC3run*' book --orders 50000 --runs 1
measure stream-book 101000 '*Benchmarks11StreamBenchC7runBook*' stream --commands 100000 --runs 1
measure stream-core 101000 "$batch" stream --commands 100000 --runs 1
measure core-100 100000 "$batch" core --markets 100 --commands 100000 --runs 1
[ "$mode" = --write ] && cp "$work/figures" "$figures"
exit $failed
