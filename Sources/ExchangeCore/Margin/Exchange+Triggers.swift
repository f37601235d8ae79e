/// Finding the liquidatable without looking at everybody (MG-7).
///
/// Each open position has a trigger in its market's index for its direction. A margin account's slack is
/// split evenly over its positions, so that it cannot fall below maintenance before one of its
/// triggers is hit. Triggers may be older than the state, and then only fire too early.
extension Exchange {
    /// Arms all margin accounts that the command marked.
    @inline(__always)
    mutating func rearmMarked() {
        if toRearm.count > 0 { rearmAllMarked() }
    }

    @inline(never)
    private mutating func rearmAllMarked() {
        while toRearm.count > 0 {
            let margin = toRearm.removeLast()
            assert(hasMargin(margin), "triggers are those of a margin account")
            assert(margins[margin].isToRearm, "it is noted once")
            margins[margin].isToRearm = false
            arm(margin)
        }
    }

    /// Sets the triggers of a margin account's positions from its present health. O(positions of the
    /// account).
    mutating func arm(_ margin: MarginAccount.Index) {
        let health = health(margin)
        if health.positions == 0 { return }
        let slack = quotient(health.equity - health.maintenance, health.positions, .down)
        assert(
            health.positions > 0 && slack * health.positions <= health.equity - health.maintenance,
            "the parts of the slack are no more than the whole"
        )
        var position = margins[margin].firstPosition
        while position >= 0 {
            if positions[position].isOpen { armPosition(position, slack) }
            position = positions[position].nextOfMargin
        }
    }

    /// `d` ticks away from the mark, and one more (MG-7).
    private mutating func armPosition(_ position: Int32, _ slack: Int128) {
        let market = positions[position].market
        assert(positions[position].isOpen, "a trigger is that of a position")
        let long = positions[position].isLong
        let price = markets[market].mark.ticks
        if price == 0 {
            // Before the first valid mark nothing is liquidated; that mark arms all positions.
            removeTrigger(position)
            return
        }
        let rate = markets[market].highestRate
        let tickWorth = Int128(positions[position].size.lots.magnitude) * markets[market].u
        assert(tickWorth > 0 && rate.units > 0, "a tick is worth something, and maintenance has a rate")
        let ticks = Margin.triggerDistance(room: slack - 1, tickWorth: tickWorth, rate: rate)
        let highest = Int128(Price.highest.ticks)
        let trigger = long ? Int128(price) - ticks - 1 : Int128(price) + ticks + 1
        // Out of reach: a long's below the lowest price, a short's above the highest.
        if long ? trigger < 1 : trigger > highest {
            removeTrigger(position)
            return
        }
        setTrigger(position, Int64(max(1, min(trigger, highest))))
    }

    private mutating func setTrigger(_ position: Int32, _ price: Int64) {
        assert(price >= 1 && price <= Price.highest.ticks, "a trigger is a price")
        let ticks = Int32(truncatingIfNeeded: price)
        let long = positions[position].isLong
        let present = positions[position].triggerLevel
        // A position that was turned over stands in the other direction's index, at whatever price.
        if present >= 0 && positions[position].triggerPrice == ticks
            && (book.levels[present].quantity.lots > 0) == long
        {
            return
        }
        removeTrigger(position)
        let market = positions[position].market
        let level =
            long
            ? book.makeLevel(&markets[market].longTriggers, price)
            : book.makeLevel(&markets[market].shortTriggers, price)
        // Which of the two indices holds the level: the sign of its quantity says.
        book.levels[level].quantity = Quantity(long ? 1 : -1)
        let last = book.levels[level].last
        assert(book.levels[level].price == price, "a trigger is in the level of its price")
        positions[position].triggerPrice = ticks
        positions[position].triggerLevel = level
        positions[position].previousTrigger = last
        positions[position].nextTrigger = nowhere
        if last >= 0 { positions[last].nextTrigger = position } else { book.levels[level].first = position }
        book.levels[level].last = position
    }

    /// Takes a position's trigger away, if it has one.
    mutating func removeTrigger(_ position: Int32) {
        let level = positions[position].triggerLevel
        if level < 0 { return }
        assert(book.levels[level].first >= 0, "a level of a trigger is not empty")
        let previous = positions[position].previousTrigger
        let next = positions[position].nextTrigger
        if previous >= 0 { positions[previous].nextTrigger = next } else { book.levels[level].first = next }
        if next >= 0 {
            positions[next].previousTrigger = previous
        } else {
            book.levels[level].last = previous
        }
        assert(positions[position].triggerPrice >= 1, "a trigger has a price")
        positions[position].triggerLevel = nowhere
        positions[position].triggerPrice = -1
        if book.levels[level].first >= 0 { return }
        let market = positions[position].market
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
