#!/bin/sh
# assertions.sh [--write]: counts the functions and the assertions of the rooms that decide money, and fails if a
# room has fewer assertions than Tests/assertions.txt says. --write puts the present counts there.
#
# An assertion is an `assert` or a `precondition`; a function is a `func` or an `init`; a computed property
# does not count. The aim is two a function.
set -eu
cd "$(dirname "$0")/.."
kept=Tests/assertions.txt
found=$(mktemp)
trap 'rm -f "$found"' EXIT
for room in Ledger Margin Waterfall Settlement Deleveraging Accounts Prices Funding; do
  files=$(find "Sources/ExchangeCore/$room" -name '*.swift' | sort)
  functions=$(cat $files | grep -cE '^ *(@[a-z]+(\([a-z_]+\))? +)*([a-z]+ +)*(func |init\()')
  assertions=$(cat $files | grep -cE '^ *(assert|precondition)\(' || true)
  echo "$room $assertions $functions"
done >"$found"
if [ "${1-}" = --write ]; then
  cut -d' ' -f1,2 "$found" >"$kept"
fi
status=0
while read -r room assertions functions; do
  least=$(awk -v room="$room" '$1 == room { print $2 }' "$kept")
  awk -v r="$room" -v a="$assertions" -v f="$functions" \
    'BEGIN { printf "%-13s %4d assertions in %3d functions, %.2f a function\n", r, a, f, a / f }'
  if [ "$assertions" -lt "${least:-0}" ]; then
    echo "$room has lost assertions: $assertions of $least are left"
    status=1
  fi
done <"$found"
awk '{ a += $2; f += $3 } END { printf "%-13s %4d assertions in %3d functions, %.2f a function\n", "all", a, f, a / f }' "$found"
exit $status
