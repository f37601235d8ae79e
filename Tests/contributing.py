#!/usr/bin/env python3
"""contributing.py: follows the steps of CONTRIBUTING.md on a copy, section by section.

Each section's copy must compile, and be what its lists give; without any one of its steps it must not: a step
that is forgotten is an error of the compiler or of the check of the lists.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SWIFTC = os.environ.get("SWIFTC", "swiftc")
COPIED = ["Records", "Sources/ExchangeCore", "Sources/ExchangeText", "Tests/TestSupport", "Specs/commands.md"]
# Each module with its folder, its own flags, and whether others here import it; a module imports those before it.
MODULES = [
    ("ExchangeCore", "Sources/ExchangeCore", ["-strict-memory-safety", "-enable-experimental-feature", "RawLayout"]),
    ("ExchangeText", "Sources/ExchangeText", []),
    ("TestSupport", "Tests/TestSupport", []),
]
FLAGS = [
    "-swift-version", "6", "-parse-as-library", "-enable-upcoming-feature", "ExistentialAny",
    "-enable-upcoming-feature", "InternalImportsByDefault", "-enable-upcoming-feature", "MemberImportVisibility",
]
STEP = re.compile(
    r"^(?:In `(?P<file>[^`]+)`, behind `(?P<behind>[^`]+)`:|A new file `(?P<new>[^`]+)`:|(?P<records>Then `make records`)\.)$"
)


def sections(text):
    """The steps under each heading: (file, line behind which, text); a file of None is `make records`."""
    found = {}
    heading, lines = None, iter(text.split("\n"))
    for line in lines:
        if line.startswith("## "):
            heading = line[3:]
        step = STEP.match(line)
        if not step:
            continue
        if step["records"]:
            found.setdefault(heading, []).append((None, None, None))
            continue
        assert next(lines) == "" and next(lines).startswith("```"), f"no block behind: {line}"
        block = []
        for line in lines:
            if line == "```":
                break
            block.append(line)
        found.setdefault(heading, []).append((step["file"] or step["new"], step["behind"], "\n".join(block) + "\n"))
    return found


def follow(steps, folder, generator):
    """Does the steps; what the generator says if it refuses a list."""
    for file, behind, block in steps:
        if file is None:
            done = subprocess.run([generator, "write", folder], capture_output=True, text=True)
            if done.returncode != 0:
                return done.stdout
            continue
        path = folder / file
        if behind is None:
            assert not path.exists(), f"{file} is there already"
            path.write_text(block)
            continue
        text = path.read_text()
        assert text.count(behind + "\n") == 1, f"{file} has not one line: {behind}"
        path.write_text(text.replace(behind + "\n", behind + "\n" + block))
    return ""


def compiled(steps, folder, modules):
    """What the compiler says of the modules that the steps touch and of those that they import.

    One that was compiled before from the same text is not compiled again.
    """
    last = max(
        index for index, (_, part, _) in enumerate(MODULES) if any(file and file.startswith(part) for file, _, _ in steps)
    )
    digest = hashlib.sha256(MODULES[last][0].encode())
    known = {}
    for name, part, own in MODULES[: last + 1]:
        files = sorted((folder / part).rglob("*.swift"))
        for file in files:
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
        made = modules / digest.hexdigest()
        if not made.exists():
            flags = [*FLAGS, *own, "-module-name", name, "-I", str(made)]
            made.mkdir()
            for imported, folder_of in known.items():
                (made / f"{imported}.swiftmodule").symlink_to(folder_of / f"{imported}.swiftmodule")
            ways = [["-typecheck"]]
            if name != MODULES[last][0]:
                ways.append(["-emit-module", "-emit-module-path", str(made / f"{name}.swiftmodule")])
            for way in ways:
                done = subprocess.run(
                    [SWIFTC, *way, *flags, *map(str, files)], capture_output=True, text=True
                )
                if done.returncode != 0:
                    shutil.rmtree(made)
                    return done.stderr
        known[name] = made
    return ""


def fault(steps, all_steps, generator, modules):
    """What is wrong with a copy where these steps were done; nothing if all is well."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in COPIED:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        refused = follow(steps, folder, generator)
        if refused:
            return refused
        done = subprocess.run([generator, "check", folder], capture_output=True, text=True)
        if done.returncode != 0:
            return done.stdout
        return compiled(all_steps, folder, modules)


def main():
    found = sections((ROOT / "CONTRIBUTING.md").read_text())
    failures = 0 if len(found) >= 3 else 1
    with tempfile.TemporaryDirectory() as name:
        generator, modules = pathlib.Path(name) / "records", pathlib.Path(name) / "modules"
        modules.mkdir()
        sources = sorted(str(path) for path in (ROOT / "Records/Generator").glob("*.swift"))
        subprocess.run([SWIFTC, "-swift-version", "6", *sources, "-o", generator], check=True)
        for heading, steps in found.items():
            wrong = fault(steps, steps, generator, modules)
            files = len({file for file, _, _ in steps if file})
            print(f"{heading}: {len(steps)} steps in {files} files, {'holds' if not wrong else 'DOES NOT HOLD'}")
            if wrong:
                print(wrong)
                failures += 1
            for left, (file, _, _) in enumerate(steps):
                if not fault(steps[:left] + steps[left + 1 :], steps, generator, modules):
                    print(f"{heading}: nothing is found without step {left + 1}, {file or 'make records'}")
                    failures += 1
    sys.exit(1 if failures else 0)


main()
