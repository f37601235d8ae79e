// Made by `make records` of Records/events.txt; change it there.

/// An order was taken.
@frozen public struct OrderAccepted: FieldRecord {
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
    public static var zero: OrderAccepted { OrderAccepted() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
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
@frozen public struct OrderCanceled: FieldRecord {
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
    public static var zero: OrderCanceled { OrderCanceled() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("remaining", &remaining)
        visitor.visit("reason", &reason)
    }
}

/// A resting order changed.
@frozen public struct OrderAmended: FieldRecord {
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
    public static var zero: OrderAmended { OrderAmended() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("price", &price)
        visitor.visit("remaining", &remaining)
        visitor.visit("keptPlace", &keptPlace)
    }
}

/// A conditional order became active.
@frozen public struct OrderTriggered: FieldRecord {
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
    public static var zero: OrderTriggered { OrderTriggered() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("at", &at)
        visitor.visit("price", &price)
    }
}

/// What is left of an order waits in the book.
@frozen public struct OrderRested: FieldRecord {
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
    public static var zero: OrderRested { OrderRested() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("order", &order)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("price", &price)
        visitor.visit("remaining", &remaining)
    }
}

/// Two orders met.
@frozen public struct Trade: FieldRecord {
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
    public static var zero: Trade { Trade() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
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
