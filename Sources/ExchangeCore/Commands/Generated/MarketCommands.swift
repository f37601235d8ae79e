// Made by `make records` of Records/commands.txt; change it there.

/// Everything that is fixed about a market when it is created, its rules for the waterfall included.
@frozen public struct MarketSpecification: FieldRecord {
    /// The market's name, unique in an exchange.
    public var symbol: Symbol = Symbol(low: 0, high: 0)
    /// Quote currency a tick, in 10⁻⁸.
    public var tickSize: Int64 = 0
    /// Base currency a lot, in 10⁻⁸.
    public var lotSize: Int64 = 0
    /// Brackets of maintenance margin and leverage.
    public var table: TierTable = TierTable()
    /// Fee of a maker; negative is a rebate.
    public var maker: Rate = .zero
    /// Fee of a taker.
    public var taker: Rate = .zero
    /// φ: what a liquidation in the book pays to the insurance fund (WF-3).
    public var liquidationFee: Rate = Rate(100_000)
    /// How the mark follows from outside prices.
    public var mark: MarkMethod = .index
    /// How far the mark may lie from the index; zero: anywhere (PX-11).
    public var indexBand: Rate = .zero
    /// How far the mark may lie from its own average; zero: anywhere (PX-11).
    public var averageBand: Rate = .zero
    /// µs over which the mark's own average decays (PX-8).
    public var averageTime: Int64 = 28_800_000_000
    /// How far from mark an order's price may lie on its aggressive side; zero: no band (BK-13).
    public var priceBand: Rate = Rate(20_000_000)
    /// Fewest fresh sources of a valid index.
    public var quorum: Int32 = 1
    /// µs after which a source's price is stale.
    public var staleAfter: Int64 = 60_000_000
    /// How far a source may lie from the median of all fresh ones; zero: no limit (PX-1).
    public var deviationLimit: Rate = Rate(10_000_000)
    /// µs between funding payments; zero: none but by command.
    public var fundingInterval: Int64 = 28_800_000_000
    /// Interest of 8 hours in the funding rate.
    public var interest: Rate = Rate(10_000)
    /// Highest funding rate of 8 hours, either way.
    public var fundingCap: Rate = Rate(2_000_000)
    /// The least notional whose average price in the book is the impact price.
    public var impactNotional: Amount = Amount(10_000 * 100_000_000)
    /// b: how far above maintenance *just enough* restores a margin account.
    public var buffer: Rate = Rate(10_000_000)
    /// θ = numerator / denominator: below this part of maintenance a margin account may be taken over.
    public var takeoverNumerator: Int32 = 2
    /// Denominator of θ.
    public var takeoverDenominator: Int32 = 3
    /// How much a liquidation puts into the book.
    public var sizing: LiquidationSizing = .justEnough
    /// Who is deleveraged first.
    public var selection: Selection = .whale
    /// What the selection by lot draws from (ADL-14).
    public var selectionSeed: Int64 = 0
    /// Whether an owner's other accounts come first.
    public var ownAccounts: OwnAccountRule = .recourse
    /// Whether hedges come last.
    public var hedges: HedgeRule = .ignored
    /// How a deficit is laid on a margin account's positions.
    public var deficitShare: DeficitShare = .byLoss
    /// Who may be deleveraged at all.
    public var candidates: CandidateRule = .notPastTakeover
    /// The most that the fund adds for a volunteer; below zero: what maker and taker pay in fees (WF-5).
    public var bidLimit: Rate = Rate(-1)
    /// The most that the fund pays in one episode whose largest loss is in this market.
    public var fundPerEvent: Amount = .unlimited
    /// The most that the fund pays for this market altogether.
    public var fundPerMarket: Amount = .unlimited
    /// The part of trading fees that goes to the fund while it owes.
    public var fundShare: Rate = .zero
    /// The vault puts this fraction (one part in so many) of its position into the book at a price.
    public var workOff: Int32 = 20
    /// The part of the open interest at the mark that the impact notional is, where that is more (FUND-1).
    public var impactShare: Rate = Rate(1_000_000)
    /// µs for which an order must have stood to count for the impact price (FUND-1).
    public var impactAge: Int64 = 1_000_000
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    /// How far last trade and mark may lie apart where a protected order fires (BK-26).
    public var triggerProtect: Rate = Rate(5_000_000)
    public static var zero: MarketSpecification { MarketSpecification() }
    public init(
        symbol: Symbol = Symbol(low: 0, high: 0),
        tickSize: Int64 = 0,
        lotSize: Int64 = 0,
        table: TierTable = TierTable(),
        maker: Rate = .zero,
        taker: Rate = .zero,
        liquidationFee: Rate = Rate(100_000),
        mark: MarkMethod = .index,
        indexBand: Rate = .zero,
        averageBand: Rate = .zero,
        averageTime: Int64 = 28_800_000_000,
        priceBand: Rate = Rate(20_000_000),
        quorum: Int32 = 1,
        staleAfter: Int64 = 60_000_000,
        deviationLimit: Rate = Rate(10_000_000),
        fundingInterval: Int64 = 28_800_000_000,
        interest: Rate = Rate(10_000),
        fundingCap: Rate = Rate(2_000_000),
        impactNotional: Amount = Amount(10_000 * 100_000_000),
        buffer: Rate = Rate(10_000_000),
        takeoverNumerator: Int32 = 2,
        takeoverDenominator: Int32 = 3,
        sizing: LiquidationSizing = .justEnough,
        selection: Selection = .whale,
        selectionSeed: Int64 = 0,
        ownAccounts: OwnAccountRule = .recourse,
        hedges: HedgeRule = .ignored,
        deficitShare: DeficitShare = .byLoss,
        candidates: CandidateRule = .notPastTakeover,
        bidLimit: Rate = Rate(-1),
        fundPerEvent: Amount = .unlimited,
        fundPerMarket: Amount = .unlimited,
        fundShare: Rate = .zero,
        workOff: Int32 = 20,
        impactShare: Rate = Rate(1_000_000),
        impactAge: Int64 = 1_000_000,
        key: RequestKey = .none,
        triggerProtect: Rate = Rate(5_000_000)
    ) {
        (self.symbol, self.tickSize, self.lotSize, self.table) = (symbol, tickSize, lotSize, table)
        (self.maker, self.taker, self.liquidationFee, self.mark) = (maker, taker, liquidationFee, mark)
        (self.indexBand, self.averageBand, self.averageTime) = (indexBand, averageBand, averageTime)
        (self.priceBand, self.quorum, self.staleAfter) = (priceBand, quorum, staleAfter)
        (self.deviationLimit, self.fundingInterval) = (deviationLimit, fundingInterval)
        (self.interest, self.fundingCap, self.impactNotional) = (interest, fundingCap, impactNotional)
        (self.buffer, self.takeoverNumerator) = (buffer, takeoverNumerator)
        (self.takeoverDenominator, self.sizing, self.selection) = (takeoverDenominator, sizing, selection)
        (self.selectionSeed, self.ownAccounts, self.hedges) = (selectionSeed, ownAccounts, hedges)
        (self.deficitShare, self.candidates, self.bidLimit) = (deficitShare, candidates, bidLimit)
        (self.fundPerEvent, self.fundPerMarket, self.fundShare) = (fundPerEvent, fundPerMarket, fundShare)
        (self.workOff, self.impactShare, self.impactAge, self.key) = (workOff, impactShare, impactAge, key)
        self.triggerProtect = triggerProtect
    }
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

/// Replaces a market's brackets. Every position is looked at afterwards (MG-5).
@frozen public struct SetTiers: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The new brackets.
    public var table: TierTable = TierTable()
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: SetTiers { SetTiers() }
    public init(market: MarketID = .none, table: TierTable = TierTable(), key: RequestKey = .none) {
        (self.market, self.table, self.key) = (market, table, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        table.fields(&visitor)
        visitor.visit("key", &key)
    }
}

/// Opens, restricts or halts a market. Settling has its own command.
@frozen public struct SetMarketState: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The state.
    public var state: MarketState = .open
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: SetMarketState { SetMarketState() }
    public init(market: MarketID = .none, state: MarketState = .open, key: RequestKey = .none) {
        (self.market, self.state, self.key) = (market, state, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("state", &state)
        visitor.visit("key", &key)
    }
}

/// Ends a market at a price (WF-9).
@frozen public struct Settle: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// At which all positions are closed.
    public var price: Price = .none
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: Settle { Settle() }
    public init(market: MarketID = .none, price: Price = .none, key: RequestKey = .none) {
        (self.market, self.price, self.key) = (market, price, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("price", &price)
        visitor.visit("key", &key)
    }
}

/// Open-interest and position caps of a market (MG-9).
@frozen public struct SetCaps: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Most lots long; zero: no cap.
    public var openInterest: Quantity = .zero
    /// Most lots an owner may hold on a side; zero: no cap.
    public var position: Quantity = .zero
    /// If not zero: open interest at mark at most (fund + vault equity) / this.
    public var backstopRate: Rate = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: SetCaps { SetCaps() }
    public init(
        market: MarketID = .none,
        openInterest: Quantity = .zero,
        position: Quantity = .zero,
        backstopRate: Rate = .zero,
        key: RequestKey = .none
    ) {
        (self.market, self.openInterest, self.position) = (market, openInterest, position)
        (self.backstopRate, self.key) = (backstopRate, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("openInterest", &openInterest)
        visitor.visit("position", &position)
        visitor.visit("backstopRate", &backstopRate)
        visitor.visit("key", &key)
    }
}
