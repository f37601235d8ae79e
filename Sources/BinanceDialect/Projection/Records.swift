public import ExchangeCore
import ReadModel

/// How much a projection keeps (WIRE-17). Everything that is shown has a bound.
public struct ProjectionLimits: Sendable {
    /// Ended orders an account.
    public var endedOrders = 1_000
    /// Own trades an account.
    public var userTrades = 1_000
    /// Rows of income an account.
    public var income = 1_000
    /// Changes of isolated margin, and of orders, an account.
    public var changes = 200
    /// Public trades, and aggregates, a market.
    public var trades = 1_000
    /// Klines a market, price and interval.
    public var klines = 1_500
    /// Funding payments a market.
    public var funding = 1_000
    /// The usual bounds.
    public init() {}

    /// Without bounds: what an answer out of the history is made in (HIST-6).
    static var none: ProjectionLimits {
        var limits = ProjectionLimits()
        limits.endedOrders = .max
        limits.userTrades = .max
        limits.income = .max
        limits.changes = .max
        limits.trades = .max
        limits.klines = .max
        limits.funding = .max
        return limits
    }
}

/// A position as the projection knows it.
struct LegRecord: Sendable {
    var market = MarketID.none
    var side = PositionSide.both
    var size = Quantity.zero
    /// What it cost, in 10⁻⁸; negative for a short.
    var entryNotional = Amount.zero
    var isolatedCash = Amount.zero
    /// Realised since the account was opened, before fees.
    var realized: Int128 = 0
    /// What it cost with everything realised and all fees since it was last flat.
    var cost: Int128 = 0
    /// In ms.
    var updated: Int64 = 0
}

/// An own trade.
struct UserTrade: Sendable {
    var market = MarketID.none
    var id: Int64 = 0
    var order: Int64 = 0
    var side = Side.buy
    var positionSide = PositionSide.both
    /// In 10⁻⁸.
    var price: Int128 = 0
    var quantity = Quantity.zero
    /// What the lots were worth, in 10⁻⁸.
    var quote: Int128 = 0
    var realized: Int128 = 0
    var commission: Int128 = 0
    var isMaker = false
    /// In ms.
    var time: Int64 = 0
}

/// A row of income.
struct IncomeRow: Sendable {
    var id: Int64 = 0
    var kind = IncomeKind.transfer
    var market = MarketID.none
    var amount: Int128 = 0
    /// The trade that it came from, 0 for none.
    var trade: Int64 = 0
    /// The core's own reason.
    var reason = LedgerReason.deposit
    /// In ms.
    var time: Int64 = 0
}

/// A change of an isolated position's margin by its owner.
struct MarginChange: Sendable {
    var market = MarketID.none
    var side = PositionSide.both
    var amount: Int128 = 0
    var time: Int64 = 0
}

/// A change of a resting order.
struct AmendmentRecord: Sendable {
    var id: Int64 = 0
    var order = OrderID.none
    var market = MarketID.none
    var clientID = ClientID.none
    var priceBefore = Price.none
    var priceAfter = Price.none
    var quantityBefore = Quantity.zero
    var quantityAfter = Quantity.zero
    var count = 0
    var time: Int64 = 0
}

/// An account as the projection knows it.
struct AccountRecord: Sendable {
    /// Cash of the cross bucket.
    var cash = Amount.zero
    var legs: [LegRecord] = []
    /// Numbers of open orders, conditional ones included, ascending.
    var open: [Int64] = []
    /// Numbers of ended orders, oldest end first.
    var ended: Ring<Int64>
    /// The highest number of an ended order that is no longer here, and its kind's latest creation in ms.
    var goneOrder: Int64 = 0
    var goneCreated: Int64 = -1
    /// Numbers of ended orders while a view is read.
    var endedInView: [Int64] = []
    var trades: Ring<UserTrade>
    var income: Ring<IncomeRow>
    var margin: Ring<MarginChange>
    var amendments: Ring<AmendmentRecord>
    /// Margin mode by market, where one was chosen.
    var isolated: Set<MarketID> = []
    /// In ms; 0 before anything happened.
    var updated: Int64 = 0

    init(_ limits: ProjectionLimits) {
        ended = Ring(capacity: limits.endedOrders)
        trades = Ring(capacity: limits.userTrades)
        income = Ring(capacity: limits.income)
        margin = Ring(capacity: limits.changes)
        amendments = Ring(capacity: limits.changes)
    }

    /// Cash of all isolated buckets.
    var isolatedCash: Int128 { legs.reduce(0) { $0 + Int128($1.isolatedCash.units) } }

    func leg(_ market: MarketID, _ side: PositionSide) -> LegRecord? {
        legs.first { $0.market == market && $0.side == side }
    }

    /// The place of a leg, made if there is none.
    mutating func place(_ market: MarketID, _ side: PositionSide) -> Int {
        if let place = legs.firstIndex(where: { $0.market == market && $0.side == side }) { return place }
        var leg = LegRecord()
        leg.market = market
        leg.side = side
        legs.append(leg)
        return legs.count - 1
    }

    /// Takes an order out of the open ones.
    mutating func close(_ id: Int64) {
        var low = 0
        var high = open.count
        while low < high {
            let middle = (low + high) / 2
            if open[middle] < id { low = middle + 1 } else { high = middle }
        }
        if low < open.count && open[low] == id { open.remove(at: low) }
    }
}

/// What an account holds, as the projection knows it: for whoever compares it with the core.
public struct Holdings: Sendable {
    /// Cash of the cross bucket.
    public var cash = Amount.zero
    /// Positions, those of no size included.
    public var positions: [HeldPosition] = []
    /// Open orders, conditional ones included, ascending by number.
    public var openOrders: [HeldOrder] = []
}

/// A position of `Holdings`.
public struct HeldPosition: Hashable, Sendable {
    /// Its market.
    public var market: MarketID
    /// Which position of the market.
    public var side: PositionSide
    /// Lots, positive is long.
    public var size: Quantity
    /// What it cost: positive for a long.
    public var entryNotional: Amount
    /// Cash of its own bucket.
    public var isolatedCash: Amount
}

/// An open order of `Holdings`.
public struct HeldOrder: Hashable, Sendable {
    /// Its number.
    public var id: OrderID
    /// Lots altogether.
    public var quantity: Quantity
    /// Lots filled.
    public var filled: Quantity
    /// Its limit.
    public var price: Price
}

extension Projection {
    /// What an account holds.
    public func holdings(of account: AccountID) -> Holdings {
        guard isUser(account) else { return Holdings() }
        let it = accounts[Int(account.raw)]
        return Holdings(
            cash: it.cash,
            positions: it.legs.map {
                HeldPosition(
                    market: $0.market,
                    side: $0.side,
                    size: $0.size,
                    entryNotional: $0.entryNotional,
                    isolatedCash: $0.isolatedCash
                )
            },
            openOrders: it.open.compactMap { orders[$0] }.map {
                HeldOrder(id: $0.id, quantity: $0.quantity, filled: $0.filled, price: $0.price)
            }
        )
    }
}
