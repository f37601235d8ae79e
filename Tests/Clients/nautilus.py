"""nautilus_trader: its Binance futures adapter trades through a live node."""

import asyncio

from common import BASE, SOCKET, account, crash, run
from nautilus_trader.adapters.binance import (
    BINANCE,
    BinanceAccountType,
    BinanceDataClientConfig,
    BinanceExecClientConfig,
    BinanceLiveDataClientFactory,
    BinanceLiveExecClientFactory,
)
from nautilus_trader.config import InstrumentProviderConfig, LoggingConfig, StrategyConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import OrderSide, TimeInForce
from nautilus_trader.model.identifiers import InstrumentId, TraderId
from nautilus_trader.trading.strategy import Strategy

INSTRUMENT = InstrumentId.from_str("BTCUSDT-PERP.BINANCE")


class Walker(Strategy):
    """Quotes, cancels, buys and sells, and notes what it hears."""

    def __init__(self):
        super().__init__(StrategyConfig(strategy_id="WALKER-1"))
        self.heard = []
        self.quotes = 0
        self.trades = 0

    def on_start(self):
        self.subscribe_quote_ticks(INSTRUMENT)
        self.subscribe_trade_ticks(INSTRUMENT)

    def on_quote_tick(self, tick):
        self.quotes += 1
        self.last = tick

    def on_trade_tick(self, tick):
        self.trades += 1

    def on_event(self, event):
        self.heard.append(type(event).__name__)

    def limit(self):
        instrument = self.cache.instrument(INSTRUMENT)
        price = instrument.make_price(float(self.last.bid_price) * 0.9)
        order = self.order_factory.limit(
            INSTRUMENT, OrderSide.BUY, instrument.make_qty(0.01), price, time_in_force=TimeInForce.GTC
        )
        self.submit_order(order)
        return order

    def market(self, side, quantity):
        instrument = self.cache.instrument(INSTRUMENT)
        order = self.order_factory.market(INSTRUMENT, side, instrument.make_qty(quantity))
        self.submit_order(order)
        return order


async def until(condition, seconds=30):
    """Whether something comes true in time."""
    for _ in range(seconds * 10):
        if condition():
            return True
        await asyncio.sleep(0.1)
    return False


async def main(s):
    keys = account(20_000)
    common = dict(
        api_key=keys["apiKey"],
        api_secret=keys["secret"],
        account_type=BinanceAccountType.USDT_FUTURES,
        base_url_http=BASE,
        base_url_ws=SOCKET,
        instrument_provider=InstrumentProviderConfig(load_all=True),
    )
    node = TradingNode(
        config=TradingNodeConfig(
            trader_id=TraderId("TESTER-001"),
            logging=LoggingConfig(log_level="ERROR"),
            data_clients={BINANCE: BinanceDataClientConfig(**common)},
            exec_clients={BINANCE: BinanceExecClientConfig(**common)},
            timeout_connection=20.0,
        )
    )
    walker = Walker()
    node.trader.add_strategy(walker)
    node.add_data_client_factory(BINANCE, BinanceLiveDataClientFactory)
    node.add_exec_client_factory(BINANCE, BinanceLiveExecClientFactory)
    node.build()
    task = asyncio.create_task(node.run_async())

    def heard(name, count=1):
        return lambda: walker.heard.count(name) >= count

    s.call("node starts", lambda: None)
    await s.acall("instrument", until(lambda: node.cache.instrument(INSTRUMENT) is not None), bool)
    await s.acall("quotes", until(lambda: walker.quotes > 2), bool, seconds=40)
    await s.acall("trades", until(lambda: walker.trades > 0), bool, seconds=40)
    order = walker.limit()
    await s.acall("limit is accepted", until(heard("OrderAccepted")), bool)
    walker.cancel_order(order)
    await s.acall("limit is cancelled", until(heard("OrderCanceled")), bool)
    walker.market(OrderSide.BUY, 0.05)
    await s.acall("market is filled", until(lambda: not node.portfolio.is_flat(INSTRUMENT)), bool)
    walker.market(OrderSide.SELL, 0.05)
    await s.acall("position is closed", until(lambda: node.portfolio.is_flat(INSTRUMENT)), bool)
    s.call("balance", lambda: node.portfolio.account(INSTRUMENT.venue).balance_total(USDT), lambda r: float(r) > 19_000)
    await node.stop_async()
    task.cancel()


run("nautilus", main)
