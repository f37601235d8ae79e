/// Step 7: auto-deleveraging (WF-7). Whose turn it is, and at what score, is the room of deleveraging's.
extension Exchange {
    /// Places what is left of a margin account that was below zero in this episode on the other side of its
    /// markets, at mark: with what is still missing against those who are closed, or with nothing (WF-7).
    /// None of these ends below what it had before the command (ADL-5).
    mutating func deleverage(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who is placed on others is in liquidation")
        assert(waterfall.episode.episode == lastEpisode, "a closing belongs to the present episode")
        let before = health(margin)
        waterfall.episode.needed = Amount(reporting: max(0, -before.equity))
        orderPositions(margin, before.equity < 0 ? .byLoss : .byMaintenance)
        var index = 0
        while index < positionOrder.count {
            let position = positionOrder[index]
            index += 1
            let health = health(margin)
            if !health.isUnderMaintenance { return }
            var bankruptcy = bankruptcyPrice(position, health)
            assert(bankruptcy.size > 0 && bankruptcy.whole > 0, "a bankruptcy price is a fraction")
            bankruptcy.equity = min(0, bankruptcy.equity)
            placeRemainder(position, bankruptcy, &events)
        }
    }

    private mutating func placeRemainder(
        _ position: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        let market = positions[position].market
        let all = markets[market].specification.candidates == .everybody
        precondition(bankruptcy.equity <= 0, "nobody is paid to be deleveraged")
        assert(
            positions[position].isOpen && markets[market].isClosable,
            "what is placed is open, in a market that can close it"
        )
        rank(market, longs: !positions[position].isLong, exceptFor: positions[position].margin, all: all)
        judgeCandidates(market, bankruptcy)
        reportQueue(position, bankruptcy, &events)
        switch markets[market].specification.selection.rule.placing {
        case .byRank: break
        case .proRata: placeProRata(position, bankruptcy, &events)
        case .toLevel, .evenly: placeShares(position, bankruptcy, &events)
        }
        assert(queueIsOrdered, "those who stand in the queue are in order")
        goDown(position, bankruptcy, &events)
    }

    /// Whether nobody in the queue stands before one who comes first. O(queue), for assertions.
    private var queueIsOrdered: Bool {
        for place in 1..<max(1, ranking.count) where ranking[place].isBefore(ranking[place - 1]) {
            return false
        }
        return true
    }

    /// Places a position of a margin account below zero on a queue as it stands, in two passes.
    mutating func placeRanked(_ position: Int32, _ bankruptcy: BankruptcyPrice, _ events: inout EventBuffer) {
        assert(bankruptcy.equity < 0 && positions[position].isOpen, "an owner answers for a deficit")
        assert(queueIsOrdered, "those who stand in the queue are in order")
        judgeCandidates(positions[position].market, bankruptcy)
        reportQueue(position, bankruptcy, &events)
        goDown(position, bankruptcy, &events)
    }

    /// Fixes for one remainder who is in profit at the execution price, and what is hedged (ADL-6). Where
    /// nothing looks at all candidates each is judged when its turn comes: its own position stands still
    /// until then, but what another position of its account hedges may not.
    private mutating func judgeCandidates(_ market: Int32, _ bankruptcy: BankruptcyPrice) {
        let honours = markets[market].specification.hedges == .honoured
        let looksAtAll = honours || markets[market].specification.selection.rule.placing != .byRank
        if !looksAtAll { return }
        assert(bankruptcy.size > 0, "a bankruptcy price is one of a position")
        var place = 0
        while place < ranking.count {
            judge(place, bankruptcy)
            if honours { ranking[place].hedged = hedgedLots(ranking[place].position) }
            place += 1
        }
    }

    @inline(__always)
    private mutating func judge(_ place: Int, _ bankruptcy: BankruptcyPrice) {
        assert(place >= 0 && place < ranking.count, "a place is one of the queue")
        if ranking[place].isJudged { return }
        ranking[place].isJudged = true
        ranking[place].isInProfit =
            !ranking[place].isPastTakeover && isInProfit(ranking[place].position, bankruptcy)
    }

    /// The two passes over the queue; in each, what is hedged comes behind what is not (ADL-18).
    private mutating func goDown(
        _ position: Int32,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        assert(bankruptcy.equity <= 0, "nobody is paid to be deleveraged")
        for pass in 0..<4 {
            let toMaintenance = pass < 2
            let sparesHedges = pass & 1 == 0
            var place = 0
            while place < ranking.count && positions[position].isOpen {
                judge(place, bankruptcy)
                if !toMaintenance || ranking[place].isInProfit {
                    let bound = min(
                        Int64(positions[position].size.lots.magnitude),
                        sparesHedges ? freeLots(place) : netLots(ranking[place].position)
                    )
                    let quantity = bearable(place, bound, bankruptcy, toMaintenance: toMaintenance)
                    precondition(
                        quantity >= 0 && quantity <= max(0, bound),
                        "nobody gives up more than can be asked"
                    )
                    closeIfFits(quantity, position, place, bankruptcy, &events)
                }
                place += 1
            }
        }
    }

    /// What is left of a candidate's lots that are not hedged.
    func freeLots(_ place: Int) -> Int64 {
        let position = ranking[place].position
        let free = max(0, Int64(positions[position].size.lots.magnitude) - ranking[place].hedged)
        assert(ranking[place].hedged >= 0 && free >= 0, "what is hedged is no less than nothing")
        return min(free, netLots(position))
    }

    /// Whether closing all of a candidate at the execution price still leaves it a profit (ADL-1).
    private func isInProfit(_ candidate: Int32, _ bankruptcy: BankruptcyPrice) -> Bool {
        if !positions[candidate].isOpen { return false }
        assert(bankruptcy.adjustment(1) <= 0, "nobody is paid to be deleveraged")
        let own = netLots(candidate)
        return netProfit(candidate, own) > -bankruptcy.adjustment(own)
    }

    /// The most lots that a candidate can give up: at or above maintenance, or at or above zero.
    func bearable(_ place: Int, _ bound: Int64, _ bankruptcy: BankruptcyPrice, toMaintenance: Bool) -> Int64 {
        if bound <= 0 { return 0 }
        assert(place < ranking.count, "a place is one of the queue")
        let candidate = ranking[place].position
        let before = health(positions[candidate].margin)
        assert(before.positions > 0 || !positions[candidate].isOpen, "a candidate holds a position")
        return bisect(bound) { lots in
            let after = healthAfter(
                closing: lots,
                of: candidate,
                paying: -bankruptcy.adjustment(lots),
                before
            )
            return after.equity >= (toMaintenance ? after.maintenance : 0)
        }
    }

    /// Closes lots of a candidate unless some cash would leave its range (LED-1).
    mutating func closeIfFits(
        _ quantity: Int64,
        _ position: Int32,
        _ place: Int,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        if quantity == 0 { return }
        precondition(
            quantity > 0 && quantity <= Int64(positions[ranking[place].position].size.lots.magnitude),
            "a candidate gives up what it has"
        )
        precondition(
            quantity <= Int64(positions[position].size.lots.magnitude),
            "no more is placed than there is"
        )
        let adjustment = bankruptcy.adjustment(quantity)
        if !fits(quantity, of: position, with: ranking[place].position, adjustment: adjustment) { return }
        closeWithCandidate(quantity, position, place, bankruptcy, &events)
    }

    /// Health of a candidate's margin account after it gave up lots at mark and paid (LED-8 for isolated
    /// positions).
    private func healthAfter(
        closing lots: Int64,
        of candidate: Int32,
        paying amount: Int128,
        _ before: Health
    ) -> Health {
        var health = before
        assert(lots >= 0 && amount >= 0, "a candidate gives up and pays")
        if lots == 0 { return health }
        let market = positions[candidate].market
        let mark = markets[market].mark.ticks
        let result = result(
            of: positions[candidate].isLong ? -lots : lots,
            at: mark,
            on: candidate,
            keepsMargin: margins[positions[candidate].margin].isInLiquidation,
            costs: amount
        )
        assert(result.opened == 0, "who is deleveraged opens nothing")
        let quote = Amount(Int64(result.quote))
        health.equity += unrealized(market, result.size, quote, .mark) - unrealized(candidate)
        health.equity += result.realized - amount - result.toCross
        let worth = result.size.lots == 0 ? 0 : notional(market, result.size, quote, .mark)
        health.maintenance += maintenance(market, worth) - maintenance(market, notional(candidate))
        assert(health.maintenance >= 0, "maintenance is not negative")
        return health
    }

    private mutating func closeWithCandidate(
        _ quantity: Int64,
        _ position: Int32,
        _ place: Int,
        _ bankruptcy: BankruptcyPrice,
        _ events: inout EventBuffer
    ) {
        let ranked = ranking[place]
        let pay = -bankruptcy.adjustment(quantity)
        precondition(
            positions[ranked.position].margin != positions[position].margin,
            "nobody is closed against itself"
        )
        var closing = Closing()
        closing.rank = Int32(truncatingIfNeeded: place + 1)
        closing.score = ranked.score
        closing.profit = Amount(Int64(clamping: ranked.profit))
        closing.leverage = ranked.leverage
        waterfall.episode.givenUp += Amount(Int64(pay))
        if !ranked.isOwn { waterfall.episode.taken += Amount(Int64(pay)) }
        precondition(pay >= 0, "who is deleveraged is paid no more than the mark")
        waterfall.hasTakeover = true
        close(
            quantity,
            of: position,
            with: ranked.position,
            adjustment: -pay,
            .deleveraging,
            .deleveraging,
            &closing,
            &events
        )
    }

    private func reportQueue(_ position: Int32, _ bankruptcy: BankruptcyPrice, _ events: inout EventBuffer) {
        var hash = Hash128()
        var place = 0
        while place < ranking.count {
            let ranked = ranking[place]
            hash.add(littleEndian: UInt32(bitPattern: ranked.account))
            hash.add(littleEndian: UInt128(bitPattern: ranked.score))
            hash.add(littleEndian: UInt128(bitPattern: ranked.notional))
            place += 1
        }
        var ranked = QueueRanked()
        ranked.episode = waterfall.episode.episode
        ranked.market = MarketID(positions[position].market)
        ranked.side = positions[position].isLong ? .sell : .buy
        ranked.candidates = Int32(truncatingIfNeeded: ranking.count)
        assert(positions[position].isOpen, "a queue is asked for a position")
        assert(ranked.episode == lastEpisode, "a queue is one of the present episode")
        ranked.remainder = positions[position].size.magnitude
        ranked.deficit = Amount(reporting: max(0, -bankruptcy.adjustment(Int64(bankruptcy.size))))
        ranked.digestLow = hash.digest.low
        ranked.digestHigh = hash.digest.high
        events.append(.queueRanked, ranked)
    }
}
