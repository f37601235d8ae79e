/// Hyperliquid's two orders, which contradict each other: as its pages say and as its program does (ADL-12).
extension Exchange {
    /// As documented: mark over entry in 10⁻⁸, for shorts too, times leverage in 10⁻⁶.
    func hyperliquidDocumentedScore(_ ranked: RankedLeg) -> Int128 {
        let entry = Int128(legs[ranked.leg].quote.units.magnitude)
        assert(ranked.leverage >= 0, "a leverage is not negative")
        if entry == 0 { return 0 }
        let ratio = scaled(notional(ranked.leg), by: unit, over: entry, .down)
        return Int128(Int64(saturating: ratio)) * Int128(ranked.leverage)
    }

    /// As decompiled: leverage times return, both in 10⁻⁸ and neither below one of them.
    func hyperliquidScore(_ ranked: RankedLeg, equity: Int128) -> Int128 {
        let entry = Int128(legs[ranked.leg].quote.units.magnitude)
        let leverage = equity <= 0 ? 0 : scaled(ranked.notional, by: unit, over: equity, .down)
        let gain = entry == 0 ? 0 : scaled(larger(0, unrealized(ranked.leg)), by: unit, over: entry, .down)
        assert(leverage >= 0 && gain >= 0, "parts of a score are not negative")
        return Int128(larger(1, Int64(saturating: leverage))) * Int128(larger(1, Int64(saturating: gain)))
    }
}
