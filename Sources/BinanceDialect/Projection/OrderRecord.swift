import ExchangeCore

/// Binance's states of an order.
enum OrderStatus: String, Sendable, CaseIterable {
    case new = "NEW"
    case partiallyFilled = "PARTIALLY_FILLED"
    case filled = "FILLED"
    case canceled = "CANCELED"
    case expired = "EXPIRED"
    case expiredInMatch = "EXPIRED_IN_MATCH"

    var isOpen: Bool { self == .new || self == .partiallyFilled }
}

/// Binance's states of a conditional order.
enum AlgoStatus: String, Sendable, CaseIterable {
    case new = "NEW"
    case triggered = "TRIGGERED"
    case finished = "FINISHED"
    case canceled = "CANCELED"
    case expired = "EXPIRED"
    case rejected = "REJECTED"
}

/// An order that the venue made for an account, because a rule of the waterfall closed its position.
enum ForcedKind: UInt8, Sendable, CaseIterable {
    /// A liquidation in the book · what was taken off it outside of the book.
    case liquidation, takeover
    /// The other side of a deleveraging, or of step 8.
    case deleveraging
    /// A volunteer's taking over, which its offer asked for.
    case volunteer
    /// The end of a market.
    case settlement
}

/// Everything that a row of an order shows.
struct OrderRecord: Sendable {
    var id = OrderID.none
    var account = AccountID.none
    var market = MarketID.none
    var positionSide = PositionSide.both
    var side = Side.buy
    /// What it is now: once triggered, a conditional order is a limit or market order.
    var type = OrderType.limit
    var originalType = OrderType.limit
    var timeInForce = TimeInForce.gtc
    var price = Price.none
    var quantity = Quantity.zero
    var filled = Quantity.zero
    /// What the filled lots were worth, in 10⁻⁸.
    var quote: Int128 = 0
    var triggerPrice = Price.none
    var activatePrice = Price.none
    var callbackRate = Rate.zero
    var workingType = WorkingType.last
    /// In ms; 0 without.
    var goodTill: Int64 = 0
    var reduceOnly = false
    var closePosition = false
    var priceProtect = false
    var priceMatch = PriceMatch.none
    var selfTrade = SelfTrade.expireTaker
    var clientID = ClientID.none
    var status = OrderStatus.new
    var algoStatus = AlgoStatus.new
    /// In ms.
    var created: Int64 = 0
    var updated: Int64 = 0
    var triggered: Int64 = 0
    /// Lots that stand in the book at `price`.
    var resting: Int64 = 0
    /// Number of changes so far.
    var amendments = 0
    /// Why it is gone: Binance's `er`.
    var expiryReason = 0

    // Only of what the venue made.
    var forced: ForcedKind?
    /// The number in its name.
    var forcedName: Int64 = 0
    /// Its price in 10⁻⁸, where that is not a whole number of ticks.
    var forcedPrice: Int128?

    var remaining: Quantity { quantity - filled }
    /// Whether it waits for a trigger, or did.
    var isConditional: Bool { originalType.isConditional }
    /// Whether it waits for a trigger.
    var isWaiting: Bool { type.isConditional && algoStatus == .new }
    /// Whether it belongs among the orders of `/fapi/v1/order`.
    var isActive: Bool { !type.isConditional || forced != nil }

    /// Takes over what a command asks for.
    mutating func take(_ command: PlaceOrder) {
        account = command.account
        market = command.market
        positionSide = command.positionSide
        side = command.side
        type = command.type
        originalType = command.type
        timeInForce = command.timeInForce
        price = command.price
        quantity = command.quantity
        triggerPrice = command.triggerPrice
        reduceOnly = command.reduceOnly
        clientID = command.clientID
        takeDetails(command)
    }

    /// Takes over what the core's event of acceptance leaves out.
    mutating func takeDetails(_ command: PlaceOrder) {
        activatePrice = command.activatePrice
        callbackRate = command.callbackRate
        workingType = command.workingType
        goodTill = command.goodTill.microseconds / 1_000
        closePosition = command.closePosition
        selfTrade = command.selfTrade
        priceProtect = command.priceProtect
        priceMatch = command.priceMatch
    }

    /// The price in 10⁻⁸.
    func priceUnits(_ market: MarketEntry) -> Int128 { forcedPrice ?? market.units(price) }

    /// What a filled lot was worth on average, in 10⁻¹² of the quote currency a whole unit; 0 if none is.
    ///
    /// Twelve decimals, the rest cut off.
    func averagePrice(_ market: MarketEntry) -> Int128 {
        averageUnits(quote, market.units(filled))
    }
}

/// `quote` (in 10⁻⁸) a unit of `base` (in 10⁻⁸), in 10⁻¹², the rest cut off; 0 without a base.
func averageUnits(_ quote: Int128, _ base: Int128) -> Int128 {
    let size = base < 0 ? -base : base
    if size == 0 { return 0 }
    let price = scaled(quote, by: 1_000_000_000_000, over: size, .towardZero)
    return base < 0 ? -price : price
}
