"""Kills a venue under load, again and again, and looks for every order that it acknowledged.

venue_kills.py PROGRAM [--kills N]: orders are sent from several threads; at a random moment the process is
killed; it is started again on the same directory, and each order that was answered with 200 must be there by
its client id, once, while nothing may be missing from the pile (DUR-1, LED-4). At the end `verify` must agree,
and the history, which was killed with it, must have no gap and be the same when it is made anew (HIST-3).
"""

import argparse
import http.client
import os
import random
import shutil
import sqlite3
import tempfile
import threading
import time

from venue import Venue, fail as fail_as, verify


def fail(text):
    fail_as("venue kills", text)


def complete(venue, most=0):
    """Waits until the history has everything."""
    for _ in range(600):
        history = venue.own("/status")["history"]
        # The demo goes on: a few of its commands are always on their way.
        if isinstance(history["rebuilds"], int) and history["rebuilds"] > most:
            fail(f"the history was made anew: {history['reason']}")
        if history["state"] == "live" and history["behind"] < 500:
            return history
        time.sleep(0.1)
    fail(f"the history is not complete: {history}")


def rows(directory):
    """All rows of a history by table, owner and place."""
    database = sqlite3.connect(os.path.join(directory, "history.sqlite"))
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for table in tables:
        if table != "state":
            for row in database.execute(f'SELECT * FROM "{table}"'):
                found[(table, row[0], row[1])] = row
    database.close()
    return found


def check_history(program, directory):
    """No number is left out, and what is made anew of the log is what was written through all kills."""
    written = rows(directory)
    for table in ["prints", "aggregates", "income", "fills", "admin", "fund"]:
        places = {}
        for name, owner, place in written:
            if name == table:
                places.setdefault(owner, []).append(place)
        for owner, all_places in places.items():
            first = 1 if table == "fills" else 0
            if sorted(all_places) != list(range(first, first + len(all_places))):
                fail(f"the history lacks rows of {owner} in {table}")
    for suffix in ["", "-wal", "-shm"]:
        if os.path.exists(os.path.join(directory, "history.sqlite" + suffix)):
            os.remove(os.path.join(directory, "history.sqlite" + suffix))
    venue = Venue(program, directory)
    complete(venue)
    venue.stop()
    again = rows(directory)
    for key, row in written.items():
        if again.get(key) != row:
            fail(f"made anew the history says {again.get(key)}, and said {row}")
    return len(written)


def load(venue, name, acknowledged, stop):
    """Sends orders until the venue is gone; those that were answered are noted."""
    try:
        connection = venue.connection()
        number = 0
        while not stop.is_set():
            number += 1
            mine = f"{name}-{number}"
            status, _ = venue.signed(
                connection, "POST", "/fapi/v1/order", symbol="BTCUSDT", side="BUY", type="LIMIT",
                timeInForce="IOC" if number % 3 else "GTC", quantity="0.001", price="40000", newClientOrderId=mine,
            )
            if status == 200:
                acknowledged.append(mine)
            if number % 3 == 0:
                venue.signed(connection, "DELETE", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId=mine)
    except (OSError, http.client.HTTPException, ValueError):
        # The venue was killed: what was not answered counts for nothing.
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    directory = tempfile.mkdtemp(prefix="zerosum-kills-")
    # A clock that nobody sets: the venue refuses requests from before its last second.
    seed = random.Random(20_251_010)
    found, sequence = 0, 0
    try:
        for kill in range(options.kills + 1):
            venue = Venue(program, directory)
            status = venue.own("/status")
            if status["sequence"] < sequence:
                fail(f"kill {kill}: {status['sequence']} commands are there, {sequence} were seen before")
            if venue.own("/conservation")["missing"] != "0":
                fail(f"kill {kill}: something is missing from the pile")
            if kill > 0:
                connection = venue.connection()
                # The newest of each thread are those that a kill could lose; older ones were looked for before.
                for mine in acknowledged[-150:]:
                    code, row = venue.signed(
                        connection, "GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId=mine
                    )
                    if code != 200 or row["clientOrderId"] != mine:
                        fail(f"kill {kill}: order {mine} was acknowledged and is not there: {row}")
                    found += 1
            complete(venue)
            if kill == options.kills:
                venue.stop()
                break
            acknowledged, stop = [], threading.Event()
            threads = [
                threading.Thread(target=load, args=(venue, f"k{kill}t{n}", acknowledged, stop)) for n in range(4)
            ]
            time.sleep(1.1)
            for thread in threads:
                thread.start()
            # At any moment, but never before there is something that could be lost.
            wanted, end = seed.randint(10, 200), time.monotonic() + 120
            while len(acknowledged) < wanted:
                if time.monotonic() > end:
                    fail(f"kill {kill}: only {len(acknowledged)} orders were acknowledged in 120 s")
                time.sleep(0.005)
            time.sleep(seed.uniform(0, 0.1))
            sequence = venue.own("/status")["sequence"]
            venue.kill()
            stop.set()
            for thread in threads:
                thread.join()
        kept = check_history(program, directory)
        wrong = verify(program, directory)
        if wrong:
            fail(f"verify: {wrong}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{options.kills} kills of a venue under load: {found} acknowledged orders looked for and found, "
          f"{kept} rows of the history without a gap and the same when made anew, the log verifies")


main()
