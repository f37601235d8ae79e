/// Who is liquidatable, and by which market's rules (MG-5, MG-7, WF-0).
extension Exchange {
    /// Puts a bucket into the queue, once, if it is liquidatable.
    mutating func enqueueIfLiquidatable(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "who is queued is a margin account")
        if margins[margin].isQueued { return }
        let health = health(margin)
        if !isLiquidatable(health, margins[margin].account) { return }
        assert(health.maintenance > 0, "who lacks margin requires some")
        enqueue(margin, health)
    }

    /// Puts a margin account into the queue, once.
    mutating func enqueue(_ margin: MarginAccount.Index, _ health: Health) {
        assert(!margins[margin].isQueued, "who is queued is queued once")
        margins[margin].isQueued = true
        var entry = QueueEntry()
        entry.margin = margin
        entry.equity = health.equity
        entry.maintenance = larger(1, health.maintenance)
        entry.account = margins[margin].account
        entry.market = margins[margin].market
        if margins[margin].isIsolated { entry.side = legs[margins[margin].firstPosition].side.rawValue }
        queue.append(entry)
    }

    /// Looks again at the buckets in liquidation that hold a position in a market.
    mutating func requeueWaiting(_ market: Int32) {
        var index = 0
        while index < waiting.count {
            assert(margins[waiting[index]].isInLiquidation, "who waits is in liquidation")
            let margin = waiting[index]
            if holds(margin, market) {
                if health(margin).isUnderMaintenance {
                    enqueueIfLiquidatable(margin)
                } else {
                    setInLiquidation(margin, false)
                    disarm(margin)
                    continue  // another margin took its place in the list
                }
            }
            index += 1
        }
    }

    private func holds(_ margin: MarginAccount.Index, _ market: Int32) -> Bool {
        assert(hasMargin(margin), "a margin account holds positions")
        for index in 0..<3 {
            let leg = leg(margins[margin].account, market, at: index)
            if leg >= 0 && legs[leg].hasPosition && legs[leg].margin == margin { return true }
        }
        return false
    }

    /// A bucket that another's closing made healthy, or emptied, leaves liquidation.
    mutating func leaveIfHealthy(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who leaves was in liquidation")
        let health = health(margin)
        if health.isUnderMaintenance { return }
        setInLiquidation(margin, false)
        disarm(margin)
        if health.positions == 0 { returnMargin(margin, health.equity, &events) }
    }

    /// Puts the buckets whose triggers a market's mark hits into the queue if they are
    /// liquidatable, and arms the others anew.
    mutating func fireTriggers(_ market: Int32) {
        assert(fired.count == 0, "what was hit before has been looked at")
        let mark = markets[market].mark.ticks
        if mark == 0 { return }
        var level = book.prices.highest(markets[market].longTriggers)
        while level >= 0 && book.levels[level].price >= mark {
            collectFired(level)
            level = book.prices.below(markets[market].longTriggers, book.levels[level].price)
        }
        level = book.prices.lowest(markets[market].shortTriggers)
        while level >= 0 && book.levels[level].price <= mark {
            collectFired(level)
            level = book.prices.above(markets[market].shortTriggers, book.levels[level].price)
        }
        var index = 0
        while index < fired.count {
            let margin = legs[fired[index]].margin
            assert(
                legs[fired[index]].hasPosition && legs[fired[index]].market == market,
                "a trigger is that of a position"
            )
            enqueueIfLiquidatable(margin)
            disarm(margin)
            index += 1
        }
        fired.truncate(to: 0)
    }

    private mutating func collectFired(_ level: Int32) {
        var leg = book.levels[level].first
        while leg >= 0 {
            fired.append(leg)
            assert(legs[leg].triggerLevel == level, "a trigger is in one level")
            leg = legs[leg].nextTrigger
        }
    }

    /// Looks at every bucket with a position in a market, as after funding or new tiers.
    mutating func lookAtAll(_ market: Int32) {
        var leg = markets[market].firstPosition
        while leg >= 0 {
            let margin = legs[leg].margin
            assert(legs[leg].market == market && legs[leg].hasPosition, "a position is in its market's list")
            enqueueIfLiquidatable(margin)
            disarm(margin)
            leg = legs[leg].nextPosition
        }
    }

    /// The reference for MG-7: calls `body` for every liquidatable bucket. O(accounts × legs).
    ///
    /// For an isolated bucket the market and side of its leg are given, else `MarketID.none` and `both`.
    public func scanForLiquidatable(_ body: (AccountID, MarketID, PositionSide) -> Void) {
        var account: Int32 = 0
        while Int(account) < accounts.count {
            let cross = health(accounts[account].margin)
            if isLiquidatable(cross, account) { body(AccountID(account), .none, .both) }
            var leg = accounts[account].firstLeg
            while leg >= 0 {
                if legs[leg].isIsolated && isLiquidatable(health(legs[leg].margin), account) {
                    body(AccountID(account), MarketID(legs[leg].market), legs[leg].side)
                }
                leg = legs[leg].next
            }
            account += 1
        }
    }
}
