"""binance-futures-connector: Binance's older connector."""

import time

from binance.error import ClientError
from binance.um_futures import UMFutures
from binance.websocket.um_futures.websocket_client import UMFuturesWebsocketClient
from common import BASE, SOCKET, SYMBOL, account, crash, listeners, listening, run


def client(keys):
    return UMFutures(keys["apiKey"], keys["secret"], base_url=BASE)


def queries(s, x):
    for name in ("ping", "time", "exchange_info", "balance", "account", "get_position_mode", "get_position_risk"):
        s.call(name, getattr(x, name))
    for name in (
        "depth", "trades", "agg_trades", "ticker_24hr_price_change", "ticker_price", "book_ticker", "mark_price",
        "funding_rate", "open_interest", "get_orders", "get_all_orders", "get_account_trades",
        "leverage_brackets", "commission_rate", "adl_quantile", "historical_trades",
    ):
        s.call(name, lambda: getattr(x, name)(symbol=SYMBOL))
    s.call("klines", lambda: x.klines(SYMBOL, "1m"), lambda r: len(r[-1]) == 12)
    s.call("get_income_history", x.get_income_history, lambda r: len(r) > 0)


def trading(s, x):
    last = float(x.ticker_price(symbol=SYMBOL)["price"])
    low = round(last * 0.9, 1)
    s.call("change_leverage", lambda: x.change_leverage(SYMBOL, 25), lambda r: r["leverage"] == 25)
    order = s.call(
        "new_order limit",
        lambda: x.new_order(symbol=SYMBOL, side="BUY", type="LIMIT", quantity=0.01, price=low, timeInForce="GTC"),
        lambda r: r["status"] == "NEW",
    )
    s.call("query_order", lambda: x.query_order(SYMBOL, orderId=order["orderId"]))
    s.call(
        "modify_order",
        lambda: x.modify_order(symbol=SYMBOL, side="BUY", quantity=0.02, price=low, orderId=order["orderId"]),
    )
    s.call("cancel_order", lambda: x.cancel_order(SYMBOL, orderId=order["orderId"]))
    # In the same millisecond it would be the same request, which is refused as that (API-8).
    time.sleep(0.005)
    s.refused("cancel_order again", lambda: x.cancel_order(SYMBOL, orderId=order["orderId"]), ClientError, "-2011")
    s.refused(
        "a stop on the old endpoint",
        lambda: x.new_order(symbol=SYMBOL, side="SELL", type="STOP_MARKET", quantity=0.01, stopPrice=low),
        ClientError,
        "-4120",
    )
    part = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": str(low), "timeInForce": "GTC"}
    s.call("new_batch_order", lambda: x.new_batch_order([part, part]), lambda r: len(r) == 2)
    s.call("cancel_open_orders", lambda: x.cancel_open_orders(SYMBOL), lambda r: r["code"] == 200)
    s.call("market", lambda: x.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.05))
    s.call("position", lambda: x.get_position_risk(symbol=SYMBOL), lambda r: float(r[0]["positionAmt"]) == 0.05)
    s.call(
        "close", lambda: x.new_order(symbol=SYMBOL, side="SELL", type="MARKET", quantity=0.05, reduceOnly="true")
    )


def streams(s, x):
    heard, before = [], listeners()
    socket = UMFuturesWebsocketClient(stream_url=SOCKET, on_message=lambda _, message: heard.append(message))
    socket.agg_trade(symbol=SYMBOL)
    socket.mark_price(symbol=SYMBOL, speed=1)
    socket.diff_book_depth(symbol=SYMBOL, speed=100)
    key = x.new_listen_key()["listenKey"]
    s.call("renew_listen_key", lambda: x.renew_listen_key(key))
    socket.user_data(listen_key=key)
    listening(before + 4)
    x.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01)
    for event in ("markPriceUpdate", "depthUpdate", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"):
        s.eventually("stream " + event, lambda: "\n".join(heard), lambda r: f'"{event}"' in r)
    socket.stop()


def liquidation(s):
    loser, winner = client(account(1_500)), client(account(40_000))
    for x, side, size in ((loser, "BUY", 0.8), (winner, "SELL", 2.5)):
        x.change_leverage(SYMBOL, 50)
        s.call("open", lambda: x.new_order(symbol=SYMBOL, side=side, type="MARKET", quantity=size))
    crash()
    for name, x, kind in (("force_orders", loser, "LIQUIDATION"), ("force_orders of ADL", winner, "ADL")):
        s.eventually(name, lambda: x.force_orders(symbol=SYMBOL, autoCloseType=kind), lambda r: len(r) > 0)


def main(s):
    x = client(account(50_000))
    queries(s, x)
    trading(s, x)
    streams(s, x)
    liquidation(s)


run("futures-connector", main)
