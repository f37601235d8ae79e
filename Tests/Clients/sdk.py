"""Binance's own SDK: every call of it that this venue answers, over REST, WS-API and streams."""

import asyncio
import enum
import inspect

from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures as Client
from binance_sdk_derivatives_trading_usds_futures.rest_api import models
from common import BASE, SOCKET, SYMBOL, account, crash, listeners, listening, run

from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.errors import BadRequestError

# Calls of other products, and of what a venue without options, portfolio margin and other assets has not:
# each is answered with Binance's own error.
OUT_OF_SCOPE = {
    "accept_the_offered_quote", "list_all_convert_pairs", "order_status", "send_quote_request",
    "classic_portfolio_margin_account_information", "futures_tradfi_perps_contract",
    "get_download_id_for_futures_order_history", "get_download_id_for_futures_trade_history",
    "get_download_id_for_futures_transaction_history", "get_futures_order_history_download_link_by_id",
    "get_futures_trade_download_link_by_id", "get_futures_transaction_history_download_link_by_id",
    "toggle_bnb_burn_on_futures_trade", "change_multi_assets_mode", "asset_index",
    "composite_index_symbol_information", "long_short_ratio", "top_trader_long_short_ratio_accounts",
    "top_trader_long_short_ratio_positions", "trading_schedule", "quarterly_contract_settlement_price",
}
# Done one by one below, in an order that makes sense.
STEP_BY_STEP = {
    "new_order", "modify_order", "cancel_order", "query_order", "query_current_open_order", "test_order",
    "place_multiple_orders", "modify_multiple_orders", "cancel_multiple_orders", "cancel_all_open_orders",
    "new_algo_order", "query_algo_order", "cancel_algo_order", "cancel_all_algo_open_orders",
    "change_initial_leverage", "change_margin_type", "change_position_mode", "modify_isolated_position_margin",
    "auto_cancel_all_open_orders", "get_order_modify_history", "close_user_data_stream",
    "keepalive_user_data_stream", "start_user_data_stream",
}


def client(keys):
    name, secret = keys["apiKey"], keys["secret"]
    return Client(
        config_rest_api=ConfigurationRestAPI(api_key=name, api_secret=secret, base_path=BASE, retries=0),
        config_ws_api=ConfigurationWebSocketAPI(
            api_key=name, api_secret=secret, stream_url=SOCKET + "/ws-fapi/v1"
        ),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=SOCKET),
    )


def data(response):
    """The parsed reply: this is where a type that is not the documented one shows."""
    return response.data()


def arguments(method):
    """Values for the parameters that a call cannot do without."""
    values = {}
    for name, parameter in inspect.signature(method).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            continue
        kinds = [kind for kind in getattr(parameter.annotation, "__args__", ()) if isinstance(kind, enum.EnumMeta)]
        if name in ("symbol", "pair"):
            values[name] = SYMBOL
        elif kinds:
            words = {"PERPETUAL", "1m", "5m"}
            values[name] = next((k for k in kinds[0] if k.value in words), list(kinds[0])[0])
        else:
            raise TypeError(f"a value for {name} is wanted")
    return values


def every_query(s, x):
    names = [n for n, m in inspect.getmembers(x.rest_api, inspect.ismethod) if not n.startswith(("_", "send_"))]
    for name in names:
        method = getattr(x.rest_api, name)
        if name in STEP_BY_STEP:
            continue
        if name in OUT_OF_SCOPE:
            continue
        s.call(name, lambda: data(method(**arguments(method))))
        if "symbol" in inspect.signature(method).parameters and "symbol" not in arguments(method):
            s.call(name + " of a symbol", lambda: data(method(symbol=SYMBOL)))


def step_by_step(s, x):
    rest, m = x.rest_api, models
    side, kind = m.NewOrderSideEnum, m.NewOrderTypeEnum
    last = float(data(rest.symbol_price_ticker(symbol=SYMBOL)).actual_instance.price)
    low = round(last * 0.9, 1)
    s.call("change_initial_leverage", lambda: data(rest.change_initial_leverage(SYMBOL, 25)))
    isolated, crossed = m.ChangeMarginTypeMarginTypeEnum["ISOLATED"], m.ChangeMarginTypeMarginTypeEnum["CROSSED"]
    s.call("change_margin_type", lambda: data(rest.change_margin_type(SYMBOL, isolated)))
    s.call("new_order market", lambda: data(rest.new_order(SYMBOL, side.BUY, kind["MARKET"], quantity=0.05)))
    s.call(
        "modify_isolated_position_margin", lambda: data(rest.modify_isolated_position_margin(SYMBOL, 10.0, 1))
    )
    s.call("close", lambda: data(rest.new_order(SYMBOL, side.SELL, kind["MARKET"], quantity=0.05)))
    s.call("change_margin_type back", lambda: data(rest.change_margin_type(SYMBOL, crossed)))
    s.call("change_position_mode", lambda: data(rest.change_position_mode("true")))
    s.call("change_position_mode back", lambda: data(rest.change_position_mode("false")))
    gtc = m.NewOrderTimeInForceEnum["GTC"]

    def limit(price):
        return data(rest.new_order(SYMBOL, side.BUY, kind["LIMIT"], time_in_force=gtc, quantity=0.01, price=price))

    order = s.call("new_order limit", lambda: limit(low), lambda r: r.status == "NEW")
    number = order.order_id
    s.call("query_order", lambda: data(rest.query_order(SYMBOL, order_id=number)), lambda r: r.order_id == number)
    s.call("query_current_open_order", lambda: data(rest.query_current_open_order(SYMBOL, order_id=number)))
    s.call(
        "modify_order",
        lambda: data(rest.modify_order(SYMBOL, m.ModifyOrderSideEnum.BUY, 0.02, low, order_id=number)),
    )
    s.call("get_order_modify_history", lambda: data(rest.get_order_modify_history(SYMBOL, order_id=number)))
    s.call("cancel_order", lambda: data(rest.cancel_order(SYMBOL, order_id=number)), lambda r: r.status == "CANCELED")
    s.refused("query_order of nothing", lambda: rest.query_order(SYMBOL, order_id=1), BadRequestError)
    s.call(
        "test_order",
        lambda: data(
            rest.test_order(
                SYMBOL, m.TestOrderSideEnum.BUY, m.TestOrderTypeEnum["LIMIT"],
                time_in_force=m.TestOrderTimeInForceEnum["GTC"], quantity=0.01, price=low,
            )
        ),
    )
    s.refused(
        "new_order too large",
        lambda: rest.new_order(SYMBOL, side.BUY, kind["MARKET"], quantity=40.0),
        BadRequestError,
        "-2019",
    )
    s.call("auto_cancel_all_open_orders", lambda: data(rest.auto_cancel_all_open_orders(SYMBOL, 60_000)))
    s.call("auto_cancel_all_open_orders off", lambda: data(rest.auto_cancel_all_open_orders(SYMBOL, 0)))
    batches(s, rest, low)
    conditional(s, rest, last)


def batches(s, rest, low):
    m = models
    inner, change = m.PlaceMultipleOrdersBatchOrdersParameterInner, m.ModifyMultipleOrdersBatchOrdersParameterInner

    def part(price):
        return inner(symbol=SYMBOL, side="BUY", type="LIMIT", quantity=0.01, price=price, timeInForce="GTC")

    placed = s.call(
        "place_multiple_orders",
        lambda: data(rest.place_multiple_orders([part(low + n) for n in range(2)])),
        lambda r: len(r) == 2,
    )
    numbers = [row.order_id for row in placed or []]
    s.call(
        "modify_multiple_orders",
        lambda: data(
            rest.modify_multiple_orders(
                [change(orderId=n, symbol=SYMBOL, side="BUY", quantity=0.02, price=low) for n in numbers]
            )
        ),
        lambda r: len(r) == 2,
    )
    s.call("cancel_multiple_orders", lambda: data(rest.cancel_multiple_orders(SYMBOL, order_id_list=numbers)))
    s.call("cancel_all_open_orders", lambda: data(rest.cancel_all_open_orders(SYMBOL)))


def conditional(s, rest, last):
    m = models
    algo = m.NewAlgoOrderAlgoTypeEnum["CONDITIONAL"]
    side = m.NewAlgoOrderSideEnum
    below, above = round(last * 0.8, 1), round(last * 1.2, 1)
    for kind, more in [
        ("STOP_MARKET", {"trigger_price": below}),
        ("STOP", {"trigger_price": below, "price": below}),
        ("TAKE_PROFIT_MARKET", {"trigger_price": above}),
        ("TAKE_PROFIT", {"trigger_price": above, "price": above}),
        ("TRAILING_STOP_MARKET", {"callback_rate": 2.0}),
    ]:
        order = s.call(
            "new_algo_order " + kind,
            lambda: data(
                rest.new_algo_order(algo, SYMBOL, side.SELL, m.NewAlgoOrderTypeEnum[kind], quantity=0.01, **more)
            ),
        )
    s.call("query_algo_order", lambda: data(rest.query_algo_order(algo_id=order.algo_id)))
    s.call("cancel_algo_order", lambda: data(rest.cancel_algo_order(algo_id=order.algo_id)))
    s.call("cancel_all_algo_open_orders", lambda: data(rest.cancel_all_algo_open_orders(SYMBOL)))


def liquidation(s):
    loser, winner = client(account(1_500)), client(account(40_000))
    m = models
    for x, side, size in ((loser, "BUY", 0.8), (winner, "SELL", 2.5)):
        s.call("leverage", lambda: data(x.rest_api.change_initial_leverage(SYMBOL, 50)))
        s.call(
            "open",
            lambda: data(
                x.rest_api.new_order(
                    SYMBOL, m.NewOrderSideEnum[side], m.NewOrderTypeEnum["MARKET"], quantity=size
                )
            ),
        )
    crash()
    kinds = m.UsersForceOrdersAutoCloseTypeEnum
    s.eventually(
        "users_force_orders",
        lambda: data(loser.rest_api.users_force_orders(symbol=SYMBOL, auto_close_type=kinds["LIQUIDATION"])),
        lambda r: len(r) > 0 and r[0].client_order_id.startswith("autoclose-"),
    )
    s.eventually(
        "users_force_orders of ADL",
        lambda: data(winner.rest_api.users_force_orders(symbol=SYMBOL, auto_close_type=kinds["ADL"])),
        lambda r: len(r) > 0 and r[0].client_order_id.startswith("adl_autoclose"),
    )


async def socket_api(s, x):
    connection = await x.websocket_api.create_connection()
    last = float((await connection.symbol_price_ticker(symbol=SYMBOL)).data().actual_instance.result.price)
    low = round(last * 0.9, 1)
    for name in (
        "account_information", "account_information_v2", "futures_account_balance", "futures_account_balance_v2",
        "position_information", "position_information_v2", "start_user_data_stream", "keepalive_user_data_stream",
    ):
        method = getattr(connection, name)
        await s.acall("ws " + name, parsed(method()))
    await s.acall("ws order_book", parsed(connection.order_book(symbol=SYMBOL)))
    await s.acall("ws symbol_order_book_ticker", parsed(connection.symbol_order_book_ticker(symbol=SYMBOL)))
    await s.acall("ws symbol_price_ticker", parsed(connection.symbol_price_ticker()))
    order = await s.acall(
        "ws new_order",
        parsed(connection.new_order(SYMBOL, "BUY", "LIMIT", time_in_force="GTC", quantity=0.01, price=low)),
    )
    number = order.result.order_id
    await s.acall("ws query_order", parsed(connection.query_order(SYMBOL, order_id=number)))
    await s.acall("ws modify_order", parsed(connection.modify_order(SYMBOL, "BUY", 0.02, low, order_id=number)))
    await s.acall("ws cancel_order", parsed(connection.cancel_order(SYMBOL, order_id=number)))
    algo = await s.acall(
        "ws new_algo_order",
        parsed(
            connection.new_algo_order("CONDITIONAL", SYMBOL, "SELL", "STOP_MARKET", quantity=0.01, trigger_price=low)
        ),
    )
    await s.acall("ws cancel_algo_order", parsed(connection.cancel_algo_order(algo_id=algo.result.algo_id)))
    await s.acall("ws close_user_data_stream", parsed(connection.close_user_data_stream()))
    await connection.close_connection(close_session=True)


async def parsed(awaitable):
    return (await awaitable).data()


async def streams(s, x):
    symbol = SYMBOL.lower()
    connection = await x.websocket_streams.create_connection()
    wanted = {
        "aggregate_trade_streams": dict(symbol=symbol),
        "individual_symbol_mini_ticker_stream": dict(symbol=symbol),
        "individual_symbol_ticker_streams": dict(symbol=symbol),
        "kline_candlestick_streams": dict(symbol=symbol, interval="1m"),
        "mark_price_stream": dict(symbol=symbol, update_speed="1s"),
        "mark_price_stream_for_all_market": dict(update_speed="1s"),
        "all_market_mini_tickers_stream": {},
        "all_market_tickers_streams": {},
        "continuous_contract_kline_candlestick_streams": dict(
            pair=symbol, contract_type="perpetual", interval="1m"
        ),
        "individual_symbol_book_ticker_streams": dict(symbol=symbol),
        "all_book_tickers_stream": {},
        "diff_book_depth_streams": dict(symbol=symbol, update_speed="100ms"),
        "partial_book_depth_streams": dict(symbol=symbol, levels=5, update_speed="100ms"),
    }
    for name, values in wanted.items():
        heard = asyncio.get_running_loop().create_future()

        def take(message):
            if not heard.done():
                heard.get_loop().call_soon_threadsafe(lambda: heard.done() or heard.set_result(message))

        stream = await getattr(connection, name)(**values)
        stream.on("message", take)
        await s.acall("stream " + name, heard, lambda r: r is not None, seconds=60)
    key = data(x.rest_api.start_user_data_stream()).listen_key
    events, before = [], listeners()
    stream = await connection.user_data(key)
    stream.on("message", lambda event: events.append(event))
    await asyncio.get_running_loop().run_in_executor(None, listening, before + 1)
    m = models
    data(x.rest_api.new_order(SYMBOL, m.NewOrderSideEnum.BUY, m.NewOrderTypeEnum["MARKET"], quantity=0.01))
    await s.aeventually("user data", lambda: events, lambda r: len(r) >= 2)
    await connection.close_connection(close_session=True)


async def main(s):
    x = client(account(50_000))
    every_query(s, x)
    step_by_step(s, x)
    for name in ("start_user_data_stream", "keepalive_user_data_stream", "close_user_data_stream"):
        s.call(name, lambda: data(getattr(x.rest_api, name)()))
    await socket_api(s, x)
    await streams(s, x)
    every_query(s, x)
    liquidation(s)


run("sdk", main)
