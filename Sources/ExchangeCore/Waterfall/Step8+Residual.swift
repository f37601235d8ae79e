/// Step 8: what nobody on the other side can bear (WF-8), and settlement, which ends there too (WF-10).
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
    private mutating func chargeShortfall(
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
                let share = scaled(before, by: ranking[index].notional, over: sum, .up)
                let charge = smaller(share, smaller(equity(leg), left))
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
    private mutating func collectConcerned() {
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

    // MARK: Settlement

    mutating func settle(_ command: Settle, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.price.ticks < 1 || command.price > .highest { return .invalidPrice }
        if markets[market].state == .settled { return .marketSettled }
        let price = held(command.price, in: market)
        if !canSettle(market, at: price) { return .priceOverflow }

        assert(price.ticks >= 1 && price <= command.price, "a settlement is held back, never moved on")
        // From here on the market ends.
        cancelOrders(ofMarket: market, .settlement, &events)
        beginWaterfall(at: market)
        setSettlementMark(market, price, &events)
        var settled = MarketSettled()
        settled.market = command.market
        settled.price = price
        coverLosers(market, &settled, &events)
        closeAll(market, &events)
        precondition(
            markets[market].openInterest == .zero && markets[market].positions == 0,
            "nothing is open in a settled market"
        )
        markets[market].state = .settled
        armFunding(market)
        armStaleness(market)
        events.append(.marketSettled, settled)
        setState(market, .settled, &events)
        while touched.count > 0 {
            let margin = touched.removeLast()
            margins[margin].isTouched = false
            if margins[margin].isInLiquidation { leaveIfHealthy(margin, &events) }
            enqueueIfLiquidatable(margin)
        }
        runWaterfall(&events)
        return .ok
    }

    /// Whether all positions of a market can be closed at a price without cash leaving its range (LED-1).
    /// O(positions of the market).
    private func canSettle(_ market: Int32, at price: Price) -> Bool {
        var leg = markets[market].firstPosition
        while leg >= 0 {
            if !fits(-legs[leg].size.lots, at: price.ticks, on: leg, besides: 0) { return false }
            leg = legs[leg].nextPosition
        }
        return true
    }

    private mutating func setSettlementMark(_ market: Int32, _ price: Price, _ events: inout EventBuffer) {
        assert(price.ticks >= 1, "a mark is a price")
        markets[market].markBefore = markets[market].mark
        markets[market].isMoved = true
        markets[market].previousMark = markets[market].mark
        markets[market].mark = price
        markets[market].latestMark = price
        markets[market].validity = .valid
        reportMark(market, &events)
    }

    /// Buckets below zero, by account, then `LONG`: a named owner's other accounts answer, then the fund
    /// pays, and the rest is charged to the market's open interest while it is still open. Of who holds
    /// positions elsewhere that is what this market's price took: no other market's to bear, as what others
    /// took is not this one's.
    private mutating func coverLosers(
        _ market: Int32,
        _ settled: inout MarketSettled,
        _ events: inout EventBuffer
    ) {
        collectPositions(of: market)
        fired.truncate(to: 0)
        var index = 0
        while index < ranking.count {
            fired.append(ranking[index].leg)
            index += 1
        }
        index = 0
        while index < fired.count {
            let margin = legs[fired[index]].margin
            index += 1
            if health(margin).equity >= 0 { continue }
            waterfall.episode = EpisodeEnded()
            askForRecourse(margin, by: market, &events)
            let missing = missing(margin, after: market)
            if missing == 0 { continue }
            settled.deficit = Amount(reporting: Int128(settled.deficit.units) + missing)
            payFromFund(missing, to: margin, by: market, &events)
            settled.fund = Amount(
                reporting: Int128(settled.fund.units) + Int128(waterfall.episode.fund.units)
            )
            assert(waterfall.episode.fund.units >= 0, "what the fund has paid is not negative")
            let left = missing - Int128(waterfall.episode.fund.units)
            assert(left >= 0, "the fund pays no more than is missing")
            if left > 0 {
                markets[market].isConcerned = true
                chargeShortfall(left, to: margin, &events)
                markets[market].isConcerned = false
                settled.residual = Amount(reporting: Int128(settled.residual.units) + left)
            }
        }
        fired.truncate(to: 0)
    }

    /// What a bucket lacks: all of it, or with positions elsewhere at most what it lost in a market in this
    /// command, and all but a unit, so that an episode closes what it holds there (WF-7).
    private func missing(_ margin: MarginAccount.Index, after market: Int32) -> Int128 {
        let all = larger(0, -health(margin).equity)
        if all == 0 { return all }
        var lost: Int128 = 0
        var hasOthers = false
        var leg = margins[margin].firstPosition
        while leg >= 0 {
            if legs[leg].hasPosition {
                if legs[leg].market == market { lost += loss(leg) } else { hasOthers = true }
            }
            leg = legs[leg].nextOfMargin
        }
        assert(lost >= 0, "a gain is no loss")
        if !hasOthers { return all }
        let allButAUnit = all - 1
        return smaller(allButAUnit, lost)
    }

    /// The positions of one market by account, then `LONG`, into `ranking`.
    private mutating func collectPositions(of market: Int32) {
        markets[market].isConcerned = true
        collectConcerned()
        markets[market].isConcerned = false
    }

    /// Closes every position of a market at its mark, losing ones first, by account, then `LONG`.
    private mutating func closeAll(_ market: Int32, _ events: inout EventBuffer) {
        collectPositions(of: market)
        assert(markets[market].hasMark, "positions are closed at a mark")
        let mark = markets[market].mark.ticks
        for pass in 0..<2 {
            let losersTurn = pass == 0
            var index = 0
            while index < ranking.count {
                let leg = ranking[index].leg
                index += 1
                if !legs[leg].hasPosition || (unrealized(leg) < 0) != losersTurn { continue }
                let before = legs[leg].size
                let owner = legs[leg].margin
                let result = result(of: -before.lots, at: mark, on: leg)
                book(result, on: leg, fee: 0, .settlement, AccountID.none.raw, &events)
                precondition(!legs[leg].hasPosition && legs[leg].quote == .zero, "what is settled is closed")
                linkPosition(leg, from: before, realized: result.realized, &events)
                setInLiquidationAfterSettlement(owner)
                touch(accounts[margins[owner].account].margin)
            }
        }
        expireUselessReduceOnly(&events)
    }

    /// A bucket without a position is not in liquidation.
    private mutating func setInLiquidationAfterSettlement(_ margin: MarginAccount.Index) {
        if health(margin).positions == 0 { setInLiquidation(margin, false) }
    }
}
