"""A venue as a process, and what an operating system can do to it.

venue_faults.py PROGRAM [--full]: the disk is full, slow or limited; sockets run out; the wall clock jumps; the
process stands still and goes on. What was acknowledged is there afterwards, the log verifies, and what ends the
process says why. With --full the long ones are as long as they should be.
"""

import argparse
import ctypes
import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from venue import NotStarted, Venue, fail as fail_as, until, verify


def fail(text):
    fail_as("venue faults", text)


def strace(*options):
    """A tracer that does something to system calls of the venue."""
    return ["strace", "-f", "-q", "-o", "/dev/null", *options]


class Orders(threading.Thread):
    """Places orders that rest nowhere, until it is stopped or the venue is gone; notes the acknowledged."""

    def __init__(self, venue, name):
        super().__init__(daemon=True)
        self.venue, self.name_of = venue, name
        self.acknowledged = []
        self.refused = []
        self.took = []
        self.stopped = threading.Event()

    def run(self):
        try:
            connection = self.venue.connection(60)
            number = 0
            while not self.stopped.is_set():
                number += 1
                start = time.monotonic()
                status, body = self.venue.signed(
                    connection, "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="LIMIT",
                    timeInForce="IOC", quantity="0.001", price="20000", newClientOrderId=f"{self.name_of}-{number}",
                )
                self.took.append(time.monotonic() - start)
                if status == 200:
                    self.acknowledged.append((body["orderId"], f"{self.name_of}-{number}"))
                else:
                    self.refused.append(body)
        except (OSError, http.client.HTTPException, ValueError):
            # Gone: what was not answered counts for nothing.
            pass


def load(venue, name, count=4):
    threads = [Orders(venue, f"{name}{number}") for number in range(count)]
    for thread in threads:
        thread.start()
    return threads


def enough(threads, count=1, seconds=300):
    """Waits until each has had so many orders acknowledged, or is gone."""
    until(
        f"{count} orders of each are acknowledged",
        lambda: not any(thread.is_alive() and len(thread.acknowledged) < count for thread in threads),
        seconds,
    )


def ended(threads):
    for thread in threads:
        thread.stopped.set()
    for thread in threads:
        thread.join(60)
    return [order for thread in threads for order in thread.acknowledged]


def look(what, program, directory, acknowledged, *options, **others):
    """Starts it again: the acknowledged are there, nothing is missing, and the log verifies."""
    venue = Venue(program, directory, *options, **others)
    try:
        connection = venue.connection(60)
        for number, name in acknowledged[-200:]:
            status, row = venue.signed(connection, "GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId=name)
            if status != 200 or row["orderId"] != number:
                fail(f"{what}: order {name} was acknowledged and is not there: {row}")
        if venue.own("/conservation", timeout=60)["missing"] != "0":
            fail(f"{what}: something is missing from the pile")
    finally:
        venue.stop()
    wrong = verify(program, directory)
    if wrong:
        fail(f"{what}: {wrong}")


def disk_full_in_the_log(program, directory):
    """A6 row 7: there is no room for the next group."""
    venue = Venue(program, directory, before=strace("-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=400+"))
    threads = load(venue, "full")
    status = venue.wait(120)
    acknowledged = ended(threads)
    if status == 0 or "No space left" not in venue.errors or "log failed" not in venue.errors:
        fail(f"disk full: ended with {status}: {venue.errors}")
    if len(acknowledged) < 20:
        fail(f"disk full: only {len(acknowledged)} orders before it was")
    look("disk full", program, directory, acknowledged)
    print(f"disk full: {len(acknowledged)} orders acknowledged, then it ended with {status} and the reason; with room again all are there")


def disk_full_at_the_start(program, directory):
    """A6 row 7: a real file system without room, while it starts and while it has started."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"zerosum", directory.encode(), b"tmpfs", 0, b"size=80m") != 0:
        print("disk full: a file system of its own cannot be had here; that part is left out")
        return
    ballast, data = os.path.join(directory, "ballast"), os.path.join(directory, "venue")
    try:
        def fill():
            with open(ballast, "wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                        file.flush()
                except OSError:
                    pass

        fill()
        try:
            Venue(program, data).kill()
            fail("disk full: it started without room")
        except NotStarted as refusal:
            if "No space left" not in str(refusal):
                fail(f"disk full: refused for another reason: {refusal}")
        os.remove(ballast)
        venue = Venue(program, data)
        made, key = venue.account(1_000)
        fill()
        status, text = venue.text("/zerosum/v1/accounts?deposit=5", "POST")
        if status != 500 or "is there, but its key could not be kept" not in text:
            fail(f"disk full: a key was made without room: {status} {text}")
        number = re.search(r"Account (\d+)", text).group(1)
        os.remove(ballast)
        if "apiKey" not in venue.own(f"/keys?account={number}", "POST"):
            fail("disk full: with room again no key can be made")
        threads = load(venue, "room")
        enough(threads, 20)
        acknowledged = ended(threads)
        venue.stop()
        look("disk full", program, data, acknowledged)
        venue = Venue(program, data)
        status, _ = venue.signed(venue.connection(), "GET", "/fapi/v2/balance", key=key)
        venue.stop()
        if status != 200 or not acknowledged:
            fail(f"disk full: the key of account {made} is gone")
        print("disk full: refused at the start with the reason; a key that cannot be kept is refused, and made once there is room")
    finally:
        if libc.umount(directory.encode()) != 0:
            libc.umount2(directory.encode(), 2)


def disk_slow(program, directory):
    """A6 row 10: every sync takes 200 ms."""
    venue = Venue(program, directory, before=strace("-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=200000"))
    threads = load(venue, "slow", 16)
    enough(threads, 8)
    health = venue.text("/health", timeout=5)[0]
    longest = venue.metric("commit_microseconds_longest")
    acknowledged = ended(threads)
    for thread in threads:
        if [number for number, _ in thread.acknowledged] != sorted(number for number, _ in thread.acknowledged):
            fail("slow disk: orders were taken in another order than they were sent")
    took = sorted(value for thread in threads for value in thread.took)
    venue.signal(signal.SIGKILL)
    venue.wait(60)
    if health != 200 or longest < 200_000 or took[0] < 0.05 or len(acknowledged) < 100:
        fail(f"slow disk: health {health}, longest commit {longest} µs, first order {took[0]} s, {len(acknowledged)} orders")
    look("slow disk", program, directory, acknowledged)
    print(
        f"slow disk (200 ms a sync): {len(acknowledged)} orders in groups, p50 {took[len(took) // 2] * 1_000:.0f} ms, in order, "
        "healthy meanwhile; killed, all are there"
    )


def commands(program, directory):
    """The commands of a log: the time of each, and its events."""
    done = subprocess.run([program, "inspect", directory, "--events"], capture_output=True, text=True, check=True)
    events = []
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if row.get("event") == "outcome":
            yield row["at"], events
            events = []
        elif "event" in row:
            events.append(row)


def limit(kind, value):
    return lambda: resource.setrlimit(kind, (value, value))


def sockets_run_out(program, directory):
    """A6 row 11: no more files may be opened."""
    venue = Venue(program, directory, preexec=limit(resource.RLIMIT_NOFILE, 64))
    threads = load(venue, "few", 2)
    enough(threads)
    others = []
    for _ in range(120):
        other = socket.socket()
        other.settimeout(1)
        try:
            other.connect(("127.0.0.1", venue.port))
        except OSError:
            pass
        others.append(other)

    def ticks():
        with open(f"/proc/{venue.pid}/stat") as file:
            words = file.read().rsplit(")", 1)[1].split()
        return int(words[11]) + int(words[12])

    for thread in threads:
        thread.stopped.set()
    for thread in threads:
        thread.join()
    before = ticks()
    time.sleep(2)
    busy = (ticks() - before) / os.sysconf("SC_CLK_TCK") / 2
    for other in others:
        other.close()
    time.sleep(1.5)
    threads += load(venue, "many", 2)
    enough(threads)
    acknowledged = ended(threads)
    status = venue.stop()
    if status != 0 or any(not thread.acknowledged for thread in threads):
        fail(f"no more sockets: ended with {status}, {[len(thread.acknowledged) for thread in threads]} orders: {venue.errors}")
    if busy > 0.6:
        fail(f"no more sockets: {busy:.0%} of a processor is spent on what cannot be accepted")
    look("no more sockets", program, directory, acknowledged)
    print(f"no more sockets (64 files, 120 connections): those it had went on, new ones were taken afterwards, {busy:.0%} of a processor meanwhile")


def limits(program, directory):
    """A6 row 11: files may not grow, memory may not be had."""
    try:
        Venue(program, os.path.join(directory, "file"), preexec=limit(resource.RLIMIT_FSIZE, 1 << 20)).kill()
        fail("file limit: it started")
    except NotStarted as refusal:
        if "File too large" not in str(refusal) or "exit status 2" not in str(refusal):
            fail(f"file limit: ended otherwise: {refusal}")
    data = os.path.join(directory, "memory")
    venue = Venue(program, data)
    threads = load(venue, "memory", 2)
    enough(threads)
    acknowledged = ended(threads)
    venue.stop()
    try:
        Venue(program, data, preexec=limit(resource.RLIMIT_AS, 128 << 20)).kill()
        how = "started all the same"
    except NotStarted as refusal:
        how = re.search(r"exit status (-?\d+)", str(refusal)).group(0)
    look("memory limit", program, data, acknowledged)
    print(f"limits: a file that may not grow is refused with the reason; with 128 MiB of memory: {how}; then all is there")


def clock(program, directory):
    """A6 row 12: the wall clock jumps by an hour and by a year, in a run and between two."""
    library = clock_library(directory)
    if library is None:
        print("clock: no C compiler: jumps of the wall clock are left out")
        return
    offset = os.path.join(directory, "offset")

    def set_clock(seconds):
        with open(offset + ".new", "w") as file:
            file.write(f"{seconds:+d}\n")
        os.replace(offset + ".new", offset)

    environment = dict(os.environ, LD_PRELOAD=library, ZEROSUM_CLOCK=offset)
    data = os.path.join(directory, "venue")
    hour, year = 3_600, 365 * 86_400
    seen, jumps = 0, 0
    starts = (0, hour, 0, year, -year, 0)
    for start in starts:
        set_clock(start)
        venue = Venue(program, data, environment=environment)
        first = json.loads(venue.text("/fapi/v1/time")[1])["serverTime"]
        if first < seen:
            fail(f"clock: {first} after {seen}")
        # The jumps are of hours: what a machine takes for a request is not taken for one.
        if first < (time.time() + start) * 1_000 - 600_000:
            fail(f"clock: it begins at {first}, behind the clock of {start} s")
        begun = time.monotonic()
        for jump in (hour, -hour, year, -year):
            set_clock(start + jump)
            jumps += 1
            time.sleep(0.25)
            now = json.loads(venue.text("/fapi/v1/time")[1])["serverTime"]
            if abs(now - first - (time.monotonic() - begun) * 1_000) > 600_000:
                fail(f"clock: a jump of {jump} s moved the venue's time by {now - first} ms")
        # A command behind it keeps this moment in the log: RUN-7 goes by the last command's time.
        seen = json.loads(venue.text("/fapi/v1/time")[1])["serverTime"]
        venue.account(1)
        venue.stop()
    last, funded, payments = 0, {}, 0
    for at, events in commands(program, data):
        if at < last:
            fail(f"clock: the time of a command goes back: {at} after {last}")
        last = at
        for event in events:
            if event["event"] == "fundingSettled":
                payments += 1
                if funded.get(event["market"]) == at:
                    fail(f"clock: funding twice at {at}: {event}")
                funded[event["market"]] = at
    wrong = verify(program, data)
    if wrong:
        fail(f"clock: {wrong}")
    print(f"clock: {jumps} jumps of an hour and a year in {len(starts)} runs: no time goes back, and none reaches a running venue; funding was paid {payments} times, twice at no time")


def standstill(program, directory, seconds):
    """A6 row 14: the process stands still, and then goes on."""
    venue = Venue(program, directory)
    keys = [venue.account(10_000)[1] for _ in range(2)]
    connection = venue.connection(120)
    placed = []
    begun = time.monotonic()
    for key, after in zip(keys, (2_000, 4_000)):
        status, order = venue.signed(
            connection, "POST", "/fapi/v1/order", key, symbol="ETHUSDT", side="BUY", type="LIMIT", timeInForce="GTC",
            quantity="0.01", price="1500",
        )
        if status != 200:
            fail(f"standstill: {order}")
        placed.append(order["orderId"])
        venue.signed(connection, "POST", "/fapi/v1/countdownCancelAll", key, symbol="ETHUSDT", countdownTime=after)
    # Between the two countdowns lie two seconds, and what the requests took.
    between = (time.monotonic() - begun) * 1_000_000
    venue.signal(signal.SIGSTOP)
    time.sleep(seconds)
    venue.signal(signal.SIGCONT)
    threads = load(venue, "after", 2)
    enough(threads, 20)
    acknowledged = ended(threads)
    for key, order in zip(keys, placed):
        status, row = venue.signed(venue.connection(), "GET", "/fapi/v1/order", key, symbol="ETHUSDT", orderId=order)
        if status != 200 or row["status"] not in ("CANCELED", "EXPIRED"):
            fail(f"standstill: a countdown did not fire: {row}")
    if venue.text("/ready")[0] != 200 or not acknowledged:
        fail("standstill: it does not go on")
    venue.stop()
    fired = [
        (at, event["order"])
        for at, events in commands(program, directory)
        for event in events
        if event["event"] == "orderCanceled" and event["order"] in placed
    ]
    if [order for _, order in fired] != placed or not 1_900_000 < fired[1][0] - fired[0][0] < 2_100_000 + between:
        fail(f"standstill: timers fired as {fired}, of {placed}")
    look("standstill", program, directory, acknowledged)
    print(f"standstill of {seconds} s: what was due meanwhile was done once, in order, each at its own time; then it went on")


def clock_library(folder):
    """The library that moves the wall clock, compiled with the compiler that Swift brings; none without one."""
    compiler = next(filter(None, map(shutil.which, ("clang", "cc", "gcc"))), None)
    if compiler is None or not os.path.isdir("/proc/self"):
        return None
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Clock", "clock.c")
    library = os.path.join(folder, "clock.so")
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", source, "-o", library], check=True)
    return library


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    parts = [sockets_run_out, limits, disk_full_at_the_start, lambda p, d: standstill(p, d, 30 if options.full else 8)]
    if shutil.which("strace"):
        parts += [disk_full_in_the_log, disk_slow]
    else:
        print("venue faults: no strace: system calls that fail or take long are left out")
    parts.append(clock)
    for part in parts:
        directory = tempfile.mkdtemp(prefix="zerosum-faults-")
        try:
            part(program, directory)
        finally:
            shutil.rmtree(directory, ignore_errors=True)


main()
