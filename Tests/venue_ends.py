"""A venue as a process: how it begins, how it ends, and what it holds open meanwhile.

venue_ends.py PROGRAM: tokens that are refused; a terminal that is closed; standard output that nobody reads or that
is closed; a directory, a log or a note of it that is taken away; files that are open after many segments; a
playground of thousands that is started again; files with secrets, from the first moment.
"""

import argparse
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from venue import NotStarted, Venue, fail as fail_as, until, verify

# The most that anything is waited for: only what hangs takes so long.
PATIENCE = 120
# Bytes by which a process may be larger or smaller without having learnt anything.
SLACK = 8 << 20


def fail(text):
    fail_as("venue ends", text)


def bare(program, directory, *options, **others):
    """A venue that nobody waits for."""
    return subprocess.Popen(
        [program, "serve", "--data", directory, "--listen", "127.0.0.1:0", *options],
        stdout=others.pop("stdout", subprocess.PIPE), stderr=subprocess.PIPE, text=True, **others,
    )


def tokens(program, directory):
    """API-5: a token that is empty or short is refused before there is anything."""
    for token in ("", "short", "x" * 15, "with a space in it", "tab\tand-more-than-enough", "ümläut-and-more-than"):
        data = os.path.join(directory, "none")
        process = bare(program, data, "--token", token)
        output, errors = process.communicate(timeout=PATIENCE)
        if process.returncode != 2 or "--token" not in errors or token and token in output:
            fail(f"the token {token!r}: status {process.returncode}: {output}{errors}")
        if os.path.exists(data):
            fail(f"the token {token!r} was refused behind a directory that was made")
    print("tokens that are empty, short or cannot be sent are refused at the start, and nothing is begun")


def signals(program, directory):
    """RUN-12: interrupted, asked to end, or without a terminal, it ends as it should."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        # Whoever runs this may ignore the end of a terminal, as `nohup` does: the venue would do so too.
        usual = lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)
        venue = Venue(program, os.path.join(directory, str(int(number))), preexec=usual)
        venue.account(10)
        venue.signal(number)
        status = venue.wait()
        if status != 0 or "stopping" not in venue.errors:
            fail(f"signal {number}: status {status}: {venue.errors}")
        names = os.listdir(os.path.join(directory, str(int(number))))
        if not any(name.startswith("snapshot-") and int(name[9:]) > 0 for name in names):
            fail(f"signal {number}: no snapshot was taken at the end: {names}")
    ignored = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    venue = Venue(program, os.path.join(directory, "nohup"), preexec=ignored)
    venue.signal(signal.SIGHUP)
    venue.account(10)
    if venue.stop() != 0:
        fail("nohup: it did not go on")
    print("SIGHUP, SIGTERM and SIGINT end it gracefully; under nohup the end of a terminal does not")


def output(program, directory):
    """RUN-12: nobody reads what it says, or there is nowhere to say it: it runs all the same."""
    def listens(process, data):
        until("it takes commands", lambda: os.path.exists(os.path.join(data, "head")))
        if process.poll() is not None:
            fail(f"it ended with {process.returncode}: {process.stderr.read()}")

    for name, closed in (("reader", ()), ("stdout", (1,)), ("all", (0, 1, 2))):
        data = os.path.join(directory, name)

        def preexec(closed=closed):
            for descriptor in closed:
                os.close(descriptor)

        read, write = os.pipe()
        os.close(read)
        process = bare(
            program, data, "--playground", "--no-demo", "--token", Venue.TOKEN, stdout=write, preexec_fn=preexec,
        )
        os.close(write)
        listens(process, data)
        # Accounts of the playground are opened before anything is said: then it has been said.
        until("it is started", lambda: snapshot_or_command(program, data))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
        if process.returncode != 0:
            fail(f"output ({name}): status {process.returncode}: {errors}")
        wrong = verify(program, data)
        if wrong:
            fail(f"output ({name}): the log does not hold: {wrong}")
    print("without a reader, without standard output, without any: it runs, ends gracefully, and its log holds")


def snapshot_or_command(program, data):
    """Whether the playground's own account is in the log."""
    done = subprocess.run([program, "inspect", data], capture_output=True, text=True)
    return done.returncode == 0 and "deposit" in done.stdout


def taken_away(program, directory):
    """RUN-4: nothing is acknowledged that lies where nobody finds it."""
    def log(data):
        return os.path.join(data, [name for name in sorted(os.listdir(data)) if name.startswith("log-")][-1])

    def moved(data):
        os.rename(data, data + "-elsewhere")

    def other(data):
        os.rename(data, data + "-elsewhere")
        shutil.copytree(data + "-elsewhere", data)

    def copied(data):
        name = log(data)
        shutil.copy(name, data + "-copy")
        os.rename(data + "-copy", name)

    ways = {
        "removed": shutil.rmtree, "moved": moved, "replaced by a copy": other,
        "without its log": lambda data: os.remove(log(data)), "with another file as its log": copied,
        "without its note": lambda data: os.remove(os.path.join(data, "head")),
    }
    for what, way in ways.items():
        data = os.path.join(directory, what.replace(" ", "-"))
        venue = Venue(program, data, "--no-demo")
        venue.account(10)
        way(data)
        start = time.monotonic()
        # One that nobody asks anything looks by itself.
        status = venue.wait(PATIENCE)
        if status != 70 or "the log failed" not in venue.errors:
            fail(f"{what}: ended with {status}: {venue.errors}")
        print(f"a directory {what}: ended within {time.monotonic() - start:.1f} s")
    data = os.path.join(directory, "asked")
    venue = Venue(program, data, "--no-demo")
    shutil.rmtree(data)
    try:
        status, _ = venue.text("/zerosum/v1/accounts?deposit=5", "POST", PATIENCE)
    except OSError:
        status = None
    except Exception:
        status = None
    if status == 200:
        fail("an account was opened in a log that is no more")
    if venue.wait(PATIENCE) != 70:
        fail("asked for more, it went on")
    print("a directory removed: what was asked then was not acknowledged")


class Prices(threading.Thread):
    """Hands prices in until told to stop: commands that fill the log."""

    def __init__(self, venue, stopped):
        super().__init__(daemon=True)
        self.venue, self.stopped, self.failure = venue, stopped, None

    def run(self):
        try:
            connection = self.venue.connection(PATIENCE)
            while not self.stopped.is_set():
                connection.request(
                    "POST", "/zerosum/v1/price?symbol=BTCUSDT&source=0&price=60000",
                    headers={"X-Zerosum-Token": Venue.TOKEN},
                )
                connection.getresponse().read()
        except OSError as error:
            self.failure = str(error)


def descriptors(program, directory, wanted):
    """DUR-11: a log of many segments keeps no more files open and no more in memory than a short one, and starts
    with few."""
    data = os.path.join(directory, "long")
    venue = Venue(program, data, "--no-demo", "--segment-size", str(1 << 20))
    before = venue.descriptors()
    stopped = threading.Event()
    threads = [Prices(venue, stopped) for _ in range(4)]
    for thread in threads:
        thread.start()

    def segments():
        return sum(name.startswith("log-") for name in os.listdir(data))

    def reaches(count):
        is_there = lambda: segments() >= count or any(thread.failure for thread in threads)
        until(f"the log has {count} segments", is_there, 60 * wanted)
        return venue.resident()

    # By then every memory of the newest of something is full, or nearly.
    early = reaches(wanted // 2)
    memory = reaches(wanted)
    # What somebody opens for a moment, as who makes the history does, is gone again: what stays counts.
    until("no more files stay open", lambda: venue.descriptors() - len(threads) <= before + 12, PATIENCE)
    meanwhile = venue.descriptors() - len(threads)
    stopped.set()
    for thread in threads:
        thread.join()
    if venue.stop() != 0 or any(thread.failure for thread in threads):
        fail(f"descriptors: {venue.errors} {[thread.failure for thread in threads]}")
    count = segments()
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))
    # As if it had no view and no newer snapshot: everything is executed again.
    for name in os.listdir(data):
        if name.startswith(("view-", "history")) or name.startswith("snapshot-") and int(name[9:]) > 0:
            os.remove(os.path.join(data, name))
    again = Venue(program, data, "--no-demo", preexec=few)
    until("no more files stay open when it is started again", lambda: again.descriptors() <= before + 12, PATIENCE)
    after, anew = again.descriptors(), again.resident()
    if again.stop() != 0:
        fail(f"descriptors: {before} at the start, {meanwhile} with {count} segments, {after} started again: {again.errors}")
    if memory - early > SLACK or anew - memory > SLACK:
        fail(f"memory grows with the log: {early} bytes at half of {count} segments, {memory} then, {anew} started again")
    print(f"{count} segments: {before} files open at the start, {meanwhile} then, {after} when started again with 48 at most; {early >> 20} MB at half of it, {memory >> 20} MB then, {anew >> 20} MB started again")


def thousands(program, directory):
    """RUN-11: what a start does once is in the log, however much came behind it."""
    data = os.path.join(directory, "many")
    venue = Venue(program, data)
    key, count = venue.key, 1_100
    connection = venue.connection(PATIENCE)
    for _ in range(count):
        connection.request("POST", "/zerosum/v1/accounts?deposit=1", headers={"X-Zerosum-Token": Venue.TOKEN})
        connection.getresponse().read()
    deposits = lambda: venue.own("/conservation")["deposits"]
    paid = deposits()
    if venue.stop() != 0:
        fail(f"thousands: {venue.errors}")
    venue = Venue(program, data)
    if venue.key != key:
        fail(f"thousands: the printed key was {key} and is {venue.key}")
    if deposits() != paid:
        fail(f"thousands: deposits were {paid} and are {deposits()}")
    venue.stop()
    print(f"a playground with {count} accounts more starts with the same key, and {paid} deposited as before")


def secrets(program, directory):
    """API-7: files with secrets are their owner's from the first moment, whatever the mask is."""
    if not shutil.which("strace"):
        print("venue ends: no strace: how files are made is left out")
        return
    data, trace = os.path.join(directory, "secret"), os.path.join(directory, "trace")
    tracer = ["strace", "-f", "-q", "-o", trace, "-e", "trace=open,openat,creat,chmod,fchmod,fchmodat,rename"]
    venue = Venue(program, data, "--no-demo", before=tracer, preexec=lambda: os.umask(0))
    venue.account(5)
    venue.stop()
    with open(trace) as file:
        made = [line for line in file if "O_CREAT" in line and data in line or "O_CREAT" in line and '"log-' in line]
    loose = [line for line in made if re.search(r", 0\d*[1-7]\d\)|, 0\d*\d[1-7]\)", line)]
    kept = [line for line in loose if "history.sqlite" not in line]
    if not any("keys" in line for line in made) or kept:
        fail(f"secrets: made for others to read: {kept or made}")
    for name in os.listdir(data):
        mode = os.stat(os.path.join(data, name)).st_mode & 0o777
        if mode & 0o077:
            fail(f"secrets: {name} has mode {mode:o}")
    # One that somebody copied with rights for everybody is closed again.
    os.chmod(os.path.join(data, "master.key"), 0o644)
    venue = Venue(program, data, "--no-demo")
    venue.stop()
    if os.stat(os.path.join(data, "master.key")).st_mode & 0o077:
        fail("secrets: the master key of a copy stays readable")
    print(f"{len(made)} files were made, none for others to read")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--segments", type=int, default=12, help="how long the log of `descriptors` gets")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    parts = [tokens, signals, output, taken_away, descriptors, thousands, secrets]
    for part in parts:
        if options.parts and part.__name__ not in options.parts:
            continue
        directory = tempfile.mkdtemp(prefix="zerosum-ends-")
        try:
            part(program, directory, *([options.segments] if part is descriptors else []))
        except NotStarted as error:
            fail(f"{part.__name__}: {error}")
        finally:
            shutil.rmtree(directory, ignore_errors=True)


main()
