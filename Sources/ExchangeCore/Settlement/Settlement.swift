/// Settlement: a market that ends at a price (WF-10).
extension Exchange {
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
        var settled = MarketSettled(market: command.market, price: price)
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
        while affected.count > 0 {
            let margin = affected.removeLast()
            margins[margin].isAffected = false
            if margins[margin].isInLiquidation { leaveIfHealthy(margin, &events) }
            enqueueIfLiquidatable(margin)
        }
        runWaterfall(&events)
        return .ok
    }

    /// Whether all positions of a market can be closed at a price without cash leaving its range (LED-1).
    /// O(positions of the market).
    private func canSettle(_ market: Int32, at price: Price) -> Bool {
        assert(price.ticks >= 1 && price <= .highest, "a settlement is at a price")
        var position = markets[market].firstPosition
        while position >= 0 {
            if !fits(-positions[position].size.lots, at: price.ticks, on: position, besides: 0) {
                return false
            }
            position = positions[position].nextPosition
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

    /// Margin accounts below zero, by account, then `LONG`: a named owner's other accounts answer, then the
    /// fund pays, and the rest is charged to the market's open interest while it is still open. Of who holds
    /// positions elsewhere that is what this market's price took: no other market's to bear, as what others
    /// took is not this one's.
    private mutating func coverLosers(
        _ market: Int32,
        _ settled: inout MarketSettled,
        _ events: inout EventBuffer
    ) {
        collectPositions(of: market)
        dueTriggers.truncate(to: 0)
        var index = 0
        while index < ranking.count {
            dueTriggers.append(ranking[index].position)
            index += 1
        }
        index = 0
        while index < dueTriggers.count {
            let margin = positions[dueTriggers[index]].margin
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
        dueTriggers.truncate(to: 0)
    }

    /// What a margin account lacks: all of it, or with positions elsewhere at most what it lost in a market
    /// in this command, and all but a unit, so that an episode closes what it holds there (WF-7).
    private func missing(_ margin: MarginAccount.Index, after market: Int32) -> Int128 {
        let all = max(0, -health(margin).equity)
        if all == 0 { return all }
        var lost: Int128 = 0
        var hasOthers = false
        var position = margins[margin].firstPosition
        while position >= 0 {
            if positions[position].isOpen {
                if positions[position].market == market { lost += loss(position) } else { hasOthers = true }
            }
            position = positions[position].nextOfMargin
        }
        assert(lost >= 0, "a gain is no loss")
        if !hasOthers { return all }
        let allButAUnit = all - 1
        return min(allButAUnit, lost)
    }

    /// The positions of one market by account, then `LONG`, into `ranking`.
    private mutating func collectPositions(of market: Int32) {
        markets[market].isConcerned = true
        collectConcerned()
        assert(ranking.count == Int(markets[market].positions), "every position of the market is collected")
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
                let position = ranking[index].position
                index += 1
                if !positions[position].isOpen || (unrealized(position) < 0) != losersTurn { continue }
                let before = positions[position].size
                let owner = positions[position].margin
                let result = result(of: -before.lots, at: mark, on: position)
                book(result, on: position, fee: 0, .settlement, AccountID.none.raw, &events)
                precondition(
                    !positions[position].isOpen && positions[position].quote == .zero,
                    "what is settled is closed"
                )
                linkPosition(position, from: before, realized: result.realized, &events)
                setInLiquidationAfterSettlement(owner)
                markAffected(accounts[margins[owner].account].margin)
            }
        }
        expireUselessReduceOnly(&events)
    }

    /// A margin account without an open position is not in liquidation.
    private mutating func setInLiquidationAfterSettlement(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "who is settled has a margin account")
        if health(margin).positions == 0 { setInLiquidation(margin, false) }
    }
}
