"""cryptofeed: book, trades and liquidations of a market while it crashes."""

import logging
import threading

import cryptofeed.connection as connections
from common import BASE, SOCKET, Session, opposed, position, trade_and_crash, until, wait_for_quiet
from cryptofeed import FeedHandler
from cryptofeed.connection import RestEndpoint, Routes, WebsocketEndpoint
from cryptofeed.defines import CANDLES, FUNDING, L2_BOOK, LIQUIDATIONS, TICKER, TRADES
from cryptofeed.exchanges import BinanceFutures

# Its connections want wss; the venue of this session speaks ws.
usual = connections.WSAsyncConn.__init__


def plain(self, address, *rest, **named):
    usual(self, address.replace("ws://", "wss://"), *rest, **named)
    self.address = address


connections.WSAsyncConn.__init__ = plain
BinanceFutures.websocket_endpoints = [WebsocketEndpoint(SOCKET, options={"compression": None})]
BinanceFutures.rest_endpoints = [
    RestEndpoint(
        BASE,
        routes=Routes(
            "/fapi/v1/exchangeInfo",
            l2book="/fapi/v1/depth?symbol={}&limit={}",
            authentication="/fapi/v1/listenKey",
            open_interest="/fapi/v1/openInterest?symbol={}",
        ),
    )
]

s = Session("cryptofeed")
seen, told = {}, []
crossed = []


class Collector(logging.Handler):
    def emit(self, record):
        told.append(record.getMessage())


async def book(update, _):
    seen["book"] = seen.get("book", 0) + 1
    bids, asks = update.book.bids, update.book.asks
    if len(bids) and len(asks) and bids.index(0)[0] >= asks.index(0)[0]:
        crossed.append((bids.index(0), asks.index(0)))


def count(name):
    async def callback(_, __):
        seen[name] = seen.get(name, 0) + 1

    return callback


def watch():
    until("the feed hears book and quotes", lambda: seen.get("book") and seen.get("ticker"))
    keys = opposed()
    s.call("a crash", lambda: trade_and_crash(*keys))
    s.call("nobody of them is left", lambda: position(keys[0]), lambda r: r == 0)
    for name in ("book", "trades", "ticker", "funding", "liquidations", "candles"):
        s.eventually(name, lambda: seen.get(name, 0), lambda r: r > 0)
    s.call("the book is never crossed", lambda: crossed, lambda r: r == [])
    # Numbers that do not follow each other make it take a new snapshot, and say so.
    s.call("no gaps", lambda: [text for text in told if "equence" in text or "missing" in text], lambda r: r == [])
    wait_for_quiet()
    s.end()


feed = FeedHandler(config={"log": {"filename": "/dev/null", "level": "WARNING"}, "uvloop": False})
logging.getLogger("feedhandler").addHandler(Collector())
feed.add_feed(
    BinanceFutures(
        symbols=["BTC-USDT-PERP"],
        channels=[L2_BOOK, TRADES, FUNDING, LIQUIDATIONS, TICKER, CANDLES],
        candle_interval="1m",
        candle_closed_only=False,
        callbacks={
            L2_BOOK: book,
            TRADES: count("trades"),
            FUNDING: count("funding"),
            LIQUIDATIONS: count("liquidations"),
            TICKER: count("ticker"),
            CANDLES: count("candles"),
        },
    )
)
threading.Thread(target=watch, daemon=True).start()
feed.run(install_signal_handlers=False)
