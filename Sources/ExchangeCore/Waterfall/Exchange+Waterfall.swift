/// The waterfall: its queue, rounds, bound and end (WF-0, WF-1, WF-11). One file a step beside this one.
extension Exchange {
    // MARK: Who is looked at

    /// Starts collecting the buckets that a command made liquidatable.
    mutating func beginWaterfall(at market: Int32) {
        waterfall = WaterfallState()
        waterfall.trigger = market
        waterfall.round = 1
        waterfall.phase = .cancel
        standing.forget()
    }

    func isInLiquidation(_ bucket: Bucket) -> Bool {
        bucket.isIsolated ? legs[bucket.leg].isInLiquidation : accounts[bucket.account].isInLiquidation
    }

    mutating func setInLiquidation(_ bucket: Bucket, _ value: Bool) {
        if isInLiquidation(bucket) == value { return }
        if bucket.isIsolated {
            legs[bucket.leg].isInLiquidation = value
        } else {
            accounts[bucket.account].isInLiquidation = value
        }
        if value {
            waiting.append(bucket)
        } else {
            var index = 0
            while waiting[index] != bucket { index += 1 }
            let last = waiting.removeLast()
            if last != bucket { waiting[index] = last }
        }
    }

    func isQueued(_ bucket: Bucket) -> Bool {
        bucket.isIsolated ? legs[bucket.leg].isQueued : accounts[bucket.account].isQueued
    }

    /// Puts a bucket into the queue, once, if it is liquidatable.
    mutating func enqueueIfLiquidatable(_ bucket: Bucket) {
        if isQueued(bucket) { return }
        let health = health(bucket)
        if !isLiquidatable(health, bucket.account) { return }
        var entry = QueueEntry(bucket: bucket, equity: health.equity, maintenance: health.maintenance)
        if bucket.isIsolated {
            legs[bucket.leg].isQueued = true
            entry.market = legs[bucket.leg].market
            entry.side = legs[bucket.leg].side.rawValue
        } else {
            accounts[bucket.account].isQueued = true
        }
        queue.append(entry)
    }

    /// Looks again at the buckets in liquidation that hold a position in a market.
    mutating func requeueWaiting(_ market: Int32) {
        var index = 0
        while index < waiting.count {
            let bucket = waiting[index]
            if holds(bucket, market) {
                if health(bucket).isUnderMaintenance {
                    enqueueIfLiquidatable(bucket)
                } else {
                    setInLiquidation(bucket, false)
                    disarm(bucket)
                    continue  // another bucket took its place in the list
                }
            }
            index += 1
        }
    }

    private func holds(_ bucket: Bucket, _ market: Int32) -> Bool {
        if bucket.isIsolated { return legs[bucket.leg].market == market && legs[bucket.leg].hasPosition }
        for index in 0..<3 {
            let leg = leg(bucket.account, market, at: index)
            if leg >= 0 && legs[leg].hasPosition && !legs[leg].isIsolated { return true }
        }
        return false
    }

    /// Notes that a bucket was the other side of a closing, or was charged (WF-0).
    mutating func touch(_ bucket: Bucket) {
        if bucket.isIsolated {
            if legs[bucket.leg].isTouched { return }
            legs[bucket.leg].isTouched = true
        } else {
            if accounts[bucket.account].isTouched { return }
            accounts[bucket.account].isTouched = true
        }
        touched.append(bucket)
    }

    // MARK: Rounds

    mutating func continueWaterfall(_ command: Continue, _ events: inout EventBuffer) -> Status {
        if command.unused { return .invalidField }
        if !waterfall.isPending { return .nothingPending }
        waterfall.isPending = false
        waterfall.steps = 0
        runWaterfall(&events)
        goOnHeld(&events)
        forgetPayments()
        return .ok
    }

    /// Goes on from where the waterfall stands, to a fixed point or to the bound.
    mutating func runWaterfall(_ events: inout EventBuffer) {
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
            let bucket = queue[waterfall.cursor].bucket
            if waterfall.phase == .cancel {
                loseOrders(bucket, &events)
            } else {
                resolve(bucket, &events)
            }
            waterfall.cursor += 1
        }
        return true
    }

    /// Empties the queue and fills it with the liquidatable among the buckets that were touched.
    private mutating func nextRound(_ events: inout EventBuffer) {
        while queue.count > 0 {
            let bucket = queue.removeLast().bucket
            if bucket.isIsolated {
                legs[bucket.leg].isQueued = false
            } else {
                accounts[bucket.account].isQueued = false
            }
        }
        var index = 0
        while index < touched.count {
            let bucket = touched[index]
            if bucket.isIsolated {
                legs[bucket.leg].isTouched = false
            } else {
                accounts[bucket.account].isTouched = false
            }
            if isInLiquidation(bucket) { leaveIfHealthy(bucket, &events) }
            enqueueIfLiquidatable(bucket)
            index += 1
        }
        touched.truncate(to: 0)
        waterfall.phase = .cancel
        waterfall.cursor = 0
        waterfall.round += 1
        sortQueue()
    }

    /// A bucket that another's closing made healthy, or emptied, leaves liquidation.
    mutating func leaveIfHealthy(_ bucket: Bucket, _ events: inout EventBuffer) {
        let health = health(bucket)
        if health.isUnderMaintenance { return }
        setInLiquidation(bucket, false)
        disarm(bucket)
        if health.positions == 0 { returnMargin(bucket, health.equity, &events) }
    }

    /// WF-1: a bucket in liquidation provides no liquidity.
    private mutating func loseOrders(_ bucket: Bucket, _ events: inout EventBuffer) {
        waterfall.steps += 1
        setInLiquidation(bucket, true)
        if bucket.isIsolated {
            cancelOrders(ofLeg: bucket.leg, .liquidation, &events)
        } else {
            cancelOrders(of: bucket.account, in: nowhere, .liquidation, &events)
        }
    }

    /// What comes after the waterfall: conditional orders, the vault's inventory, triggers, and an end
    /// to what the command left behind in the markets.
    private mutating func finishWaterfall(_ events: inout EventBuffer) {
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
        runConditionalOrders(&events)
        armDisarmed()
    }
}
