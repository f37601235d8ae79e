/// Return times leverage, what most venues use (ADL-4).
extension Exchange {
    /// Return on the entry notional in 10⁻⁶ times leverage in 10⁻⁶, each at most 2⁶².
    func returnScore(_ ranked: RankedLeg) -> Int128 {
        larger(0, signedReturn(ranked.leg)) * Int128(ranked.leverage)
    }
}
