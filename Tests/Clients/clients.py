"""Starts a venue and runs real client programs against it, each in an environment of its own.

clients.py PROGRAM FOLDER [CLIENT ...]: prints a row for each client, and what failed; exit status 1 if
anything did. Environments with the pinned versions are made in FOLDER the first time. A client that cannot
be had here, because its packages or the Python that it wants are missing, is skipped and says so. So is one
that no package contains, unless a variable names a copy of it: COPIES.
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
# A client's script, what its environment holds, and options of its venue. Python 3.11 but where it is said.
CLIENTS = {
    "ccxt": ("ccxt_rest.py", "ccxt==4.5.90"),
    "ccxt over TLS": ("ccxt_tls.py", "ccxt==4.5.90", "--tls", "self-signed"),
    "ccxt.pro": ("ccxt_streams.py", "ccxt==4.5.90"),
    "sdk": ("sdk.py", "binance-sdk-derivatives-trading-usds-futures==18.1.0"),
    "futures-connector": ("connector.py", "binance-futures-connector==4.1.0"),
    "python-binance": ("python_binance.py", "python-binance==1.0.37"),
    "nautilus": ("nautilus.py", "nautilus_trader==1.221.0"),
    "freqtrade": ("freqtrade_bot.py", "freqtrade==2026.9"),
    "pybotters": ("pybotters_store.py", "pybotters==1.11.2"),
    "cryptofeed": ("cryptofeed_feed.py", "cryptofeed==2.4.1"),
    "unicorn": ("unicorn_depth.py", "unicorn-binance-local-depth-cache==2.14.0"),
    "vnpy": ("vnpy_gateway.py", "vnpy_binance==2026.8.5 vnpy==4.5.0"),
    "nautilus of 2026": ("nautilus_crash.py", "nautilus_trader==1.231.0"),
    "hummingbot": ("hummingbot_connector.py", "hummingbot==20260922"),
    "passivbot": (
        "passivbot_fills.py", "ccxt==4.5.66 hjson==3.0.2 numpy==1.26.4 pandas==2.2.2 portalocker==3.2.0"
    ),
}
# Which Python an environment is made with, where it is not the one that runs this.
PYTHONS = {"nautilus_trader==1.231.0": "python3.12"}
# A package that is installed without what it asks for, and what the session needs of that: hummingbot asks
# for the libraries of other exchanges too, and no versions of those go together (two of them want different
# versions of websockets). It is compiled when it is installed, some minutes, which wants a C++ compiler.
ALONE = {
    "hummingbot==20260922": "aiohttp==3.13.3 async-timeout==4.0.3 bidict==0.23.1 cachetools==5.5.2 "
    "hexbytes==1.3.1 numpy==2.3.5 pandas==2.3.3 pydantic==2.12.5 ujson==5.11.0"
}
# Clients that the package index does not have: the variable that names a copy, and what it is a copy of.
COPIES = {"passivbot": ("PASSIVBOT", "passivbot's sources, version 8")}


class Missing(ValueError):
    """A client that cannot be had here."""


def environment(folder, packages):
    """The Python of an environment with these packages; made if there is none.

    Raises Missing with the reason if they cannot be installed.
    """
    name = re.sub(r"[^a-z0-9.]+", "-", packages.lower())
    path = os.path.join(folder, "venv-" + name)
    python = os.path.join(path, "bin", "python")
    ready = os.path.join(path, "ready")
    if not os.path.exists(ready):
        print(f"installing {packages} into {path}", flush=True)
        shutil.rmtree(path, ignore_errors=True)
        made_with = PYTHONS.get(packages, sys.executable)
        if shutil.which(made_with) is None:
            raise Missing(f"there is no {made_with}")
        # A name in the path need not be a Python that runs: some managers of versions leave one for each.
        made = subprocess.run([made_with, "-m", "venv", path], capture_output=True, text=True)
        if made.returncode != 0:
            raise Missing(f"{made_with} makes no environment: {(made.stderr.strip().splitlines() or ['?'])[0]}")
        steps = [packages.split()]
        if packages in ALONE:
            steps = [["--no-deps", packages], ALONE[packages].split()]
        for step in steps:
            done = subprocess.run([python, "-m", "pip", "install", "-q", *step], capture_output=True, text=True)
            if done.returncode != 0:
                shutil.rmtree(path, ignore_errors=True)
                raise Missing((done.stderr.strip().splitlines() or ["pip failed"])[-1])
        open(ready, "w").close()
    return python


def label(name):
    """A client's name, and what is tested of it."""
    return f"{name} ({COPIES[name][0]})" if name in COPIES else f"{name} ({CLIENTS[name][1]})"


def named(name):
    """Checks that a client is a package, or that its variable names a copy.

    Raises Missing with what to set if not.
    """
    variable, what = COPIES.get(name, (None, None))
    if variable is not None and not os.environ.get(variable):
        raise Missing(f"set {variable} to a folder with {what}")


class Venue:
    """A venue on a free port, with a data directory that goes with it."""

    def __init__(self, program, *options):
        self.directory = tempfile.mkdtemp(prefix="zerosum-clients-")
        self.process = subprocess.Popen(
            [program, "serve", "--data", self.directory, "--listen", "127.0.0.1:0", "--playground", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        text = ""
        for line in self.process.stdout:
            text += line
            if "curl" in line:
                break
        self.base = re.search(r"listens on (\S+)", text).group(1)
        self.token = re.search(r"operator's token\s+(\S+)", text).group(1)
        self.socket = self.base.replace("http", "ws", 1)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


def until_quoted(venue, seconds=120):
    """Waits until makers quote every market, and somebody traded in each."""
    unchecked = ssl._create_unverified_context() if venue.base.startswith("https") else None

    def rows(path):
        with urllib.request.urlopen(venue.base + path, timeout=10, context=unchecked) as reply:
            return json.load(reply)

    end = time.monotonic() + seconds
    for symbol in ("BTCUSDT", "ETHUSDT", "LTCUSDT"):
        while True:
            book = rows(f"/fapi/v1/depth?symbol={symbol}&limit=5")
            if book["bids"] and book["asks"] and rows(f"/fapi/v1/trades?symbol={symbol}&limit=1"):
                break
            if time.monotonic() > end:
                raise TimeoutError(f"nobody trades {symbol}")
            time.sleep(0.1)


def session(python, script, venue):
    """Runs one client; what it counted, or what it said when it broke."""
    variables = dict(
        os.environ, VENUE_BASE=venue.base, VENUE_SOCKET=venue.socket, VENUE_TOKEN=venue.token, PYTHONUNBUFFERED="1"
    )
    try:
        done = subprocess.run(
            [python, os.path.join(HERE, script)], env=variables, capture_output=True, text=True, timeout=300
        )
    except subprocess.TimeoutExpired:
        return {"calls": 0, "passed": 0, "warnings": 0, "failures": ["not done in 300 s"]}
    for line in reversed(done.stdout.splitlines()):
        if line.startswith('{"client"'):
            return json.loads(line)
    text = (done.stdout + done.stderr)[-2_000:]
    return {"calls": 0, "passed": 0, "warnings": 0, "failures": [f"exit status {done.returncode}: {text}"]}


def main():
    program, folder, *wanted = sys.argv[1:]
    wanted = wanted or list(CLIENTS)
    failed = False
    rows = []
    skipped = []
    for name in wanted:
        script, packages, *options = CLIENTS[name]
        try:
            named(name)
            python = environment(folder, packages)
        except Missing as error:
            skipped.append(f"{label(name)} is skipped: {error}")
            continue
        venue = Venue(program, "--config", os.path.join(HERE, "venue.jsonl"), *options)
        try:
            until_quoted(venue)
            counted = session(python, script, venue)
        finally:
            venue.stop()
        rows.append((label(name), counted))
        failed = failed or bool(counted["failures"]) or counted["calls"] == 0
        for failure in counted["failures"]:
            print(f"{name}: {failure}", flush=True)
        for warned in counted.get("warned", []):
            print(f"{name}: warned: {warned}", flush=True)
    print(f"{'client':66} {'calls':>6} {'passed':>7} {'warnings':>9}")
    for title, counted in rows:
        print(f"{title:66} {counted['calls']:6} {counted['passed']:7} {counted['warnings']:9}")
    for line in skipped:
        print(line)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
