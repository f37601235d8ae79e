// The payloads of `Event`, one a kind, in the order of their numbers; those of the waterfall are in
// ReceiptPayloads.swift.

/// The last event of every command: what became of it.
@frozen
public struct Outcome: FieldRecord {
    /// The command's number.
    public var sequence: Int64 = 0
    /// Its time.
    public var at: Timestamp = Timestamp(0)
    /// Its kind.
    public var command: CommandKind = .createMarket
    /// What became of it.
    public var status: Status = .ok
    /// The number of what it made: account, market or order.
    public var result: Int64 = 0
    /// Whether this is the answer to an earlier command with the same key.
    public var repeated: Bool = false
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("sequence", &sequence)
        visitor.visit("at", &at)
        visitor.visit("command", &command)
        visitor.visit("status", &status)
        visitor.visit("result", &result)
        visitor.visit("repeated", &repeated)
    }
}

/// A market exists.
@frozen
public struct MarketCreated: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Its name.
    public var symbol: Symbol = Symbol(low: 0, high: 0)
    /// Quote a tick, in 10⁻⁸.
    public var tickSize: Int64 = 0
    /// Base a lot, in 10⁻⁸.
    public var lotSize: Int64 = 0
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("symbol", &symbol)
        visitor.visit("tickSize", &tickSize)
        visitor.visit("lotSize", &lotSize)
    }
}

/// An account exists.
@frozen
public struct AccountOpened: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// Whose it is.
    public var owner: OwnerID = OwnerID(0)
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("owner", &owner)
    }
}

/// Cash of a margin account changed (LED-5).
@frozen
public struct LedgerEntry: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// Of the isolated position whose margin account it is; none for the cross margin account.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Why.
    public var reason: LedgerReason = .deposit
    /// By how much.
    public var amount: Amount = .zero
    /// Who stood on the other side; none for outside.
    public var counterparty: AccountID = .none
    /// Cash of the margin account afterwards.
    public var balance: Amount = .zero
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("reason", &reason)
        visitor.visit("amount", &amount)
        visitor.visit("counterparty", &counterparty)
        visitor.visit("balance", &balance)
    }
}

/// An order was taken.
@frozen
public struct OrderAccepted: FieldRecord {
    /// Its number.
    public var order: OrderID = .none
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Buy or sell.
    public var side: Side = .buy
    /// What it is.
    public var type: OrderType = .limit
    /// How long it may wait.
    public var timeInForce: TimeInForce = .gtc
    /// Limit; none without.
    public var price: Price = .none
    /// How many lots.
    public var quantity: Quantity = .zero
    /// Where it becomes active.
    public var triggerPrice: Price = .none
    /// Never opens or adds.
    public var reduceOnly: Bool = false
    /// The client's own name.
    public var clientID: ClientID = .none
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("side", &side)
        visitor.visit("type", &type)
        visitor.visit("timeInForce", &timeInForce)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("triggerPrice", &triggerPrice)
        visitor.visit("reduceOnly", &reduceOnly)
        visitor.visit("clientID", &clientID)
    }
}

/// An order left the book, or its remainder did.
@frozen
public struct OrderCanceled: FieldRecord {
    /// Its number.
    public var order: OrderID = .none
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Lots not filled.
    public var remaining: Quantity = .zero
    /// Why.
    public var reason: CancelReason = .request
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("remaining", &remaining)
        visitor.visit("reason", &reason)
    }
}

/// A resting order changed.
@frozen
public struct OrderAmended: FieldRecord {
    /// Its number.
    public var order: OrderID = .none
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Its limit now.
    public var price: Price = .none
    /// Lots not filled.
    public var remaining: Quantity = .zero
    /// Whether it kept its place in the queue.
    public var keptPlace: Bool = false
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("price", &price)
        visitor.visit("remaining", &remaining)
        visitor.visit("keptPlace", &keptPlace)
    }
}

/// A conditional order became active.
@frozen
public struct OrderTriggered: FieldRecord {
    /// Its number.
    public var order: OrderID = .none
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// The price that triggered it.
    public var at: Price = .none
    /// Its limit from now on; none without, or if the level that it was to be taken from is not there.
    public var price: Price = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("at", &at)
        visitor.visit("price", &price)
    }
}

/// What is left of an order waits in the book.
@frozen
public struct OrderRested: FieldRecord {
    /// Its number.
    public var order: OrderID = .none
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which side of the book.
    public var side: Side = .buy
    /// Where.
    public var price: Price = .none
    /// Lots.
    public var remaining: Quantity = .zero
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("price", &price)
        visitor.visit("remaining", &remaining)
    }
}

/// Two orders met.
@frozen
public struct Trade: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Number of the trade in its market, from 1.
    public var trade: Int64 = 0
    /// The maker's price.
    public var price: Price = .none
    /// Lots.
    public var quantity: Quantity = .zero
    /// What the taker did.
    public var takerSide: Side = .buy
    /// The maker.
    public var maker: AccountID = .none
    /// The taker.
    public var taker: AccountID = .none
    /// The maker's order.
    public var makerOrder: OrderID = .none
    /// The taker's order; none in a liquidation.
    public var takerOrder: OrderID = .none
    /// What the maker paid; negative is a rebate.
    public var makerFee: Amount = .zero
    /// What the taker paid; in a liquidation the liquidation fee.
    public var takerFee: Amount = .zero
    /// Whether the taker was being liquidated.
    public var kind: TradeKind = .order
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("trade", &trade)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("takerSide", &takerSide)
        visitor.visit("maker", &maker)
        visitor.visit("taker", &taker)
        visitor.visit("makerOrder", &makerOrder)
        visitor.visit("takerOrder", &takerOrder)
        visitor.visit("makerFee", &makerFee)
        visitor.visit("takerFee", &takerFee)
        visitor.visit("kind", &kind)
        visitor.visit("episode", &episode)
    }
}

/// A position after a change.
@frozen
public struct PositionChanged: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Lots, positive is long.
    public var size: Quantity = .zero
    /// What it cost: minus its quote.
    public var entryNotional: Amount = .zero
    /// Cash of its own margin account.
    public var isolatedCash: Amount = .zero
    /// Profit realised by the change, before fees.
    public var realized: Amount = .zero
    public init() {}
    @inline(__always)
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("size", &size)
        visitor.visit("entryNotional", &entryNotional)
        visitor.visit("isolatedCash", &isolatedCash)
        visitor.visit("realized", &realized)
    }
}

/// Prices of a market after a price command or a deadline.
@frozen
public struct MarkChanged: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The mark.
    public var mark: Price = .none
    /// The mark before.
    public var previous: Price = .none
    /// The index.
    public var index: Price = .none
    /// What the index is worth.
    public var validity: PriceValidity = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("mark", &mark)
        visitor.visit("previous", &previous)
        visitor.visit("index", &index)
        visitor.visit("validity", &validity)
    }
}

/// What a mark was made of, in a market whose method takes more than the index, or whose mark is kept
/// near its own average (PX-12). A part that was not there is `none`.
@frozen
public struct MarkFormed: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The mark that came of it.
    public var mark: Price = .none
    /// Index with funding basis (PX-9), or index with average basis (PX-10).
    public var first: Price = .none
    /// Index with mean basis (PX-9), or the middle of the book (PX-10).
    public var second: Price = .none
    /// Last print (PX-9), or other venues' perpetuals (PX-10).
    public var third: Price = .none
    /// The average middle of the book, where it had to stand in (PX-10).
    public var fourth: Price = .none
    /// Whether a band moved the mark (PX-11).
    public var isClamped = false
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("mark", &mark)
        visitor.visit("first", &first)
        visitor.visit("second", &second)
        visitor.visit("third", &third)
        visitor.visit("fourth", &fourth)
        visitor.visit("isClamped", &isClamped)
    }
}

/// A position was put into one of its account's hedges, or taken out of it (ADL-18).
@frozen
public struct HedgeMarked: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// The hedge; 0 for none.
    public var group: Int32 = 0
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("group", &group)
    }
}

/// Funding was paid in a market.
@frozen
public struct FundingSettled: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// What longs paid shorts.
    public var rate: Rate = .zero
    /// By payers, rounded up each.
    public var paid: Amount = .zero
    /// By receivers, rounded down each.
    public var received: Amount = .zero
    /// The difference, to the fund.
    public var rounding: Amount = .zero
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("rate", &rate)
        visitor.visit("paid", &paid)
        visitor.visit("received", &received)
        visitor.visit("rounding", &rounding)
    }
}

/// An account's choice for a market.
@frozen
public struct SettingChanged: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Leverage.
    public var leverage: Int32 = 0
    /// Margin mode.
    public var mode: MarginMode = .cross
    /// Position mode.
    public var positionMode: PositionMode = .oneWay
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("leverage", &leverage)
        visitor.visit("mode", &mode)
        visitor.visit("positionMode", &positionMode)
    }
}

/// A volunteer's offer as it stands.
@frozen
public struct OfferChanged: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Of the liquidations it answers.
    public var side: Side = .buy
    /// Lots left.
    public var quantity: Quantity = .zero
    /// Asked on the mark.
    public var edge: Rate = .zero
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("quantity", &quantity)
        visitor.visit("edge", &edge)
    }
}

/// A dead man's switch was set.
@frozen
public struct CountdownArmed: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// When it fires; never: disarmed.
    public var deadline: Timestamp = .never
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("deadline", &deadline)
    }
}

/// What a market takes changed.
@frozen
public struct MarketStateChanged: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Its state.
    public var state: MarketState = .open
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("state", &state)
    }
}

/// A kill switch was thrown.
@frozen
public struct KillSwitched: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Whether it stops.
    public var on: Bool = false
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("on", &on)
    }
}

/// Parameters in force changed.
@frozen
public struct RulesChanged: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Which kind of change.
    public var command: CommandKind = .createMarket
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("command", &command)
    }
}

/// Vault shares were made or taken back.
@frozen
public struct VaultShares: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The account's shares now; the venue's own under the vault's account.
    public var shares: Int64 = 0
    /// All shares.
    public var total: Int64 = 0
    /// The vault's equity.
    public var equity: Amount = .zero
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("shares", &shares)
        visitor.visit("total", &total)
        visitor.visit("equity", &equity)
    }
}
