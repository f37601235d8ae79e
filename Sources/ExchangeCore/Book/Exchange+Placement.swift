/// Placing an order: checks in documented order (CMD-3), then matching, then resting.
extension Exchange {
    /// Places an order. The result is its number.
    mutating func placeOrder(
        _ command: PlaceOrder,
        _ events: inout EventBuffer
    ) -> (Status, result: Int64) {
        if let refusal = shapeRefusal(command) ?? accessRefusal(command) { return (refusal, 0) }
        let account = command.account.raw
        let known = positions.count
        let position = makePosition(account, command.market.raw, command.positionSide)
        if position < 0 { return (.positionLimit, 0) }
        if let refusal = stateRefusal(command, position) {
            if positions.count > known { unmakePosition(position) }
            return (refusal, 0)
        }

        // From here on the order is accepted.
        lastOrder += 1
        let order = accept(command, position, &events)
        if command.type.isConditional {
            wait(order, command)
        } else {
            run(order, &events)
        }
        finishCommand(&events)
        return (.ok, lastOrder)
    }

    // MARK: Refusals

    /// What is wrong with the command itself, whatever the state, but for its market (CMD-3).
    private func shapeRefusal(_ command: PlaceOrder) -> Status? {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if let refusal = userRefusal(command.account) { return refusal }
        if command.closePosition ? command.quantity != .zero : command.quantity.lots < 1 {
            return .invalidQuantity
        }
        if command.quantity > .highest { return .invalidQuantity }
        let hasPrice = command.type.hasLimit && command.priceMatch == .none
        if hasPrice ? !isPrice(command.price) : command.price != .none { return .invalidPrice }
        if let refusal = triggerRefusal(command) { return refusal }
        let highest = max(command.price.ticks, markets[market].mark.ticks)
        if worth(command.quantity.lots, highest, markets[market].unitValue) > Int128(Amount.pileLimit.units) {
            return .invalidQuantity
        }
        if let refusal = combinationRefusal(command) { return refusal }
        return command.clientID.isValid ? nil : .invalidField
    }

    private func isPrice(_ price: Price) -> Bool { price.ticks >= 1 && price <= .highest }

    private func triggerRefusal(_ command: PlaceOrder) -> Status? {
        let trailing = command.type == .trailingStopMarket
        let triggered = command.type.isConditional && !trailing
        if triggered ? !isPrice(command.triggerPrice) : command.triggerPrice != .none {
            return .invalidTrigger
        }
        if trailing {
            if command.callbackRate.units < 100_000 || command.callbackRate.units > 10_000_000 {
                return .invalidTrigger
            }
            if command.activatePrice != .none && !isPrice(command.activatePrice) { return .invalidTrigger }
        } else if command.callbackRate != .zero || command.activatePrice != .none {
            return .invalidTrigger
        }
        return nil
    }

    private func combinationRefusal(_ command: PlaceOrder) -> Status? {
        if command.closePosition {
            if command.type != .stopMarket && command.type != .takeProfitMarket { return .invalidCombination }
            if command.reduceOnly { return .invalidCombination }
        }
        if command.priceProtect && !command.type.isConditional { return .invalidCombination }
        let canMatch = command.type.isConditional && command.type.hasLimit
        if command.priceMatch != .none && !canMatch { return .invalidCombination }
        switch command.timeInForce {
        case .gtc, .ioc, .fok: break
        case .gte: if command.type == .market { return .invalidCombination }
        case .gtx: if !command.type.hasLimit { return .invalidCombination }
        case .gtd: if command.type != .limit { return .invalidCombination }
        }
        if command.timeInForce == .gtd {
            if command.goodTill <= clock || command.goodTill > .latest { return .invalidTime }
        } else if command.goodTill.microseconds != 0 {
            return .invalidTime
        }
        return nil
    }

    /// What market and account do not allow, before anything is looked at in detail.
    private func accessRefusal(_ command: PlaceOrder) -> Status? {
        let market = command.market.raw
        let account = command.account.raw
        switch markets[market].state {
        case .settled: return .marketSettled
        case .halted: return .marketHalted
        case .open, .reduceOnly: break
        }
        if markets[market].state == .reduceOnly && !reduces(command) { return .marketReduceOnly }
        if accounts[account].isKilled { return .killed }
        if !markets[market].hasMark {
            // Before the first valid mark orders may rest; none matches (BK-14).
            if command.type != .limit || crosses(market, command.side, command.price.ticks) { return .noMark }
        }
        if !command.clientID.isEmpty && findOrder(account, command.clientID) >= 0 {
            return .duplicateClientID
        }
        let hedged = accounts[account].mode == .hedge
        if hedged != (command.positionSide != .both) { return .positionSideMismatch }
        return nil
    }

    /// Whether an order can only reduce: by its flag, or by its side in hedge mode (BK-9).
    @inline(__always)
    private func reduces(_ command: PlaceOrder) -> Bool {
        if command.reduceOnly || command.closePosition { return true }
        switch command.positionSide {
        case .both: return false
        case .long: return command.side == .sell
        case .short: return command.side == .buy
        }
    }

    private mutating func stateRefusal(_ command: PlaceOrder, _ position: Int32) -> Status? {
        let market = command.market.raw
        if positions[position].orderCount >= limits.ordersPerPosition { return .orderLimit }
        if command.type.isConditional {
            if isMarginInLiquidation(position) { return .inLiquidation }
            return wouldTrigger(command) ? .wouldTrigger : nil
        }
        if reduces(command) {
            if oppositeSize(position, command.side) == 0 { return .reduceOnlyRejected }
        }
        let reduceOnly = reduces(command)
        let limit = command.type == .market ? marketLimit(market, command.side) : command.price.ticks
        if let refusal = entryRefusal(
            position,
            command.side,
            limit,
            command.quantity,
            command.timeInForce,
            command.selfTrade,
            reduceOnly,
            isMarket: command.type == .market
        ) {
            return refusal
        }
        return nil
    }

    /// The checks of an order that is about to meet the book, from *in liquidation* on (CMD-3).
    mutating func entryRefusal(
        _ position: Int32,
        _ side: Side,
        _ limit: Int64,
        _ quantity: Quantity,
        _ timeInForce: TimeInForce,
        _ selfTrade: SelfTrade,
        _ reduceOnly: Bool,
        isMarket: Bool
    ) -> Status? {
        let market = positions[position].market
        if isMarginInLiquidation(position) { return .inLiquidation }
        if !markets[market].hasMark && crosses(market, side, limit) { return .noMark }
        if !isMarket && isOutsideBand(market, side, limit) { return .priceBand }
        if !reduceOnly && mayOnlyReduce(market) && !onlyReduces(position, side, quantity) { return .noPrice }
        if timeInForce == .gtx && crosses(market, side, limit) { return .postOnlyWouldTake }
        if timeInForce == .fok {
            let taker = Taker(
                position: position,
                side: side,
                limit: limit,
                remaining: quantity,
                reduceOnly: reduceOnly,
                selfTrade: selfTrade
            )
            // The trial restores what it touches: to the caller the state is unchanged.
            if !fillsCompletely(taker) { return .fillOrKillUnfilled }
        }
        if !isMarket && isOutOfRange(position, side, limit, quantity, counts: !reduceOnly) {
            return .orderLimit
        }
        if reduceOnly { return nil }
        // A market order counts at mark: what it really costs is tried at each fill (MG-8, MG-10).
        let price = isMarket ? markets[market].mark.ticks : limit
        return gateRefusal(position, Prospect(side: side, quantity: quantity, price: price))
    }

    /// Whether a resting order would lift what a position's orders of a side are worth, or the lots that
    /// stand at a price, beyond 2⁶¹ (LED-1, LIM-1).
    func isOutOfRange(
        _ position: Int32,
        _ side: Side,
        _ price: Int64,
        _ quantity: Quantity,
        counts: Bool
    ) -> Bool {
        let market = positions[position].market
        let bound = Int128(1) << 61
        if counts {
            let open = side == .buy ? positions[position].buyNotional : positions[position].sellNotional
            let worth = worth(quantity.lots, price, markets[market].unitValue)
            if Int128(open.units) + worth > bound { return true }
        }
        // Orders smaller than this cannot do it, as many as there can be.
        if quantity.lots < 1 << 31 { return false }
        let root = side == .buy ? markets[market].roots.bids : markets[market].roots.asks
        let level = book.prices.find(root, price)
        return level >= 0 && Int128(book.levels[level].quantity.lots) + Int128(quantity.lots) > bound
    }

    // MARK: Prices of an order

    /// The edge of the price band on an order's aggressive side, or nil without a band (BK-13).
    @inline(__always)
    func bandEdge(_ market: Int32, _ side: Side) -> Int64? {
        if markets[market].priceBand == .zero || !markets[market].hasMark { return nil }
        return bandEdgeRoundMark(market, side)
    }

    @inline(never)
    private func bandEdgeRoundMark(_ market: Int32, _ side: Side) -> Int64? {
        let band = Int128(markets[market].priceBand.units)
        let mark = Int128(markets[market].mark.ticks)
        let edge =
            side == .buy
            ? quotient(mark * (unit + band), unit, .down) : quotient(mark * (unit - band), unit, .up)
        return Int64(min(max(edge, 1), Int128(Price.highest.ticks)))
    }

    @inline(__always)
    private func isOutsideBand(_ market: Int32, _ side: Side, _ price: Int64) -> Bool {
        guard let edge = bandEdge(market, side) else { return false }
        return side == .buy ? price > edge : price < edge
    }

    /// Up to where a market order trades.
    func marketLimit(_ market: Int32, _ side: Side) -> Int64 {
        bandEdge(market, side) ?? (side == .buy ? Price.highest.ticks : 1)
    }

    /// Whether a market takes nothing that makes a position larger: it had a valid price and has none (PX-5).
    @inline(__always)
    func mayOnlyReduce(_ market: Int32) -> Bool {
        markets[market].hasMark && markets[market].validity != .valid
    }

    /// Whether an order of a side with a limit would trade at once.
    @inline(__always)
    func crosses(_ market: Int32, _ side: Side, _ limit: Int64) -> Bool {
        if side == .buy {
            let best = markets[market].roots.bestAsk
            return best >= 0 && book.levels[best].price <= limit
        }
        let best = markets[market].roots.bestBid
        return best >= 0 && book.levels[best].price >= limit
    }

    // MARK: Acceptance

    private mutating func accept(_ command: PlaceOrder, _ position: Int32, _ events: inout EventBuffer)
        -> Int32
    {
        var order = Order()
        order.id = OrderID(lastOrder)
        order.quantity = command.quantity
        order.price = command.price
        order.position = position
        order.side = command.side
        order.type = command.type
        order.timeInForce = command.timeInForce
        order.selfTrade = command.selfTrade
        order.reduceOnly = reduces(command)
        let index = book.insert(order)
        enter(index, command.clientID, goodTill: command.goodTill)
        let accepted = OrderAccepted(
            order: order.id,
            account: command.account,
            market: command.market,
            positionSide: command.positionSide,
            side: command.side,
            type: command.type,
            timeInForce: command.timeInForce,
            price: command.price,
            quantity: command.quantity,
            triggerPrice: command.triggerPrice,
            reduceOnly: order.reduceOnly,
            clientID: command.clientID
        )
        events.append(.orderAccepted, accepted)
        return index
    }

    /// Matches an accepted order that is in no level, and rests, cancels or forgets what is left. `hint` is
    /// a node of its side's price index where it may rest: matching leaves that side alone.
    mutating func run(_ order: Int32, _ events: inout EventBuffer, hint: Int32 = nowhere) {
        let it = book.orders[order]
        let market = positions[it.position].market
        let isMarket = !it.type.hasLimit
        var remaining = it.remaining
        let limit = isMarket ? marketLimit(market, it.side) : it.price.ticks
        if crosses(market, it.side, limit) {
            var taker = Taker(
                position: it.position,
                side: it.side,
                limit: limit,
                remaining: remaining,
                reduceOnly: it.reduceOnly,
                selfTrade: it.selfTrade
            )
            taker.order = order
            match(&taker, &events)
            remaining = taker.remaining
            if let reason = taker.stopped, remaining.lots > 0 {
                cancel(order, reason, &events)
                expireUselessReduceOnly(&events)
                return
            }
        }
        if remaining.lots == 0 {
            leave(order)
        } else if isMarket || it.timeInForce == .ioc || it.timeInForce == .fok {
            cancel(order, .immediateOrCancel, &events)
        } else {
            rest(order, hint: hint)
            let rested = OrderRested(
                order: it.id,
                account: AccountID(positions[it.position].account),
                market: MarketID(market),
                side: it.side,
                price: it.price,
                remaining: remaining
            )
            events.append(.orderRested, rested)
        }
        expireUselessReduceOnly(&events)
    }

    /// Takes an order off, wherever it is, and says why.
    mutating func cancel(_ order: Int32, _ reason: CancelReason, _ events: inout EventBuffer) {
        let it = book.orders[order]
        var canceled = OrderCanceled()
        canceled.order = it.id
        canceled.account = AccountID(positions[it.position].account)
        canceled.market = MarketID(positions[it.position].market)
        canceled.remaining = it.remaining
        canceled.reason = reason
        if it.condition >= 0 {
            stopWaiting(order)
        } else if it.level >= 0 {
            unrest(order)
        }
        leave(order)
        events.append(.orderCanceled, canceled)
    }
}
