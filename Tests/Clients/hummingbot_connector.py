"""hummingbot: positions, orders, fills and balances of its connector through a crash."""

import asyncio
from decimal import Decimal

import hummingbot.connector.derivative.binance_perpetual.binance_perpetual_constants as constants
from common import BASE, SOCKET, SYMBOL, closed_by_venue, crash, opposed, run, signed
from hummingbot.connector.derivative.binance_perpetual.binance_perpetual_derivative import (
    BinancePerpetualDerivative,
)
from hummingbot.core.clock import Clock, ClockMode
from hummingbot.core.data_type.common import OrderType, PositionAction
from hummingbot.core.event.event_logger import EventLogger
from hummingbot.core.event.events import MarketEvent

constants.PERPETUAL_BASE_URL = BASE + "/fapi/"
constants.PERPETUAL_WS_URL = SOCKET + "/"
# It asks for everything once when it begins; what it hears later it hears on its stream.
BinancePerpetualDerivative.SHORT_POLL_INTERVAL = BinancePerpetualDerivative.LONG_POLL_INTERVAL = 1_000_000.0
PAIR = "BTC-USDT"


class Account:
    """A connector, what it told of fills, and the venue's word on the same account."""

    def __init__(self, name, keys):
        self.name, self.keys = name, keys
        self.connector = BinancePerpetualDerivative(
            binance_perpetual_api_key=keys["apiKey"],
            binance_perpetual_api_secret=keys["secret"],
            trading_pairs=[PAIR],
        )
        self.filled = EventLogger()
        self.connector.add_listener(MarketEvent.OrderFilled, self.filled)

    def ask(self, path, **parameters):
        return signed(self.keys, "GET", path, symbol=SYMBOL, **parameters)

    def trade(self, side, lots, kind, price=Decimal("NaN")):
        return getattr(self.connector, side)(
            PAIR, Decimal(lots), kind, price, position_action=PositionAction.OPEN
        )

    def orders(self):
        """Orders in flight and open ones, by the client's names."""
        mine = sorted(name for name, order in self.connector.in_flight_orders.items() if order.is_open)
        return mine, sorted(row["clientOrderId"] for row in self.ask("/fapi/v1/openOrders"))

    def positions(self):
        """Size and entry price of each position that is not none."""
        mine = [(held.amount, held.entry_price) for held in self.connector.account_positions.values()]
        rows = self.ask("/fapi/v2/positionRisk")
        told = [(Decimal(row["positionAmt"]), Decimal(row["entryPrice"])) for row in rows]
        return mine, [row for row in told if row[0] != 0]

    def wallet(self):
        rows = {row["asset"]: row for row in self.ask("/fapi/v3/balance")}
        return self.connector.get_balance("USDT"), Decimal(rows["USDT"]["balance"])

    def available(self):
        rows = {row["asset"]: row for row in self.ask("/fapi/v3/account")["assets"]}
        return self.connector.available_balances["USDT"], Decimal(rows["USDT"]["availableBalance"])

    def fills(self):
        """Fills of the client's own orders: by number, side, lots, price and commission."""
        mine = {
            event.exchange_trade_id: (
                event.trade_type.name, event.amount, event.price,
                sum((fee.amount for fee in event.trade_fee.flat_fees), Decimal(0)),
            )
            for event in self.filled.event_log
        }
        rows = self.ask("/fapi/v1/allOrders", limit=1_000)
        own = {row["orderId"] for row in rows if row["clientOrderId"].startswith(constants.BROKER_ID)}
        told = {
            str(row["id"]): (row["side"], *(Decimal(row[key]) for key in ("qty", "price", "commission")))
            for row in self.ask("/fapi/v1/userTrades", limit=1_000)
            if row["orderId"] in own
        }
        return mine, told


def same(pair):
    return pair[0] == pair[1]


async def compare(s, accounts):
    """What the connectors hold, against the venue."""
    whats = ("positions", "orders", "wallet", "fills")
    waits = [(f"{what} of the {one.name}", getattr(one, what)) for one in accounts for what in whats]
    await asyncio.gather(*(s.aeventually(name, function, same) for name, function in waits))


async def opened(s, loser, winner):
    """Opens their positions, and leaves an order of each in the book."""
    book = loser.connector.get_order_book(PAIR)
    bid, ask = (Decimal(str(book.get_price(buying))) for buying in (False, True))
    s.call("the book is not crossed", lambda: (bid, ask), lambda r: r[0] < r[1])
    loser.trade("buy", "0.8", OrderType.MARKET)
    winner.trade("sell", "2.5", OrderType.MARKET)
    await s.aeventually("both hold", lambda: [one.positions()[0] for one in (loser, winner)], all)
    # A liquidation takes the one, a deleveraging leaves the other.
    loser.trade("buy", "0.001", OrderType.LIMIT, (bid * Decimal("0.3")).quantize(Decimal("0.1")))
    winner.trade("sell", "0.001", OrderType.LIMIT_MAKER, (ask * Decimal("1.5")).quantize(Decimal("0.1")))
    await s.aeventually("both have an order", lambda: [one.orders()[0] for one in (loser, winner)], all)


async def session(s, loser, winner):
    accounts = (loser, winner)
    for one in accounts:
        await s.aeventually("ready", lambda: one.connector.status_dict, lambda r: all(r.values()))
        one.connector.set_leverage(PAIR, 50)
        await s.aeventually("leverage", lambda: one.connector.get_leverage(PAIR), lambda r: r == 50)
    await opened(s, loser, winner)
    await compare(s, accounts)
    crash()
    await asyncio.get_running_loop().run_in_executor(None, closed_by_venue, loser.keys, winner.keys)
    await compare(s, accounts)
    s.call("the liquidated has nothing", lambda: loser.positions() + loser.orders(), lambda r: not any(r))
    s.call("the deleveraged has less", lambda: winner.positions()[0], lambda r: sum(x for x, _ in r) > -2.5)
    resting = s.call("the deleveraged has its order", lambda: winner.orders()[0], lambda r: len(r) == 1)
    for one in accounts:

        async def polled():
            # What it asks for by itself every two minutes.
            await one.connector._status_polling_loop_fetch_updates()
            return one.available()

        await s.aeventually(f"available to the {one.name}", polled, same)
    await compare(s, accounts)
    winner.connector.cancel(PAIR, resting[0])
    await s.aeventually("cancelled", winner.orders, lambda r: r == ([], []))


async def main(s):
    accounts = [Account(name, keys) for name, keys in zip(("liquidated", "deleveraged"), opposed())]
    with Clock(ClockMode.REALTIME, tick_size=0.5) as clock:
        for one in accounts:
            clock.add_iterator(one.connector)
        running = asyncio.ensure_future(clock.run())
        await session(s, *accounts)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    for one in accounts:
        await one.connector.stop_network()


run("hummingbot", main)
