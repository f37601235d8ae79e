/// Step 8: what nobody on the other side can bear (WF-8).
extension Exchange {
    /// Closes what is left of a margin account that was below zero at mark, in the order in which step 7 went
    /// over the positions and which it left in `positionOrder`; then charges a shortfall to open interest.
    mutating func closeResidual(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        var index = 0
        while index < positionOrder.count {
            let position = positionOrder[index]
            index += 1
            if !positions[position].isOpen || !health(margin).isUnderMaintenance { continue }
            assert(margins[margin].isInLiquidation, "whose rest is closed is in liquidation")
            markets[positions[position].market].isConcerned = true
            rank(positions[position].market, longs: !positions[position].isLong, exceptFor: margin, all: true)
            var place = 0
            while place < ranking.count && positions[position].isOpen {
                let other = ranking[place].position
                place += 1
                let quantity = min(Int64(positions[position].size.lots.magnitude), netLots(other))
                precondition(
                    positions[other].isLong != positions[position].isLong,
                    "a rest is closed against the other side"
                )
                if quantity == 0 || !fits(quantity, of: position, with: other, adjustment: 0) { continue }
                waterfall.hasTakeover = true
                var closing = Closing()
                close(
                    quantity,
                    of: position,
                    with: other,
                    adjustment: 0,
                    .residual,
                    .residual,
                    &closing,
                    &events
                )
            }
        }
        let health = health(margin)
        if health.positions == 0 && health.equity < 0 { chargeShortfall(-health.equity, to: margin, &events) }
        clearConcerned()
    }

    private mutating func clearConcerned() {
        var market: Int32 = 0
        while Int(market) < markets.count {
            markets[market].isConcerned = false
            market += 1
        }
    }

    /// Charges a shortfall to the open interest of the markets concerned, pro rata to notional, each at
    /// most its equity, in passes; what is left is a debt of the fund. Who holds nothing there pays nothing
    /// (ADL-9).
    mutating func chargeShortfall(
        _ shortfall: Int128,
        to margin: MarginAccount.Index,
        _ events: inout EventBuffer
    ) {
        precondition(shortfall > 0, "a shortfall is charged")
        var left = shortfall
        collectConcerned()
        while left > 0 {
            var sum: Int128 = 0
            var index = 0
            while index < ranking.count {
                if equity(ranking[index].position) > 0 { sum += ranking[index].notional }
                index += 1
            }
            assert(left > 0 && left <= shortfall, "what is left is a part of the shortfall")
            let before = left
            index = 0
            while index < ranking.count && left > 0 && sum > 0 {
                let position = ranking[index].position
                let charge = Liquidation.charge(
                    of: before,
                    left: left,
                    notional: ranking[index].notional,
                    sum: sum,
                    equity: equity(position)
                )
                let room = Amount.cashLimit - absolute(Int128(margins[positions[position].margin].cash.units))
                if charge > 0 && charge < room {
                    precondition(
                        charge <= left && charge <= equity(position),
                        "nobody is charged more than it has"
                    )
                    left -= charge
                    self.charge(charge, position, to: margin, &events)
                }
                index += 1
            }
            if left == before { break }
        }
        // What the fund's own debt has no room for stays with the margin account (LED-1).
        let fund = Int128(margins[venue(.fund)].cash.units)
        left = min(left, max(0, fund + Amount.cashLimit - 1))
        waterfall.episode.residual = Amount(
            reporting: Int128(waterfall.episode.residual.units) + shortfall
        )
        if left > 0 {
            waterfall.episode.debt = Amount(reporting: Int128(waterfall.episode.debt.units) + left)
            precondition(left <= shortfall, "the fund owes no more than was missing")
            move(left, from: venue(.fund), to: margin, .residual, &events)
        }
    }

    private func equity(_ position: Int32) -> Int128 { health(positions[position].margin).equity }

    private mutating func charge(
        _ amount: Int128,
        _ position: Int32,
        to margin: MarginAccount.Index,
        _ events: inout EventBuffer
    ) {
        waterfall.steps += 1
        precondition(amount > 0 && positions[position].margin != margin, "another is charged")
        let charged = ResidualCharged(
            episode: waterfall.episode.episode,
            account: AccountID(positions[position].account),
            market: MarketID(positions[position].market),
            amount: Amount(Int64(amount))
        )
        events.append(.residualCharged, charged)
        move(amount, from: positions[position].margin, to: margin, .residual, &events)
        markAffected(positions[position].margin)
    }

    /// The positions of the markets concerned by account, then market, then `LONG`, into `ranking`.
    mutating func collectConcerned() {
        ranking.truncate(to: 0)
        var market: Int32 = 0
        while Int(market) < markets.count {
            var position = markets[market].isConcerned ? markets[market].firstPosition : nowhere
            while position >= 0 {
                var ranked = RankedPosition()
                ranked.position = position
                ranked.account = positions[position].account
                ranked.notional = notional(position)
                ranking.append(ranked)
                position = positions[position].nextPosition
            }
            market += 1
        }
        assert(ranking.count <= positions.count, "no position is charged twice")
        sortRankingByAccount()
    }

    private mutating func sortRankingByAccount() {
        // Market and side are packed beside the position, so that the order needs nothing but the elements.
        var index = 0
        while index < ranking.count {
            let position = ranking[index].position
            assert(positions[position].isOpen, "who is charged holds a position")
            ranking[index].leverage =
                Int64(positions[position].market) << 2 | Int64(positions[position].side.rawValue)
            index += 1
        }
        ranking.sort { $0.account != $1.account ? $0.account < $1.account : $0.leverage < $1.leverage }
    }

}
