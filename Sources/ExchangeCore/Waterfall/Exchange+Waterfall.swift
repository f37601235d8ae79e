/// The waterfall: its queue, rounds, bound and end (WF-0, WF-1, WF-11). One file a step beside this one.
extension Exchange {
    // MARK: Who is looked at

    /// Starts collecting the buckets that a command made liquidatable.
    mutating func beginWaterfall(at market: Int32) {
        assert(market >= 0 && Int(market) < markets.count, "a waterfall is begun by a market")
        assert(!waterfall.isPending, "one waterfall ends before the next")
        waterfall = WaterfallState()
        waterfall.trigger = market
        waterfall.round = 1
        waterfall.phase = .cancel
        standing.forget()
    }

    mutating func setInLiquidation(_ margin: MarginAccount.Index, _ value: Bool) {
        assert(
            hasMargin(margin) && margins[margin].account >= AccountID.vault.raw,
            "who is in liquidation is a user or the vault"
        )
        if margins[margin].isInLiquidation == value { return }
        margins[margin].isInLiquidation = value
        if value {
            waiting.append(margin)
        } else {
            assert(waiting.count > 0, "who leaves was listed")
            var index = 0
            while waiting[index] != margin { index += 1 }
            let last = waiting.removeLast()
            if last != margin { waiting[index] = last }
        }
    }

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

    /// Notes that a bucket was the other side of a closing, or was charged (WF-0).
    mutating func touch(_ margin: MarginAccount.Index) {
        assert(hasMargin(margin), "who is affected is a margin account")
        if margins[margin].isTouched { return }
        margins[margin].isTouched = true
        touched.append(margin)
    }

    // MARK: Rounds

    mutating func continueWaterfall(_ command: Continue, _ events: inout EventBuffer) -> Status {
        if command.unused { return .invalidField }
        if !waterfall.isPending { return .nothingPending }
        assert(waterfall.phase != .idle && queue.count > 0, "what is pending has a phase and a queue")
        waterfall.isPending = false
        waterfall.steps = 0
        runWaterfall(&events)
        goOnHeld(&events)
        forgetPayments()
        return .ok
    }

    /// Goes on from where the waterfall stands, to a fixed point or to the bound.
    mutating func runWaterfall(_ events: inout EventBuffer) {
        assert(waterfall.cursor >= 0 && Int(waterfall.cursor) <= queue.count, "a cursor is one of the queue")
        if queue.count > 0 && waterfall.phase == .cancel && waterfall.cursor == 0 { sortQueue() }
        while queue.count > 0 {
            if !runRound(&events) {
                waterfall.isPending = true
                var pending = WaterfallPending()
                pending.left = Int32(truncatingIfNeeded: queue.count) - waterfall.cursor
                events.append(.waterfallPending, pending)
                standing.forget()
                armDisarmed()
                return
            }
            nextRound(&events)
        }
        assert(touched.count == 0, "everybody who was affected has been looked at")
        finishWaterfall(&events)
    }

    private mutating func sortQueue() { queue.sort { $0.isBefore($1) } }

    /// One round. Returns false if the bound was reached.
    private mutating func runRound(_ events: inout EventBuffer) -> Bool {
        while waterfall.phase != .idle {
            if waterfall.phase == .net {
                net(&events)
                waterfall.phase = .resolve
                waterfall.cursor = 0
                continue
            }
            if Int(waterfall.cursor) == queue.count {
                waterfall.phase = waterfall.phase == .cancel ? .net : .idle
                waterfall.cursor = 0
                continue
            }
            if waterfall.steps >= limits.waterfallSteps { return false }
            assert(
                waterfall.cursor >= 0 && Int(waterfall.cursor) < queue.count,
                "a cursor is one of the queue"
            )
            let margin = queue[waterfall.cursor].margin
            if waterfall.phase == .cancel {
                loseOrders(margin, &events)
            } else {
                resolve(margin, &events)
            }
            waterfall.cursor += 1
        }
        return true
    }

    /// Empties the queue and fills it with the liquidatable among the buckets that were touched.
    private mutating func nextRound(_ events: inout EventBuffer) {
        while queue.count > 0 {
            margins[queue.removeLast().margin].isQueued = false
        }
        var index = 0
        while index < touched.count {
            let margin = touched[index]
            margins[margin].isTouched = false
            if margins[margin].isInLiquidation { leaveIfHealthy(margin, &events) }
            enqueueIfLiquidatable(margin)
            index += 1
        }
        touched.truncate(to: 0)
        assert(waterfall.phase == .idle, "a round has gone through all its phases")
        waterfall.phase = .cancel
        waterfall.cursor = 0
        waterfall.round += 1
        sortQueue()
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

    /// WF-1: a bucket in liquidation provides no liquidity.
    private mutating func loseOrders(_ margin: MarginAccount.Index, _ events: inout EventBuffer) {
        waterfall.steps += 1
        assert(margins[margin].isQueued, "who loses its orders is in the queue")
        setInLiquidation(margin, true)
        let owner = margins[margin]
        if owner.isIsolated {
            cancelOrders(ofLeg: owner.firstPosition, .liquidation, &events)
        } else {
            cancelOrders(of: owner.account, in: nowhere, .liquidation, &events)
        }
    }

    /// What comes after the waterfall: conditional orders, the vault's inventory, triggers, and an end
    /// to what the command left behind in the markets.
    private mutating func finishWaterfall(_ events: inout EventBuffer) {
        assert(queue.count == 0 && touched.count == 0, "a waterfall ends with an empty queue")
        let market = waterfall.trigger
        waterfall = WaterfallState()
        standing.forget()
        runConditionalOrders(&events)
        if market >= 0 && markets[market].isMoved { workOffVault(market, &events) }
        runConditionalOrders(&events)
        if market >= 0 { markets[market].isMoved = false }
        clearTakeovers()
        expireUselessReduceOnly(&events)
        armDisarmed()
    }

    /// What every command that can fill or move cash ends with.
    mutating func finishCommand(_ events: inout EventBuffer) {
        assert(fired.count == 0, "what was hit has been looked at")
        runConditionalOrders(&events)
        armDisarmed()
    }
}
