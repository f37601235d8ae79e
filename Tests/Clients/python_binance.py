"""python-binance: REST, streams and WS-API of the futures interface."""

import asyncio

from binance import AsyncClient, BinanceSocketManager
from binance.exceptions import BinanceAPIException
from common import BASE, SOCKET, SYMBOL, account, crash, listeners, listening, run


async def client(keys):
    x = AsyncClient(keys["apiKey"], keys["secret"])
    x.FUTURES_URL = BASE + "/fapi"
    x.FUTURES_DATA_URL = BASE + "/futures/data"
    return x


async def queries(s, x):
    for name in (
        "futures_ping", "futures_time", "futures_exchange_info", "futures_account", "futures_account_balance",
        "futures_get_position_mode", "futures_position_information", "futures_income_history",
        "futures_mark_price", "futures_ticker", "futures_symbol_ticker", "futures_orderbook_ticker",
    ):
        await s.acall(name, getattr(x, name)())
    for name in (
        "futures_order_book", "futures_recent_trades", "futures_aggregate_trades", "futures_funding_rate",
        "futures_open_interest", "futures_get_open_orders", "futures_get_all_orders", "futures_account_trades",
        "futures_leverage_bracket",
    ):
        await s.acall(name, getattr(x, name)(symbol=SYMBOL))
    await s.acall("futures_klines", x.futures_klines(symbol=SYMBOL, interval="1m"), lambda r: len(r[-1]) == 12)


async def trading(s, x):
    last = float((await x.futures_symbol_ticker(symbol=SYMBOL))["price"])
    low = round(last * 0.9, 1)
    await s.acall("leverage", x.futures_change_leverage(symbol=SYMBOL, leverage=25), lambda r: r["leverage"] == 25)
    limit = dict(symbol=SYMBOL, side="BUY", type="LIMIT", quantity=0.01, price=low, timeInForce="GTC")
    order = await s.acall("limit", x.futures_create_order(**limit), lambda r: r["status"] == "NEW")
    await s.acall("get", x.futures_get_order(symbol=SYMBOL, orderId=order["orderId"]))
    await s.acall("cancel", x.futures_cancel_order(symbol=SYMBOL, orderId=order["orderId"]))
    await s.acall("market", x.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.05))
    await s.acall(
        "stop", x.futures_create_order(symbol=SYMBOL, side="SELL", type="STOP_MARKET", quantity=0.05, stopPrice=low)
    )
    await s.acall("cancel all", x.futures_cancel_all_open_orders(symbol=SYMBOL))
    s.calls += 1
    try:
        await x.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=40)
        s.failures.append("too large: not refused")
    except BinanceAPIException as error:
        if error.code != -2019:
            s.failures.append(f"too large: {error}")
    await s.acall("close", x.futures_create_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=0.05))


async def streams(s, x):
    manager = BinanceSocketManager(x)
    manager.FSTREAM_URL = SOCKET + "/"
    for name, socket in (
        ("symbol_ticker_futures_socket", manager.symbol_ticker_futures_socket(SYMBOL)),
        ("all_mark_price_socket", manager.all_mark_price_socket()),
        ("futures_depth_socket", manager.futures_depth_socket(SYMBOL)),
        ("kline_futures_socket", manager.kline_futures_socket(SYMBOL)),
    ):
        async with socket as stream:
            await s.acall(name, stream.recv(), lambda r: "data" in r or "e" in r)
    in_background = asyncio.get_running_loop().run_in_executor
    before = await in_background(None, listeners)
    async with manager.futures_user_socket() as stream:
        await in_background(None, listening, before + 1)
        await x.futures_create_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01)
        seen = []
        for _ in range(4):
            event = await s.acall("futures_user_socket", stream.recv())
            seen.append(event["e"])
        s.call("user events", lambda: seen, lambda r: "ORDER_TRADE_UPDATE" in r)


async def liquidation(s):
    loser, winner = await client(account(1_500)), await client(account(40_000))
    for x, side, size in ((loser, "BUY", 0.8), (winner, "SELL", 2.5)):
        await x.futures_change_leverage(symbol=SYMBOL, leverage=50)
        await s.acall("open", x.futures_create_order(symbol=SYMBOL, side=side, type="MARKET", quantity=size))
    await asyncio.get_running_loop().run_in_executor(None, crash)
    await s.aeventually(
        "position is gone",
        lambda: loser.futures_position_information(symbol=SYMBOL),
        lambda r: all(float(p["positionAmt"]) == 0 for p in r),
    )
    for x in (loser, winner):
        await x.close_connection()


async def main(s):
    x = await client(account(50_000))
    await queries(s, x)
    await trading(s, x)
    await streams(s, x)
    await liquidation(s)
    await x.close_connection()


run("python-binance", main)
