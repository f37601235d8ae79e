/// BitMEX: return times leverage for winners, return divided by leverage for losers (ADL-11).
extension Score {
    /// The first in the losers' part of the queue is the one that lost least and owes most.
    static func bitmex(return gain: Int128, leverage: Int64, equity: Int128) -> Int128 {
        assert(leverage >= 0, "a leverage is not negative")
        if gain >= 0 { return gain * Int128(leverage) }
        if equity <= 0 { return 0 }
        let score = -scaled(-gain, by: 1_000_000_000_000, over: Int128(max(1, leverage)), .down)
        assert(score <= 0, "a loser stands behind every winner")
        return score
    }
}
