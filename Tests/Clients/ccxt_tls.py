"""ccxt over TLS, under a name whose errors it knows as those of the futures interface."""

import socket
import urllib.parse

import ccxt
from common import BASE, account, run

PAIR = "BTC/USDT:USDT"
PORT = urllib.parse.urlsplit(BASE).port
HOST = "demo-fapi.localhost"


def resolve_here():
    """Lets the name mean this machine, as a line in the hosts file would."""
    real = socket.getaddrinfo

    def lookup(host, *rest, **more):
        return real("127.0.0.1" if host == HOST else host, *rest, **more)

    socket.getaddrinfo = lookup


def main(s):
    resolve_here()
    keys = account(1_000)
    base = f"https://{HOST}:{PORT}"
    x = ccxt.binanceusdm(
        {"apiKey": keys["apiKey"], "secret": keys["secret"], "options": {"fetchCurrencies": False}}
    )
    x.verify = False
    for name, address in list(x.urls["api"].items()):
        if name.startswith("fapi") and isinstance(address, str):
            x.urls["api"][name] = base + urllib.parse.urlsplit(address).path
    s.call("loadMarkets", x.load_markets, lambda r: PAIR in r)
    s.call("fetchBalance", x.fetch_balance, lambda r: r["USDT"]["total"] == 1_000)
    # Nothing was added to ccxt's table of errors: it is the address that makes it find them.
    s.refused("too large", lambda: x.create_order(PAIR, "market", "buy", 3), ccxt.InsufficientFunds)
    s.call("market", lambda: x.create_order(PAIR, "market", "buy", 0.01), lambda r: r["filled"] == 0.01)


run("ccxt over TLS", main)
