"""nautilus_trader: what its portfolio holds after a liquidation and a deleveraging, a process an account."""

import asyncio
import json
import os
import subprocess
import sys

from common import BASE, SOCKET, closed_by_venue, crash, opposed, position, run

ACCOUNT = os.environ.get("NAUTILUS_ACCOUNT")


async def follow(keys, side, quantity):
    """Opens a position by the client itself, says so, and says what is held when it is asked."""
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
    from nautilus_trader.model.enums import OrderSide
    from nautilus_trader.model.identifiers import InstrumentId, TraderId
    from nautilus_trader.trading.strategy import Strategy

    instrument = InstrumentId.from_str("BTCUSDT-PERP.BINANCE")
    common = dict(
        api_key=keys["apiKey"],
        api_secret=keys["secret"],
        account_type=BinanceAccountType.USDT_FUTURES,
        base_url_http=BASE,
        base_url_ws=SOCKET,
        instrument_provider=InstrumentProviderConfig(load_all=True),
    )
    more = {name: SOCKET for name in ("base_url_ws_stream",) if name in BinanceExecClientConfig.__annotations__}
    if more:
        more = {"base_url_ws": SOCKET + "/ws-fapi/v1", "base_url_ws_stream": SOCKET}
    node = TradingNode(
        config=TradingNodeConfig(
            trader_id=TraderId("TESTER-001"),
            logging=LoggingConfig(log_level="ERROR"),
            data_clients={BINANCE: BinanceDataClientConfig(**common)},
            exec_clients={BINANCE: BinanceExecClientConfig(**{**common, **more})},
            timeout_connection=20.0,
        )
    )
    strategy = Strategy(StrategyConfig(strategy_id="HOLDER-1"))
    node.trader.add_strategy(strategy)
    node.add_data_client_factory(BINANCE, BinanceLiveDataClientFactory)
    node.add_exec_client_factory(BINANCE, BinanceLiveExecClientFactory)
    node.build()
    asyncio.create_task(node.run_async())
    for _ in range(300):
        await asyncio.sleep(0.1)
        if node.cache.instrument(instrument) is not None and strategy.is_running:
            break
    size = node.cache.instrument(instrument).make_qty(quantity)
    strategy.submit_order(strategy.order_factory.market(instrument, OrderSide[side], size))
    for _ in range(200):
        await asyncio.sleep(0.1)
        if not node.portfolio.is_flat(instrument):
            break
    print("HELD", node.portfolio.net_position(instrument), flush=True)
    while await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        print("HELD", node.portfolio.net_position(instrument), flush=True)
    os._exit(0)


def held(child):
    """The next size that a child says; what else it prints is told to whoever looks."""
    for line in child.stdout:
        if line.startswith("HELD"):
            return float(line.split()[1])
        print(line, end="", file=sys.stderr)
    raise EOFError("the node ended")


def asked(child):
    """The size that a child says when it is asked."""
    child.stdin.write("\n")
    child.stdin.flush()
    return held(child)


def main(s):
    accounts = opposed()
    children = []
    for keys, side, quantity in zip(accounts, ("BUY", "SELL"), (0.8, 2.5)):
        told = json.dumps([keys, side, quantity])
        children.append(
            subprocess.Popen(
                [sys.executable, __file__],
                env=dict(os.environ, NAUTILUS_ACCOUNT=told),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    for child, size in zip(children, (0.8, -2.5)):
        s.call("opens a position", lambda: held(child), lambda r: r == size)
    crash()
    closed_by_venue(*accounts)
    for name, child, keys in zip(("liquidated", "deleveraged"), children, accounts):
        s.eventually(
            f"position of the {name}", lambda: (asked(child), position(keys)), lambda r: abs(r[0] - r[1]) < 1e-9
        )
        child.stdin.close()
        child.wait(timeout=60)


if ACCOUNT:
    asyncio.run(follow(*json.loads(ACCOUNT)))
else:
    run("nautilus", main)
