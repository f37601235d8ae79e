#!/usr/bin/env python3
"""contributing.py: follows the steps of CONTRIBUTING.md on a copy of the core, section by section.

Each section's copy must compile; and without any one of its steps but the first it must not: a row that is
forgotten is an error of the compiler.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CORE = "Sources/ExchangeCore"
FLAGS = [
    "-typecheck", "-swift-version", "6", "-module-name", "ExchangeCore", "-strict-memory-safety",
    "-enable-experimental-feature", "RawLayout", "-enable-upcoming-feature", "ExistentialAny",
    "-enable-upcoming-feature", "InternalImportsByDefault", "-enable-upcoming-feature", "MemberImportVisibility",
]
STEP = re.compile(r"^(?:In `(?P<file>[^`]+)`, behind `(?P<behind>[^`]+)`|A new file `(?P<new>[^`]+)`):$")


def sections(text):
    """The steps under each heading: (file, line behind which, text)."""
    found = {}
    heading, lines = None, iter(text.split("\n"))
    for line in lines:
        if line.startswith("## "):
            heading = line[3:]
        step = STEP.match(line)
        if not step:
            continue
        assert next(lines) == "" and next(lines) == "```swift", f"no block of Swift behind: {line}"
        block = []
        for line in lines:
            if line == "```":
                break
            block.append(line)
        found.setdefault(heading, []).append((step["file"] or step["new"], step["behind"], "\n".join(block) + "\n"))
    return found


def follow(steps, folder):
    for file, behind, block in steps:
        path = folder / file
        if behind is None:
            assert not path.exists(), f"{file} is there already"
            path.write_text(block)
            continue
        text = path.read_text()
        assert text.count(behind + "\n") == 1, f"{file} has not one line: {behind}"
        path.write_text(text.replace(behind + "\n", behind + "\n" + block))


def compiles(steps):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(ROOT / CORE, folder / CORE)
        follow(steps, folder)
        files = sorted(str(path) for path in (folder / CORE).rglob("*.swift"))
        done = subprocess.run([os.environ.get("SWIFTC", "swiftc"), *FLAGS, *files], capture_output=True, text=True)
        return done.returncode == 0, done.stderr


def main():
    found = sections((ROOT / "CONTRIBUTING.md").read_text())
    failures = 0 if len(found) >= 2 else 1
    for heading, steps in found.items():
        is_made, errors = compiles(steps)
        files = len({file for file, _, _ in steps})
        print(f"{heading}: {len(steps)} steps in {files} files, {'compiles' if is_made else 'DOES NOT COMPILE'}")
        if not is_made:
            print(errors)
            failures += 1
        for left in range(1, len(steps)):
            is_made, _ = compiles(steps[:left] + steps[left + 1 :])
            if is_made:
                print(f"{heading}: compiles without step {left + 1}, in {steps[left][0]}")
                failures += 1
    sys.exit(1 if failures else 0)


main()
