/// Binance: profit over wallet balance times maintenance over margin balance (ADL-11).
extension Score {
    /// Both quotients in 10⁻⁸; a wallet counts as one quote currency at least.
    static func binance(profit: Int128, wallet: Int128, maintenance: Int128, equity: Int128) -> Int128 {
        if equity <= 0 { return 0 }
        assert(maintenance >= 0, "maintenance is not negative")
        let gain = scaled(larger(0, profit), by: unit, over: larger(unit, wallet), .down)
        let ratio = scaled(maintenance, by: unit, over: equity, .down)
        assert(gain >= 0 && ratio >= 0, "parts of a score are not negative")
        return Int128(Int64(saturating: gain)) * Int128(Int64(saturating: ratio))
    }
}

extension Exchange {
    /// Of both sides of the market together in hedge mode.
    func binanceScore(_ it: Candidate) -> Int128 {
        let leg = it.ranked.leg
        var profit = unrealized(leg)
        if legs[leg].side != .both {
            let side: PositionSide = legs[leg].side == .long ? .short : .long
            let other = findLeg(legs[leg].account, legs[leg].market, side)
            if other >= 0 && legs[other].hasPosition && legs[other].margin == legs[leg].margin {
                profit += unrealized(other)
            }
        }
        return Score.binance(
            profit: profit,
            wallet: Int128(margins[legs[leg].margin].cash.units),
            maintenance: it.health.maintenance,
            equity: it.health.equity
        )
    }
}
