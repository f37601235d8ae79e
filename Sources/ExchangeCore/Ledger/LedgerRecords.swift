/// No record: what an index field holds when it names nothing.
let nowhere: Int32 = -1

/// An account: its cross bucket, and what belongs to it as a whole.
struct Account: BitwiseCopyable {
    /// Cash of the cross bucket.
    var cash = Amount.zero
    var owner = OwnerID(0)
    /// First of the account's legs, and how many there are.
    var firstLeg = nowhere
    var lastLeg = nowhere
    var legCount: Int32 = 0
    /// Oldest and newest remembered request key.
    var firstRequest = nowhere
    var lastRequest = nowhere
    var requestCount: Int32 = 0
    var mode = PositionMode.oneWay
    var isKilled = false
    /// Whether the cross bucket is in liquidation (MG-5).
    var isInLiquidation = false
    /// Whether the cross bucket stands in the queue of the present round.
    var isQueued = false
    /// Whether the cross bucket is to be looked at again in the next round (WF-0).
    var isTouched = false
    /// Whether the triggers of the cross bucket are to be armed anew at the end of the command.
    var isDisarmed = false
}

/// A position record: (account, market, side), its isolated bucket, and sums over its open orders.
struct Leg: BitwiseCopyable {
    var size = Quantity.zero
    var quote = Amount.zero
    /// Cash of the isolated bucket; zero in cross mode.
    var isolatedCash = Amount.zero
    /// Open orders that may open: lots, and notional at their own prices.
    var buyQuantity = Quantity.zero
    var buyNotional = Amount.zero
    var sellQuantity = Quantity.zero
    var sellNotional = Amount.zero
    /// No open buy lies above, no open sell below: bounds, not part of the logical state.
    var highestBuy: Int64 = 0
    var lowestSell: Int64 = Int64.max
    var account: Int32 = nowhere
    var market: Int32 = nowhere
    /// Next leg of the same account.
    var next = nowhere
    /// The market's list of legs with a position.
    var previousPosition = nowhere
    var nextPosition = nowhere
    /// First order of the leg, oldest first, and the newest.
    var firstOrder = nowhere
    var lastOrder = nowhere
    /// The liquidation trigger: its price, or -1, and its neighbours in the level's list.
    var triggerPrice: Int64 = -1
    var triggerLevel = nowhere
    var previousTrigger = nowhere
    var nextTrigger = nowhere
    var countdown = nowhere
    var leverage: Int32 = 1
    var orderCount: Int32 = 0
    var reduceOnlyOrders: Int32 = 0
    var side = PositionSide.both
    var isIsolated = false
    /// The same four as an account's, for the isolated bucket.
    var isInLiquidation = false
    var isQueued = false
    var isTouched = false
    var isDisarmed = false
    /// Whether the position changed since reduce-only orders were last looked at (BK-9).
    var isChanged = false

    @inline(__always) var hasPosition: Bool { size.lots != 0 }
    @inline(__always) var isLong: Bool { size.lots > 0 }
}

/// What is margined, liquidated and deleveraged: an account's cross bucket, or an isolated leg's.
struct Bucket: BitwiseCopyable, Equatable {
    var account: Int32
    /// The isolated leg, or `nowhere` for the cross bucket.
    var leg: Int32

    @inline(__always) var isIsolated: Bool { leg >= 0 }
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
