"""Runs Tracebook's profile of price-time matching, and its suite of adversarial traces, against `zerosum run -`.

conformance.py PROGRAM FOLDER [--traces N] [--events N] [--seeds N …]: for each seed a qualification of
`fifo-full-v1` (its fixed cases and a campaign of drawn traces), then the whole suite. Exit status 1 if a trace
differs that must not: the reduced trace is printed, and the scenario lines that it comes to. The package
is installed in FOLDER the first time; where it cannot be had this is skipped, and says so.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Clients"))
from clients import Missing, environment  # noqa: E402

PACKAGE = "tracebook-conformance==0.6.0"
PROFILE = "fifo-full-v1"
# What Zerosum does otherwise by a rule of its own: it shares nothing out in proportion (BK-2).
OTHERWISE = {"pro-rata-allocation"}


class Tracebook:
    """The installed program, with our adapter as its candidate."""

    def __init__(self, python, program, folder):
        self.command = os.path.join(os.path.dirname(python), "tracebook-conformance")
        self.adapter = [sys.executable, os.path.join(HERE, "adapter.py"), program]
        self.folder = folder

    def run(self, *arguments):
        """Its exit status; what it printed is passed on."""
        done = subprocess.run(
            [self.command, *arguments, "--candidate-cmd", shlex.join(self.adapter)], capture_output=True, text=True
        )
        for line in (done.stdout + done.stderr).splitlines():
            if self.folder not in line:
                print(f"  {line}", flush=True)
        return done.returncode

    def lines(self, events):
        """The scenario that a trace comes to."""
        journal = os.path.join(self.folder, "lines.jsonl")
        command = shlex.join([*self.adapter, journal])
        subprocess.run([self.command, "run", events, "--candidate-cmd", command], capture_output=True)
        return open(journal, encoding="utf-8").read() if os.path.exists(journal) else ""


def show(tracebook, reduced):
    """A reduced trace, and what it is in the scenario language."""
    if not os.path.exists(reduced):
        return
    print("the reduced trace:")
    print(open(reduced, encoding="utf-8").read(), end="")
    print("as a scenario:")
    print(tracebook.lines(reduced), end="", flush=True)


def qualify(tracebook, seed, traces, events):
    """Whether the profile is met with one seed."""
    print(f"{PROFILE}, seed {seed}: {traces} traces of {events} events", flush=True)
    output = os.path.join(tracebook.folder, f"seed-{seed}")
    status = tracebook.run(
        "qualify", "--profile", PROFILE, "--seed", str(seed), "--traces", str(traces),
        "--events-per-trace", str(events), "--output-dir", output,
    )
    if status != 0:
        show(tracebook, os.path.join(output, "reduced.jsonl"))
        suite = os.path.join(output, "suite.json")
        if os.path.exists(suite):
            report(json.load(open(suite, encoding="utf-8")))
    return status == 0


def report(suite):
    """A line a case; the cases that differ."""
    different = set()
    for case in suite["cases"]:
        divergence = case["report"]["divergence"]
        if divergence is None:
            print(f"  {case['name']}: as Tracebook")
        else:
            different.add(case["name"])
            print(f"  {case['name']}: differs at event {divergence['event_index']}: {divergence['path']} is "
                  f"{json.dumps(divergence['candidate'])}, Tracebook has {json.dumps(divergence['reference'])}")
    return different


def adversarial(tracebook):
    """Whether only those cases of the suite differ that Zerosum does otherwise."""
    print("the suite of adversarial traces, version 2", flush=True)
    suite, output = (os.path.join(tracebook.folder, name) for name in ("suite", "suite.json"))
    subprocess.run([tracebook.command, "sample", suite, "--suite-version", "v2"], check=True, capture_output=True)
    tracebook.run("suite", suite, "--output", output)
    if not os.path.exists(output):
        return False
    different = report(json.load(open(output, encoding="utf-8")))
    for name in sorted(OTHERWISE & different):
        print(f"  {name} differs by a rule of ours, as it must")
    return different == OTHERWISE


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--traces", type=int, default=25)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[42, 1337, 20_251_010, 7])
    options = parser.parse_args()
    try:
        python = environment(os.path.abspath(options.folder), PACKAGE)
    except Missing as error:
        print(f"conformance: SKIPPED: {PACKAGE} cannot be had: {error}")
        return
    with tempfile.TemporaryDirectory(prefix="zerosum-conformance-") as folder:
        tracebook = Tracebook(python, os.path.abspath(options.program), folder)
        passed = [qualify(tracebook, seed, options.traces, options.events) for seed in options.seeds]
        passed.append(adversarial(tracebook))
    if not all(passed):
        print("conformance: FAILED")
        sys.exit(1)
    print(f"conformance: {len(options.seeds) * options.traces} traces of {options.events} events and the suite hold")


if __name__ == "__main__":
    main()
