#!/usr/bin/env bash
# Nothing is allocated on the order path once the exchange is warm: every request for memory is counted by a
# library of ours that is preloaded into a release build. Swift's toolchain brings the C compiler for it.
set -euo pipefail
cd "$(dirname "$0")/.."
campaign=$1
compiler=""
for candidate in ${CC:-} clang cc gcc; do
    if command -v "$candidate" >/dev/null 2>&1; then compiler=$candidate; break; fi
done
if [ -z "$compiler" ] || [ "$(uname -s)" != Linux ]; then
    echo "allocations: SKIPPED: needs Linux and a C compiler (clang, cc, gcc or CC=…)"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$compiler" -O2 -Wall -Wextra -Werror -fno-builtin -shared -fPIC \
    Tests/Allocations/count.c -o "$work/count.so"
LD_PRELOAD="$work/count.so" "$campaign" --allocations
