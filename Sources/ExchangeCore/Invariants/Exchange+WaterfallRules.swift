/// What holds of triggers, of the queue of liquidations, and of what lies under all rooms.
extension Exchange {
    // MARK: Triggers

    /// MG-7 and MG-5: each trigger is in its index, and whoever can be liquidated is in liquidation.
    func checkTriggers() throws(StateFault) {
        var listed = 0
        for number in 0..<count(of: markets) {
            listed += try checkTriggers(number, markets[number].longTriggers, long: true)
            listed += try checkTriggers(number, markets[number].shortTriggers, long: false)
        }
        var armed = 0
        for position in 0..<count(of: positions) where positions[position].triggerLevel >= 0 { armed += 1 }
        try StateCheck(.header)(listed == armed, "positions", .trigger)
        if waterfall.isPending { return }
        for account in 0..<count(of: accounts) { try checkCross(account) }
        for position in 0..<count(of: positions) where positions[position].isIsolated {
            try checkIsolated(position)
        }
    }

    private func checkTriggers(_ market: Int32, _ root: Int32, long: Bool) throws(StateFault) -> Int {
        var found = 0
        var level = book.prices.lowest(root)
        while level >= 0 {
            let it = book.levels[level]
            try StateCheck(.market(market))(it.first >= 0, "level", .trigger)
            var previous = nowhere
            var position = it.first
            while position >= 0 {
                let check = StateCheck(.position(position))
                let its = positions[position]
                let isIts = its.market == market && its.isOpen && its.isLong == long
                try check(isIts && its.triggerLevel == level, "triggerLevel", .trigger)
                try check(Int64(its.triggerPrice) == it.price, "triggerPrice", .trigger)
                try check(its.previousTrigger == previous, "previousTrigger", .trigger)
                found += 1
                previous = position
                position = its.nextTrigger
            }
            try StateCheck(.market(market))(previous == it.last, "level", .trigger)
            try StateCheck(.market(market))((it.quantity.lots > 0) == long, "level", .trigger)
            level = book.prices.above(root, it.price)
        }
        return found
    }

    private func checkCross(_ account: Int32) throws(StateFault) {
        let margin = accounts[account].margin
        if margins[margin].isInLiquidation || margins[margin].firstPosition < 0 { return }
        let health = health(margin)
        try StateCheck(.account(account))(!isLiquidatable(health, account), "cash", .notPassed)
    }

    private func checkIsolated(_ position: Int32) throws(StateFault) {
        if margins[positions[position].margin].isInLiquidation || !positions[position].isOpen { return }
        let health = health(positions[position].margin)
        let isSound = !isLiquidatable(health, positions[position].account)
        try StateCheck(.position(position))(isSound, "cash", .notPassed)
    }

    // MARK: Waterfall

    /// Lists and the flags of those in them.
    func checkWaterfall() throws(StateFault) {
        try checkPending()
        for index in 0..<inLiquidation.count {
            let check = StateCheck(.inLiquidation(index))
            try check(hasMargin(inLiquidation[index]), "account", .reference)
            try check(margins[inLiquidation[index]].isInLiquidation, "account", .inLiquidation)
            try check(margins[inLiquidation[index]].account >= AccountID.vault.raw, "account", .venueAccount)
        }
        for index in 0..<queue.count {
            let check = StateCheck(.queued(index))
            try check(hasMargin(queue[index].margin), "account", .reference)
            try check(margins[queue[index].margin].isQueued, "account", .queued)
        }
        for index in 0..<affected.count {
            let check = StateCheck(.affected(index))
            try check(hasMargin(affected[index]), "account", .reference)
            try check(margins[affected[index]].isAffected, "account", .affected)
        }
        for index in 0..<activeMarkets.count {
            let market = activeMarkets[index]
            let check = StateCheck(.active(index))
            try check(market >= 0 && market < count(of: markets), "active", .reference)
            try check(markets[market].isActive, "active", .active)
        }
        try checkFlagCounts()
    }

    /// As many flags are set as there are entries: with the entries' own flags set, none is there twice.
    private func checkFlagCounts() throws(StateFault) {
        var (liquidated, queued, marked, active) = (0, 0, 0, 0)
        func add(_ margin: MarginAccount.Index) {
            liquidated += margins[margin].isInLiquidation ? 1 : 0
            queued += margins[margin].isQueued ? 1 : 0
            marked += margins[margin].isAffected ? 1 : 0
        }
        for account in 0..<count(of: accounts) { add(accounts[account].margin) }
        for position in 0..<count(of: positions) where positions[position].isIsolated {
            add(positions[position].margin)
        }
        for market in 0..<count(of: markets) { active += markets[market].isActive ? 1 : 0 }
        let check = StateCheck(.header)
        try check(liquidated == inLiquidation.count, "inLiquidation", .inLiquidation)
        try check(queued == queue.count, "queue", .queued)
        try check(marked == affected.count, "affected", .affected)
        try check(active == activeMarkets.count, "active", .active)
    }

    /// WF-11 and PX-6.
    func checkPending() throws(StateFault) {
        let check = StateCheck(.waterfall)
        if !waterfall.isPending {
            let isEmpty = queue.count == 0 && affected.count == 0 && activeMarkets.count == 0
            return try check(isEmpty, "isPending", .pending)
        }
        let markets = count(of: markets)
        try check(waterfall.phase != .idle, "phase", .pending)
        try check(waterfall.cursor >= 0 && Int(waterfall.cursor) <= queue.count, "cursor", .pending)
        try check(waterfall.round >= 1, "round", .pending)
        try check(waterfall.trigger >= 0 && waterfall.trigger < markets, "trigger", .pending)
        try check(heldMark.market >= nowhere && heldMark.market < markets, "heldMarket", .heldMark)
        let range = 0...Price.highest.ticks
        try check(range.contains(heldMark.price.ticks), "heldPrice", .heldMark)
        try check(heldMark.turns >= 0, "heldTurns", .heldMark)
    }

    // MARK: Storage

    /// No record that nothing names, no deadline but those of records, and nothing left behind (DET-4).
    func checkStorage() throws(StateFault) {
        let check = StateCheck(.header)
        try check(deadlines.isOrdered, "clock", .deadline)
        var due = 0
        for position in 0..<count(of: positions) where positions[position].countdown >= 0 {
            let number = Int64(positions[position].account) << 32 | Int64(positions[position].market)
            let isIts = deadlines.isFor(positions[position].countdown, .countdown, number)
            try StateCheck(.position(position))(isIts, "countdown", .deadline)
            due += 1
        }
        due += try countMarketDeadlines()
        due += try countExpiries()
        try check(due == deadlines.count, "clock", .deadline)
        try check(dueTriggers.count | toRearm.count == 0, "toRearm", .scratch)
        try check(changedPositions.count == 0, "changedPositions", .scratch)
    }

    private func countMarketDeadlines() throws(StateFault) -> Int {
        var due = 0
        for market in 0..<count(of: markets) {
            let check = StateCheck(.market(market))
            let (funding, staleness) = (markets[market].funding, markets[market].staleness)
            if funding >= 0 {
                try check(deadlines.isFor(funding, .funding, Int64(market)), "funding", .deadline)
                due += 1
            }
            if staleness >= 0 {
                try check(deadlines.isFor(staleness, .staleness, Int64(market)), "staleness", .deadline)
                due += 1
            }
            try check(newestTime(market) <= deadlines.earliest, "at", .deadline)
        }
        return due
    }

    private func countExpiries() throws(StateFault) -> Int {
        var due = 0
        for position in 0..<count(of: positions) {
            var order = positions[position].firstOrder
            while order >= 0 {
                let it = book.orders[order]
                if it.expiry >= 0 {
                    let isIts = deadlines.isFor(it.expiry, .expiry, it.id.raw)
                    try StateCheck(.order(it.id))(isIts, "goodTill", .deadline)
                    due += 1
                }
                order = it.nextOfPosition
            }
        }
        return due
    }

    /// When a market last learned a price or took a sample. What was due before came before (DET-4), also
    /// where a tick had to stop: a deadline lets the time go back to its own, and no further than that.
    func newestTime(_ market: Int32) -> Timestamp {
        var newest = markets[market].lastSample
        for source in 0..<16 { newest = max(newest, markets[market].sources[source].at) }
        let memory = markets[market].memory
        return memory < 0 ? newest : max(newest, memories[memory].lastLook)
    }
}
