/// Scores of the selections as functions of values: amounts in 10⁻⁸, leverage and returns in 10⁻⁶ unless a
/// rule says otherwise, each part clamped to ±2⁶² so that their product fits (ADL-2).
enum Score {}

/// The default selection: the biggest, most profitable, most leveraged go home first (ADL-2).
extension Score {
    /// Profit times leverage.
    static func profitTimesLeverage(profit: Int128, leverage: Int64) -> Int128 {
        assert(profit >= 0 && leverage >= 0, "parts of a score are not negative")
        return Int128(Int64(saturating: profit)) * Int128(leverage)
    }

    /// ⌊notional·10⁶/equity⌋; 0 for a margin account without equity.
    static func leverage(notional: Int128, equity: Int128) -> Int64 {
        assert(notional >= 0, "a notional is not negative")
        return equity <= 0 ? 0 : Int64(saturating: scaled(notional, by: 1_000_000, over: equity, .down))
    }
}
