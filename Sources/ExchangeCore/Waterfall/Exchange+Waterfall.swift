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

    func isInLiquidation(_ bucket: Bucket) -> Bool {
        bucket.isIsolated ? legs[bucket.leg].isInLiquidation : accounts[bucket.account].isInLiquidation
    }

    mutating func setInLiquidation(_ bucket: Bucket, _ value: Bool) {
        assert(
            hasBucket(bucket) && bucket.account >= AccountID.vault.raw,
            "who is in liquidation is a user or the vault"
        )
        if isInLiquidation(bucket) == value { return }
        if bucket.isIsolated {
            legs[bucket.leg].isInLiquidation = value
        } else {
            accounts[bucket.account].isInLiquidation = value
        }
        if value {
            waiting.append(bucket)
        } else {
            assert(waiting.count > 0, "who leaves was listed")
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
        assert(hasBucket(bucket), "who is queued is a margin account")
        if isQueued(bucket) { return }
        let health = health(bucket)
        if !isLiquidatable(health, bucket.account) { return }
        assert(health.maintenance > 0, "who lacks margin requires some")
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
            assert(isInLiquidation(waiting[index]), "who waits is in liquidation")
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
        assert(hasBucket(bucket), "a margin account holds positions")
        if bucket.isIsolated { return legs[bucket.leg].market == market && legs[bucket.leg].hasPosition }
        for index in 0..<3 {
            let leg = leg(bucket.account, market, at: index)
            if leg >= 0 && legs[leg].hasPosition && !legs[leg].isIsolated { return true }
        }
        return false
    }

    /// Notes that a bucket was the other side of a closing, or was charged (WF-0).
    mutating func touch(_ bucket: Bucket) {
        assert(hasBucket(bucket), "who is affected is a margin account")
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
        assert(waterfall.phase == .idle, "a round has gone through all its phases")
        waterfall.phase = .cancel
        waterfall.cursor = 0
        waterfall.round += 1
        sortQueue()
    }

    /// A bucket that another's closing made healthy, or emptied, leaves liquidation.
    mutating func leaveIfHealthy(_ bucket: Bucket, _ events: inout EventBuffer) {
        assert(isInLiquidation(bucket), "who leaves was in liquidation")
        let health = health(bucket)
        if health.isUnderMaintenance { return }
        setInLiquidation(bucket, false)
        disarm(bucket)
        if health.positions == 0 { returnMargin(bucket, health.equity, &events) }
    }

    /// WF-1: a bucket in liquidation provides no liquidity.
    private mutating func loseOrders(_ bucket: Bucket, _ events: inout EventBuffer) {
        waterfall.steps += 1
        assert(isQueued(bucket), "who loses its orders is in the queue")
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
