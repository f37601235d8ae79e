"""What all client sessions share: counting calls, and speaking to the venue's own interface."""

import asyncio
import hashlib
import hmac
import inspect
import json
import logging
import os
import ssl
import sys
import time
import traceback
import urllib.parse
import urllib.request
import warnings

BASE = os.environ["VENUE_BASE"]
SOCKET = os.environ["VENUE_SOCKET"]
TOKEN = os.environ["VENUE_TOKEN"]
SYMBOL = "BTCUSDT"

# ccxt's addresses of the futures interface, all pointed here.
CCXT_API = {
    "fapiPublic": BASE + "/fapi/v1",
    "fapiPublicV2": BASE + "/fapi/v2",
    "fapiPublicV3": BASE + "/fapi/v3",
    "fapiPrivate": BASE + "/fapi/v1",
    "fapiPrivateV2": BASE + "/fapi/v2",
    "fapiPrivateV3": BASE + "/fapi/v3",
    "fapiData": BASE + "/futures/data",
    "sapi": BASE + "/sapi/v1",
    "ws": {"linear": SOCKET + "/ws", "ws-api": {"linear": SOCKET + "/ws-fapi/v1"}},
}


# A venue that made its certificate itself.
UNCHECKED = ssl._create_unverified_context() if BASE.startswith("https") else None


def own(method, path, **parameters):
    """Calls the venue's own interface as its operator."""
    query = urllib.parse.urlencode(parameters)
    request = urllib.request.Request(
        f"{BASE}/zerosum/v1{path}?{query}", method=method, headers={"X-Zerosum-Token": TOKEN}
    )
    with urllib.request.urlopen(request, timeout=10, context=UNCHECKED) as reply:
        return json.load(reply)


def account(deposit):
    """A fresh account with money in it: its number, key and secret."""
    return own("POST", "/accounts", deposit=deposit)


def crash(depth=0.4, seconds=3, symbol=SYMBOL):
    """Lets the price fall while makers are gone."""
    own("POST", "/crash", symbol=symbol, depth=depth, seconds=seconds, liquidity=0)


def signed(keys, method, path, **parameters):
    """Calls the wire for an account, without any client."""
    parameters.update(timestamp=int(time.time() * 1_000), recvWindow=10_000)
    query = urllib.parse.urlencode(parameters)
    signature = hmac.new(keys["secret"].encode(), query.encode(), hashlib.sha256).hexdigest()
    request = urllib.request.Request(
        f"{BASE}{path}?{query}&signature={signature}", method=method, headers={"X-MBX-APIKEY": keys["apiKey"]}
    )
    with urllib.request.urlopen(request, timeout=10, context=UNCHECKED) as reply:
        return json.load(reply)


def position(keys):
    """What the venue says that an account holds, in one-way mode."""
    return sum(float(row["positionAmt"]) for row in signed(keys, "GET", "/fapi/v3/positionRisk", symbol=SYMBOL))


def forced(keys, kind):
    """The orders that the venue made for an account."""
    return signed(keys, "GET", "/fapi/v1/forceOrders", symbol=SYMBOL, autoCloseType=kind)


def opposed():
    """An account that a crash liquidates when it is long, and one that it deleverages when it is short."""
    loser, winner = account(1_500), account(40_000)
    for keys in (loser, winner):
        signed(keys, "POST", "/fapi/v1/leverage", symbol=SYMBOL, leverage=50)
    return loser, winner


def until(what, condition, seconds=90):
    """Waits until a condition holds; what it then gives."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"not in {seconds} s: {what}")
        time.sleep(0.1)


def listeners():
    """How many subscriptions to streams the venue has now."""
    return own("GET", "/status")["listeners"]


def listening(count):
    """Waits until the venue has so many subscriptions."""
    until(f"{count} subscriptions", lambda: listeners() >= count)


def closed_by_venue(loser, winner):
    """Waits until one was liquidated and the other deleveraged."""
    until(
        "somebody is liquidated and deleveraged",
        lambda: forced(loser, "LIQUIDATION") and forced(winner, "ADL") and position(loser) == 0,
    )


def trade_and_crash(loser, winner):
    """Opens their positions, lets the price fall, and waits until both were closed by the venue."""
    for keys, side, quantity in ((loser, "BUY", "0.8"), (winner, "SELL", "2.5")):
        signed(keys, "POST", "/fapi/v1/order", symbol=SYMBOL, side=side, type="MARKET", quantity=quantity)
    crash()
    closed_by_venue(loser, winner)


def wait_for_quiet():
    """Waits until a crash is over and makers are back."""

    def is_quoted():
        with urllib.request.urlopen(
            f"{BASE}/fapi/v1/depth?symbol={SYMBOL}&limit=20", timeout=10, context=UNCHECKED
        ) as reply:
            book = json.load(reply)
        return sum(float(lots) for _, lots in book["bids"]) > 0.5 and len(book["asks"]) > 3

    until("the book comes back", is_quoted)


class Session:
    """A client's session: every call is counted, and what fails is told at the end."""

    def __init__(self, client):
        self.client = client
        self.calls = 0
        self.failures = []
        self.warnings = []
        session = self

        class Collector(logging.Handler):
            def emit(self, record):
                # That a connection was closed by the client itself is no warning.
                if record.levelno >= logging.WARNING and "CLOSE frame received" not in record.getMessage():
                    cause = repr(record.exc_info[1]) if record.exc_info else ""
                    session.warnings.append(f"{record.getMessage()[:300]} {cause[:300]}")

        logging.getLogger().addHandler(Collector())
        warnings.showwarning = lambda message, category, *rest: session.note(category, message)

    def note(self, category, message):
        # What a client says about itself, not about what it was answered.
        if issubclass(category, (DeprecationWarning, ResourceWarning)) or "Unverified HTTPS" in str(message):
            return
        self.warnings.append(f"{category.__name__}: {message}"[:300])

    def _check(self, name, result, check):
        if check is None or check(result):
            return result
        self.failures.append(f"{name}: not as expected: {str(result)[:400]}")
        return result

    def call(self, name, function, check=None):
        """Makes one call; `check` says whether its result is as it must be."""
        self.calls += 1
        try:
            return self._check(name, function(), check)
        except Exception as error:
            self.failures.append(f"{name}: {type(error).__name__}: {str(error)[:400]}")
            return None

    def eventually(self, name, function, check, seconds=60):
        """One call whose result must become as it must be: what was sent may still be on its way."""
        end = time.monotonic() + seconds

        def last():
            while True:
                result = function()
                if check(result) or time.monotonic() > end:
                    return result
                time.sleep(0.2)

        return self.call(name, last, check)

    async def aeventually(self, name, function, check, seconds=60):
        """The same where others must go on meanwhile; what `function` gives may have to be awaited."""
        end = time.monotonic() + seconds

        async def last():
            while True:
                result = function()
                if inspect.isawaitable(result):
                    result = await result
                if check(result) or time.monotonic() > end:
                    return result
                await asyncio.sleep(0.2)

        return await self.acall(name, last(), check, seconds + 30)

    def refused(self, name, function, kind, words=""):
        """Makes one call that must raise `kind` with `words` in it."""
        self.calls += 1
        try:
            result = function()
            self.failures.append(f"{name}: not refused: {str(result)[:200]}")
        except kind as error:
            if words not in str(error):
                self.failures.append(f"{name}: refused otherwise: {str(error)[:300]}")
        except Exception as error:
            self.failures.append(f"{name}: {type(error).__name__}: {str(error)[:300]}")

    async def acall(self, name, awaitable, check=None, seconds=30):
        """The same for what must be awaited."""
        self.calls += 1
        try:
            return self._check(name, await asyncio.wait_for(awaitable, seconds), check)
        except Exception as error:
            self.failures.append(f"{name}: {type(error).__name__}: {str(error)[:400]}")
            return None

    def end(self):
        """Prints what was counted, for the one who started the session."""
        print(
            json.dumps(
                {
                    "client": self.client,
                    "calls": self.calls,
                    "passed": self.calls - len(self.failures),
                    "warnings": len(self.warnings),
                    "failures": self.failures,
                    "warned": self.warnings[:20],
                }
            )
        )
        sys.stdout.flush()
        # Threads of a client's own must not keep the process.
        os._exit(1 if self.failures else 0)


def run(client, main):
    """Runs a session to its end; what breaks it is one of its failures."""
    session = Session(client)
    try:
        result = main(session)
        if inspect.iscoroutine(result):
            asyncio.run(result)
        wait_for_quiet()
    except Exception:
        session.calls += 1
        session.failures.append("the session broke: " + traceback.format_exc()[-1_200:])
    session.end()
