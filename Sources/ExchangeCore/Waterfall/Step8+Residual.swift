/// Step 8: what nobody on the other side can bear (WF-8).
extension Exchange {
    /// Closes what is left of a bucket that was below zero at mark, in the order in which step 7 went over
    /// the legs and which it left in `legOrder`; then charges a shortfall to open interest.
    mutating func closeResidual(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        var index = 0
        while index < legOrder.count {
            let leg = legOrder[index]
            index += 1
            if !legs[leg].hasPosition || !health(margin).isUnderMaintenance { continue }
            assert(margins[margin].isInLiquidation, "whose rest is closed is in liquidation")
            markets[legs[leg].market].isConcerned = true
            rank(legs[leg].market, longs: !legs[leg].isLong, exceptFor: margin, all: true)
            var place = 0
            while place < ranking.count && legs[leg].hasPosition {
                let other = ranking[place].leg
                place += 1
                let quantity = smaller(Int64(legs[leg].size.lots.magnitude), netLots(other))
                precondition(
                    legs[other].isLong != legs[leg].isLong,
                    "a rest is closed against the other side"
                )
                if quantity == 0 || !fits(quantity, of: leg, with: other, adjustment: 0) { continue }
                waterfall.hasTakeover = true
                var closing = Closing()
                close(
                    quantity,
                    of: leg,
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
    /// most its equity, in passes; what is left is a debt of the fund.
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
                if equity(ranking[index].leg) > 0 { sum += ranking[index].notional }
                index += 1
            }
            assert(left > 0 && left <= shortfall, "what is left is a part of the shortfall")
            let before = left
            index = 0
            while index < ranking.count && left > 0 && sum > 0 {
                let leg = ranking[index].leg
                let charge = Liquidation.charge(
                    of: before,
                    left: left,
                    notional: ranking[index].notional,
                    sum: sum,
                    equity: equity(leg)
                )
                let room = Amount.cashLimit - absolute(Int128(margins[legs[leg].margin].cash.units))
                if charge > 0 && charge < room {
                    precondition(
                        charge <= left && charge <= equity(leg),
                        "nobody is charged more than it has"
                    )
                    left -= charge
                    self.charge(charge, leg, to: margin, &events)
                }
                index += 1
            }
            if left == before { break }
        }
        // What the fund's own debt has no room for stays with the bucket (LED-1).
        let fund = Int128(margins[venue(.fund)].cash.units)
        left = smaller(left, larger(0, fund + Amount.cashLimit - 1))
        waterfall.episode.residual = Amount(
            reporting: Int128(waterfall.episode.residual.units) + shortfall
        )
        if left > 0 {
            waterfall.episode.debt = Amount(reporting: Int128(waterfall.episode.debt.units) + left)
            precondition(left <= shortfall, "the fund owes no more than was missing")
            move(left, from: venue(.fund), to: margin, .residual, &events)
        }
    }

    private func equity(_ leg: Int32) -> Int128 { health(legs[leg].margin).equity }

    private mutating func charge(
        _ amount: Int128,
        _ leg: Int32,
        to margin: MarginAccount.Index,
        _ events: inout EventBuffer
    ) {
        waterfall.steps += 1
        precondition(amount > 0 && legs[leg].margin != margin, "another is charged")
        var charged = ResidualCharged()
        charged.episode = waterfall.episode.episode
        charged.account = AccountID(legs[leg].account)
        charged.market = MarketID(legs[leg].market)
        charged.amount = Amount(Int64(amount))
        events.append(.residualCharged, charged)
        move(amount, from: legs[leg].margin, to: margin, .residual, &events)
        touch(legs[leg].margin)
    }

    /// The positions of the markets concerned by account, then market, then `LONG`, into `ranking`.
    mutating func collectConcerned() {
        ranking.truncate(to: 0)
        var market: Int32 = 0
        while Int(market) < markets.count {
            var leg = markets[market].isConcerned ? markets[market].firstPosition : nowhere
            while leg >= 0 {
                var ranked = RankedLeg()
                ranked.leg = leg
                ranked.account = legs[leg].account
                ranked.notional = notional(leg)
                ranking.append(ranked)
                leg = legs[leg].nextPosition
            }
            market += 1
        }
        assert(ranking.count <= legs.count, "no position is charged twice")
        sortRankingByAccount()
    }

    private mutating func sortRankingByAccount() {
        // Market and side are packed beside the leg, so that the order needs nothing but the elements.
        var index = 0
        while index < ranking.count {
            let leg = ranking[index].leg
            assert(legs[leg].hasPosition, "who is charged holds a position")
            ranking[index].leverage = Int64(legs[leg].market) << 2 | Int64(legs[leg].side.rawValue)
            index += 1
        }
        ranking.sort { $0.account != $1.account ? $0.account < $1.account : $0.leverage < $1.leverage }
    }

}
