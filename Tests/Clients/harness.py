"""Runs the live tests that ccxt brings for its own exchanges against a venue: unmodified, but for the addresses.

harness.py PROGRAM FOLDER: ccxt's package is laid into FOLDER as its repository has it, with a `keys.json` (key
and addresses) and a `skip-tests.json` (what cannot be, with the reason) beside it. Its public and private tests
run synchronously, asynchronously and over WebSockets; a row for each method says what became of it. Exit status
1 if one failed.
"""

import hashlib
import hmac
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
from clients import Venue, until_quoted  # noqa: E402

PACKAGE = "ccxt==4.5.90"
# What its tests import besides.
NEEDED = "psutil==6.1.1"
EXCHANGE = "binanceusdm"
MODES = {"sync": ["--sync"], "async": [], "streams": ["--ws"]}
# Methods that are left out, and why. Nothing here is left out because an answer would be wrong.
WALLET = "Binance: of the spot wallet (sapi), which a futures venue has not"
BROKEN = "ccxt's own test hands a list inside of a list to its own method, and fails before anything is sent"
V3 = "Binance's positionRisk, third version, does not tell it"
EVENT = "Binance's ACCOUNT_UPDATE does not tell it"
SKIPPED = {
    "loadMarkets": "loaded, but ccxt also expects Binance's quarterly contracts (type future); here all are perpetual",
    "fetchCurrencies": WALLET,
    "fetchDeposits": WALLET,
    "fetchWithdrawals": WALLET,
    "fetchTransfers": WALLET,
    "fetchBorrowInterest": "Binance: of margin accounts (sapi)",
    "fetchLeverageTiers": BROKEN,
    "fetchMarginModes": "ccxt's own test expects a list where its own method gives an object by symbol",
    "watchBalance": "ccxt's test wants free and used, which Binance's ACCOUNT_UPDATE does not tell",
    # Only of these members something is left out.
    "fetchPositions": {"leverage": V3, "collateral": V3},
    "watchPositions": {name: EVENT for name in ("notional", "markPrice", "leverage", "collateral", "percentage")},
    "fetchTrades": {"sideSequence": "ccxt expects every rise of the price to be a buy; makers here move between trades"},
}


def laid(folder):
    """The package as a repository has it: `python/ccxt` in a folder of its own, outside of any environment."""
    root = os.path.join(folder, "harness-" + PACKAGE.replace("==", "-"))
    ready = os.path.join(root, "ready")
    if not os.path.exists(ready):
        print(f"installing {PACKAGE} into {root}", flush=True)
        shutil.rmtree(root, ignore_errors=True)
        # A folder with its own dependencies, so that the tests import this copy and no other.
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "--target", os.path.join(root, "python"), PACKAGE, NEEDED], check=True
        )
        open(ready, "w").close()
    return root


def settings(root, venue, key):
    api = {
        "fapiPublic": "/fapi/v1", "fapiPublicV2": "/fapi/v2", "fapiPublicV3": "/fapi/v3", "fapiPrivate": "/fapi/v1",
        "fapiPrivateV2": "/fapi/v2", "fapiPrivateV3": "/fapi/v3", "fapiData": "/futures/data", "sapi": "/sapi/v1",
    }
    api = {name: venue.base + path for name, path in api.items()}
    api["ws"] = {"linear": venue.socket + "/ws", "ws-api": {"linear": venue.socket + "/ws-fapi/v1"}}
    keys = {EXCHANGE: {"apiKey": key[0], "secret": key[1], "urls": {"api": api}}}
    # Of the spot wallet and of margin accounts, which are no part of the futures interface.
    keys[EXCHANGE]["options"] = {"fetchCurrencies": False, "fetchMargins": False}
    with open(os.path.join(root, "keys.json"), "w") as file:
        json.dump(keys, file)
    with open(os.path.join(root, "skip-tests.json"), "w") as file:
        json.dump({EXCHANGE: {"preferredSwapSymbol": "BTC/USDT:USDT", "skipMethods": SKIPPED}}, file)


class Trader(threading.Thread):
    """Trades with the account meanwhile: whoever waits for its events would wait for ever."""

    def __init__(self, venue, key):
        super().__init__(daemon=True)
        self.venue, self.key = venue, key
        self.stopped = threading.Event()

    def run(self):
        # Never flat again, because ccxt's test of positions expects a side.
        side, quantity = "BUY", "0.02"
        while not self.stopped.wait(1):
            query = urllib.parse.urlencode(
                {"symbol": "BTCUSDT", "side": side, "type": "MARKET", "quantity": quantity,
                 "timestamp": int(time.time() * 1_000), "recvWindow": 60_000}
            )
            signature = hmac.new(self.key[1].encode(), query.encode(), hashlib.sha256).hexdigest()
            request = urllib.request.Request(
                f"{self.venue.base}/fapi/v1/order?{query}&signature={signature}", method="POST",
                headers={"X-MBX-APIKEY": self.key[0]},
            )
            urllib.request.urlopen(request, timeout=10).read()
            side, quantity = "SELL" if side == "BUY" else "BUY", "0.01"


def run(root, options):
    """What became of each method, and the text."""
    tests = os.path.join(root, "python", "ccxt", "test")
    environment = dict(os.environ, PYTHONPATH=os.path.join(root, "python"), PYTHONUNBUFFERED="1")
    try:
        done = subprocess.run(
            [sys.executable, "tests_init.py", EXCHANGE, "--info", "--private", *options],
            cwd=tests, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240,
        )
        text, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        text, status = (late.stdout or b"").decode(errors="replace"), None
    found = {}
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["[INFO]"] and EXCHANGE in words[:-1]:
            kind, method = " ".join(words[1:words.index(EXCHANGE)]), words[words.index(EXCHANGE) + 1].split("(")[0]
            kind = {"TESTING": "begun", "TESTING DONE": "passed", "TESTING FAILED": "failed", "SKIPPED_TEST": "skipped",
                    "UNSUPPORTED_TEST": "not in ccxt", "UNIMPLEMENTED_TEST": "no test in ccxt"}.get(kind)
            if kind and not (kind == "begun" and method in found):
                found[method] = kind
        warned = re.match(rf"\[TEST_(FAILURE|WARNING)\] {EXCHANGE} (\w+)", line)
        if warned and warned.group(2) not in ("PUBLIC_TESTS", "PRIVATE_TESTS"):
            found[warned.group(2)] = "failed" if warned.group(1) == "FAILURE" else "warned"
    return found, text, status


def main():
    program, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    root = laid(folder)
    failed = False
    for mode, options in MODES.items():
        venue = Venue(program, "--config", os.path.join(HERE, "venue.jsonl"))
        try:
            until_quoted(venue)
            opening = urllib.request.Request(
                f"{venue.base}/zerosum/v1/accounts?deposit=100000", method="POST",
                headers={"X-Zerosum-Token": venue.token},
            )
            made = json.load(urllib.request.urlopen(opening, timeout=10))
            settings(root, venue, (made["apiKey"], made["secret"]))
            trader = Trader(venue, (made["apiKey"], made["secret"]))
            trader.start()
            found, text, status = run(root, options)
            trader.stopped.set()
            trader.join()
        finally:
            venue.stop()
        counts = {}
        for method, kind in sorted(found.items()):
            counts[kind] = counts.get(kind, 0) + 1
            if kind in ("passed", "failed", "warned", "begun"):
                print(f"{mode:8} {method:36} {kind}")
            elif kind == "skipped":
                print(f"{mode:8} {method:36} skipped: {SKIPPED[method]}")
        # A failure and what it says, up to the next line of the harness.
        wrong = re.findall(r"^\[TEST_FAILURE\].*?(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)
        for part in wrong:
            print(f"{mode}: {part[:300]} … {part[-900:]}")
        if status != 0 or wrong or not counts.get("passed") or counts.get("begun"):
            failed = True
            if not wrong:
                print(f"{mode}: exit status {status}: {text[-3_000:]}")
        print(f"{mode}: " + ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    sys.exit(1 if failed else 0)


main()
