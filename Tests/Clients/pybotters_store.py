"""pybotters: its store of positions and orders through a liquidation and a deleveraging."""

import asyncio

import pybotters
from common import BASE, SOCKET, SYMBOL, opposed, position, run, trade_and_crash

# It signs what goes to the hosts that it knows.
pybotters.auth.Hosts.items["127.0.0.1"] = pybotters.auth.Hosts.items["fapi.binance.com"]


async def follow(s, keys):
    """A store that is fed by an account's stream."""
    client = pybotters.Client(apis={"binance": [keys["apiKey"], keys["secret"]]}, base_url=BASE)
    store = pybotters.BinanceUSDSMDataStore()
    await s.acall(
        "initialize",
        store.initialize(
            client.get("/fapi/v2/positionRisk"),
            client.get("/fapi/v1/openOrders"),
            client.get("/fapi/v2/balance"),
            client.get("/fapi/v1/depth", params={"symbol": SYMBOL, "limit": 1000}),
            client.post("/fapi/v1/listenKey"),
        ),
    )
    await s.acall("user stream", client.ws_connect(f"{SOCKET}/ws/{store.listenkey}", hdlr_json=store.onmessage))
    await s.acall(
        "depth", client.ws_connect(f"{SOCKET}/ws/{SYMBOL.lower()}@depth", hdlr_json=store.onmessage)
    )
    return client, store


async def main(s):
    keys = opposed()
    stores = [await follow(s, one) for one in keys]
    await s.acall(
        "a crash", asyncio.get_running_loop().run_in_executor(None, trade_and_crash, *keys), seconds=120
    )
    for name, one, (_, store) in zip(("liquidated", "deleveraged"), keys, stores):

        async def held():
            told = await asyncio.get_running_loop().run_in_executor(None, position, one)
            return sum(float(row["pa"]) for row in store.position.find({"s": SYMBOL})), told

        def left():
            return [row for row in store.order.find({"s": SYMBOL}) if row.get("c", "").find("autoclose") >= 0]

        await s.aeventually(f"position of the {name}", held, lambda r: abs(r[0] - r[1]) < 1e-9)
        await s.aeventually(f"forced orders of the {name} are over", left, lambda r: r == [])
    for client, store in stores:
        book = store.orderbook.sorted({"s": SYMBOL})
        sides = {name.upper(): rows for name, rows in book.items()}
        if sides.get("BUY") and sides.get("SELL"):
            best = [float(sides[name][0]["p"]) for name in ("BUY", "SELL")]
            s.call("the book is not crossed", lambda: best, lambda r: min(r) < max(r))
        await client.close()


run("pybotters", main)
