"""Runs what docs/*.md tell a reader to type, against venues that are started for it.

docs.py PROGRAM FOLDER [--all]: the block behind a comment is run if the comment says so.

  <!-- run -->          a block of sh, with ZEROSUM, BASE, TOKEN, KEY, SECRET, DATA and PID (of a fresh venue a
                        page) in the environment; what one block sets the next of the page has
  <!-- run: NAME -->    a block of python, in the environment of that client of Tests/Clients/clients.py, with
                        BASE, KEY and SECRET of a fresh account
  <!-- receipt -->      a block of json: the receipt of the block of jsonl before it

A block must end well, and each of its lines `# → TEXT` must be found in what it printed, in their order. By
default the clients of SHORT alone are run, with --all every one. Exit status 1 if anything is otherwise.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "Clients"))

from clients import CLIENTS, environment  # noqa: E402
from venue import NotStarted, Venue  # noqa: E402

PAGES = os.path.join(os.path.dirname(HERE), "docs")
SHORT = ["ccxt", "ccxt.pro", "sdk"]
# What sessions show that are about something else: another transport, or a crash alone.
WITHOUT_SNIPPET = {
    "ccxt over TLS", "pybotters", "cryptofeed", "unicorn", "vnpy", "nautilus of 2026", "hummingbot", "passivbot"
}
SECONDS = 180


class Block:
    """A fenced block: where it is, its language, its lines, and what the comment before it says."""

    def __init__(self, page, line, language, comment):
        self.page, self.line, self.language, self.comment = page, line, language, comment
        self.lines = []

    def __str__(self):
        return f"docs/{self.page}:{self.line}"

    @property
    def text(self):
        return "\n".join(self.lines) + "\n"

    @property
    def expected(self):
        found = (re.match(r"\s*# → (.+)$", line) for line in self.lines)
        return [match.group(1).strip() for match in found if match]


def blocks(page, text):
    """The fenced blocks of a page."""
    found, current, comment = [], None, None
    for number, line in enumerate(text.splitlines(), 1):
        if current is not None:
            if line == "```":
                found.append(current)
                current = None
            else:
                current.lines.append(line)
        elif line.startswith("```"):
            current = Block(page, number, line[3:].strip(), comment)
            comment = None
        elif line.strip():
            match = re.fullmatch(r"<!-- (.+?) -->", line.strip())
            comment = match.group(1) if match else None
    if current is not None:
        raise ValueError(f"{current}: the block has no end")
    return found


def missing(expected, printed):
    """The first of the expected texts that is not found behind those before it; none if all are."""
    at = 0
    for text in expected:
        found = printed.find(text, at)
        if found < 0:
            return text
        at = found + len(text)
    return None


def end(group):
    """Ends what a block left running; each block has a group of processes of its own."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command, variables, directory, groups=None):
    """Runs a block's command: what is wrong with it (or nothing), and what it printed.

    With `groups` what it leaves running goes on, and its group is noted there.
    """
    # Into a file: what a block leaves running must not keep us waiting for the end of a pipe.
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, env=variables, cwd=directory, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            status = process.wait(timeout=SECONDS)
            wrong = f"exit status {status}" if status else None
        except subprocess.TimeoutExpired:
            wrong = f"not done in {SECONDS} s"
        if groups is None or wrong is not None:
            end(process.pid)
        else:
            groups.append(process.pid)
        process.wait()
        output.seek(0)
        return wrong, output.read()


class Report:
    """What was run, and what went wrong."""

    def __init__(self):
        self.count, self.failed = 0, 0

    def add(self, block, wrong, printed):
        self.count += 1
        lacking = missing(block.expected, printed) if wrong is None else None
        if lacking is not None:
            wrong = f"not printed: {lacking}"
        if wrong is None:
            print(f"{block}: {block.comment}, {len(block.expected)} expected and found", flush=True)
            return
        self.failed += 1
        print(f"{block}: {wrong}; it printed:\n{printed[-3_000:]}", flush=True)


def until_quoted(venue):
    """Waits until makers quote every market."""
    for _ in range(120):
        rows = [
            json.loads(venue.text(f"/fapi/v1/depth?symbol={symbol}&limit=5")[1])
            for symbol in ("BTCUSDT", "ETHUSDT", "LTCUSDT")
        ]
        if all(row.get("bids") and row.get("asks") for row in rows):
            return
        time.sleep(0.25)
    raise TimeoutError("nobody quotes")


def variables(program, venue, directory, key):
    return dict(
        os.environ, ZEROSUM=os.path.abspath(program), BASE=f"http://127.0.0.1:{venue.port}", TOKEN=Venue.TOKEN,
        KEY=key[0], SECRET=key[1], DATA=directory, PID=str(venue.pid), PYTHONUNBUFFERED="1",
    )


def shell(program, page, found, report):
    """The sh blocks of a page, one after another, beside a venue of its own."""
    with tempfile.TemporaryDirectory(prefix="zerosum-docs-") as folder:
        data = os.path.join(folder, "venue")
        venue, groups = Venue(program, data), []
        try:
            until_quoted(venue)
            given = variables(program, venue, data, (venue.key, venue.secret))
            state = os.path.join(folder, "state.sh")
            open(state, "w").close()
            for block in found:
                text = f"set -aeuo pipefail\n. {state}\n{block.text}\n{{ export -p; declare -f; }} > {state}\n"
                report.add(block, *run(["bash", "-c", text], given, folder, groups))
        finally:
            for group in groups:
                end(group)
            venue.stop()


def printed(venue, python, folder, report):
    """What the venue prints of ccxt at its start is whole: it runs as it stands."""
    text = venue.text_at_start
    start = text.index("    import ccxt\n")
    lines = text[start:text.index("\nWhat happened to this account")]
    block = Block("start of serve", 1, "python", "what a venue prints")
    block.lines = textwrap.dedent(lines).splitlines() + [
        'print("total", exchange.fetch_balance()["USDT"]["total"])',
        'try:\n    exchange.create_order("BTC/USDT:USDT", "market", "buy", 40)',
        'except ccxt.InsufficientFunds:\n    print("told apart")',
        f'print("account {venue.own_account}")', "# → total 10000", "# → told apart", f"# → account {venue.own_account}",
    ]
    script = os.path.join(folder, "printed.py")
    with open(script, "w") as file:
        file.write(block.text)
    report.add(block, *run([python, script], dict(os.environ), folder))


def snippets(program, found, pythons, report):
    """The python blocks, each with an account of its own."""
    with tempfile.TemporaryDirectory(prefix="zerosum-docs-") as folder:
        data = os.path.join(folder, "venue")
        venue = Venue(program, data)
        try:
            until_quoted(venue)
            printed(venue, pythons["ccxt"], folder, report)
            for block in found:
                _, key = venue.account(20_000)
                script = os.path.join(folder, f"block-{block.line}.py")
                with open(script, "w") as file:
                    file.write(block.text)
                python = pythons[block.comment.removeprefix("run: ")]
                report.add(block, *run([python, script], variables(program, venue, data, key), folder))
        finally:
            venue.stop()


def receipt(program, scenario, block, report):
    """The receipt that a page shows is the one that its scenario gives."""
    with tempfile.TemporaryDirectory(prefix="zerosum-docs-") as folder:
        written, receipts = os.path.join(folder, "scenario.jsonl"), os.path.join(folder, "receipts.jsonl")
        with open(written, "w") as file:
            file.write(scenario.text)
        wrong, printed = run([program, "run", written, "--receipts", receipts], os.environ, folder)
        if wrong is None:
            with open(receipts) as file:
                made = [json.loads(line) for line in file]
            if made != [json.loads(block.text)]:
                wrong, printed = "not the receipts of the scenario before it", json.dumps(made)
        report.add(block, wrong, printed)


def scan():
    """All blocks of all pages that are to be run; what a comment asks for and cannot be is an error."""
    found = {"shell": {}, "snippets": [], "receipts": []}
    for page in sorted(name for name in os.listdir(PAGES) if name.endswith(".md")):
        with open(os.path.join(PAGES, page)) as file:
            page_blocks = blocks(page, file.read())
        scenario = None
        for block in page_blocks:
            if block.language == "jsonl":
                scenario = block
            if block.comment == "run" and block.language == "sh":
                found["shell"].setdefault(page, []).append(block)
            elif block.comment == "receipt" and block.language == "json" and scenario is not None:
                found["receipts"].append((scenario, block))
            elif (block.comment or "").startswith("run: ") and block.language == "python":
                found["snippets"].append(block)
            elif (block.comment or "").startswith(("run", "receipt")):
                raise ValueError(f"{block}: {block.comment} is not for a block of {block.language or 'nothing'}")
            elif block.expected:
                raise ValueError(f"{block}: it expects something and is not run")
    named = [block.comment.removeprefix("run: ") for block in found["snippets"]]
    if sorted(named) != sorted(set(CLIENTS) - WITHOUT_SNIPPET):
        raise ValueError(f"docs/bots.md has snippets for {named}; one for each of {list(CLIENTS)} is expected")
    silent = [block for block in found["snippets"] if not block.expected]
    silent += [page[0] for page in found["shell"].values() if not any(block.expected for block in page)]
    if silent or not found["receipts"] or not {"start.md", "operating.md"} <= set(found["shell"]):
        raise ValueError(f"a page or a snippet expects nothing: {[str(block) for block in silent]}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    program, report = os.path.abspath(options.program), Report()
    try:
        found = scan()
        wanted = [b for b in found["snippets"] if options.all or b.comment.removeprefix("run: ") in SHORT]
        for scenario, block in found["receipts"]:
            receipt(program, scenario, block, report)
        for page, page_blocks in found["shell"].items():
            shell(program, page, page_blocks, report)
        names = [block.comment.removeprefix("run: ") for block in wanted]
        folder = os.path.abspath(options.folder)
        snippets(program, wanted, {name: environment(folder, CLIENTS[name][1]) for name in names}, report)
    except (ValueError, NotStarted, TimeoutError) as error:
        print(f"docs: {error}")
        sys.exit(1)
    print(f"docs: {report.count} blocks run, {report.failed} failed")
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
