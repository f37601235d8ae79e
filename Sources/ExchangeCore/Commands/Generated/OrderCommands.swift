// Made by `make records` of Records/commands.txt; change it there.

/// Places an order (BK, MG-1). The result is its number.
@frozen public struct PlaceOrder: FieldRecord {
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
    public static var zero: PlaceOrder { PlaceOrder() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        positionSide: PositionSide = .both,
        side: Side = .buy,
        type: OrderType = .limit,
        timeInForce: TimeInForce = .gtc,
        price: Price = .none,
        quantity: Quantity = .zero,
        triggerPrice: Price = .none,
        activatePrice: Price = .none,
        callbackRate: Rate = .zero,
        workingType: WorkingType = .last,
        goodTill: Timestamp = Timestamp(0),
        reduceOnly: Bool = false,
        closePosition: Bool = false,
        selfTrade: SelfTrade = .expireTaker,
        clientID: ClientID = .none,
        priceProtect: Bool = false,
        priceMatch: PriceMatch = .none
    ) {
        (self.account, self.market, self.positionSide, self.side) = (account, market, positionSide, side)
        (self.type, self.timeInForce, self.price, self.quantity) = (type, timeInForce, price, quantity)
        (self.triggerPrice, self.activatePrice) = (triggerPrice, activatePrice)
        (self.callbackRate, self.workingType, self.goodTill) = (callbackRate, workingType, goodTill)
        (self.reduceOnly, self.closePosition, self.selfTrade) = (reduceOnly, closePosition, selfTrade)
        (self.clientID, self.priceProtect, self.priceMatch) = (clientID, priceProtect, priceMatch)
    }
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
@frozen public struct AmendOrder: FieldRecord {
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
    public static var zero: AmendOrder { AmendOrder() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        order: OrderID = .none,
        clientID: ClientID = .none,
        price: Price = .none,
        quantity: Quantity = .zero,
        hasSide: Bool = false,
        side: Side = .buy
    ) {
        (self.account, self.market, self.order, self.clientID) = (account, market, order, clientID)
        (self.price, self.quantity, self.hasSide, self.side) = (price, quantity, hasSide, side)
    }
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
@frozen public struct CancelOrder: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// The order, or none and a client id.
    public var order: OrderID = .none
    /// The client's name for it.
    public var clientID: ClientID = .none
    public static var zero: CancelOrder { CancelOrder() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        order: OrderID = .none,
        clientID: ClientID = .none
    ) {
        (self.account, self.market, self.order, self.clientID) = (account, market, order, clientID)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("order", &order)
        visitor.visit("clientID", &clientID)
    }
}

/// Cancels all orders of an account in a market, or in all.
@frozen public struct CancelAll: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    public static var zero: CancelAll { CancelAll() }
    public init(account: AccountID = .none, market: MarketID = .none) {
        (self.account, self.market) = (account, market)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
    }
}

/// Cancels all orders of an account in a market unless renewed in time (dead man's switch).
@frozen public struct Countdown: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// How long from now; zero disarms. At most 86,400,000.
    public var milliseconds: Int64 = 0
    public static var zero: Countdown { Countdown() }
    public init(account: AccountID = .none, market: MarketID = .none, milliseconds: Int64 = 0) {
        (self.account, self.market, self.milliseconds) = (account, market, milliseconds)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("milliseconds", &milliseconds)
    }
}

/// Offers to take positions that are being liquidated off a market's side (WF-5). Replaces the account's
/// offer there.
@frozen public struct Offer: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Of the liquidation: `sell` takes over longs being sold.
    public var side: Side = .buy
    /// Up to how much; zero takes the offer back.
    public var quantity: Quantity = .zero
    /// What it asks on the mark.
    public var edge: Rate = .zero
    public static var zero: Offer { Offer() }
    public init(
        account: AccountID = .none,
        market: MarketID = .none,
        side: Side = .buy,
        quantity: Quantity = .zero,
        edge: Rate = .zero
    ) {
        (self.account, self.market, self.side, self.quantity) = (account, market, side, quantity)
        self.edge = edge
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("quantity", &quantity)
        visitor.visit("edge", &edge)
    }
}
