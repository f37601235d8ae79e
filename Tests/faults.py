"""Kills a process that keeps a journal, again and again, and looks at what is there afterwards.

faults.py PROGRAM [--kills N] [--sweep] [--full]: N kills at random moments; with --sweep also a kill and an
error at every system call that changes a file, for which strace is needed. What was acknowledged must be
there, in order and once, and the state must be that of the same commands without a journal (DUR-1, DUR-5).
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

# What the journal does to files. The numbers are how many of each there are to go through.
CALLS = "pwrite64,fdatasync,fsync,renameat,renameat2,unlinkat,openat"


class Run:
    """One run of the process: what it recovered and what it acknowledged."""

    def __init__(self, command, kill_after=None, early=False):
        self.recovered = None
        self.acknowledged = 0
        self.wrong = None
        self.error = None
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        # A kill while it recovers counts from the start, another from when it goes on.
        timer = threading.Timer(kill_after or 0, lambda: process.send_signal(signal.SIGKILL))
        if kill_after is not None and early:
            timer.start()
        for line in process.stdout:
            if not line.endswith("\n"):
                break
            word, _, rest = line.strip().partition(" ")
            if word == "recovered":
                self.recovered = int(rest)
                if kill_after is not None and not early:
                    timer.start()
                self.acknowledged = self.recovered
            elif word == "acknowledged":
                self.acknowledged = int(rest)
            elif word == "wrong":
                self.wrong = rest
            elif word == "error":
                self.error = rest
        self.status = process.wait()
        timer.cancel()


class Checker:
    """What must be true of one run after another in a directory."""

    def __init__(self, program, seed):
        self.program = program
        self.seed = seed
        self.directory = tempfile.mkdtemp(prefix="zerosum-faults-")
        self.acknowledged = 0

    def command(self):
        return [self.program, self.directory, str(self.seed)]

    def check(self, run, what):
        if run.wrong is not None or run.status == 3:
            fail(f"seed {self.seed}, {what}: another state behind {run.wrong} commands")
        if run.status == 4:
            fail(f"seed {self.seed}, {what}: the journal refuses: {run.error}")
        if run.recovered is not None and run.recovered < self.acknowledged:
            fail(
                f"seed {self.seed}, {what}: {run.recovered} commands are there, "
                f"{self.acknowledged} were acknowledged; see {self.directory}"
            )
        self.acknowledged = max(self.acknowledged, run.acknowledged)

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def fail(text):
    print(f"faults: {text}")
    sys.exit(1)


def kills(program, count, random):
    """Kills at random moments, on one world after another."""
    done, worlds, recoveries = 0, 0, []
    while done < count:
        checker = Checker(program, 1 + worlds)
        worlds += 1
        for _ in range(60):
            if random.random() < 0.15:
                run = Run(checker.command(), kill_after=random.uniform(0.005, 0.3), early=True)
            else:
                run = Run(checker.command(), kill_after=random.uniform(0.001, 0.03))
            checker.check(run, f"kill {done}")
            if run.status == -signal.SIGKILL:
                done += 1
                recoveries.append(run.acknowledged)
            elif run.status == 0:
                break
            if done >= count:
                break
        run = Run(checker.command())
        checker.check(run, "the last run")
        if run.status != 0:
            fail(f"seed {checker.seed}: the last run ended with {run.status}: {run.error}")
        checker.remove()
    progressed = sum(1 for before, after in zip(recoveries, recoveries[1:]) if after != before)
    print(f"{done} kills in {worlds} worlds, {progressed} of them after more was acknowledged: nothing lost, nothing twice")


def sweep(program, full):
    """A kill, and each error, at every system call that changes a file."""
    if shutil.which("strace") is None:
        print("no strace: the sweep over system calls is left out")
        return
    faults = ["signal=SIGKILL", "error=EIO", "error=ENOSPC"]
    positions = 0
    for call in CALLS.split(","):
        for fault in faults:
            number = 0
            while True:
                number += 1 if full else 7
                checker = Checker(program, 3)
                traced = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}"]
                traced += ["-e", f"inject={call}:{fault}:when={number}"]
                # Larger groups make fewer calls, so that every one can be tried.
                run = Run(traced + checker.command() + ["60"])
                checker.check(run, f"{fault} at {call} {number}")
                after = Run(checker.command() + ["60"])
                checker.check(after, f"behind {fault} at {call} {number}")
                if after.status != 0:
                    fail(f"behind {fault} at {call} {number}: exit status {after.status}: {after.error}")
                checker.remove()
                positions += 1
                # The call did not come that often: all positions were tried.
                if run.status == 0:
                    break
    print(f"{positions} faults at system calls: nothing lost, nothing twice, and it went on afterwards")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=20_251_010)
    options = parser.parse_args()
    print(f"faults: seed {options.seed}", flush=True)
    kills(os.path.abspath(options.program), options.kills, random.Random(options.seed))
    if options.sweep:
        sweep(os.path.abspath(options.program), options.full)


main()
