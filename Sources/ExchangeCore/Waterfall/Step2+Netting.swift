/// Step 2: buckets in liquidation close against each other at mark (WF-2).
extension Exchange {
    mutating func net(_ events: inout EventBuffer) {
        assert(queue.count > 0, "those in liquidation are netted")
        waterfall.episode = EpisodeEnded()
        netOwnSides(&events)
        var market: Int32 = 0
        while Int(market) < markets.count {
            if markets[market].isClosable && markets[market].positions > 1 { netMarket(market, &events) }
            market += 1
        }
        expireUselessReduceOnly(&events)
    }

    /// A bucket in hedge mode first closes its own `LONG` and `SHORT` of a market against each other.
    private mutating func netOwnSides(_ events: inout EventBuffer) {
        var index = 0
        while index < queue.count {
            let margin = queue[index].margin
            index += 1
            assert(margins[margin].isInLiquidation, "those in liquidation are netted")
            var leg = margins[margin].firstPosition
            while leg >= 0 {
                if legs[leg].side == .long && isClosable(leg) { netOwn(leg, &events) }
                leg = legs[leg].nextOfMargin
            }
        }
    }

    private mutating func netOwn(_ long: Int32, _ events: inout EventBuffer) {
        let short = findLeg(legs[long].account, legs[long].market, .short)
        if short < 0 || legs[short].margin != legs[long].margin || !legs[short].hasPosition { return }
        assert(legs[long].isLong && !legs[short].isLong, "a long is netted with a short")
        let quantity = smaller(legs[long].size.lots, -legs[short].size.lots)
        if !fits(quantity, of: long, with: short, adjustment: 0) { return }
        assert(quantity > 0, "something is netted")
        var closing = Closing()
        close(quantity, of: long, with: short, adjustment: 0, .netting, .netting, &closing, &events)
    }

    /// Longs and shorts of the queue, each in queue order, the first of each side with each other.
    private mutating func netMarket(_ market: Int32, _ events: inout EventBuffer) {
        var longs = 0
        var shorts = 0
        while true {
            let long = nextToNet(market, &longs, .buy)
            let short = nextToNet(market, &shorts, .sell)
            if long < 0 || short < 0 { return }
            assert(legs[long].isLong && !legs[short].isLong, "a long is netted with a short")
            let quantity = smaller(wantedByNetting(long), wantedByNetting(short))
            assert(quantity > 0 && legs[long].margin != legs[short].margin, "two margin accounts are netted")
            if !fits(quantity, of: long, with: short, adjustment: 0) { return }
            var closing = Closing()
            close(quantity, of: long, with: short, adjustment: 0, .netting, .netting, &closing, &events)
        }
    }

    /// The first leg of a direction, from place `cursor` of the queue on, that wants to be closed.
    private func nextToNet(_ market: Int32, _ cursor: inout Int, _ side: Side) -> Int32 {
        assert(cursor >= 0, "a cursor is one of the queue")
        while cursor < queue.count {
            let leg = queuedLeg(queue[cursor].margin, market, side)
            if leg >= 0 && wantedByNetting(leg) > 0 { return leg }
            cursor += 1
        }
        return nowhere
    }

    private func queuedLeg(_ margin: MarginAccount.Index, _ market: Int32, _ side: Side) -> Int32 {
        assert(margins[margin].isQueued, "those in the queue are netted")
        for index in 0..<3 {
            let leg = leg(margins[margin].account, market, at: index)
            if leg >= 0 && legs[leg].margin == margin && legs[leg].size.lots * side.sign > 0 { return leg }
        }
        return nowhere
    }

    /// What a side wants to net: nothing if healthy or below zero, everything past takeover, else just
    /// enough.
    private func wantedByNetting(_ leg: Int32) -> Int64 {
        let health = health(legs[leg].margin)
        if !health.isUnderMaintenance || health.equity < 0 { return 0 }
        let size = Int64(legs[leg].size.lots.magnitude)
        if isPastTakeover(health, ruleMarket(legs[leg].margin)) { return size }
        assert(size > 0 && health.maintenance > 0, "who lacks margin holds something")
        return smaller(size, justEnough(leg, health, fee: .zero))
    }
}
