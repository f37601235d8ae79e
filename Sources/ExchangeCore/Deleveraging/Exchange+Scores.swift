/// What stands in the deleveraging queue, and at which score (deleveraging.md). Each rule of selection is a
/// file beside this one and a row of their table.
extension Exchange {
    /// The lots of a position that can be deleveraged: of a cross account that holds both sides of a market
    /// its net size on the larger one; the rest is a hedge of its own (ADL-1).
    func netLots(_ position: Int32) -> Int64 {
        let size = Int64(positions[position].size.lots.magnitude)
        if positions[position].side == .both || positions[position].isIsolated { return size }
        let side: PositionSide = positions[position].side == .long ? .short : .long
        let other = findPosition(positions[position].account, positions[position].market, side)
        if other < 0 || positions[other].isIsolated { return size }
        assert(
            positions[other].account == positions[position].account && other != position,
            "the other side is the same account's"
        )
        let net = max(0, size - Int64(positions[other].size.lots.magnitude))
        assert(net <= size, "net lots are a part of a position")
        return net
    }

    /// The part of a position's profit that its net lots have, rounded down.
    func netProfit(_ position: Int32, _ lots: Int64) -> Int128 {
        assert(
            lots >= 0 && lots <= Int64(positions[position].size.lots.magnitude),
            "net lots are a part of a position"
        )
        let size = Int128(positions[position].size.lots.magnitude)
        let profit = unrealized(position)
        return Int128(lots) == size ? profit : scaled(profit, by: Int128(lots), over: size, .down)
    }

    // MARK: Scores (ADL-2)

    /// The score of a position by the market's selection.
    ///
    /// - Parameters:
    ///   - lots: its net lots, by which profit and notional count (ADL-1).
    ///   - episode: the number of the episode, which the selection by lot draws from.
    func score(_ position: Int32, _ health: Health, lots: Int64, episode: Int64) -> RankedPosition {
        var ranked = RankedPosition()
        ranked.position = position
        ranked.account = positions[position].account
        ranked.lots = lots
        let market = positions[position].market
        assert(lots > 0 && positions[position].isOpen, "who stands in the queue holds lots")
        ranked.notional = worth(lots, markets[market].mark.ticks, markets[market].unitValue)
        ranked.profit = max(0, netProfit(position, lots))
        ranked.leverage = Score.leverage(notional: ranked.notional, equity: health.equity)
        assert(
            ranked.profit >= 0 && ranked.leverage >= 0 && ranked.notional >= 0,
            "parts of a score are not negative"
        )
        let rule = markets[market].specification.selection.rule
        ranked.score = rule.score(self, Candidate(ranked: ranked, health: health, episode: episode))
        return ranked
    }

    // MARK: Lights (ADL-7)

    /// Lights of a position: 1 to 5 in profit, first in the queue 5; 0 otherwise. O(positions·positions).
    public func lights(_ account: AccountID, _ market: MarketID, _ side: PositionSide) -> Int32 {
        if market.raw < 0 || Int(market.raw) >= markets.count { return 0 }
        let position = findPosition(account.raw, market.raw, side)
        if position < 0 || !positions[position].isOpen || unrealized(position) <= 0 { return 0 }
        let lots = netLots(position)
        if lots == 0 { return 0 }
        let own = score(position, health(positions[position].margin), lots: lots, episode: lastEpisode + 1)
        assert(lots > 0, "what is in profit has lots")
        var total: Int128 = 0
        var ahead: Int128 = 0
        forEachInProfit(market, longs: positions[position].isLong) { ranked, _ in
            let size = Int128(ranked.lots)
            total += size
            if ranked.isBefore(own) { ahead += size }
        }
        assert(ahead >= 0 && ahead < total, "who is shown is a part of the queue")
        return Exchange.lights(ahead: ahead, of: total)
    }
}

extension Int64 {
    /// The value, or ±2⁶² if it lies beyond (ADL-2).
    init(saturating value: Int128) { self = clampedToRange(value) }
}
