/// BitMEX: return times leverage for winners, return divided by leverage for losers (ADL-11).
extension Exchange {
    /// The first in the losers' part of the queue is the one that lost least and owes most.
    func bitmexScore(_ ranked: RankedLeg, equity: Int128) -> Int128 {
        let gain = signedReturn(ranked.leg)
        assert(ranked.leverage >= 0, "a leverage is not negative")
        if gain >= 0 { return gain * Int128(ranked.leverage) }
        if equity <= 0 { return 0 }
        return -scaled(-gain, by: 1_000_000_000_000, over: Int128(larger(1, ranked.leverage)), .down)
    }

    /// Unrealised PnL over the entry notional in 10⁻⁶, toward zero, at most 2⁶² either way.
    func signedReturn(_ leg: Int32) -> Int128 {
        let entry = Int128(legs[leg].quote.units.magnitude)
        assert(legs[leg].hasPosition, "a return is one of a position")
        assert(entry >= 0, "an entry is not negative")
        if entry == 0 { return 0 }
        return Int128(Int64(saturating: scaled(unrealized(leg), by: 1_000_000, over: entry, .towardZero)))
    }
}
