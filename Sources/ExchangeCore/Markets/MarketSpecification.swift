/// One bracket of a market's risk table (MG-5).
@frozen
public struct Tier: BitwiseCopyable, Sendable {
    /// Highest notional of the bracket, itself included; `Amount.unlimited` in the last.
    public var upTo = Amount.unlimited
    /// Maintenance margin rate.
    public var maintenance = Rate.zero
    /// Highest leverage.
    public var leverage: Int32 = 0
    /// A bracket with everything at zero.
    public init() {}
    /// A bracket.
    public init(upTo: Amount, maintenance: Rate, leverage: Int32) {
        self.upTo = upTo
        self.maintenance = maintenance
        self.leverage = leverage
    }
}

/// The brackets of a market, lowest first.
@frozen
public struct TierTable: BitwiseCopyable, Sendable {
    /// The most brackets a market may have.
    public static var limit: Int { 10 }
    /// How many are in use.
    public var count: Int32 = 0
    /// The brackets; those behind `count` are unused.
    public var tiers = InlineArray<10, Tier>(repeating: Tier())
    /// No brackets.
    public init() {}

    /// Adds a bracket; returns false if there are ten already.
    public mutating func append(_ tier: Tier) -> Bool {
        if Int(count) >= TierTable.limit { return false }
        tiers[Int(count)] = tier
        count += 1
        return true
    }

    /// Whether the table is one that MG-5 allows: notional and rates rising, leverage not rising,
    /// initial margin never below maintenance margin, the last bracket open.
    public var isValid: Bool { invalidField == nil }

    /// The field of the first bracket that MG-5 does not allow, if there is one.
    var invalidField: StaticString? {
        if count < 1 || Int(count) > TierTable.limit { return "tiers" }
        for index in 0..<Int(count) {
            let tier = tiers[index]
            if tier.maintenance.units < 1 || tier.maintenance > .one { return "maintenance" }
            if tier.leverage < 1 { return "leverage" }
            if Int128(tier.maintenance.units) * Int128(tier.leverage) > unit { return "leverage" }
            let last = index == Int(count) - 1
            if last != (tier.upTo == .unlimited) { return "upTo" }
            if index == 0 {
                if tier.upTo.units < 1 { return "upTo" }
                continue
            }
            let below = tiers[index - 1]
            if tier.upTo <= below.upTo { return "upTo" }
            if tier.maintenance < below.maintenance { return "maintenance" }
            if tier.leverage > below.leverage { return "leverage" }
        }
        return nil
    }

    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("tiers", &count)
        if count < 0 || Int(count) > TierTable.limit { count = -1 }
        for index in 0..<Int(max(count, 0)) {
            visitor.visit("upTo", &tiers[index].upTo)
            visitor.visit("maintenance", &tiers[index].maintenance)
            visitor.visit("leverage", &tiers[index].leverage)
        }
    }
}

/// Replaces a market's brackets. Every position is looked at afterwards (MG-5).
@frozen
public struct SetTiers: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The new brackets.
    public var table = TierTable()
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        table.fields(&visitor)
        visitor.visit("key", &key)
    }
}

/// Everything that is fixed about a market when it is created, its rules for the waterfall included.
@frozen
public struct MarketSpecification: FieldRecord {
    /// The market's name, unique in an exchange.
    public var symbol = Symbol(low: 0, high: 0)
    /// Quote currency a tick, in 10⁻⁸.
    public var tickSize: Int64 = 0
    /// Base currency a lot, in 10⁻⁸.
    public var lotSize: Int64 = 0
    /// Brackets of maintenance margin and leverage.
    public var table = TierTable()
    /// Fee of a maker; negative is a rebate.
    public var maker = Rate(0)
    /// Fee of a taker.
    public var taker = Rate(0)
    /// φ: what a liquidation in the book pays to the insurance fund (WF-3).
    public var liquidationFee = Rate(100_000)
    /// How the mark follows from outside prices.
    public var mark = MarkMethod.index
    /// How far the mark may lie from the index; zero: anywhere (PX-11).
    public var indexBand = Rate(0)
    /// How far the mark may lie from its own average; zero: anywhere (PX-11).
    public var averageBand = Rate(0)
    /// µs over which the mark's own average decays (PX-8).
    public var averageTime: Int64 = 28_800_000_000
    /// How far from mark an order's price may lie on its aggressive side; zero: no band (BK-13).
    public var priceBand = Rate(20_000_000)
    /// Fewest fresh sources of a valid index.
    public var quorum: Int32 = 1
    /// µs after which a source's price is stale.
    public var staleAfter: Int64 = 60_000_000
    /// How far a source may lie from the median of all fresh ones; zero: no limit (PX-1).
    public var deviationLimit = Rate(10_000_000)
    /// µs between funding payments; zero: none but by command.
    public var fundingInterval: Int64 = 28_800_000_000
    /// Interest of 8 hours in the funding rate.
    public var interest = Rate(10_000)
    /// Highest funding rate of 8 hours, either way.
    public var fundingCap = Rate(2_000_000)
    /// The least notional whose average price in the book is the impact price.
    public var impactNotional = Amount(10_000 * 100_000_000)
    /// The part of the open interest at the mark that the impact notional is, where that is more (FUND-1).
    public var impactShare = Rate(1_000_000)
    /// µs for which an order must have stood to count for the impact price (FUND-1).
    public var impactAge: Int64 = 1_000_000
    /// b: how far above maintenance *just enough* restores a margin account.
    public var buffer = Rate(10_000_000)
    /// θ = numerator / denominator: below this part of maintenance a margin account may be taken over.
    public var takeoverNumerator: Int32 = 2
    /// Denominator of θ.
    public var takeoverDenominator: Int32 = 3
    /// How much a liquidation puts into the book.
    public var sizing = LiquidationSizing.justEnough
    /// Who is deleveraged first.
    public var selection = Selection.whale
    /// What the selection by lot draws from (ADL-14).
    public var selectionSeed: Int64 = 0
    /// Whether an owner's other accounts come first.
    public var ownAccounts = OwnAccountRule.recourse
    /// Whether hedges come last.
    public var hedges = HedgeRule.ignored
    /// How a deficit is laid on a margin account's positions.
    public var deficitShare = DeficitShare.byLoss
    /// Who may be deleveraged at all.
    public var candidates = CandidateRule.notPastTakeover
    /// The most that the fund adds for a volunteer; below zero: what maker and taker pay in fees (WF-5).
    public var bidLimit = Rate(-1)
    /// The most that the fund pays in one episode whose largest loss is in this market.
    public var fundPerEvent = Amount.unlimited
    /// The most that the fund pays for this market altogether.
    public var fundPerMarket = Amount.unlimited
    /// The part of trading fees that goes to the fund while it owes.
    public var fundShare = Rate(0)
    /// The vault puts this fraction (one part in so many) of its position into the book at a price.
    public var workOff: Int32 = 20
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    /// How far last trade and mark may lie apart where a protected order fires (BK-26).
    public var triggerProtect = Rate(5_000_000)
    public init() {}
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("symbol", &symbol)
        visitor.visit("tickSize", &tickSize)
        visitor.visit("lotSize", &lotSize)
        table.fields(&visitor)
        visitor.visit("maker", &maker)
        visitor.visit("taker", &taker)
        visitor.visit("liquidationFee", &liquidationFee)
        visitor.visit("mark", &mark)
        visitor.visit("indexBand", &indexBand)
        visitor.visit("averageBand", &averageBand)
        visitor.visit("averageTime", &averageTime)
        visitor.visit("priceBand", &priceBand)
        visitor.visit("quorum", &quorum)
        visitor.visit("staleAfter", &staleAfter)
        visitor.visit("deviationLimit", &deviationLimit)
        visitor.visit("fundingInterval", &fundingInterval)
        visitor.visit("interest", &interest)
        visitor.visit("fundingCap", &fundingCap)
        visitor.visit("impactNotional", &impactNotional)
        visitor.visit("buffer", &buffer)
        visitor.visit("takeoverNumerator", &takeoverNumerator)
        visitor.visit("takeoverDenominator", &takeoverDenominator)
        visitor.visit("sizing", &sizing)
        visitor.visit("selection", &selection)
        visitor.visit("selectionSeed", &selectionSeed)
        visitor.visit("ownAccounts", &ownAccounts)
        visitor.visit("hedges", &hedges)
        visitor.visit("deficitShare", &deficitShare)
        visitor.visit("candidates", &candidates)
        visitor.visit("bidLimit", &bidLimit)
        visitor.visit("fundPerEvent", &fundPerEvent)
        visitor.visit("fundPerMarket", &fundPerMarket)
        visitor.visit("fundShare", &fundShare)
        visitor.visit("workOff", &workOff)
        if visitor.rules >= 2 {
            visitor.visit("impactShare", &impactShare)
            visitor.visit("impactAge", &impactAge)
        }
        visitor.visit("key", &key)
        if visitor.rules >= 2 { visitor.visit("triggerProtect", &triggerProtect) }
    }
}
