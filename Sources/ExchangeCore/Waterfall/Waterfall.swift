/// The waterfall: its queue, rounds, bound and end (WF-0, WF-11). Each step is a file beside this one; which
/// of them a market has, and in which order, is a list of its own.
extension Exchange {
    /// Starts collecting the margin accounts that a command made liquidatable.
    mutating func beginWaterfall(at market: Int32) {
        assert(market >= 0 && Int(market) < markets.count, "a waterfall is begun by a market")
        assert(!waterfall.isPending, "one waterfall ends before the next")
        waterfall = WaterfallState()
        waterfall.trigger = market
        waterfall.round = 1
        waterfall.phase = .cancel
        rankedQueue.forget()
    }

    /// Goes on from where the waterfall stands, to a fixed point or to the bound.
    mutating func runWaterfall(_ events: inout EventBuffer) {
        assert(waterfall.cursor >= 0 && Int(waterfall.cursor) <= queue.count, "a cursor is one of the queue")
        if queue.count > 0 && waterfall.phase == .cancel && waterfall.cursor == 0 { sortQueue() }
        while queue.count > 0 {
            if !runRound(&events) {
                waterfall.isPending = true
                let left = Int32(truncatingIfNeeded: queue.count) - waterfall.cursor
                events.append(.waterfallPending, WaterfallPending(left: left))
                rankedQueue.forget()
                rearmMarked()
                return
            }
            nextRound(&events)
        }
        assert(affected.count == 0, "everybody who was affected has been looked at")
        finishWaterfall(&events)
    }

    private mutating func sortQueue() { queue.sort { $0.isBefore($1) } }

    /// One round. Returns false if the bound was reached.
    private mutating func runRound(_ events: inout EventBuffer) -> Bool {
        let steps = markets[waterfall.trigger].steps
        while waterfall.phase != .idle {
            if waterfall.phase == .net {
                if steps.has(.netting) { net(&events) }
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
            if waterfall.phase == .resolve {
                resolve(margin, &events)
            } else if steps.has(.cancelOrders) {
                loseOrders(margin, &events)
            }
            waterfall.cursor += 1
        }
        return true
    }

    /// Empties the queue and fills it with the liquidatable among the margin accounts that were touched.
    private mutating func nextRound(_ events: inout EventBuffer) {
        while queue.count > 0 {
            margins[queue.removeLast().margin].isQueued = false
        }
        var index = 0
        while index < affected.count {
            let margin = affected[index]
            margins[margin].isAffected = false
            if margins[margin].isInLiquidation { leaveIfHealthy(margin, &events) }
            enqueueIfLiquidatable(margin)
            index += 1
        }
        affected.truncate(to: 0)
        assert(waterfall.phase == .idle, "a round has gone through all its phases")
        waterfall.phase = .cancel
        waterfall.cursor = 0
        waterfall.round += 1
        sortQueue()
    }

    /// What comes after the waterfall: conditional orders, the vault's inventory, triggers, and an end
    /// to what the command left behind in the markets.
    private mutating func finishWaterfall(_ events: inout EventBuffer) {
        assert(queue.count == 0 && affected.count == 0, "a waterfall ends with an empty queue")
        let market = waterfall.trigger
        waterfall = WaterfallState()
        rankedQueue.forget()
        runConditionalOrders(&events)
        if market >= 0 && markets[market].isMoved { workOffVault(market, &events) }
        runConditionalOrders(&events)
        if market >= 0 { markets[market].isMoved = false }
        clearTakeovers()
        expireUselessReduceOnly(&events)
        rearmMarked()
    }
}
