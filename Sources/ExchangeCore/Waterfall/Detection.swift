/// Who is liquidatable, and by which market's rules (MG-5, MG-7, WF-0).
extension Exchange {
    /// Puts a margin account into the queue, once, if it is liquidatable.
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
        entry.maintenance = max(1, health.maintenance)
        entry.account = margins[margin].account
        entry.market = margins[margin].market
        if margins[margin].isIsolated { entry.side = positions[margins[margin].firstPosition].side.rawValue }
        queue.append(entry)
    }

    /// Looks again at the margin accounts in liquidation that hold a position in a market.
    mutating func requeueWaiting(_ market: Int32) {
        var index = 0
        while index < inLiquidation.count {
            assert(margins[inLiquidation[index]].isInLiquidation, "who waits is in liquidation")
            let margin = inLiquidation[index]
            if holds(margin, market) {
                if health(margin).isUnderMaintenance {
                    enqueueIfLiquidatable(margin)
                } else {
                    setInLiquidation(margin, false)
                    markForRearm(margin)
                    continue  // another margin took its place in the list
                }
            }
            index += 1
        }
    }

    private func holds(_ margin: MarginAccount.Index, _ market: Int32) -> Bool {
        assert(hasMargin(margin), "a margin account holds positions")
        for index in 0..<3 {
            let position = position(margins[margin].account, market, at: index)
            if position >= 0 && positions[position].isOpen && positions[position].margin == margin {
                return true
            }
        }
        return false
    }

    /// A margin account that another's closing made healthy, or emptied, leaves liquidation.
    mutating func leaveIfHealthy(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        assert(margins[margin].isInLiquidation, "who leaves was in liquidation")
        let health = health(margin)
        if health.isUnderMaintenance { return }
        setInLiquidation(margin, false)
        markForRearm(margin)
        if health.positions == 0 { returnMargin(margin, health.equity, &events) }
    }

    /// Puts the margin accounts whose triggers a market's mark hits into the queue if they are
    /// liquidatable, and arms the others again.
    mutating func lookAtDueTriggers(_ market: Int32) {
        assert(dueTriggers.count == 0, "what was hit before has been looked at")
        let mark = markets[market].mark.ticks
        if mark == 0 { return }
        var level = book.prices.highest(markets[market].longTriggers)
        while level >= 0 && book.levels[level].price >= mark {
            collectDue(level)
            level = book.prices.below(markets[market].longTriggers, book.levels[level].price)
        }
        level = book.prices.lowest(markets[market].shortTriggers)
        while level >= 0 && book.levels[level].price <= mark {
            collectDue(level)
            level = book.prices.above(markets[market].shortTriggers, book.levels[level].price)
        }
        var index = 0
        while index < dueTriggers.count {
            let margin = positions[dueTriggers[index]].margin
            assert(
                positions[dueTriggers[index]].isOpen && positions[dueTriggers[index]].market == market,
                "a trigger is that of a position"
            )
            enqueueIfLiquidatable(margin)
            markForRearm(margin)
            index += 1
        }
        dueTriggers.truncate(to: 0)
    }

    private mutating func collectDue(_ level: Int32) {
        var position = book.levels[level].first
        while position >= 0 {
            dueTriggers.append(position)
            assert(positions[position].triggerLevel == level, "a trigger is in one level")
            position = positions[position].nextTrigger
        }
    }

    /// Looks at every margin account with a position in a market, as after funding or new tiers.
    mutating func lookAtAll(_ market: Int32) {
        var position = markets[market].firstPosition
        while position >= 0 {
            let margin = positions[position].margin
            assert(
                positions[position].market == market && positions[position].isOpen,
                "a position is in its market's list"
            )
            enqueueIfLiquidatable(margin)
            markForRearm(margin)
            position = positions[position].nextPosition
        }
    }

    /// The reference for MG-7: calls `body` for every liquidatable margin account. O(accounts × positions).
    ///
    /// For an isolated margin account the market and side of its position are given, else `MarketID.none` and
    /// `both`.
    public func scanForLiquidatable(_ body: (AccountID, MarketID, PositionSide) -> Void) {
        var account: Int32 = 0
        while Int(account) < accounts.count {
            let cross = health(accounts[account].margin)
            if isLiquidatable(cross, account) { body(AccountID(account), .none, .both) }
            var position = accounts[account].firstPosition
            while position >= 0 {
                if positions[position].isIsolated
                    && isLiquidatable(health(positions[position].margin), account)
                {
                    body(AccountID(account), MarketID(positions[position].market), positions[position].side)
                }
                position = positions[position].next
            }
            account += 1
        }
    }
}
