/// Finding the liquidatable without looking at everybody (MG-7).
///
/// Each leg with a position has a trigger in its market's index for its direction. A bucket's slack is
/// split evenly over its positions, so that it cannot fall below maintenance before one of its
/// triggers is hit. Triggers may be older than the state, and then only fire too early.
extension Exchange {
    /// Arms all buckets that the command disarmed.
    @inline(__always)
    mutating func armDisarmed() {
        if disarmed.count > 0 { armAllDisarmed() }
    }

    @inline(never)
    private mutating func armAllDisarmed() {
        while disarmed.count > 0 {
            let margin = disarmed.removeLast()
            assert(hasMargin(margin), "triggers are those of a margin account")
            assert(margins[margin].isDisarmed, "it is noted once")
            margins[margin].isDisarmed = false
            arm(margin)
        }
    }

    /// Sets the triggers of a bucket's positions from its present health. O(legs of the account).
    mutating func arm(_ margin: MarginAccount.Index) {
        let health = health(margin)
        if health.positions == 0 { return }
        let slack = quotient(health.equity - health.maintenance, health.positions, .down)
        assert(
            health.positions > 0 && slack * health.positions <= health.equity - health.maintenance,
            "the parts of the slack are no more than the whole"
        )
        var leg = margins[margin].firstPosition
        while leg >= 0 {
            if legs[leg].hasPosition { armLeg(leg, slack) }
            leg = legs[leg].nextOfMargin
        }
    }

    /// `d` ticks away from the mark, and one more (MG-7).
    private mutating func armLeg(_ leg: Int32, _ slack: Int128) {
        let market = legs[leg].market
        assert(legs[leg].hasPosition, "a trigger is that of a position")
        let long = legs[leg].isLong
        let price = markets[market].mark.ticks
        if price == 0 {
            // Before the first valid mark nothing is liquidated; that mark arms all positions.
            removeTrigger(leg)
            return
        }
        let rate = markets[market].highestRate
        let tickWorth = Int128(legs[leg].size.lots.magnitude) * markets[market].u
        assert(tickWorth > 0 && rate.units > 0, "a tick is worth something, and maintenance has a rate")
        let ticks = Margin.triggerDistance(room: slack - 1, tickWorth: tickWorth, rate: rate)
        let highest = Int128(Price.highest.ticks)
        let trigger = long ? Int128(price) - ticks - 1 : Int128(price) + ticks + 1
        // Out of reach: a long's below the lowest price, a short's above the highest.
        if long ? trigger < 1 : trigger > highest {
            removeTrigger(leg)
            return
        }
        setTrigger(leg, Int64(larger(1, smaller(trigger, highest))))
    }

    private mutating func setTrigger(_ leg: Int32, _ price: Int64) {
        assert(price >= 1 && price <= Price.highest.ticks, "a trigger is a price")
        let ticks = Int32(truncatingIfNeeded: price)
        let long = legs[leg].isLong
        let present = legs[leg].triggerLevel
        // A position that was turned over stands in the other direction's index, at whatever price.
        if present >= 0 && legs[leg].triggerPrice == ticks
            && (book.levels[present].quantity.lots > 0) == long
        {
            return
        }
        removeTrigger(leg)
        let market = legs[leg].market
        let level =
            long
            ? book.makeLevel(&markets[market].longTriggers, price)
            : book.makeLevel(&markets[market].shortTriggers, price)
        // Which of the two indices holds the level: the sign of its quantity says.
        book.levels[level].quantity = Quantity(long ? 1 : -1)
        let last = book.levels[level].last
        assert(book.levels[level].price == price, "a trigger is in the level of its price")
        legs[leg].triggerPrice = ticks
        legs[leg].triggerLevel = level
        legs[leg].previousTrigger = last
        legs[leg].nextTrigger = nowhere
        if last >= 0 { legs[last].nextTrigger = leg } else { book.levels[level].first = leg }
        book.levels[level].last = leg
    }

    /// Takes a leg's trigger away, if it has one.
    mutating func removeTrigger(_ leg: Int32) {
        let level = legs[leg].triggerLevel
        if level < 0 { return }
        assert(book.levels[level].first >= 0, "a level of a trigger is not empty")
        let previous = legs[leg].previousTrigger
        let next = legs[leg].nextTrigger
        if previous >= 0 { legs[previous].nextTrigger = next } else { book.levels[level].first = next }
        if next >= 0 { legs[next].previousTrigger = previous } else { book.levels[level].last = previous }
        assert(legs[leg].triggerPrice >= 1, "a trigger has a price")
        legs[leg].triggerLevel = nowhere
        legs[leg].triggerPrice = -1
        if book.levels[level].first >= 0 { return }
        let market = legs[leg].market
        if book.levels[level].quantity.lots > 0 {
            book.removeEmpty(level, &markets[market].longTriggers)
        } else {
            book.removeEmpty(level, &markets[market].shortTriggers)
        }
    }

    /// MG-5. The fund and the fee account are never liquidated.
    @inline(__always)
    func isLiquidatable(_ health: Health, _ account: Int32) -> Bool {
        assert(health.maintenance >= 0, "maintenance is not negative")
        return health.isUnderMaintenance && health.canClose && account >= AccountID.vault.raw
    }
}
