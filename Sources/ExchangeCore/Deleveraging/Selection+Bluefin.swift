/// Bluefin: return at the index times one over the margin ratio (ADL-11).
extension Exchange {
    /// Both parts in 10⁻⁶, each at most 2⁶²; the ratio is never less than the leg's maintenance.
    func bluefinScore(_ ranked: RankedLeg, equity: Int128) -> Int128 {
        let leg = ranked.leg
        let market = legs[leg].market
        let entry = Int128(legs[leg].quote.units.magnitude)
        let margin = larger(maintenance(market, ranked.notional), equity)
        assert(ranked.notional >= 0, "a notional is not negative")
        if entry == 0 || margin <= 0 { return 0 }
        let index = Int128(markets[market].index.ticks)
        let worth = Int128(legs[leg].size.lots) * index * markets[market].u
        let profit = larger(0, worth + Int128(legs[leg].quote.units))
        let gain = scaled(profit, by: 1_000_000, over: entry, .down)
        assert(gain >= 0 && margin > 0, "parts of a score are not negative")
        let leverage = scaled(ranked.notional, by: 1_000_000, over: margin, .down)
        return Int128(Int64(saturating: gain)) * Int128(Int64(saturating: leverage))
    }
}
