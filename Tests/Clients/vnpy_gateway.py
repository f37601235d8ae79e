"""vnpy: its gateway's positions, and the trades that its strategies count, through a crash."""

import os
import tempfile

# It wants a folder of its own, and a toolkit of windows that it does not use here.
os.environ.update(QT_QPA_PLATFORM="offscreen", HOME=tempfile.mkdtemp(prefix="vnpy-"))

import vnpy_binance.linear_gateway as linear
from common import BASE, SOCKET, listeners, listening, opposed, position, run, trade_and_crash
from vnpy.event import EventEngine
from vnpy.trader.constant import Direction
from vnpy.trader.event import EVENT_CONTRACT, EVENT_POSITION, EVENT_TRADE

linear.REAL_REST_HOST = BASE
linear.REAL_TRADE_HOST = SOCKET + "/ws-fapi/v1"
linear.REAL_USER_HOST = SOCKET + "/private/ws"
linear.REAL_PUBLIC_HOST = SOCKET + "/public/stream"
linear.REAL_MARKET_HOST = SOCKET + "/market/stream"


class Account:
    """A gateway, and what it told of positions and trades."""

    def __init__(self, keys):
        self.keys = keys
        self.held, self.counted, self.contracts = {}, {}, 0
        self.engine = EventEngine()
        self.engine.register(EVENT_POSITION, self.on_position)
        self.engine.register(EVENT_TRADE, self.on_trade)
        self.engine.register(EVENT_CONTRACT, self.on_contract)
        self.engine.start()
        self.gateway = linear.BinanceLinearGateway(self.engine, "VENUE")
        self.gateway.connect(
            {
                "API Key": keys["apiKey"],
                "API Secret": keys["secret"],
                "Server": "REAL",
                "Kline Stream": "False",
                "Proxy Host": "",
                "Proxy Port": 0,
            }
        )

    def on_position(self, event):
        self.held[event.data.vt_symbol] = event.data.volume

    def on_trade(self, event):
        sign = 1 if event.data.direction == Direction.LONG else -1
        self.counted[event.data.tradeid] = sign * event.data.volume

    def on_contract(self, _):
        self.contracts += 1

    @property
    def connected(self):
        return self.contracts > 0 and bool(self.gateway.rest_api.user_stream_key)

    def close(self):
        self.gateway.close()
        self.engine.stop()


def main(s):
    keys = opposed()
    before = listeners()
    accounts = [Account(one) for one in keys]
    s.eventually("connected", lambda: all(one.connected for one in accounts), bool)
    # The user data of both.
    listening(before + 2)
    s.call("a crash", lambda: trade_and_crash(*keys))
    for name, one in zip(("liquidated", "deleveraged"), accounts):
        s.eventually(
            f"position of the {name}",
            lambda: (sum(one.held.values()), position(one.keys)),
            lambda r: abs(r[0] - r[1]) < 1e-9,
        )
    # It knows no orders of the type LIQUIDATION and drops their trades, whatever their execution is; those of
    # a deleveraging it counts.
    s.eventually(
        "trades of the deleveraged",
        lambda: (sum(accounts[1].counted.values()), position(keys[1])),
        lambda r: abs(r[0] - r[1]) < 1e-9,
    )
    for one in accounts:
        one.close()


run("vnpy", main)
