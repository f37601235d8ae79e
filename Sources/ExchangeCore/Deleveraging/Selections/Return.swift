/// Return times leverage, what most venues use (ADL-4).
extension Score {
    /// A loser's score is 0.
    static func returnTimesLeverage(return gain: Int128, leverage: Int64) -> Int128 {
        assert(leverage >= 0, "a leverage is not negative")
        let score = max(0, gain) * Int128(leverage)
        assert(score >= 0 && (gain > 0 || score == 0), "a loser's score is nothing")
        return score
    }

    /// Unrealised PnL over the entry notional in 10⁻⁶, toward zero; 0 for a position that cost nothing.
    static func signedReturn(unrealized: Int128, entry: Int128) -> Int128 {
        assert(entry >= 0, "an entry is not negative")
        if entry == 0 { return 0 }
        let gain = Int128(Int64(saturating: scaled(unrealized, by: 1_000_000, over: entry, .towardZero)))
        assert(gain == 0 || (gain < 0) == (unrealized < 0), "a return has the sign of the profit")
        return gain
    }
}

extension Exchange {
    /// The signed return of a position at the mark.
    func signedReturn(_ position: Int32) -> Int128 {
        assert(positions[position].isOpen, "a return is one of a position")
        return Score.signedReturn(
            unrealized: unrealized(position),
            entry: Int128(positions[position].quote.units.magnitude)
        )
    }
}
