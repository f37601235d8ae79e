/// No record: what an index field holds when it names nothing.
let nowhere: Int32 = -1

/// What is true or not of a record, one bit each.
struct Flags: BitwiseCopyable {
    private var bits: UInt8 = 0

    @inline(__always)
    subscript(bit: UInt8) -> Bool {
        get { bits & (1 << bit) != 0 }
        set { bits = newValue ? bits | 1 << bit : bits & ~(1 << bit) }
    }
}

/// An account: its cross margin account, and what belongs to it as a whole.
struct Account: BitwiseCopyable {
    /// The cross margin account.
    var margin = MarginAccount.Index.none
    var owner = OwnerID(0)
    /// The next account of the same named owner; not part of the logical state.
    var nextOfOwner = nowhere
    /// First of the account's positions, and how many there are.
    var firstPosition = nowhere
    var lastPosition = nowhere
    var positionCount: Int32 = 0
    /// Oldest and newest remembered request key.
    var firstRequest = nowhere
    var lastRequest = nowhere
    var requestCount: Int32 = 0
    var mode = PositionMode.oneWay
    var isKilled = false
}

/// What is margined, liquidated and deleveraged as one: the cash and the positions of an account's cross
/// margin, or of one isolated position (LED-8, MG-5).
struct MarginAccount: BitwiseCopyable {
    typealias Index = Slab<MarginAccount>.Index

    var cash = Amount.zero
    var account = nowhere
    /// The market of an isolated one, else `nowhere`.
    var market = nowhere
    /// Its positions in the order in which the account has them; an isolated one has its own.
    var firstPosition = nowhere
    var lastPosition = nowhere
    private var flags = Flags()

    init(account: Int32, market: Int32 = nowhere) {
        self.account = account
        self.market = market
    }

    @inline(__always) var isIsolated: Bool { market >= 0 }
    /// Whether it is in liquidation (MG-5), and in the list of those that are.
    @inline(__always) var isInLiquidation: Bool {
        get { flags[0] }
        set { flags[0] = newValue }
    }
    /// Whether it is in the queue of the present round.
    @inline(__always) var isQueued: Bool {
        get { flags[1] }
        set { flags[1] = newValue }
    }
    /// Whether it is to be looked at again in the next round (WF-0).
    @inline(__always) var isAffected: Bool {
        get { flags[2] }
        set { flags[2] = newValue }
    }
    /// Whether its triggers are to be armed again at the end of the command.
    @inline(__always) var isToRearm: Bool {
        get { flags[3] }
        set { flags[3] = newValue }
    }
}

/// A position record: (account, market, side), and sums over its open orders.
///
/// Two cache lines: what health and margin read, then the lists.
struct Position: BitwiseCopyable {
    var account: Int32 = nowhere
    var market: Int32 = nowhere
    /// Next position of the same account.
    var next = nowhere
    var leverage: Int32 = 1
    var size = Quantity.zero
    var quote = Amount.zero
    /// Open orders that may open: lots, and notional at their own prices.
    var buyQuantity = Quantity.zero
    var sellQuantity = Quantity.zero
    var sellNotional = Amount.zero
    var orderCount: Int32 = 0
    /// Open orders that only reduce, at most `Limits.ordersPerPosition`.
    var dependentOrders: UInt16 = 0
    var side = PositionSide.both
    private var flags = Flags()
    /// No open buy lies above, no open sell below, in ticks: bounds, not part of the logical state.
    var highestBuy: Int32 = 0
    var lowestSell = Int32.max
    var buyNotional = Amount.zero
    /// The margin account that the position counts in, and the next position there.
    var margin = MarginAccount.Index.none
    var nextOfMargin = nowhere
    /// The market's list of open positions.
    var previousPosition = nowhere
    var nextPosition = nowhere
    /// First order of the position, oldest first, and the newest.
    var firstOrder = nowhere
    var lastOrder = nowhere
    /// The liquidation trigger: its price in ticks, or -1, and its neighbours in the level's list.
    var triggerPrice: Int32 = -1
    var triggerLevel = nowhere
    var previousTrigger = nowhere
    var nextTrigger = nowhere
    var countdown = nowhere
    /// The newest offer when the position began: one that is younger gets nothing from the fund (WF-5).
    var lastOfferBefore: Int32 = 0

    @inline(__always) var isOpen: Bool { size.lots != 0 }
    @inline(__always) var isLong: Bool { size.lots > 0 }
    /// Whether it has a position or an order that counts: else nothing is required for it.
    @inline(__always) var isUsed: Bool { size.lots | buyQuantity.lots | sellQuantity.lots != 0 }
}

extension Position {
    /// Keeps what the open orders add up to (BK-5): lots and worth that come or, negative, go.
    @inline(__always)
    mutating func addOrder(_ orderSide: Side, _ lots: Quantity, _ worth: Amount, at ticks: Int32) {
        if orderSide == .buy {
            buyQuantity += lots
            buyNotional += worth
            assert(buyQuantity.lots >= 0 && buyNotional.units >= 0, "sums of orders are not negative")
            highestBuy = buyQuantity.lots == 0 ? 0 : max(highestBuy, ticks)
        } else {
            sellQuantity += lots
            sellNotional += worth
            assert(sellQuantity.lots >= 0 && sellNotional.units >= 0, "sums of orders are not negative")
            lowestSell = sellQuantity.lots == 0 ? Int32.max : min(lowestSell, ticks)
        }
    }

    /// Takes an order at the end of the list. Returns the one before it.
    @inline(__always)
    mutating func enter(_ order: Int32, depends: Bool, ends: Bool) -> Int32 {
        let previous = lastOrder
        if previous < 0 { firstOrder = order }
        lastOrder = order
        assert(orderCount >= 0 && dependentOrders <= orderCount, "orders that depend are a part of all")
        orderCount += 1
        if depends { dependentOrders += 1 }
        if ends { mayEndWithPosition = true }
        return previous
    }

    /// Closes the list where an order stood.
    @inline(__always)
    mutating func leave(_ previous: Int32, _ next: Int32, depends: Bool) {
        if previous < 0 { firstOrder = next }
        if next < 0 { lastOrder = previous }
        assert(orderCount > 0 && (!depends || dependentOrders > 0), "what leaves was there")
        orderCount -= 1
        if depends { dependentOrders -= 1 }
        if dependentOrders == 0 { mayEndWithPosition = false }
    }
}

extension Position {
    @inline(__always) var isIsolated: Bool {
        get { flags[0] }
        set { flags[0] = newValue }
    }
    /// Whether there may be an order that is good till the position's end (BK-25): a bound, and not a part of
    /// the state.
    @inline(__always) var mayEndWithPosition: Bool {
        get { flags[1] }
        set { flags[1] = newValue }
    }
    /// Whether the position changed, so that an order that depends on it may end, since these were last
    /// looked at (BK-9).
    @inline(__always) var isChanged: Bool {
        get { flags[2] }
        set { flags[2] = newValue }
    }
}

/// A remembered request key with the outcome of its command (DET-3).
struct Request: BitwiseCopyable {
    var key = RequestKey.none
    var result: Int64 = 0
    var account = nowhere
    var next = nowhere
    /// The next request with the same hash.
    var nextInChain = nowhere
    var status = Status.ok
}

/// A depositor's shares of the vault.
struct VaultHolding: BitwiseCopyable {
    var account = nowhere
    var shares: Int64 = 0
    var lockedUntil = Timestamp(0)
}
