"""Kills a venue under load, again and again, and looks for every order that it acknowledged.

venue_kills.py PROGRAM [--kills N]: orders are sent from several threads; at a random moment the process is
killed; it is started again on the same directory, and each order that was answered with 200 must be there by
its client id, once, while nothing may be missing from the pile (DUR-1, LED-4). At the end `verify` must agree.
"""

import argparse
import http.client
import os
import random
import shutil
import tempfile
import threading
import time

from venue import Venue, fail as fail_as, verify


def fail(text):
    fail_as("venue kills", text)


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
            time.sleep(seed.uniform(0.3, 1.2))
            sequence = venue.own("/status")["sequence"]
            venue.kill()
            stop.set()
            for thread in threads:
                thread.join()
        wrong = verify(program, directory)
        if wrong:
            fail(f"verify: {wrong}")
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(f"{options.kills} kills of a venue under load: {found} acknowledged orders looked for and found, the log verifies")


main()
