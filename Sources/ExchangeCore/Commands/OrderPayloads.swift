// The payloads of `Command` that are about orders, in the order of their numbers.

/// Places an order (BK, MG-1). The result is its number.
@frozen
public struct PlaceOrder: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position it is for; `both` in one-way mode only.
    public var positionSide: PositionSide = .both
    /// Buy or sell.
    public var side: Side = .buy
    /// What it is.
    public var type: OrderType = .limit
    /// How long it may wait.
    public var timeInForce: TimeInForce = .gtc
    /// The limit; none for types without one.
    public var price: Price = .none
    /// How many lots; zero only with `closePosition`.
    public var quantity: Quantity = .zero
    /// For conditional types but the trailing one: where it becomes active.
    public var triggerPrice: Price = .none
    /// Trailing: where it begins to follow; none: at once.
    public var activatePrice: Price = .none
    /// Trailing: how far the price must come back, 0.001 to 0.1.
    public var callbackRate: Rate = .zero
    /// Which price a conditional order watches.
    public var workingType: WorkingType = .last
    /// With `gtd`: when it expires.
    public var goodTill: Timestamp = Timestamp(0)
    /// Never opens or adds.
    public var reduceOnly: Bool = false
    /// Closes whatever is there when triggered.
    public var closePosition: Bool = false
    /// Who goes if it meets the same account.
    public var selfTrade: SelfTrade = .expireTaker
    /// The client's own name for it.
    public var clientID: ClientID = .none
    /// Conditional: does not fire while last trade and mark are too far apart (BK-26).
    public var priceProtect: Bool = false
    /// Conditional with a limit: where it takes that from when it fires (BK-27).
    public var priceMatch: PriceMatch = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("side", &side)
        visitor.visit("type", &type)
        visitor.visit("timeInForce", &timeInForce)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("triggerPrice", &triggerPrice)
        visitor.visit("activatePrice", &activatePrice)
        visitor.visit("callbackRate", &callbackRate)
        visitor.visit("workingType", &workingType)
        visitor.visit("goodTill", &goodTill)
        visitor.visit("reduceOnly", &reduceOnly)
        visitor.visit("closePosition", &closePosition)
        visitor.visit("selfTrade", &selfTrade)
        visitor.visit("clientID", &clientID)
        visitor.visit("priceProtect", &priceProtect)
        visitor.visit("priceMatch", &priceMatch)
    }
}

/// Changes price or quantity of a resting limit order. A smaller quantity alone keeps its place.
@frozen
public struct AmendOrder: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// The order, or none and a client id.
    public var order: OrderID = .none
    /// The client's name for it.
    public var clientID: ClientID = .none
    /// The new limit; none: as before.
    public var price: Price = .none
    /// The new quantity altogether, filled lots included; zero: as before.
    public var quantity: Quantity = .zero
    /// Whether the order must be of `side`.
    public var hasSide: Bool = false
    /// The side that the client believes the order to have.
    public var side: Side = .buy
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("order", &order)
        visitor.visit("clientID", &clientID)
        visitor.visit("price", &price)
        visitor.visit("quantity", &quantity)
        visitor.visit("hasSide", &hasSide)
        visitor.visit("side", &side)
    }
}

/// Cancels an order, resting or conditional.
@frozen
public struct CancelOrder: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// The order, or none and a client id.
    public var order: OrderID = .none
    /// The client's name for it.
    public var clientID: ClientID = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("order", &order)
        visitor.visit("clientID", &clientID)
    }
}

/// Cancels all orders of an account in a market, or in all.
@frozen
public struct CancelAll: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
    }
}

/// Cancels all orders of an account in a market unless renewed in time (dead man's switch).
@frozen
public struct Countdown: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// How long from now; zero disarms. At most 86,400,000.
    public var milliseconds: Int64 = 0
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("milliseconds", &milliseconds)
    }
}
