"""passivbot: what its fill events say of a liquidation and a deleveraging, in hedge mode as it trades.

Its sources are no package: PASSIVBOT names a folder that has them. Of them the manager of fill events and the
fetcher for Binance are used, and of what they import nothing that must be compiled.
"""

import asyncio
import math
import os
import shutil
import sys
import tempfile
import time
import types
from pathlib import Path

import ccxt.async_support as ccxt
from common import CCXT_API, SYMBOL, closed_by_venue, crash, opposed, run, signed

sys.path.insert(0, os.path.join(os.environ["PASSIVBOT"], "src"))
try:
    import passivbot_rust  # noqa: F401
except ImportError:
    # A compiled part, which is asked here for the name of an order's kind alone: no kind has a name.
    def nameless(_):
        raise ValueError("unknown")

    sys.modules["passivbot_rust"] = types.ModuleType("passivbot_rust")
    sys.modules["passivbot_rust"].order_type_id_to_snake = nameless

from fill_events_manager import BinanceFetcher, FillEventsManager  # noqa: E402

PAIR = "BTC/USDT:USDT"
# Side, position side and quantity of what each account trades before the price falls.
TRADES = (
    (("BUY", "LONG", "0.3"), ("SELL", "LONG", "0.1"), ("BUY", "LONG", "0.6")),
    (("SELL", "SHORT", "2.6"), ("BUY", "SHORT", "0.1"), ("BUY", "LONG", "0.1")),
)


class Account:
    """An account's keys, and a manager of its fill events as the bot has one."""

    def __init__(self, name, keys, folder):
        self.name, self.keys, self.folder = name, keys, Path(folder)
        self.exchange = ccxt.binanceusdm({"apiKey": keys["apiKey"], "secret": keys["secret"]})
        self.exchange.options.update(defaultType="swap", fetchCurrencies=False)
        self.exchange.urls["api"].update(CCXT_API)
        self.exchange.exceptions["exact"].update(self.exchange.exceptions["linear"]["exact"])
        self.manager = self.new_manager()

    def new_manager(self):
        fetcher = BinanceFetcher(api=self.exchange, symbol_resolver=self.symbol)
        # Where a fill had no commission, as what the venue does has none, it reckons with 0.02 % otherwise.
        return FillEventsManager(
            exchange="binance", user=self.name, fetcher=fetcher, cache_path=self.folder, fee_pct_fallback=0
        )

    def symbol(self, raw):
        return raw if "/" in raw else self.exchange.markets_by_id[raw][0]["symbol"]

    def ask(self, path, **parameters):
        return signed(self.keys, "GET", path, symbol=SYMBOL, **parameters)

    def income(self, kind):
        return sum(float(row["income"]) for row in self.ask("/fapi/v1/income", incomeType=kind, limit=1_000))

    def fills(self):
        """Both tables of fills: number, side, signed quantity, price, position side, profit."""
        mine = {
            event.id: (event.side, event.qty, event.price, event.position_side, round(event.pnl, 8))
            for event in self.manager.get_events()
        }
        told = {}
        for row in self.ask("/fapi/v1/userTrades", limit=1_000):
            lots = float(row["qty"]) * (1 if row["side"] == "BUY" else -1)
            profit = round(float(row["realizedPnl"]), 8)
            told[str(row["id"])] = (
                row["side"].lower(), lots, float(row["price"]), row["positionSide"].lower(), profit
            )
        return mine, told

    def profit(self):
        return sum(event.pnl for event in self.manager.get_events()), self.income("REALIZED_PNL")

    def net(self):
        return self.manager.get_pnl_sum(), self.income("REALIZED_PNL") + self.income("COMMISSION")

    def sizes(self):
        """What fills add up to, and what is held, of each side that was ever held."""
        mine = self.manager.reconstruct_positions()
        held = dict.fromkeys(mine, 0.0)
        for row in self.ask("/fapi/v3/positionRisk"):
            held[f"{PAIR}:{row['positionSide'].lower()}"] = float(row["positionAmt"])
        return mine, held

    def averages(self):
        """Size and average price behind the last fill of each side that is held, and the venue's."""
        last = {event.position_side: event for event in self.manager.get_events()}
        return [
            (last[side].psize, abs(float(row["positionAmt"])), last[side].pprice, float(row["entryPrice"]))
            for row in self.ask("/fapi/v3/positionRisk")
            for side in [row["positionSide"].lower()]
        ]

    def names(self):
        """What the orders of its fills are called, and what they are called at the venue."""
        rows, orders = (self.ask(f"/fapi/v1/{table}", limit=1_000) for table in ("userTrades", "allOrders"))
        called = {row["orderId"]: row["clientOrderId"] for row in orders}
        told = {str(row["id"]): called.get(row["orderId"]) for row in rows}
        return {event.id: event.client_order_id for event in self.manager.get_events()}, told


def same(pair):
    return math.isclose(*pair, abs_tol=1e-6)


def same_sizes(pair):
    mine, held = pair
    return mine.keys() == held.keys() and all(abs(mine[key] - held[key]) < 1e-9 for key in mine)


def same_averages(rows):
    return all(abs(a - b) < 1e-9 and math.isclose(c, d, rel_tol=1e-7) for a, b, c, d in rows)


async def compare(s, one, holds):
    """What an account's manager says, against the venue."""
    checks = {
        "fills": lambda r: len(r[0]) > 0 and r[0] == r[1],
        "profit": same,
        "net": same,
        "sizes": same_sizes,
        "averages": lambda r: bool(r) == holds and same_averages(r),
        "names": lambda r: r[0] == r[1],
    }

    async def refreshed():
        # The newest fills, behind those that it has, as the bot does it.
        await one.manager.refresh_latest()
        return {what: getattr(one, what)() for what in checks}

    def settled(found):
        return all(check(found[what]) for what, check in checks.items())

    # Somebody else may be liquidated meanwhile, and the account deleveraged once more.
    found = await s.aeventually(f"refresh_latest of the {one.name}", refreshed, settled, seconds=30)
    for what, check in checks.items():
        s.call(f"{what} of the {one.name}", lambda: found[what], check)


async def main(s):
    accounts = []
    for name, keys in zip(("liquidated", "deleveraged"), opposed()):
        signed(keys, "POST", "/fapi/v1/positionSide/dual", dualSidePosition="true")
        accounts.append(Account(name, keys, tempfile.mkdtemp(prefix="zerosum-passivbot-")))
    begin = int(time.time() * 1_000) - 60_000
    for one, trades in zip(accounts, TRADES):
        await s.acall("markets", one.exchange.load_markets(), lambda r: PAIR in r)
        for side, leg, lots in trades:
            signed(
                one.keys, "POST", "/fapi/v1/order", symbol=SYMBOL, side=side, positionSide=leg, type="MARKET",
                quantity=lots,
            )
        await s.acall("refresh_range", one.manager.refresh_range(begin, int(time.time() * 1_000) + 1_000))
        await compare(s, one, True)
    crash()
    await asyncio.get_running_loop().run_in_executor(None, closed_by_venue, *(one.keys for one in accounts))
    for one, mark, sign in zip(accounts, ("autoclose-", "adl_autoclose-"), (-1, 1)):
        await compare(s, one, one is accounts[1])
        names = [event.client_order_id for event in one.manager.get_events()]
        s.call(f"closings of the {one.name}", lambda: names, lambda r: any(x.startswith(mark) for x in r))
        s.call(f"sign of the {one.name}", one.profit, lambda r: r[0] * sign > 0)
        again = one.new_manager()
        await s.acall("ensure_loaded", again.ensure_loaded())
        s.call("its files", lambda: (again.get_events(), one.manager.get_events()), lambda r: r[0] == r[1])
        await one.exchange.close()
    for one in accounts:
        shutil.rmtree(one.folder, ignore_errors=True)


run("passivbot", main)
