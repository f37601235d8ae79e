#!/bin/sh
# mutants.sh CAMPAIGN SCRATCH [CHECKER]: plants each fault of Tests/Mutants into the core and says what catches it.
#
# One build holds them all; which one is planted is chosen at run time. Nothing planted must pass. Where the law
# of coalitions (ADL-19) sees it without auditor and scenarios, it says so besides; whether the explorer of small
# worlds does, with the laws and the second implementation; and where the checker of the proofs is given, whether
# that refuses what the core tells.
set -eu
campaign=$1
scratch=$2/mutants
swiftc=${SWIFTC:-swiftc}
checker=${3:-}
mkdir -p "$scratch/core" "$scratch/out"
rm -f "$scratch"/core/* "$scratch"/out/*
"$campaign" --mutants-source "$scratch/core"

flags="-O -wmo -swift-version 6 -enable-upcoming-feature ExistentialAny -DMUTANTS
  -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
  -enable-experimental-feature RawLayout -I $scratch"
module() {
  # $1 its name, then its sources
  name=$1
  shift
  $swiftc $flags -parse-as-library -module-name "$name" -emit-module \
    -emit-module-path "$scratch/$name.swiftmodule" -c "$@" -o "$scratch/$name.o"
}
module ExchangeCore "$scratch"/core/*.swift Tests/Mutants/Planted.swift
module ExchangeText $(find Sources/ExchangeText -name '*.swift' | sort)
module TestSupport $(find Tests/TestSupport -name '*.swift' | sort)
$swiftc $flags -module-name mutants Tests/Campaign/*.swift "$scratch/ExchangeCore.o" \
  "$scratch/ExchangeText.o" "$scratch/TestSupport.o" -o "$scratch/mutants"

if ! "$scratch/mutants" --mutant 0 >"$scratch/out/0"; then
  echo "without a fault: $(cat "$scratch/out/0")"
  exit 1
fi
echo "without a fault: passes"

attempt='
  status=0
  SWIFT_BACKTRACE=enable=no timeout 300 "$0/mutants" --mutant $1 >"$0/out/$1" 2>/dev/null || status=$?
  name=$(sed -n "$1p" "$0/core/names.txt")
  case $status in
    0) said="SURVIVES" ;;
    3) said=$(head -1 "$0/out/$1") ;;
    124) said="no end within five minutes" ;;
    *) said="a trap" ;;
  esac
  printf "%3d %s\n      %s\n" "$1" "$name" "$said"
  together=$(SWIFT_BACKTRACE=enable=no timeout 300 "$0/mutants" --mutant-together $1 2>/dev/null) || true
  if [ -n "$together" ]; then echo "      coalitions alone: $together"; fi
  status=0
  SWIFT_BACKTRACE=enable=no timeout 600 "$0/mutants" --explore --planted $1 --states 20000 --audit 1 --first \
    --out "$0/out" Tests/Worlds/*.jsonl >"$0/out/explored-$1" 2>/dev/null || status=$?
  case $status in
    0) said="nothing" ;;
    1) said=$(sed -n "s/^  .* DOES NOT HOLD: //p" "$0/out/explored-$1" | head -1 | cut -c1-100) ;;
    124) said="no end within ten minutes" ;;
    *) said="a trap" ;;
  esac
  echo "      explorer: $said"
  seen=$said
  if [ -n "$2" ]; then
    checked=$(SWIFT_BACKTRACE=enable=no timeout 300 "$0/mutants" --check "$2" --mutant-checked $1 2>/dev/null) || true
    case $checked in
      accepted*) echo "      checker alone: accepts" ;;
      *) echo "      checker alone: $(echo "$checked" | head -1 | cut -c 1-150)"
         seen=refused ;;
    esac
  fi
  if [ "$seen" = nothing ]; then echo "$1 $name" >"$0/out/unseen-$1"; fi
'
count=$(wc -l <"$scratch/core/names.txt")
seq "$count" | xargs -P 2 -I N sh -c "$attempt" "$scratch" N "$checker" | tee "$scratch/out/all"
survivors=$(grep -c '^      SURVIVES' "$scratch/out/all" || true)
echo "$count faults, $survivors survive; the explorer alone sees nothing of $(grep -c '^      explorer: nothing' "$scratch/out/all" || true)"
if [ -n "$checker" ]; then echo "the checker alone accepts $(grep -c '^      checker alone: accepts' "$scratch/out/all" || true)"; fi
unseen=$(ls "$scratch/out" | grep -c '^unseen-' || true)
echo "$((count - unseen)) of $count are seen by explorer or checker, without scenarios and campaign; not:"
cat "$scratch"/out/unseen-* 2>/dev/null | sort -n
[ "$survivors" -eq 0 ]
