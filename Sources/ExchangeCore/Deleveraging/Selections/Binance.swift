/// Binance: profit over wallet balance times maintenance over margin balance (ADL-11).
extension Score {
    /// Both quotients in 10⁻⁸; a wallet counts as one quote currency at least.
    static func binance(profit: Int128, wallet: Int128, maintenance: Int128, equity: Int128) -> Int128 {
        if equity <= 0 { return 0 }
        assert(maintenance >= 0, "maintenance is not negative")
        let gain = scaled(max(0, profit), by: unit, over: max(unit, wallet), .down)
        let ratio = scaled(maintenance, by: unit, over: equity, .down)
        assert(gain >= 0 && ratio >= 0, "parts of a score are not negative")
        return Int128(Int64(saturating: gain)) * Int128(Int64(saturating: ratio))
    }
}

extension Exchange {
    /// Of both sides of the market together in hedge mode.
    func binanceScore(_ it: Candidate) -> Int128 {
        let position = it.ranked.position
        assert(
            positions[position].isOpen && hasMargin(positions[position].margin),
            "a score is one of a position"
        )
        var profit = unrealized(position)
        if positions[position].side != .both {
            let side: PositionSide = positions[position].side == .long ? .short : .long
            let other = findPosition(positions[position].account, positions[position].market, side)
            if other >= 0 && positions[other].isOpen && positions[other].margin == positions[position].margin
            {
                profit += unrealized(other)
            }
        }
        return Score.binance(
            profit: profit,
            wallet: Int128(margins[positions[position].margin].cash.units),
            maintenance: it.health.maintenance,
            equity: it.health.equity
        )
    }
}
