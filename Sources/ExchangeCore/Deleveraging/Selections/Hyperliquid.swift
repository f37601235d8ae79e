/// Hyperliquid's two orders, which contradict each other: as its pages say and as its program does (ADL-12).
extension Score {
    /// As documented: mark over entry in 10⁻⁸, for shorts too, times leverage in 10⁻⁶.
    static func hyperliquidDocumented(notional: Int128, entry: Int128, leverage: Int64) -> Int128 {
        assert(leverage >= 0 && notional >= 0, "parts of a score are not negative")
        if entry == 0 { return 0 }
        return Int128(Int64(saturating: scaled(notional, by: unit, over: entry, .down))) * Int128(leverage)
    }

    /// As decompiled: leverage times return, both in 10⁻⁸ and neither below one of them.
    static func hyperliquid(notional: Int128, equity: Int128, unrealized: Int128, entry: Int128) -> Int128 {
        assert(notional >= 0 && entry >= 0, "a notional is not negative")
        let leverage = equity <= 0 ? 0 : scaled(notional, by: unit, over: equity, .down)
        let gain = entry == 0 ? 0 : scaled(max(0, unrealized), by: unit, over: entry, .down)
        assert(leverage >= 0 && gain >= 0, "parts of a score are not negative")
        return Int128(max(1, Int64(saturating: leverage))) * Int128(max(1, Int64(saturating: gain)))
    }
}

extension Exchange {
    func hyperliquidDocumentedScore(_ it: Candidate) -> Int128 {
        Score.hyperliquidDocumented(
            notional: notional(it.ranked.position),
            entry: Int128(positions[it.ranked.position].quote.units.magnitude),
            leverage: it.ranked.leverage
        )
    }

    func hyperliquidScore(_ it: Candidate) -> Int128 {
        Score.hyperliquid(
            notional: it.ranked.notional,
            equity: it.health.equity,
            unrealized: unrealized(it.ranked.position),
            entry: Int128(positions[it.ranked.position].quote.units.magnitude)
        )
    }
}
