// Made by `make records` of Records/events.txt; change it there.

/// A margin account is being liquidated: the first event of a receipt.
@frozen public struct EpisodeBegan: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The account.
    public var account: AccountID = .none
    /// Of the isolated position whose margin account it is; none for the cross margin account.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// The market whose price or funding began it.
    public var trigger: MarketID = .none
    /// Its mark.
    public var mark: Price = .none
    /// Its mark before.
    public var previousMark: Price = .none
    /// Its valid sources.
    public var sources: Int32 = 0
    /// Equity of the margin account.
    public var equity: Amount = .zero
    /// Its maintenance margin.
    public var maintenance: Amount = .zero
    /// Round of the command, from 1.
    public var round: Int32 = 0
    public static var zero: EpisodeBegan { EpisodeBegan() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("trigger", &trigger)
        visitor.visit("mark", &mark)
        visitor.visit("previousMark", &previousMark)
        visitor.visit("sources", &sources)
        visitor.visit("equity", &equity)
        visitor.visit("maintenance", &maintenance)
        visitor.visit("round", &round)
    }
}

/// What a liquidation puts into the book (WF-3).
@frozen public struct LiquidationOrder: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The market.
    public var market: MarketID = .none
    /// Of the order.
    public var side: Side = .buy
    /// Lots asked.
    public var quantity: Quantity = .zero
    /// The bankruptcy price in whole ticks.
    public var limit: Price = .none
    /// Best bid before.
    public var bestBid: Price = .none
    /// Best ask before.
    public var bestAsk: Price = .none
    /// Lots that stood at the limit or better.
    public var depth: Quantity = .zero
    /// Lots filled.
    public var filled: Quantity = .zero
    /// Whether this is the second try, at mark.
    public var retry: Bool = false
    public static var zero: LiquidationOrder { LiquidationOrder() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("quantity", &quantity)
        visitor.visit("limit", &limit)
        visitor.visit("bestBid", &bestBid)
        visitor.visit("bestAsk", &bestAsk)
        visitor.visit("depth", &depth)
        visitor.visit("filled", &filled)
        visitor.visit("retry", &retry)
    }
}

/// Another account of the owner paid of a deficit, before the fund (ADL-10).
@frozen public struct RecoursePaid: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The account that paid.
    public var account: AccountID = .none
    /// Of the isolated position out of whose margin it paid; none for cross margin.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// How much.
    public var amount: Amount = .zero
    public static var zero: RecoursePaid { RecoursePaid() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("amount", &amount)
    }
}

/// The insurance fund paid (WF-4).
@frozen public struct FundPaid: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The market.
    public var market: MarketID = .none
    /// How much.
    public var amount: Amount = .zero
    /// The fund before; what it owes is no part of it, and stands in `debt` of the episode.
    public var before: Amount = .zero
    /// The fund after.
    public var after: Amount = .zero
    public static var zero: FundPaid { FundPaid() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("market", &market)
        visitor.visit("amount", &amount)
        visitor.visit("before", &before)
        visitor.visit("after", &after)
    }
}

/// Which offers stood there for a position, and what became of them (WF-5).
@frozen public struct VolunteersAsked: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The market.
    public var market: MarketID = .none
    /// Lots left.
    public var asked: Quantity = .zero
    /// Offers on that side.
    public var offers: Int32 = 0
    /// Of these, whose account may take from this margin account.
    public var eligible: Int32 = 0
    /// Lots that the eligible offer.
    public var offered: Quantity = .zero
    /// Offers that took some.
    public var takers: Int32 = 0
    /// Lots taken.
    public var taken: Quantity = .zero
    /// Eligible, passed over because the account's own margin does not bear a lot.
    public var withoutMargin: Int32 = 0
    /// Eligible, passed over because the fund may not pay what the edge asks above the bankruptcy price.
    public var withoutBid: Int32 = 0
    public static var zero: VolunteersAsked { VolunteersAsked() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("market", &market)
        visitor.visit("asked", &asked)
        visitor.visit("offers", &offers)
        visitor.visit("eligible", &eligible)
        visitor.visit("offered", &offered)
        visitor.visit("takers", &takers)
        visitor.visit("taken", &taken)
        visitor.visit("withoutMargin", &withoutMargin)
        visitor.visit("withoutBid", &withoutBid)
    }
}

/// What the vault could take, and which limit binds (WF-6).
@frozen public struct VaultQuote: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The market.
    public var market: MarketID = .none
    /// Lots left.
    public var asked: Quantity = .zero
    /// Lots it took.
    public var taken: Quantity = .zero
    /// What bound.
    public var limit: VaultLimit = .none
    /// The vault's equity before; unlimited where there is no vault and so nothing is known.
    public var equity: Amount = .unlimited
    /// What is left of its first loss (VLT-4); unlimited likewise.
    public var firstLoss: Amount = .unlimited
    public static var zero: VaultQuote { VaultQuote() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("market", &market)
        visitor.visit("asked", &asked)
        visitor.visit("taken", &taken)
        visitor.visit("limit", &limit)
        visitor.visit("equity", &equity)
        visitor.visit("firstLoss", &firstLoss)
    }
}

/// The queue as a remainder met it (ADL-6).
@frozen public struct QueueRanked: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The market.
    public var market: MarketID = .none
    /// Of the positions in the queue: buy is long.
    public var side: Side = .buy
    /// How many.
    public var candidates: Int32 = 0
    /// Lots to be placed.
    public var remainder: Quantity = .zero
    /// The deficit laid on it.
    public var deficit: Amount = .zero
    /// Digest of the ranking.
    public var digestLow: UInt64 = 0
    /// Digest of the ranking.
    public var digestHigh: UInt64 = 0
    public static var zero: QueueRanked { QueueRanked() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("market", &market)
        visitor.visit("side", &side)
        visitor.visit("candidates", &candidates)
        visitor.visit("remainder", &remainder)
        visitor.visit("deficit", &deficit)
        visitor.visit("digestLow", &digestLow)
        visitor.visit("digestHigh", &digestHigh)
    }
}

/// A closing outside of the book, at mark with an exact adjustment (MG-6).
@frozen public struct Closing: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// Which step.
    public var kind: TransferKind = .netting
    /// The market.
    public var market: MarketID = .none
    /// Lots.
    public var quantity: Quantity = .zero
    /// The mark.
    public var price: Price = .none
    /// Whose position was closed.
    public var closed: AccountID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Who took the other side.
    public var counterparty: AccountID = .none
    /// Which position of theirs.
    public var counterpartySide: PositionSide = .both
    /// Received by the counterparty besides the mark and the bid; negative: paid.
    public var adjustment: Amount = .zero
    /// What the counterparty realised on its lots, the adjustment included; zero where it closed none.
    public var kept: Amount = .zero
    /// What the fund added for a volunteer.
    public var bid: Amount = .zero
    /// Place in the queue, from 1.
    public var rank: Int32 = 0
    /// Score.
    public var score: Int128 = 0
    /// First part of the score: unrealised profit.
    public var profit: Amount = .zero
    /// Second part: leverage in 10⁻⁶.
    public var leverage: Int64 = 0
    /// What a lot was closed at: the mark with what one side gave the other, to the nearest tick (RCP-7).
    public var paid: Price = .none
    public static var zero: Closing { Closing() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("kind", &kind)
        visitor.visit("market", &market)
        visitor.visit("quantity", &quantity)
        visitor.visit("price", &price)
        visitor.visit("closed", &closed)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("counterparty", &counterparty)
        visitor.visit("counterpartySide", &counterpartySide)
        visitor.visit("adjustment", &adjustment)
        visitor.visit("kept", &kept)
        visitor.visit("bid", &bid)
        visitor.visit("rank", &rank)
        visitor.visit("score", &score)
        visitor.visit("profit", &profit)
        visitor.visit("leverage", &leverage)
        visitor.visit("paid", &paid)
    }
}

/// A share of a deficit that nobody could bear (WF-8).
@frozen public struct ResidualCharged: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// How much.
    public var amount: Amount = .zero
    public static var zero: ResidualCharged { ResidualCharged() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("amount", &amount)
    }
}

/// The sum of a receipt: deficit = recourse + fund + vault + given up + residual − rounding.
@frozen public struct EpisodeEnded: FieldRecord {
    /// Number of the episode, from 1.
    public var episode: Int64 = 0
    /// The account.
    public var account: AccountID = .none
    /// How it ended.
    public var outcome: EpisodeOutcome = .healthy
    /// Below zero when step 4 began.
    public var deficit: Amount = .zero
    /// Paid by the owner's other accounts (ADL-10).
    public var recourse: Amount = .zero
    /// Paid by the fund in step 4.
    public var fund: Amount = .zero
    /// Borne by the vault.
    public var vault: Amount = .zero
    /// Given up by the deleveraged.
    public var givenUp: Amount = .zero
    /// Charged to open interest, and to the fund as debt.
    public var residual: Amount = .zero
    /// Of which is debt of the fund.
    public var debt: Amount = .zero
    /// Paid in above the deficit because units are whole.
    public var rounding: Amount = .zero
    /// Paid by the fund to volunteers.
    public var bids: Amount = .zero
    /// Below zero before the first deleveraging.
    public var needed: Amount = .zero
    /// What the deleveraged got less than the mark.
    public var taken: Amount = .zero
    /// Taken less needed.
    public var overshoot: Amount = .zero
    /// Equity of the margin account afterwards.
    public var equity: Amount = .zero
    public static var zero: EpisodeEnded { EpisodeEnded() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("episode", &episode)
        visitor.visit("account", &account)
        visitor.visit("outcome", &outcome)
        visitor.visit("deficit", &deficit)
        visitor.visit("recourse", &recourse)
        visitor.visit("fund", &fund)
        visitor.visit("vault", &vault)
        visitor.visit("givenUp", &givenUp)
        visitor.visit("residual", &residual)
        visitor.visit("debt", &debt)
        visitor.visit("rounding", &rounding)
        visitor.visit("bids", &bids)
        visitor.visit("needed", &needed)
        visitor.visit("taken", &taken)
        visitor.visit("overshoot", &overshoot)
        visitor.visit("equity", &equity)
    }
}

/// One command could not finish the waterfall: `continue` is next.
@frozen public struct WaterfallPending: FieldRecord {
    /// Margin accounts not yet done.
    public var left: Int32 = 0
    public static var zero: WaterfallPending { WaterfallPending() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("left", &left)
    }
}

/// A market ended.
@frozen public struct MarketSettled: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// At which positions were closed.
    public var price: Price = .none
    /// Of margin accounts below zero.
    public var deficit: Amount = .zero
    /// Paid by the fund.
    public var fund: Amount = .zero
    /// Charged to open interest.
    public var residual: Amount = .zero
    public static var zero: MarketSettled { MarketSettled() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("price", &price)
        visitor.visit("deficit", &deficit)
        visitor.visit("fund", &fund)
        visitor.visit("residual", &residual)
    }
}
