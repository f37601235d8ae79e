/// OKX: return times effective leverage with its natural sign (ADL-11).
extension Score {
    /// A loser's score is negative, so that among losers the most levered stands last.
    static func okx(return gain: Int128, leverage: Int64) -> Int128 {
        assert(leverage >= 0, "a leverage is not negative")
        let score = gain * Int128(leverage)
        assert((score < 0) == (gain < 0 && leverage > 0), "a score has the sign of its return")
        return score
    }
}
