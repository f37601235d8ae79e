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
