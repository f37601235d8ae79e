#!/usr/bin/env python3
"""proof.py RELEASE SCRATCH [--commands N]: builds the proofs from clean, looks at what each theorem rests on, makes
the checker of them, and lets it read every scenario, a campaign, and runs with a planted wrong entry, which it must
refuse. Prints a table at the end: rule, theorem, place in the core, and who checks it (proofs.md)."""

import argparse
import pathlib
import re
import resource
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# In the order in which they rest on each other.
FILES = ["Arithmetic", "Ledger", "Entries", "Margin", "Funding", "Vault", "Deleveraging", "Theorem5", "Waterfall",
         "Selections", "Books", "Checker"]
MOST_SECONDS = 60
LEAST_THEOREMS = 40
PAGES = ["ledger", "margin", "funding", "vault", "waterfall", "deleveraging", "selections"]
THEOREM = re.compile(r"^ *Theorem (\w+)", re.M)
# A theorem's name begins with the code of its rule, but for this one.
ALIASES = {"WF_termination": "WF-11"}
# Rooms in which the core keeps to the rules of a family: the first that names a rule in a comment is its place.
ROOMS = {"LED": ["Ledger", "Margin", "Quantities"], "MG": ["Margin", "Waterfall"], "FUND": ["Funding"],
         "VLT": ["Accounts", "Waterfall"], "WF": ["Waterfall", "Settlement", "Accounts", "Ledger"],
         "ADL": ["Deleveraging", "Waterfall"]}


def fail(text):
    print(f"proof: {text}")
    sys.exit(1)


def run(words, folder, seconds=300):
    done = subprocess.run(words, cwd=folder, text=True, capture_output=True, timeout=seconds)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def processor_seconds():
    """What programs that were run have taken of the processor: others that run meanwhile do not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def theorems():
    """Names of all theorems, with the file of each."""
    found = {}
    for file in FILES:
        text = (ROOT / "Proofs" / f"{file}.v").read_text()
        for name in THEOREM.findall(text):
            if name in found:
                fail(f"two theorems are named {name}")
            found[name] = file
        for word in ["Admitted", "admit", "Axiom", "Parameter", "Conjecture"]:
            if re.search(rf"^\s*{word}\b|\b{word}\.", text, re.M):
                fail(f"Proofs/{file}.v has {word}")
    return found


def build_proofs(folder):
    """Compiles all proofs from clean and looks at what each theorem rests on."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in FILES + ["Extract"]:
        shutil.copy(ROOT / "Proofs" / f"{file}.v", folder)
    names = theorems()
    start = processor_seconds()
    for file in FILES:
        run(["coqc", "-q", "-Q", ".", "Zerosum", f"{file}.v"], folder)
    # All theorems of a file together rest on what each of them rests on, and are looked at once.
    asked = [f"From Zerosum Require {' '.join(FILES)}."]
    for file in FILES:
        group = ", ".join(f"@Zerosum.{file}.{name}" for name in names if names[name] == file)
        if group:
            asked.append(f"Definition all_of_{file} := ({group}).\nPrint Assumptions all_of_{file}.")
    (folder / "Assumptions.v").write_text("\n".join(asked) + "\n")
    told = run(["coqc", "-q", "-Q", ".", "Zerosum", "Assumptions.v"], folder)
    closed, groups = told.count("Closed under the global context"), len(asked) - 1
    seconds = processor_seconds() - start
    if closed != groups or "Axioms" in told:
        fail(f"theorems of {groups - closed} files rest on something that is not proved\n{told}")
    if len(names) < LEAST_THEOREMS:
        fail(f"{len(names)} theorems; expected at least {LEAST_THEOREMS}")
    if seconds > MOST_SECONDS:
        fail(f"the proofs took {seconds:.0f} s; expected at most {MOST_SECONDS} s")
    print(f"{len(names)} theorems, none admitted, no axiom, in {seconds:.1f} s")
    return names


def build_checker(folder):
    run(["coqc", "-q", "-Q", ".", "Zerosum", "Extract.v"], folder)
    for file in ["big.ml", "main.ml"]:
        shutil.copy(ROOT / "Proofs" / "checker" / file, folder)
    (folder / "model.mli").unlink(missing_ok=True)
    run(["ocamlfind", "ocamlopt", "-w", "-a", "-inline", "100", "-package", "zarith,unix", "-linkpkg", "big.ml",
         "model.ml", "main.ml", "-o", "check"], folder)
    return folder / "check"


def check(checker, lines):
    done = subprocess.run([checker], input=lines, text=True, capture_output=True)
    return done.returncode, done.stdout


def check_scenarios(checker, zerosum):
    """Every scenario passes; returns their lines by name."""
    runs = {}
    for path in sorted((ROOT / "Tests" / "Scenarios").glob("*.jsonl")):
        lines = subprocess.run([zerosum, "run", "--ledger", path], text=True, capture_output=True, check=True).stdout
        status, told = check(checker, lines)
        if status != 0:
            fail(f"{path.name}: {told}")
        runs[path.stem] = lines
    print(f"{len(runs)} scenarios accepted")
    return runs


def altered(line, field, by):
    words = line.split(" ")
    words[field] = str(int(words[field]) + by)
    return " ".join(words)


# What is planted: the kind of a line and, of it, the fields that are changed by a unit.
PLANTED = [("entry's amount", "4", 5), ("entry's balance", "4", 7), ("entry's counterparty", "4", 6),
           ("fill's price", "10", 3), ("fill's fee", "10", 10), ("position's size", "11", 4),
           ("position's quote", "11", 5), ("realised PnL", "11", 7), ("funding paid", "13", 3),
           ("shares of the vault", "20", 3), ("fund's payment", "23", 3),
           ("closing's lots", "26", 4), ("closing's price", "26", 5), ("closing's adjustment", "26", 10),
           ("charge", "27", 4), ("deficit of a receipt", "28", 4), ("rounding of a receipt", "28", 11),
           ("recourse", "34", 5), ("receipt's equity", "28", 16), ("receipt's overshoot", "28", 15),
           # A part of a receipt and its rounding together: the sum holds, the steps do not add up to it.
           ("receipt's recourse", "28", 5, 11), ("receipt's fund", "28", 6, 11), ("receipt's vault", "28", 7, 11),
           ("given up in a receipt", "28", 8, 11), ("receipt's residual", "28", 9, 11)]


def plant(checker, runs):
    """Each planted lie is told in at least one scenario, and refused in each in which it is told."""
    told = refused = 0
    for what, kind, *fields in PLANTED:
        count = 0
        for name, text in runs.items():
            lines = text.split("\n")
            places = [i for i, line in enumerate(lines) if line.split(" ")[0] == kind]
            for place in places[:1] + places[-1:]:
                line = lines[place]
                for field in fields:
                    line = altered(line, field, 1)
                wrong = lines[:place] + [line] + lines[place + 1:]
                status, answer = check(checker, "\n".join(wrong))
                if kind == "20" and lines[place].split(" ")[1] == "2":
                    continue  # the venue's own shares are made of capital, and cancelled by a loss
                count += 1
                if status != 1 or not re.search(r"command \d+, line \d+: [A-Z]+-\d+a?: found -?\d+, expected", answer):
                    fail(f"{name}: {what} a unit off, line {place + 1} is not refused: {answer}")
        if count == 0:
            fail(f"no scenario has a {what} to alter")
        told, refused = told + count, refused + count
    for what, change in [("an entry left out", lambda l, i: l[:i] + l[i + 1:]),
                         ("an entry told twice", lambda l, i: l[:i] + [l[i], l[i]] + l[i + 1:]),
                         ("a receiver booked before its payer", lambda l, i: l[:i] + [l[i + 1], l[i]] + l[i + 2:])]:
        count = 0
        for name, text in runs.items():
            lines = text.split("\n")
            for i in [i for i in range(len(lines) - 1)
                      if lines[i].startswith("4 ") and lines[i + 1].startswith("4 ")][:1]:
                status, answer = check(checker, "\n".join(change(lines, i)))
                count += 1
                if status != 1:
                    fail(f"{name}: {what} is not refused: {answer}")
        told, refused = told + count, refused + count
    print(f"{refused} of {told} planted lies refused")


def check_campaign(checker, campaign, commands):
    done = subprocess.run([campaign, "--commands", str(commands), "--check", str(checker)], text=True,
                          capture_output=True)
    answer = re.findall(r"accepted: \d+ commands, .* a second|refused: (?:world \d+, )?command .*", done.stdout)
    if done.returncode != 0 or len(answer) != 1 or not answer[0].startswith("accepted"):
        fail(f"the campaign: status {done.returncode}: {answer or done.stdout[-2000:] + done.stderr[-2000:]}")
    print(f"campaign: {answer[0]}")


def rules():
    """Codes of all rules of money, in the order of their pages."""
    found = []
    for page in PAGES:
        text = (ROOT / "Specs" / f"{page}.md").read_text()
        for code in re.findall(r"\*\*((?:LED|MG|FUND|VLT|WF|ADL)-\d+[a-z]?)\b", text):
            if code not in found:
                found.append(code)
        for code in re.findall(r"^## ((?:ADL)-\d+)", text, re.M):
            if code not in found:
                found.append(code)
    return found


def cites(code):
    return re.compile(rf"\b{re.escape(code)}(?![0-9a-z])")


def place_of(code, sources):
    """The first line of a comment of the core that names a rule, by rooms."""
    for room in ROOMS[code.split("-")[0]] + [""]:
        for path, lines in sources:
            if room and f"/{room}/" not in path:
                continue
            for number, line in enumerate(lines, 1):
                if number > 1 and line.lstrip().startswith("//") and cites(code).search(line):
                    return f"{path.removeprefix('Sources/ExchangeCore/')}:{number}"
    for path, lines in sources:
        if lines[0].startswith("//") and cites(code).search(lines[0]):
            return f"{path.removeprefix('Sources/ExchangeCore/')}:1"
    return "-"


def print_table(names):
    sources = [(str(p.relative_to(ROOT)), p.read_text().split("\n"))
               for p in sorted((ROOT / "Sources" / "ExchangeCore").rglob("*.swift")) if "Generated" not in p.parts]
    auditor = "".join(p.read_text() for p in sorted((ROOT / "Tests" / "TestSupport").glob("*.swift")))
    checker = (ROOT / "Proofs" / "Checker.v").read_text() + (ROOT / "Proofs" / "Books.v").read_text()
    refused_by = set(re.findall(r"\"([A-Z]+-\d+[a-z]?)\"", checker))
    laws = (ROOT / "Tests" / "TestSupport" / "Explorer" / "Law.swift").read_text()
    explorer = set(re.findall(r"\"([A-Z]+-\d+[a-z]?)\"", laws))
    by_rule = {}
    for name in names:
        code = re.match(r"([A-Z]+)_(\d+[a-z]?)(?:_|$)", name)
        rule = next((r for n, r in ALIASES.items() if name.startswith(n)), code and f"{code[1]}-{code[2]}")
        by_rule.setdefault(rule, []).append(name)
    known = rules()
    for rule, found in by_rule.items():
        if rule is not None and rule.split("-")[0] in ["LED", "MG", "FUND", "VLT", "WF", "ADL"] and rule not in known:
            fail(f"{found[0]} proves {rule}, which no page of Specs has")
    rows = [("rule", "theorem", "place in the core", "checker", "explorer", "auditor")]
    proved = 0
    for code in known:
        found = by_rule.get(code, [])
        proved += 1 if found else 0
        first = found[0][len(code) + 1:].replace("_", " ") or code if found else "not proved"
        more = f" (+{len(found) - 1})" if len(found) > 1 else ""
        rows.append((code, first[:64] + more, place_of(code, sources), "yes" if code in refused_by else "-",
                     "yes" if code in explorer else "-",
                     "yes" if cites(code).search(auditor) else "-"))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print(f"{proved} of {len(known)} rules have a theorem, {len(names)} theorems in all")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("release", type=pathlib.Path)
    parser.add_argument("scratch", type=pathlib.Path)
    parser.add_argument("--commands", type=int, default=1_000_000)
    options = parser.parse_args()
    folder = (options.scratch / "proofs").resolve()
    names = build_proofs(folder)
    checker = build_checker(folder)
    runs = check_scenarios(checker, options.release.resolve() / "zerosum")
    plant(checker, runs)
    check_campaign(checker, options.release.resolve() / "campaign", options.commands)
    print_table(names)


if __name__ == "__main__":
    main()
