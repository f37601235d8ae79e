"""ccxt.pro: every stream that a bot watches, with a liquidation and a deleveraging on them."""

import asyncio

import ccxt.pro as ccxt
from common import CCXT_API, account, crash, listeners, listening, position, run

PAIR = "BTC/USDT:USDT"


def client(keys):
    exchange = ccxt.binanceusdm({"apiKey": keys["apiKey"], "secret": keys["secret"]})
    exchange.urls["api"].update(CCXT_API)
    exchange.exceptions["exact"].update(exchange.exceptions["linear"]["exact"])
    return exchange


async def heard(watcher, action):
    """What a watcher hears: something is done again and again, until it listens and has heard it."""
    watcher = asyncio.ensure_future(watcher)
    while not watcher.done():
        await action()
        await asyncio.wait([watcher], timeout=1)
    return watcher.result()


async def public(s, x):
    await s.acall("loadMarkets", x.load_markets())
    await s.acall(
        "watchOrderBook", x.watch_order_book(PAIR), lambda r: r["bids"][0][0] < r["asks"][0][0]
    )
    for _ in range(20):
        await s.acall("watchOrderBook again", x.watch_order_book(PAIR), lambda r: r["bids"][0][0] < r["asks"][0][0])
    await s.acall("watchTrades", x.watch_trades(PAIR), lambda r: r[0]["price"] > 0)
    await s.acall("watchTicker", x.watch_ticker(PAIR), lambda r: r["last"] > 0)
    await s.acall("watchTickers", x.watch_tickers([PAIR]))
    await s.acall("watchBidsAsks", x.watch_bids_asks([PAIR]), lambda r: r[PAIR]["bid"] < r[PAIR]["ask"])
    await s.acall("watchOHLCV", x.watch_ohlcv(PAIR, "1m"), lambda r: len(r[-1]) == 6)
    await s.acall("watchMarkPrice", x.watch_mark_price(PAIR), lambda r: r["markPrice"] > 0)
    await s.acall("watchMarkPrices", x.watch_mark_prices([PAIR]))


async def private(s, x):
    def trade(side):
        return lambda: x.create_order(PAIR, "market", side, 0.01)

    async def watch(name, watcher, side, check):
        await s.acall(name, heard(watcher, trade(side)), check)

    await watch("watchOrders", x.watch_orders(PAIR), "buy", lambda r: r[0]["symbol"] == PAIR)
    await watch("watchMyTrades", x.watch_my_trades(PAIR), "buy", lambda r: r[0]["amount"] > 0)
    await watch("watchPositions", x.watch_positions([PAIR]), "buy", lambda r: r[0]["contracts"] > 0)
    await watch("watchBalance", x.watch_balance(), "sell", lambda r: r["USDT"]["total"] > 0)
    low = round((await x.fetch_ticker(PAIR))["last"] * 0.9, 1)
    order = await s.acall("createOrderWs", x.create_order_ws(PAIR, "limit", "buy", 0.01, low))
    await s.acall("editOrderWs", x.edit_order_ws(order["id"], PAIR, "limit", "buy", 0.02, low))
    await s.acall("fetchOrderWs", x.fetch_order_ws(order["id"], PAIR), lambda r: r["amount"] == 0.02)
    await s.acall("cancelOrderWs", x.cancel_order_ws(order["id"], PAIR), lambda r: r["status"] == "canceled")
    await s.acall("fetchBalanceWs", x.fetch_balance_ws())
    await s.acall("fetchPositionsWs", x.fetch_positions_ws([PAIR]))
    await s.acall("fetchOrderBookWs", x.fetch_order_book_ws(PAIR))
    await s.acall("fetchTickerWs", x.fetch_ticker_ws(PAIR))


async def keep(watch, into):
    """Collects what a watcher gives, until it is cancelled."""
    while True:
        into.append(await watch())


async def liquidation(s):
    keys = account(1_500), account(40_000)
    loser, winner = client(keys[0]), client(keys[1])
    for x in (loser, winner):
        await x.load_markets()
        await s.acall("setLeverage", x.set_leverage(50, PAIR))
    in_background = asyncio.get_running_loop().run_in_executor
    before = await in_background(None, listeners)
    mine, everybodys, winners, trades = [], [], [], ([], [])
    tasks = [
        asyncio.create_task(keep(lambda: loser.watch_my_trades(PAIR), trades[0])),
        asyncio.create_task(keep(lambda: winner.watch_my_trades(PAIR), trades[1])),
        asyncio.create_task(keep(lambda: loser.watch_my_liquidations(PAIR), mine)),
        asyncio.create_task(keep(lambda: winner.watch_liquidations(PAIR), everybodys)),
        asyncio.create_task(keep(lambda: winner.watch_orders(PAIR), winners)),
        # ccxt 4.5.90 looks into its balance at every account update, and breaks if nobody watches it.
        asyncio.create_task(keep(loser.watch_balance, [])),
        asyncio.create_task(keep(winner.watch_balance, [])),
    ]
    # User data of both, and the liquidations of everybody.
    await in_background(None, listening, before + 3)
    await s.acall("long", loser.create_order(PAIR, "market", "buy", 0.8))
    await s.acall("short", winner.create_order(PAIR, "market", "sell", 2.5))
    await in_background(None, crash)

    def deleveraged():
        return [o for orders in winners for o in orders if o["clientOrderId"].startswith("adl_autoclose")]

    await s.aeventually("watchMyLiquidations", lambda: mine, lambda r: len(r) > 0)
    await s.aeventually("watchLiquidations", lambda: everybodys, lambda r: len(r) > 0)
    await s.aeventually("watchOrders of a deleveraging", deleveraged, lambda r: len(r) > 0 and r[-1]["filled"] > 0)
    # What a bot that counts its trades believes to hold is what the venue says.
    for name, key, told in zip(("liquidated", "deleveraged"), keys, trades):

        async def counted():
            once = {trade["id"]: trade for some in told for trade in some}.values()
            held = sum(trade["amount"] if trade["side"] == "buy" else -trade["amount"] for trade in once)
            return held, await in_background(None, position, key)

        await s.aeventually(f"watchMyTrades of the {name}", counted, lambda r: abs(r[0] - r[1]) < 1e-9)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await loser.close()
    await winner.close()


async def main(s):
    x = client(account(50_000))
    await public(s, x)
    await private(s, x)
    await liquidation(s)
    await x.close()


run("ccxt.pro", main)
