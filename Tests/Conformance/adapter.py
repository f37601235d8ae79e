"""Lets Tracebook drive `zerosum run -`: its events become lines of the scenario language, and what the program
prints becomes Tracebook's outcome, trades and resting orders.

adapter.py PROGRAM [JOURNAL]: speaks Tracebook's protocol of candidates, version 1, on standard input and output.
JOURNAL keeps the lines that were sent, a scenario that can be run again.

Every answer is the engine's: its status, its trades, and its book as a `book` line prints it (SCN-8). Where
Tracebook and Zerosum mean different things, this is what stands for what:

- *Units.* A price is sent as a whole number of ticks, a quantity in hundredths: a tick of 1 and a lot of 10⁻⁸
  then hold Tracebook's prices of 0.01 and quantities down to 10⁻¹⁰. A price between two ticks, which Tracebook
  snaps, is rounded here: Zerosum takes none. What is not a whole number of lots ends the run.
- *Owners.* Under the policy NONE Tracebook lets an owner trade with himself and Zerosum never does (BK-8). There
  an owner is a label that matching does not look at, so his bids are one account's and his offers another's,
  and they meet as any two accounts' do. Under the other policies an owner is one account with `selfTrade`:
  CANCEL_RESTING is `expireMaker`, CANCEL_INCOMING is `expireTaker`.
- *Names.* Tracebook's order numbers are a symbol's own, Zerosum's names of orders an account's own over all
  markets: the name has the market in front. A new order with a number that rests for somebody else is sent
  to the account that has it, which refuses it as its own.
- *Margin.* Tracebook has none. Accounts have money enough, fees are zero, there is no price band, and a market
  gets its first event's price as mark. A refusal for money ends the run: it is not translated.
- *FOK.* Unfilled, Tracebook applies it and nothing happens; Zerosum refuses it (BK-11) and nothing happens.
- *Reduce* by a quantity is an amendment to a smaller total, which keeps its place (BK-15). By all that is left,
  or more, it is a cancel; Tracebook refuses more, and none of its profiles asks for that.
- *Replace* is Tracebook's cancel and new order in one: the order always goes to the end of the queue. Zerosum's
  amendment does the same if the price changes or the quantity grows (BK-15), and is used for these. One at the
  same price and not larger keeps its place here, so for it the cancel and the order are sent, as a batch.
- *Clear* is the market's kill switch, on and off again (BK-17).
- *Pro rata* is not what Zerosum does (BK-2): it matches by time there too, and differs.
"""

import hashlib
import json
import subprocess
import sys
from decimal import Decimal

# Statuses that have a counterpart: what Tracebook calls them.
REASONS = {"unknownOrder": "ORDER_NOT_ACTIVE", "duplicateClientID": "DUPLICATE_ORDER_ID"}
# What is wrong with the fields of a command; Tracebook names it by what was asked for.
SHAPES = {"invalidPrice", "invalidQuantity", "invalidCombination"}
SHAPE_REASONS = {"new": "INVALID_ORDER", "replace": "INVALID_REPLACEMENT", "reduce": "INVALID_ORDER"}
DEPOSIT = "40000000"
# How many of Zerosum's units stand for one of Tracebook's quantity.
UNITS = 100


class Failed(Exception):
    """What cannot be said in the other's language."""


def plain(value):
    """A number without exponent, sign of zero, or zeros at its end."""
    text = format(Decimal(value).normalize(), "f")
    return "0" if text in ("-0", "0") else text


class Program:
    """A `zerosum run -` that is asked line by line."""

    def __init__(self, path, journal):
        self.process = subprocess.Popen(
            [path, "run", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.journal = open(journal, "w", encoding="utf-8") if journal else None

    def send(self, symbol, *lines):
        """Sends lines and, behind them, one that prints a market's book; all that was printed, and the book."""
        for line in (*lines, {"do": "book", "symbol": symbol}):
            text = json.dumps(line, separators=(",", ":")) + "\n"
            if self.journal:
                self.journal.write(text)
            self.process.stdin.write(text)
        self.process.stdin.flush()
        events = []
        for text in self.process.stdout:
            answer = json.loads(text)
            if "book" in answer:
                return events, answer
            events.append(answer)
        raise Failed(f"the program ended with status {self.process.wait()}")

    def close(self):
        self.process.stdin.close()
        status = self.process.wait()
        if self.journal:
            self.journal.close()
        if status != 0:
            raise Failed(f"the program ended with status {status}")


class Market:
    """A market of the venue, and the orders that rest in it as the venue printed them last."""

    def __init__(self, symbol, number):
        self.symbol = symbol
        self.name = f"M{number}"
        # Whether Tracebook made a book of it: a request about an order that is not there makes none.
        self.is_shown = False
        self.book = {"bids": [], "asks": []}
        # By Tracebook's number, of whoever had it last.
        self.accounts = {}
        self.owners = {}
        # By Zerosum's number.
        self.numbers = {}

    def client_id(self, number):
        return f"{self.name}-{number}"

    def resting(self, number):
        name = self.client_id(number)
        for side in ("bids", "asks"):
            for order in self.book[side]:
                if order["clientID"] == name:
                    return order, side
        return None, None


class Candidate:
    """Tracebook's events, one after another."""

    def __init__(self, program, config):
        self.program = program
        self.tick = float(config["tick_size"])
        self.decimals = Decimal(config["tick_size"])
        self.policy = config["self_trade_policy"]
        self.markets = {}
        self.accounts = set()

    # Names and units

    def market(self, event):
        """The market of an event; made, with a mark, at its first mention."""
        symbol = event["symbol"]
        if symbol not in self.markets:
            market = self.markets[symbol] = Market(symbol, len(self.markets) + 1)
            mark = max(1, int(self.price(event["price"] or 100)))
            self.taken(
                market,
                {
                    "do": "market", "symbol": market.name, "tickSize": "1", "lotSize": "0.00000001",
                    "tiers": [{"maintenance": "0.004", "leverage": 125}], "maker": "0", "taker": "0", "priceBand": "0",
                },
                {"do": "price", "symbol": market.name, "source": "first", "price": str(mark)},
            )
        return self.markets[symbol]

    def taken(self, market, *lines):
        """Sends lines that must be taken."""
        events, _ = self.program.send(market.name, *lines)
        for event in events:
            if event["event"] == "outcome" and event["status"] != "ok":
                raise Failed(f"{event['command']} was refused: {event['status']}")

    def account(self, market, owner, side):
        """The account of an owner's orders, opened with money at its first mention."""
        name = f"owner{owner}"
        if self.policy == "NONE" or owner < 0:
            name += f"-{side.lower()}s"
        if name not in self.accounts:
            self.accounts.add(name)
            self.taken(market, {"do": "deposit", "account": name, "amount": DEPOSIT})
        return name

    def price(self, value):
        """A price in ticks, rounded to them as Tracebook does."""
        return str(round(float(value) / self.tick))

    def quantity(self, value):
        return plain(Decimal(repr(float(value))) * UNITS)

    # Events

    def apply(self, event):
        market = self.market(event)
        if event["op"] in ("new", "clear"):
            market.is_shown = True
        events, market.book = self.program.send(market.name, *getattr(self, event["op"])(market, event))
        for printed in events:
            if printed["event"] == "orderAccepted":
                number = int(printed["clientID"].split("-")[1])
                market.numbers[printed["order"]] = number
                market.accounts[number] = printed["account"]
                if event["op"] == "new":
                    market.owners[number] = event["owner"]
        return self.outcome(event, events), [self.trade(market, it) for it in events if it["event"] == "trade"]

    def new(self, market, event):
        account = self.account(market, event["owner"], event["side"])
        holder = market.accounts.get(event["order_id"])
        if market.resting(event["order_id"])[0] is not None:
            account = holder
        return [self.order(market, account, event["order_id"], event)]

    def order(self, market, account, number, event):
        line = {
            "do": "order", "account": account, "symbol": market.name, "side": event["side"].lower(),
            "quantity": self.quantity(event["quantity"]), "id": market.client_id(number),
            "selfTrade": "expireMaker" if self.policy == "CANCEL_RESTING" else "expireTaker",
        }
        kind = event["order_type"]
        if kind == "MARKET":
            return dict(line, type="market")
        return dict(
            line, type="limit", price=self.price(event["price"]), timeInForce="GTC" if kind == "LIMIT" else kind
        )

    def named(self, market, event):
        """The account and the name of the order that an event is about; somebody's, if nobody ever had it."""
        number = event["order_id"]
        account = market.accounts.get(number) or self.account(market, 0, "buy")
        return {"account": account, "symbol": market.name, "id": market.client_id(number)}

    def cancel(self, market, event):
        return [dict(self.named(market, event), do="cancel")]

    def reduce(self, market, event):
        order, _ = market.resting(event["order_id"])
        if order is None:
            return self.cancel(market, event)
        total = Decimal(order["quantity"]) - Decimal(self.quantity(event["quantity"]))
        if total <= Decimal(order["filled"]):
            return self.cancel(market, event)
        return [dict(self.named(market, event), do="amend", quantity=plain(total))]

    def replace(self, market, event):
        named = self.named(market, event)
        order, side = market.resting(event["order_id"])
        if order is None:
            return [dict(named, do="cancel")]
        filled, left = Decimal(order["filled"]), Decimal(order["quantity"]) - Decimal(order["filled"])
        price = order["price"] if event["price"] is None else self.price(event["price"])
        wanted = left if event["quantity"] is None else Decimal(self.quantity(event["quantity"]))
        if price == order["price"] and wanted <= left:
            again = {
                "side": "BUY" if side == "bids" else "SELL", "order_type": "LIMIT", "quantity": wanted / UNITS,
                "price": Decimal(price) * self.decimals,
            }
            return [dict(named, do="cancel"), self.order(market, named["account"], event["order_id"], again)]
        return [dict(named, do="amend", price=price, quantity=plain(filled + wanted))]

    def clear(self, market, event):
        return [{"do": "kill", "symbol": market.name, "on": on} for on in (True, False)]

    # Answers

    def outcome(self, event, events):
        """What came of the last command: those before it made it possible."""
        statuses = [it["status"] for it in events if it["event"] == "outcome"]
        refused = next((status for status in statuses if status != "ok"), None)
        if refused is None or (refused == "fillOrKillUnfilled" and event["op"] == "new"):
            return {"status": "applied", "reason": None, "message": None}
        reason = REASONS.get(refused)
        if refused in SHAPES:
            reason = SHAPE_REASONS.get(event["op"])
        if reason is None:
            raise Failed(f"{event['op']} came back with the status {refused}")
        return {"status": "rejected", "reason": reason, "message": refused}

    def trade(self, market, printed):
        maker, taker = market.numbers[printed["makerOrder"]], market.numbers[printed["takerOrder"]]
        buyer, seller = (taker, maker) if printed["takerSide"] == "buy" else (maker, taker)
        return {
            "symbol": market.symbol, "buy_order_id": buyer, "sell_order_id": seller,
            "price": plain(Decimal(printed["price"]) * self.decimals),
            "quantity": plain(Decimal(printed["quantity"]) / UNITS),
        }

    def side(self, market, orders):
        shown = []
        for order in orders:
            number = market.numbers[order["order"]]
            left = Decimal(order["quantity"]) - Decimal(order["filled"])
            shown.append({
                "order_id": number, "price": plain(Decimal(order["price"]) * self.decimals),
                "remaining_quantity": plain(left / UNITS), "owner": market.owners[number], "order_type": "LIMIT",
            })
        return shown

    def state(self):
        return {"books": [
            {"symbol": symbol, "bids": self.side(market, market.book["bids"]),
             "asks": self.side(market, market.book["asks"])}
            for symbol, market in sorted(self.markets.items()) if market.is_shown
        ]}

    def observation(self, index, event):
        outcome, trades = self.apply(event)
        state = self.state()
        text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return {
            "type": "observation", "index": index, "outcome": outcome, "trades": trades,
            "state_hash": hashlib.sha256(text.encode()).hexdigest(),
            "resting_order_count": sum(len(book["bids"]) + len(book["asks"]) for book in state["books"]),
        }


def serve(path, journal):
    def say(message):
        print(json.dumps(message, separators=(",", ":")), flush=True)

    hello = json.loads(sys.stdin.readline())
    if hello.get("type") != "hello" or hello.get("protocol_version") != 1:
        raise Failed("the first message is no hello of version 1")
    program = Program(path, journal)
    candidate = Candidate(program, hello["config"])
    say({
        "type": "ready", "protocol": hello["protocol"], "protocol_version": 1,
        "engine": {"name": "zerosum run -", "version": "1", "language": "Swift"},
    })
    index = 0
    for text in sys.stdin:
        message = json.loads(text)
        if message["type"] == "event":
            index = message["index"]
            say(candidate.observation(index, message["event"]))
        elif message["type"] == "snapshot":
            say({"type": "snapshot", "index": index, "state": candidate.state()})
        elif message["type"] == "finish":
            program.close()
            say({"type": "complete", "event_count": index})
            return
        else:
            raise Failed(f"a message of the type {message['type']}")
    raise Failed("the messages ended before the last")


if __name__ == "__main__":
    try:
        serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
    except (Failed, KeyError, OSError, ValueError) as error:
        print(json.dumps({"type": "error", "code": "ADAPTER", "message": f"{type(error).__name__}: {error}"}))
        sys.exit(2)
