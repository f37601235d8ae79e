// Made by `make records` of Records/events.txt; change it there.

/// Cash of a margin account changed (LED-5).
@frozen public struct LedgerEntry: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// Of the isolated position whose margin account it is; none for the cross margin account.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Why.
    public var reason: LedgerReason = .deposit
    /// By how much.
    public var amount: Amount = .zero
    /// Who stood on the other side; none for outside.
    public var counterparty: AccountID = .none
    /// Cash of the margin account afterwards.
    public var balance: Amount = .zero
    public static var zero: LedgerEntry { LedgerEntry() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("reason", &reason)
        visitor.visit("amount", &amount)
        visitor.visit("counterparty", &counterparty)
        visitor.visit("balance", &balance)
    }
}

/// A position after a change.
@frozen public struct PositionChanged: FieldRecord {
    /// The account.
    public var account: AccountID = .none
    /// The market.
    public var market: MarketID = .none
    /// Which position.
    public var positionSide: PositionSide = .both
    /// Lots, positive is long.
    public var size: Quantity = .zero
    /// What it cost: minus its quote.
    public var entryNotional: Amount = .zero
    /// Cash of its own margin account.
    public var isolatedCash: Amount = .zero
    /// Profit realised by the change, before fees.
    public var realized: Amount = .zero
    public static var zero: PositionChanged { PositionChanged() }
    @inline(__always) public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("account", &account)
        visitor.visit("market", &market)
        visitor.visit("positionSide", &positionSide)
        visitor.visit("size", &size)
        visitor.visit("entryNotional", &entryNotional)
        visitor.visit("isolatedCash", &isolatedCash)
        visitor.visit("realized", &realized)
    }
}

/// Prices of a market after a price command or a deadline.
@frozen public struct MarkChanged: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The mark.
    public var mark: Price = .none
    /// The mark before.
    public var previous: Price = .none
    /// The index.
    public var index: Price = .none
    /// What the index is worth.
    public var validity: PriceValidity = .none
    public static var zero: MarkChanged { MarkChanged() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("mark", &mark)
        visitor.visit("previous", &previous)
        visitor.visit("index", &index)
        visitor.visit("validity", &validity)
    }
}

/// What a mark was made of, in a market whose method takes more than the index, or whose mark is kept near
/// its own average (PX-12). A part that was not there is `none`.
@frozen public struct MarkFormed: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The mark that came of it.
    public var mark: Price = .none
    /// Index with funding basis (PX-9), or index with average basis (PX-10).
    public var first: Price = .none
    /// Index with mean basis (PX-9), or the middle of the book (PX-10).
    public var second: Price = .none
    /// Last print (PX-9), or other venues' perpetuals (PX-10).
    public var third: Price = .none
    /// The average middle of the book, where it had to stand in (PX-10).
    public var fourth: Price = .none
    /// Whether a band moved the mark (PX-11).
    public var isClamped: Bool = false
    public static var zero: MarkFormed { MarkFormed() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("mark", &mark)
        visitor.visit("first", &first)
        visitor.visit("second", &second)
        visitor.visit("third", &third)
        visitor.visit("fourth", &fourth)
        visitor.visit("isClamped", &isClamped)
    }
}

/// Funding was paid in a market.
@frozen public struct FundingSettled: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// What longs paid shorts.
    public var rate: Rate = .zero
    /// By payers, rounded up each.
    public var paid: Amount = .zero
    /// By receivers, rounded down each.
    public var received: Amount = .zero
    /// The difference, to the fund.
    public var rounding: Amount = .zero
    public static var zero: FundingSettled { FundingSettled() }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("rate", &rate)
        visitor.visit("paid", &paid)
        visitor.visit("received", &received)
        visitor.visit("rounding", &rounding)
    }
}
