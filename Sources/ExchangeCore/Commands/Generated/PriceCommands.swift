// Made by `make records` of Records/commands.txt; change it there.

/// An outside price from one source of a market (PX-1).
@frozen public struct PriceUpdate: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The source, 0 to 15.
    public var source: Int32 = 0
    /// Anything; not valid unless positive.
    public var price: Price = .none
    public static var zero: PriceUpdate { PriceUpdate() }
    public init(market: MarketID = .none, source: Int32 = 0, price: Price = .none) {
        (self.market, self.source, self.price) = (market, source, price)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("source", &source)
        visitor.visit("price", &price)
    }
}

/// Weight of a source and the rules of a market's index (PX-1).
@frozen public struct ConfigureSource: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// The source, 0 to 15.
    public var source: Int32 = 0
    /// Weight in the median, 0 to 1,000; zero leaves it out.
    public var weight: Int32 = 1
    /// What its price is; `perp` only in a market whose mark method reads one (PX-7).
    public var kind: SourceKind = .index
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: ConfigureSource { ConfigureSource() }
    public init(
        market: MarketID = .none,
        source: Int32 = 0,
        weight: Int32 = 1,
        kind: SourceKind = .index,
        key: RequestKey = .none
    ) {
        (self.market, self.source, self.weight, self.kind, self.key) = (market, source, weight, kind, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("source", &source)
        visitor.visit("weight", &weight)
        visitor.visit("kind", &kind)
        visitor.visit("key", &key)
    }
}

/// Pays funding now (FUND-1).
@frozen public struct FundingUpdate: FieldRecord {
    /// The market.
    public var market: MarketID = .none
    /// Whether a rate is given; otherwise it follows from the premium.
    public var hasRate: Bool = false
    /// What longs pay shorts.
    public var rate: Rate = .zero
    /// By which the command is safe to send twice (DET-3).
    public var key: RequestKey = .none
    public static var zero: FundingUpdate { FundingUpdate() }
    public init(
        market: MarketID = .none,
        hasRate: Bool = false,
        rate: Rate = .zero,
        key: RequestKey = .none
    ) {
        (self.market, self.hasRate, self.rate, self.key) = (market, hasRate, rate, key)
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("market", &market)
        visitor.visit("hasRate", &hasRate)
        visitor.visit("rate", &rate)
        visitor.visit("key", &key)
    }
}

/// Does what is due (DET-4).
@frozen public struct Tick: FieldRecord {
    /// Must be false.
    public var unused: Bool = false
    public static var zero: Tick { Tick() }
    public init(unused: Bool = false) {
        self.unused = unused
    }
    public mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("unused", &unused)
    }
}
