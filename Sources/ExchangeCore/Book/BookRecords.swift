/// An open order, resting or conditional.
///
/// One cache line: most orders that a command touches were last touched long ago.
struct Order: BitwiseCopyable {
    var id = OrderID.none
    var quantity = Quantity.zero
    var filled = Quantity.zero
    /// Limit price in ticks, or 0.
    private var ticks: Int32 = 0
    var position = nowhere
    /// The level that the order rests in, or waits for its trigger in.
    var level = nowhere
    var previous = nowhere
    var next = nowhere
    var previousOfPosition = nowhere
    var nextOfPosition = nowhere
    /// Index of the client's name, or none.
    var client = nowhere
    /// Of a conditional type: what it waits for; of another: its expiry. No type has both (CMD-3).
    private var attached = nowhere
    var type = OrderType.limit
    var timeInForce = TimeInForce.gtc
    var selfTrade = SelfTrade.expireTaker
    private var sideAndFlag: UInt8 = 0

    /// Limit price, or none.
    @inline(__always) var price: Price {
        get { Price(Int64(ticks)) }
        set { ticks = Int32(truncatingIfNeeded: newValue.ticks) }
    }
    @inline(__always) var side: Side {
        get { sideAndFlag & 1 == 0 ? .buy : .sell }
        set { sideAndFlag = sideAndFlag & 2 | (newValue == .buy ? 0 : 1) }
    }
    @inline(__always) var reduceOnly: Bool {
        get { sideAndFlag & 2 != 0 }
        set { sideAndFlag = sideAndFlag & 1 | (newValue ? 2 : 0) }
    }
    /// Index of what it waits for, or none for a resting order.
    @inline(__always) var condition: Int32 {
        get { type.isConditional ? attached : nowhere }
        set { if type.isConditional { attached = newValue } }
    }
    /// Handle of its expiry, or none.
    @inline(__always) var expiry: Int32 {
        get { type.isConditional ? nowhere : attached }
        set { if !type.isConditional { attached = newValue } }
    }
    @inline(__always) var remaining: Quantity { quantity - filled }
    @inline(__always) var isResting: Bool { condition < 0 }
    /// Whether it is to be looked at when its position changes (BK-9, BK-25).
    @inline(__always) var dependsOnPosition: Bool { reduceOnly || timeInForce == .gte }

    /// Sets its place in a level's queue.
    @inline(__always)
    mutating func stand(in level: Int32, behind previous: Int32) {
        self.level = level
        self.previous = previous
        next = nowhere
    }
}

/// What a conditional order waits for.
struct Condition: BitwiseCopyable {
    /// Where it fires; for a trailing order where it would fire now, none while not active.
    var trigger = Price.none
    var activate = Price.none
    var callback = Rate.zero
    /// Highest (for a sell) or lowest price since a trailing order became active.
    var extreme = Price.none
    var working = WorkingType.last
    var closePosition = false
    /// The market's list of trailing orders.
    var previousTrailing = nowhere
    var nextTrailing = nowhere
    var priceProtect = false
    var priceMatch = PriceMatch.none
}

/// Prices at which no trailing order of a market would follow: below all at which a sell would, above all at
/// which a buy would (BK-21). To begin with there is none.
struct StillPrices: BitwiseCopyable {
    /// The least at which a sell follows, of those that watch the mark and of those that watch trades.
    private var sells = InlineArray<2, Int64>(repeating: Int64.min)
    /// The highest at which a buy follows.
    private var buys = InlineArray<2, Int64>(repeating: Int64.max)

    /// Every price: of no order.
    static var all: StillPrices {
        var still = StillPrices()
        still.sells = InlineArray(repeating: Int64.max)
        still.buys = InlineArray(repeating: Int64.min)
        return still
    }

    /// Whether nobody follows at these prices.
    func hold(mark: Int64, last: Int64) -> Bool {
        buys[0] < mark && mark < sells[0] && buys[1] < last && last < sells[1]
    }

    /// Takes those out at which an order would follow.
    mutating func take(_ condition: Condition, _ side: Side) {
        let working = condition.working == .mark ? 0 : 1
        if side == .sell {
            sells[working] = min(sells[working], condition.follows(.sell))
        } else {
            buys[working] = max(buys[working], condition.follows(.buy))
        }
    }
}

extension Condition {
    /// From which price on a trailing sell follows, or up to which a buy does.
    fileprivate func follows(_ side: Side) -> Int64 {
        if extreme != .none { return extreme.ticks + (side == .sell ? 1 : -1) }
        if activate.ticks > 0 { return activate.ticks }
        return side == .sell ? Int64.min : Int64.max
    }
}

/// One price of a book, or of a set of triggers: a list in order of arrival.
struct Level: BitwiseCopyable {
    var price: Int64
    /// Lots that rest here; not used for triggers.
    var quantity = Quantity.zero
    var first = nowhere
    var last = nowhere
    /// The node of the price index that holds the level.
    var node = nowhere

    /// Takes an order at the end of the queue. Returns the one before it.
    @inline(__always)
    mutating func enqueue(_ order: Int32, _ lots: Quantity) -> Int32 {
        let previous = last
        quantity += lots
        last = order
        if previous < 0 { first = order }
        return previous
    }

    /// Closes the queue where an order stood. Returns whether others are left.
    @inline(__always)
    mutating func dequeue(_ previous: Int32, _ next: Int32, _ lots: Quantity) -> Bool {
        quantity -= lots
        if previous < 0 { first = next }
        if next < 0 { last = previous }
        return first >= 0
    }
}

/// A client's name for an order.
struct ClientName: BitwiseCopyable {
    var id = ClientID.none
    var order = nowhere
    /// The next name with the same hash.
    var nextInChain = nowhere
}

/// A volunteer's standing offer (WF-5).
struct StandingOffer: BitwiseCopyable {
    var account = nowhere
    var quantity = Quantity.zero
    var edge = Rate.zero
    /// Age among offers with the same edge.
    var number: Int64 = 0
    var next = nowhere
}
