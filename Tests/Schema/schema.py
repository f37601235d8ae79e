"""Lets schemathesis loose on a venue's own interface: requests that its OpenAPI document allows, and others.

schema.py PROGRAM FOLDER [--examples N] [--seed N]: starts a playground and checks of every answer that it is
no failure of the server, has a status that the document states, and is what the document says it is. Routes
that end a market are called like all others; at the end nothing may be missing, and the log must verify.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "Clients"), os.path.join(HERE, "..")]
from clients import environment  # noqa: E402
from venue import Venue, fail as fail_as, until, verify  # noqa: E402

PACKAGE = "schemathesis==4.32.5"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "unsupported_method,allow_header_conformance"
)


def fail(text):
    fail_as("schema", text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20_251_010)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    python = environment(os.path.abspath(options.folder), PACKAGE)
    with tempfile.TemporaryDirectory(prefix="zerosum-schema-") as folder:
        data, counts = os.path.join(folder, "venue"), os.path.join(folder, "counts")
        venue = Venue(program, data)
        base = f"http://127.0.0.1:{venue.port}"
        try:
            # Something to show: receipts, forced fills, a fund that moved.
            until("people hold something", lambda: sum(
                float(row["openInterest"]) * float(row["mark"] or 0) for row in venue.own("/markets")["markets"]) > 250_000)
            venue.own("/crash?depth=0.3&seconds=3&liquidity=0", "POST")
            until("somebody is liquidated", lambda: venue.own("/receipts?limit=1")["receipts"]
                  and venue.own("/fills?limit=1")["fills"])
            done = subprocess.run(
                [
                    os.path.join(os.path.dirname(python), "schemathesis"), "run", base + "/zerosum/v1/openapi.json",
                    "--url", base, "--checks", CHECKS, "--max-examples", str(options.examples),
                    "--seed", str(options.seed), "--suppress-health-check", "all", "--request-timeout", "20",
                    "--phases", "examples,coverage,fuzzing,stateful", "--warnings", "off",
                ],
                cwd=folder,
                env=dict(
                    os.environ, SCHEMATHESIS_HOOKS=os.path.join(HERE, "hooks.py"), VENUE_BASE=base,
                    VENUE_TOKEN=Venue.TOKEN, VENUE_KEY=venue.key, VENUE_SECRET=venue.secret,
                    VENUE_COUNTS=counts, PYTHONDONTWRITEBYTECODE="1",
                ),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            told = venue.own("/conservation")
            shown = {name: len(venue.own("/" + name)[name]) for name in ("receipts", "fills")}
        finally:
            venue.stop()
        if done.returncode != 0:
            print(done.stdout[-20_000:])
            fail(f"schemathesis ended with {done.returncode}")
        if told["missing"] != "0":
            fail(f"{told['missing']} is missing from the pile")
        with open(counts) as file:
            answered = Counter(line.strip() for line in file)
        for scheme in ("open", "operator", "key"):
            if answered[f"{scheme} 200"] < 5:
                fail(f"hardly anything was done: {answered}")
        if 0 in shown.values():
            fail(f"nothing was there to be shown: {shown}")
        wrong = verify(program, data)
        if wrong:
            fail(f"verify: {wrong}")
        operations = re.search(r"Tested: (\d+)", done.stdout)
        counted = ", ".join(f"{kind} {number}" for kind, number in sorted(answered.items()))
        print(f"schema: {operations.group(1) if operations else '?'} operations, {sum(answered.values())} answers as the document says: {counted}")
        print(f"schema: nothing is missing, the log of {told['sequence']} commands verifies")


main()
