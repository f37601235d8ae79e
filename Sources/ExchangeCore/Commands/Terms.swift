// What the closed sets of words say beside their terms; the sets themselves are in Records/terms.txt.

extension Side {
    /// The other side.
    @inline(__always) public var opposite: Side { self == .buy ? .sell : .buy }
    /// +1 for a buy, −1 for a sell.
    @inline(__always) public var sign: Int64 { self == .buy ? 1 : -1 }
}

extension OrderType {
    /// Whether the order waits for a trigger.
    @inline(__always) public var isConditional: Bool { rawValue >= OrderType.stop.rawValue }
    /// Whether the order, once active, has a limit price.
    @inline(__always) public var hasLimit: Bool { self == .limit || self == .stop || self == .takeProfit }
}

extension PriceMatch {
    /// Whether the level is one of the order's own side.
    public var isOwnSide: Bool { rawValue >= PriceMatch.queue.rawValue }
    /// The level's place from the best, from 1; 0 for none.
    public var rank: Int {
        switch self {
        case .none: 0
        case .opponent, .queue: 1
        case .opponent5, .queue5: 5
        case .opponent10, .queue10: 10
        case .opponent20, .queue20: 20
        }
    }
}

extension Status {
    /// Whether the command kept its place in the sequence: true for all but the envelope's refusals.
    public var consumesSequence: Bool { rawValue == 0 || rawValue >= 10 }
}
