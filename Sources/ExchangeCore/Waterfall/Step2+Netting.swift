/// Step 2: margin accounts in liquidation close against each other at mark (WF-2).
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

    /// A margin account in hedge mode first closes its own `LONG` and `SHORT` of a market against each other.
    private mutating func netOwnSides(_ events: inout EventBuffer) {
        var index = 0
        while index < queue.count {
            let margin = queue[index].margin
            index += 1
            assert(margins[margin].isInLiquidation, "those in liquidation are netted")
            var position = margins[margin].firstPosition
            while position >= 0 {
                if positions[position].side == .long && isClosable(position) { netOwn(position, &events) }
                position = positions[position].nextOfMargin
            }
        }
    }

    private mutating func netOwn(_ long: Int32, _ events: inout EventBuffer) {
        let short = findPosition(positions[long].account, positions[long].market, .short)
        if short < 0 || positions[short].margin != positions[long].margin || !positions[short].isOpen {
            return
        }
        assert(positions[long].isLong && !positions[short].isLong, "a long is netted with a short")
        let quantity = min(positions[long].size.lots, -positions[short].size.lots)
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
            assert(positions[long].isLong && !positions[short].isLong, "a long is netted with a short")
            let quantity = min(wantedByNetting(long), wantedByNetting(short))
            assert(
                quantity > 0 && positions[long].margin != positions[short].margin,
                "two margin accounts are netted"
            )
            if !fits(quantity, of: long, with: short, adjustment: 0) { return }
            var closing = Closing()
            close(quantity, of: long, with: short, adjustment: 0, .netting, .netting, &closing, &events)
        }
    }

    /// The first position of a direction, from place `cursor` of the queue on, that wants to be closed.
    private func nextToNet(_ market: Int32, _ cursor: inout Int, _ side: Side) -> Int32 {
        assert(cursor >= 0, "a cursor is one of the queue")
        while cursor < queue.count {
            let position = queuedPosition(queue[cursor].margin, market, side)
            if position >= 0 && wantedByNetting(position) > 0 { return position }
            cursor += 1
        }
        return nowhere
    }

    private func queuedPosition(_ margin: MarginAccount.Index, _ market: Int32, _ side: Side) -> Int32 {
        assert(margins[margin].isQueued, "those in the queue are netted")
        for index in 0..<3 {
            let position = position(margins[margin].account, market, at: index)
            if position >= 0 && positions[position].margin == margin
                && positions[position].size.lots * side.sign > 0
            {
                return position
            }
        }
        return nowhere
    }

    /// What a side wants to net: nothing if healthy or below zero, everything past takeover, else just
    /// enough.
    private func wantedByNetting(_ position: Int32) -> Int64 {
        let health = health(positions[position].margin)
        if !health.isUnderMaintenance || health.equity < 0 { return 0 }
        let size = Int64(positions[position].size.lots.magnitude)
        if isPastTakeover(health, ruleMarket(positions[position].margin)) { return size }
        assert(size > 0 && health.maintenance > 0, "who lacks margin holds something")
        return min(size, justEnough(position, health, fee: .zero))
    }
}
