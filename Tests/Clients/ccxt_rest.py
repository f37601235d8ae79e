"""ccxt, REST: a whole trading session, unmodified but for its addresses."""

import ccxt
from common import CCXT_API, account, crash, own, run

PAIR = "BTC/USDT:USDT"


def client(keys):
    exchange = ccxt.binanceusdm(
        {"apiKey": keys["apiKey"], "secret": keys["secret"], "options": {"fetchCurrencies": False}}
    )
    exchange.urls["api"].update(CCXT_API)
    # The table of futures errors is chosen by address; see Specs/wire.md.
    exchange.exceptions["exact"].update(exchange.exceptions["linear"]["exact"])
    return exchange


def market_data(s, x):
    s.call("loadMarkets", x.load_markets, lambda r: PAIR in r and "LTC/USDT:USDT" in r)
    s.call("fetchTime", x.fetch_time, lambda r: r > 0)
    s.call("fetchStatus", x.fetch_status)
    s.call("fetchTicker", lambda: x.fetch_ticker(PAIR), lambda r: r["last"] > 0)
    s.call("fetchTickers", x.fetch_tickers, lambda r: len(r) == 3)
    s.call("fetchBidsAsks", x.fetch_bids_asks, lambda r: r[PAIR]["bid"] < r[PAIR]["ask"])
    s.call("fetchLastPrices", x.fetch_last_prices)
    s.call("fetchOrderBook", lambda: x.fetch_order_book(PAIR), lambda r: r["bids"][0][0] < r["asks"][0][0])
    s.call("fetchTrades", lambda: x.fetch_trades(PAIR))
    for name in ("fetch_ohlcv", "fetch_mark_ohlcv", "fetch_index_ohlcv", "fetch_premium_index_ohlcv"):
        s.call(name, lambda: getattr(x, name)(PAIR, "1m"), lambda r: len(r[-1]) == 6)
    s.call("fetchMarkPrice", lambda: x.fetch_mark_price(PAIR), lambda r: r["markPrice"] > 0)
    s.call("fetchFundingRate", lambda: x.fetch_funding_rate(PAIR))
    s.call("fetchFundingRates", x.fetch_funding_rates)
    s.call("fetchFundingRateHistory", lambda: x.fetch_funding_rate_history(PAIR))
    s.call("fetchFundingIntervals", x.fetch_funding_intervals)
    s.call("fetchOpenInterest", lambda: x.fetch_open_interest(PAIR), lambda r: r["openInterestAmount"] > 0)
    s.call("fetchADLRank", lambda: x.fetch_adl_rank(PAIR))


def account_data(s, x):
    s.call("fetchBalance", x.fetch_balance, lambda r: r["USDT"]["total"] == 50_000)
    s.call("fetchBalance v2", lambda: x.fetch_balance({"useV2": True}))
    s.call("fetchPositions", x.fetch_positions, lambda r: r == [])
    s.call("fetchLeverageTiers", x.fetch_leverage_tiers, lambda r: r[PAIR][0]["maxLeverage"] == 125)
    s.call("fetchTradingFee", lambda: x.fetch_trading_fee(PAIR), lambda r: r["taker"] == 0.0005)
    s.call("fetchTradingFees", x.fetch_trading_fees)
    s.call("fetchLeverages", x.fetch_leverages)
    s.call("fetchMarginModes", x.fetch_margin_modes)
    s.call("fetchPositionMode", lambda: x.fetch_position_mode(PAIR), lambda r: r["hedged"] is False)
    s.call("setLeverage", lambda: x.set_leverage(25, PAIR), lambda r: r["leverage"] == 25)
    s.call("setMarginMode", lambda: x.set_margin_mode("isolated", PAIR))
    s.refused("setMarginMode again", lambda: x.set_margin_mode("isolated", PAIR), ccxt.MarginModeAlreadySet)
    s.call("setMarginMode back", lambda: x.set_margin_mode("cross", PAIR))


def orders(s, x):
    last = x.fetch_ticker(PAIR)["last"]
    low, high = round(last * 0.9, 1), round(last * 1.1, 1)
    limit = s.call("limit", lambda: x.create_order(PAIR, "limit", "buy", 0.01, low), lambda r: r["status"] == "open")
    s.call("fetchOrder", lambda: x.fetch_order(limit["id"], PAIR), lambda r: r["price"] == low)
    s.call(
        "editOrder",
        lambda: x.edit_order(limit["id"], PAIR, "limit", "buy", 0.02, low),
        lambda r: r["amount"] == 0.02,
    )
    s.call("fetchOpenOrders", lambda: x.fetch_open_orders(PAIR), lambda r: len(r) == 1)
    s.call("cancelOrder", lambda: x.cancel_order(limit["id"], PAIR), lambda r: r["status"] == "canceled")
    s.refused("cancelOrder again", lambda: x.cancel_order(limit["id"], PAIR), ccxt.OrderNotFound)
    s.call("postOnly", lambda: x.create_order(PAIR, "limit", "buy", 0.01, low, {"postOnly": True}))
    s.refused(
        "postOnly that takes",
        lambda: x.create_order(PAIR, "limit", "buy", 0.01, high, {"postOnly": True}),
        ccxt.ExchangeError,
        "-5022",
    )
    s.call(
        "IOC",
        lambda: x.create_order(PAIR, "limit", "buy", 0.01, low, {"timeInForce": "IOC"}),
        lambda r: r["filled"] == 0,
    )
    s.refused(
        "FOK", lambda: x.create_order(PAIR, "limit", "buy", 0.01, low, {"timeInForce": "FOK"}), ccxt.ExchangeError
    )
    s.call("market", lambda: x.create_order(PAIR, "market", "buy", 0.05), lambda r: r["filled"] == 0.05)
    s.call("fetchPositions long", lambda: x.fetch_positions([PAIR]), lambda r: r[0]["contracts"] == 0.05)
    s.call("fetchMyTrades", lambda: x.fetch_my_trades(PAIR), lambda r: sum(t["amount"] for t in r) == 0.05)
    s.refused("too large", lambda: x.create_order(PAIR, "market", "buy", 40), ccxt.InsufficientFunds)
    s.refused(
        "reduce-only without a position to reduce",
        lambda: x.create_order(PAIR, "market", "buy", 0.01, None, {"reduceOnly": True}),
        ccxt.ExchangeError,
        "-2022",
    )
    conditional(s, x, last)
    s.call(
        "batch",
        lambda: x.create_orders(
            [{"symbol": PAIR, "type": "limit", "side": "buy", "amount": 0.01, "price": low + n} for n in range(3)]
        ),
        lambda r: len(r) == 3 and all(o["status"] == "open" for o in r),
    )
    rows = x.fetch_open_orders(PAIR)
    s.call("cancelOrders", lambda: x.cancel_orders([o["id"] for o in rows[:2]], PAIR), lambda r: len(r) == 2)
    s.call("cancelAllOrders", lambda: x.cancel_all_orders(PAIR))
    s.call("fetchOrders", lambda: x.fetch_orders(PAIR), lambda r: len(r) >= 6)
    s.call("fetchClosedOrders", lambda: x.fetch_closed_orders(PAIR))
    s.call("close", lambda: x.create_order(PAIR, "market", "sell", 0.05, None, {"reduceOnly": True}))
    s.call("fetchLedger", x.fetch_ledger, lambda r: len(r) > 2)
    s.call("fetchFundingHistory", lambda: x.fetch_funding_history(PAIR))
    s.call("fetchPositionsADLRank", lambda: x.fetch_positions_adl_rank([PAIR]))


def conditional(s, x, last):
    params = {"reduceOnly": True}
    below, above = round(last * 0.8, 1), round(last * 1.2, 1)
    stops = [
        ("STOP_MARKET", None, {"stopPrice": below}),
        ("STOP", below, {"stopPrice": below}),
        ("TAKE_PROFIT_MARKET", None, {"stopPrice": above}),
        ("TAKE_PROFIT", above, {"stopPrice": above}),
        ("TRAILING_STOP_MARKET", None, {"trailingPercent": 5}),
    ]
    for kind, price, more in stops:
        s.call(kind, lambda: x.create_order(PAIR, kind, "sell", 0.05, price, {**params, **more}))
    s.call(
        "fetchOpenOrders of triggers",
        lambda: x.fetch_open_orders(PAIR, params={"trigger": True}),
        lambda r: len(r) == 5,
    )
    s.call("cancelAllOrders of triggers", lambda: x.cancel_all_orders(PAIR, {"trigger": True}))


def liquidation(s):
    """A long is liquidated, and the short opposite deleveraged, and both find it."""
    loser, winner = client(account(1_500)), client(account(40_000))
    for x in (loser, winner):
        x.load_markets()
        s.call("setLeverage", lambda: x.set_leverage(50, PAIR))
    s.call("long", lambda: loser.create_order(PAIR, "market", "buy", 0.8), lambda r: r["filled"] == 0.8)
    s.call("short", lambda: winner.create_order(PAIR, "market", "sell", 2.5), lambda r: r["filled"] > 1)
    crash()
    s.eventually("long is gone", lambda: loser.fetch_positions([PAIR]), lambda r: r == [])
    s.call("loser has nothing", loser.fetch_balance, lambda r: r["USDT"]["total"] < 1_500)
    s.eventually(
        "fetchMyLiquidations",
        lambda: loser.fetch_my_liquidations(PAIR),
        lambda r: len(r) > 0 and r[0]["info"]["clientOrderId"].startswith("autoclose-"),
    )
    s.eventually(
        "fetchMyLiquidations of ADL",
        lambda: winner.fetch_my_liquidations(PAIR, params={"autoCloseType": "ADL"}),
        lambda r: len(r) > 0 and r[0]["info"]["clientOrderId"].startswith("adl_autoclose"),
    )
    s.call("conservation", lambda: own("GET", "/conservation"), lambda r: r["missing"] == "0")


def main(s):
    x = client(account(50_000))
    market_data(s, x)
    account_data(s, x)
    orders(s, x)
    liquidation(s)


run("ccxt", main)
