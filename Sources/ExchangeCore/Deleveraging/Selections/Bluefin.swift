/// Bluefin: return at the index times one over the margin ratio (ADL-11).
extension Score {
    /// Both parts in 10⁻⁶. The margin is never less than the position's maintenance.
    static func bluefin(profit: Int128, entry: Int128, notional: Int128, margin: Int128) -> Int128 {
        assert(notional >= 0 && entry >= 0, "a notional is not negative")
        if entry == 0 || margin <= 0 { return 0 }
        let gain = scaled(max(0, profit), by: 1_000_000, over: entry, .down)
        let leverage = scaled(notional, by: 1_000_000, over: margin, .down)
        assert(gain >= 0 && leverage >= 0, "parts of a score are not negative")
        return Int128(Int64(saturating: gain)) * Int128(Int64(saturating: leverage))
    }
}

extension Exchange {
    func bluefinScore(_ it: Candidate) -> Int128 {
        let position = it.ranked.position
        let market = positions[position].market
        assert(positions[position].isOpen && markets[market].index.ticks >= 0, "a score is one of a position")
        let atIndex =
            Int128(positions[position].size.lots) * Int128(markets[market].index.ticks) * markets[market].u
        return Score.bluefin(
            profit: atIndex + Int128(positions[position].quote.units),
            entry: Int128(positions[position].quote.units.magnitude),
            notional: it.ranked.notional,
            margin: max(maintenance(market, it.ranked.notional), it.health.equity)
        )
    }
}
