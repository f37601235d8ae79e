/// Binance: profit over wallet balance times maintenance over margin balance (ADL-11).
extension Exchange {
    /// Both parts in 10⁻⁸, each at most 2⁶²; both sides of the market together in hedge mode.
    func binanceScore(_ leg: Int32, _ health: Health) -> Int128 {
        if health.equity <= 0 { return 0 }
        var profit = unrealized(leg)
        let cash = Int128(margins[legs[leg].margin].cash.units)
        if !legs[leg].isIsolated {
            let account = legs[leg].account
            let side: PositionSide = legs[leg].side == .long ? .short : .long
            let other = legs[leg].side == .both ? nowhere : findLeg(account, legs[leg].market, side)
            if other >= 0 && legs[other].hasPosition && !legs[other].isIsolated {
                profit += unrealized(other)
            }
        }
        assert(health.equity > 0 && health.maintenance >= 0, "a ratio is one to an equity")
        let gain = scaled(larger(0, profit), by: unit, over: larger(unit, cash), .down)
        let ratio = scaled(health.maintenance, by: unit, over: health.equity, .down)
        assert(gain >= 0 && ratio >= 0, "parts of a score are not negative")
        return Int128(Int64(saturating: gain)) * Int128(Int64(saturating: ratio))
    }
}
