"""freqtrade: its exchange class for Binance futures, as its bot uses it."""


from common import CCXT_API, SYMBOL, account, run
from freqtrade.enums import CandleType, MarginMode, RunMode, TradingMode
from freqtrade.resolvers import ExchangeResolver

PAIR = "BTC/USDT:USDT"


def configuration(keys):
    ccxt = {
        "urls": {"api": CCXT_API},
        "options": {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": ["linear"]}},
    }
    return {
        "runmode": RunMode.LIVE,
        "dry_run": False,
        "stake_currency": "USDT",
        "stake_amount": 1_000,
        "trading_mode": TradingMode.FUTURES,
        "margin_mode": MarginMode.ISOLATED,
        "timeframe": "1m",
        "candle_type_def": CandleType.FUTURES,
        "liquidation_buffer": 0.05,
        "entry_pricing": {"price_side": "same", "use_order_book": True, "order_book_top": 1},
        "exit_pricing": {"price_side": "same", "use_order_book": True, "order_book_top": 1},
        "unfilledtimeout": {"entry": 10, "exit": 10, "unit": "minutes"},
        "order_types": {
            "entry": "limit", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": True,
            "emergency_exit": "market", "force_entry": "market", "force_exit": "market",
        },
        "order_time_in_force": {"entry": "GTC", "exit": "GTC"},
        "exchange": {
            "name": "binance",
            "key": keys["apiKey"],
            "secret": keys["secret"],
            "ccxt_config": ccxt,
            "ccxt_async_config": ccxt,
            "pair_whitelist": [PAIR],
            "pair_blacklist": [],
            "enable_ws": False,
        },
        "internals": {},
        "datadir": None,
        "user_data_dir": None,
    }


def main(s):
    exchange = s.call(
        "exchange", lambda: ExchangeResolver.load_exchange(configuration(account(20_000)), validate=True, load_leverage_tiers=False)
    )
    s.call("markets", lambda: exchange.markets, lambda r: PAIR in r)
    s.call("get_balances", exchange.get_balances, lambda r: r["USDT"]["total"] == 20_000)
    s.call("fetch_positions", exchange.fetch_positions, lambda r: r == [])
    s.call("fetch_ticker", lambda: exchange.fetch_ticker(PAIR), lambda r: r["last"] > 0)
    book = s.call("fetch_l2_order_book", lambda: exchange.fetch_l2_order_book(PAIR, 20), lambda r: len(r["bids"]) > 0)
    ask = book["asks"][0][0]
    entry = s.call(
        "create_order entry",
        lambda: exchange.create_order(
            pair=PAIR, ordertype="limit", side="buy", amount=0.05, rate=ask * 1.01, leverage=10.0,
            reduceOnly=False, time_in_force="GTC",
        ),
        lambda r: r["filled"] == 0.05,
    )
    s.eventually("fetch_order", lambda: exchange.fetch_order(entry["id"], PAIR), lambda r: r["status"] == "closed")
    s.eventually("fetch_positions long", lambda: exchange.fetch_positions(PAIR), lambda r: r[0]["contracts"] == 0.05)
    types = {"stoploss": "market", "stoploss_price_type": "mark"}
    stop = s.call(
        "create_stoploss",
        lambda: exchange.create_stoploss(
            pair=PAIR, amount=0.05, stop_price=ask * 0.9, order_types=types, side="sell", leverage=10.0
        ),
    )
    s.call("fetch_stoploss_order", lambda: exchange.fetch_stoploss_order(stop["id"], PAIR), lambda r: r["status"] == "open")
    s.call("cancel_stoploss_order", lambda: exchange.cancel_stoploss_order(stop["id"], PAIR))
    s.call(
        "create_order exit",
        lambda: exchange.create_order(
            pair=PAIR, ordertype="market", side="sell", amount=0.05, rate=ask, leverage=10.0, reduceOnly=True,
        ),
    )
    s.call("get_trades_for_order", lambda: exchange.get_trades_for_order(entry["id"], PAIR, entry_time()), lambda r: len(r) > 0)


def entry_time():
    """A moment before the session."""
    from datetime import datetime, timedelta, timezone

    return datetime.now(timezone.utc) - timedelta(minutes=10)


run("freqtrade", main)
