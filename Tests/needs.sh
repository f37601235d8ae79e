#!/bin/sh
# needs.sh COMMAND PACKAGE: the command is there, or is installed from Debian's package, or what to type is said.
# COMMAND may be a test such as "python3 -m venv -h".
set -eu
if sh -c "$1" >/dev/null 2>&1; then exit 0; fi
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo -n"; else as="no"; fi
    if [ "$as" != no ]; then
        echo "installing $2"
        $as apt-get update -q >/dev/null && $as apt-get install -y -q $2 >/dev/null && exit 0
    fi
fi
echo "needed: sudo apt-get install -y $2"
exit 3
