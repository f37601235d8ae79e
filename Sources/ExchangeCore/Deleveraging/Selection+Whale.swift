/// The default selection: the biggest, most profitable, most leveraged go home first (ADL-2).
extension Exchange {
    /// Profit in 10⁻⁸ times leverage in 10⁻⁶, each at most 2⁶².
    func whaleScore(_ ranked: RankedLeg) -> Int128 {
        Int128(Int64(saturating: ranked.profit)) * Int128(ranked.leverage)
    }
}
