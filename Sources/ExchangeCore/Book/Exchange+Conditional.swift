/// Stops, take-profits and trailing stops (BK-20 to BK-27).
extension Exchange {
    /// The price that a conditional order watches: mark, or last trade, or mark before there is one.
    private func watched(_ market: Int32, _ working: WorkingType) -> Int64 {
        if working == .last && markets[market].lastPrice.ticks > 0 { return markets[market].lastPrice.ticks }
        return markets[market].mark.ticks
    }

    /// Whether a trigger fires when the price rises to it.
    @inline(__always)
    func rises(_ type: OrderType, _ side: Side) -> Bool {
        switch type {
        case .takeProfit, .takeProfitMarket: side == .sell
        default: side == .buy
        }
    }

    /// Whether a conditional order would fire, or begin to follow from its activation price, as soon as it is
    /// placed (BK-20, BK-21).
    func wouldTrigger(_ command: PlaceOrder) -> Bool {
        let price = watched(command.market.raw, command.workingType)
        if command.type == .trailingStopMarket {
            let activate = command.activatePrice.ticks
            return activate > 0 && (command.side == .sell ? activate <= price : activate >= price)
        }
        return rises(command.type, command.side)
            ? price >= command.triggerPrice.ticks : price <= command.triggerPrice.ticks
    }

    /// Puts an accepted conditional order where its trigger is watched.
    mutating func wait(_ order: Int32, _ command: PlaceOrder) {
        var condition = Condition()
        condition.trigger = command.triggerPrice
        condition.activate = command.activatePrice
        condition.callback = command.callbackRate
        condition.working = command.workingType
        condition.closePosition = command.closePosition
        condition.priceProtect = command.priceProtect
        condition.priceMatch = command.priceMatch
        book.orders[order].condition = conditions.insert(condition)
        if book.orders[order].type == .trailingStopMarket {
            enterTrailing(order)
            follow(order, watched(command.market.raw, command.workingType))
        } else {
            watch(order)
        }
    }

    // MARK: Trigger levels

    mutating func watch(_ order: Int32) {
        let market = positions[book.orders[order].position].market
        let condition = book.orders[order].condition
        let price = conditions[condition].trigger.ticks
        let rising = rises(book.orders[order].type, book.orders[order].side)
        var root = conditionRoot(market, conditions[condition].working, rising)
        let level = book.makeLevel(&root, price)
        setConditionRoot(market, conditions[condition].working, rising, root)
        // The first that may fire is then the oldest, however many wait at one price.
        book.insertByNumber(order, to: level)
    }

    /// Takes a conditional order out of wherever it is watched.
    mutating func stopWaiting(_ order: Int32) {
        if book.orders[order].type == .trailingStopMarket { leaveTrailing(order) }
        if book.orders[order].level >= 0 { unwatch(order) }
    }

    private mutating func unwatch(_ order: Int32) {
        let market = positions[book.orders[order].position].market
        let condition = book.orders[order].condition
        let level = book.orders[order].level
        if book.remove(order, book.orders[order]) { return }
        let rising = rises(book.orders[order].type, book.orders[order].side)
        var root = conditionRoot(market, conditions[condition].working, rising)
        book.removeEmpty(level, &root)
        setConditionRoot(market, conditions[condition].working, rising, root)
    }

    func conditionRoot(_ market: Int32, _ working: WorkingType, _ rising: Bool) -> Int32 {
        switch (working, rising) {
        case (.mark, true): markets[market].markRising
        case (.mark, false): markets[market].markFalling
        case (.last, true): markets[market].lastRising
        case (.last, false): markets[market].lastFalling
        }
    }

    private mutating func setConditionRoot(
        _ market: Int32,
        _ working: WorkingType,
        _ rising: Bool,
        _ root: Int32
    ) {
        switch (working, rising) {
        case (.mark, true): markets[market].markRising = root
        case (.mark, false): markets[market].markFalling = root
        case (.last, true): markets[market].lastRising = root
        case (.last, false): markets[market].lastFalling = root
        }
    }

    // MARK: Trailing orders

    mutating func enterTrailing(_ order: Int32) {
        let market = positions[book.orders[order].position].market
        let first = markets[market].firstTrailing
        conditions[book.orders[order].condition].previousTrailing = nowhere
        conditions[book.orders[order].condition].nextTrailing = first
        if first >= 0 { conditions[book.orders[first].condition].previousTrailing = order }
        markets[market].firstTrailing = order
        markets[market].still = StillPrices()
    }

    private mutating func leaveTrailing(_ order: Int32) {
        let condition = book.orders[order].condition
        let previous = conditions[condition].previousTrailing
        let next = conditions[condition].nextTrailing
        if previous >= 0 {
            conditions[book.orders[previous].condition].nextTrailing = next
        } else {
            markets[positions[book.orders[order].position].market].firstTrailing = next
        }
        if next >= 0 { conditions[book.orders[next].condition].previousTrailing = previous }
    }

    /// Lets a trailing order follow the watched price, and moves its trigger if it has one (BK-21).
    private mutating func follow(_ order: Int32, _ price: Int64) {
        let condition = book.orders[order].condition
        let sells = book.orders[order].side == .sell
        if price == 0 { return }
        if conditions[condition].extreme == .none {
            let activate = conditions[condition].activate.ticks
            if activate > 0 && (sells ? price < activate : price > activate) { return }
        } else if sells
            ? price <= conditions[condition].extreme.ticks : price >= conditions[condition].extreme.ticks
        {
            return
        }
        conditions[condition].extreme = Price(price)
        let callback = Int128(conditions[condition].callback.units)
        let trigger =
            sells
            ? quotient(Int128(price) * (unit - callback), unit, .down)
            : quotient(Int128(price) * (unit + callback), unit, .up)
        if book.orders[order].level >= 0 { unwatch(order) }
        conditions[condition].trigger = Price(Int64(min(trigger, Int128(Price.highest.ticks))))
        watch(order)
    }

    // MARK: Activation

    /// Notes that a market's conditional orders are to be looked at when the command ends (BK-22).
    @inline(__always)
    mutating func activate(_ market: Int32) {
        if markets[market].isActive { return }
        markets[market].isActive = true
        activeMarkets.append(market)
    }

    /// Makes due orders active, the oldest first, until none is due or the bound is reached.
    @inline(__always)
    mutating func runConditionalOrders(_ events: inout EventBuffer) {
        if activeMarkets.count > 0 { runActiveMarkets(&events) }
    }

    @inline(never)
    private mutating func runActiveMarkets(_ events: inout EventBuffer) {
        var left = limits.activations
        while left > 0 {
            let order = oldestDue()
            if order < 0 { break }
            left -= 1
            trigger(order, &events)
        }
        while activeMarkets.count > 0 { markets[activeMarkets.removeLast()].isActive = false }
    }

    /// The due conditional order with the lowest number in the active markets, or `nowhere`.
    private mutating func oldestDue() -> Int32 {
        var oldest = nowhere
        var index = 0
        while index < activeMarkets.count {
            let market = activeMarkets[index]
            index += 1
            followAll(market)
            // A settled or halted market takes no order; its conditional orders wait.
            if markets[market].state == .halted || markets[market].state == .settled { continue }
            let apart = isApart(market)
            for pass in 0..<2 {
                let working: WorkingType = pass == 0 ? .mark : .last
                let price = watched(market, working)
                if price == 0 { continue }
                for rising in 0..<2 {
                    let root = conditionRoot(market, working, rising == 0)
                    oldest = older(oldest, oldestDue(root, price, rising: rising == 0, apart: apart))
                }
            }
        }
        return oldest
    }

    /// Lets the trailing orders of a market follow, unless they have at these prices (one that came since did
    /// when it was placed), or none would move: a storm of stops that trade looks at the others once, and not
    /// once a trade.
    private mutating func followAll(_ market: Int32) {
        let (mark, last) = (markets[market].mark, markets[market].lastPrice)
        if markets[market].followedMark == mark && markets[market].followedLast == last { return }
        markets[market].followedMark = mark
        markets[market].followedLast = last
        if markets[market].still.hold(mark: watched(market, .mark), last: watched(market, .last)) { return }
        var still = StillPrices.all
        var order = markets[market].firstTrailing
        while order >= 0 {
            let condition = book.orders[order].condition
            let next = conditions[condition].nextTrailing
            follow(order, watched(market, conditions[condition].working))
            still.take(conditions[condition], book.orders[order].side)
            order = next
        }
        markets[market].still = still
    }

    /// Whether last trade and mark lie further apart than a protected order bears (BK-26).
    private func isApart(_ market: Int32) -> Bool {
        let mark = Int128(markets[market].mark.ticks)
        let last = Int128(markets[market].lastPrice.ticks)
        if last == 0 { return false }
        let distance = last > mark ? last - mark : mark - last
        return distance * unit > Int128(markets[market].specification.triggerProtect.units) * mark
    }

    /// The oldest order at the levels that a price has reached; none that is protected while `apart`.
    private func oldestDue(_ root: Int32, _ price: Int64, rising: Bool, apart: Bool) -> Int32 {
        var oldest = nowhere
        var level = rising ? book.prices.lowest(root) : book.prices.highest(root)
        while level >= 0 && (rising ? book.levels[level].price <= price : book.levels[level].price >= price) {
            var order = book.levels[level].first
            while order >= 0 {
                if !apart || !conditions[book.orders[order].condition].priceProtect {
                    oldest = older(oldest, order)
                    break
                }
                order = book.orders[order].next
            }
            level =
                rising
                ? book.prices.above(root, book.levels[level].price)
                : book.prices.below(root, book.levels[level].price)
        }
        return oldest
    }

    private func older(_ a: Int32, _ b: Int32) -> Int32 {
        if a < 0 { return b }
        if b < 0 { return a }
        return book.orders[a].id < book.orders[b].id ? a : b
    }

    /// Makes one due order active: it is placed under its own number (BK-23).
    private mutating func trigger(_ order: Int32, _ events: inout EventBuffer) {
        let position = book.orders[order].position
        let market = positions[position].market
        let condition = book.orders[order].condition
        let closes = conditions[condition].closePosition
        let match = conditions[condition].priceMatch
        if match != .none { book.orders[order].price = price(of: match, market, book.orders[order].side) }
        let triggered = OrderTriggered(
            order: book.orders[order].id,
            account: AccountID(positions[position].account),
            market: MarketID(market),
            at: Price(watched(market, conditions[condition].working)),
            price: book.orders[order].price
        )
        events.append(.orderTriggered, triggered)

        stopWaiting(order)
        conditions.remove(condition)
        book.orders[order].condition = nowhere
        if closes { book.orders[order].quantity = Quantity(oppositeSize(position, book.orders[order].side)) }
        if book.orders[order].reduceOnly && oppositeSize(position, book.orders[order].side) == 0 {
            cancel(order, .reduceOnly, &events)
            return
        }
        let isMarket = !book.orders[order].type.hasLimit
        let side = book.orders[order].side
        let limit = isMarket ? marketLimit(market, side) : book.orders[order].price.ticks
        let restricted = markets[market].state == .reduceOnly && !book.orders[order].reduceOnly
        if restricted || (match != .none && isUnplaceable(order))
            || entryRefusal(
                position,
                side,
                limit,
                book.orders[order].remaining,
                book.orders[order].timeInForce,
                book.orders[order].selfTrade,
                book.orders[order].reduceOnly,
                isMarket: isMarket
            ) != nil
        {
            cancel(order, .refused, &events)
            return
        }
        run(order, &events)
    }

    /// The price of the level that a matched order takes its limit from; none if there is no such level.
    private func price(of match: PriceMatch, _ market: Int32, _ side: Side) -> Price {
        let buys = (side == .buy) == match.isOwnSide
        var level = buys ? markets[market].roots.bestBid : markets[market].roots.bestAsk
        var left = match.rank
        while level >= 0 && left > 1 {
            let price = book.levels[level].price
            level =
                buys
                ? book.prices.below(markets[market].roots.bids, price)
                : book.prices.above(markets[market].roots.asks, price)
            left -= 1
        }
        return level < 0 ? .none : Price(book.levels[level].price)
    }

    /// Whether a matched order got no limit, or one at which it is worth more than an order may be.
    private func isUnplaceable(_ order: Int32) -> Bool {
        let it = book.orders[order]
        let u = markets[positions[it.position].market].unitValue
        return it.price == .none
            || worth(it.remaining.lots, it.price.ticks, u) > Int128(Amount.pileLimit.units)
    }

    /// What every command that can fill or move cash ends with.
    mutating func finishCommand(_ events: inout EventBuffer) {
        assert(dueTriggers.count == 0, "what was hit has been looked at")
        runConditionalOrders(&events)
        rearmMarked()
    }
}
