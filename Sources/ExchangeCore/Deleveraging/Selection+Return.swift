/// Return times leverage, what most venues use (ADL-4).
extension Exchange {
    /// Return on the entry notional in 10⁻⁶ times leverage in 10⁻⁶, each at most 2⁶².
    func returnScore(_ ranked: RankedLeg, quote: Amount) -> Int128 {
        let entry = Int128(quote.units.magnitude)
        if entry == 0 { return 0 }
        let gain = scaled(ranked.profit, by: 1_000_000, over: entry, .down)
        return Int128(Int64(saturating: gain)) * Int128(ranked.leverage)
    }
}
