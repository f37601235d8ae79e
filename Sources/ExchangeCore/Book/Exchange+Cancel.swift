/// Cancelling, amending, countdowns and kill switches (BK-9, BK-15 to BK-17).
extension Exchange {
    mutating func cancelOrder(_ command: CancelOrder, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        if !command.clientID.isValid { return .invalidField }
        if markets[command.market.raw].state == .settled { return .marketSettled }
        let order = findOrder(command.account.raw, command.market.raw, command.order, command.clientID)
        if order < 0 { return .unknownOrder }
        cancel(order, .request, &events)
        return .ok
    }

    mutating func cancelAll(_ command: CancelAll, _ events: inout EventBuffer) -> Status {
        if command.market != .none, let refusal = marketUserRefusal(command.market, command.account) {
            return refusal
        }
        if let refusal = userRefusal(command.account) { return refusal }
        if command.market != .none && markets[command.market.raw].state == .settled { return .marketSettled }
        cancelOrders(of: command.account.raw, in: command.market.raw, .cancelAll, &events)
        return .ok
    }

    /// Cancels all orders of an account in a market, or in all if it is `nowhere`; oldest first by position.
    mutating func cancelOrders(
        of account: Int32,
        in market: Int32,
        _ reason: CancelReason,
        _ events: inout EventBuffer
    ) {
        var position = accounts[account].firstPosition
        while position >= 0 {
            if market < 0 || positions[position].market == market {
                cancelOrders(ofPosition: position, reason, &events)
            }
            position = positions[position].next
        }
    }

    mutating func cancelOrders(
        ofPosition position: Int32,
        _ reason: CancelReason,
        _ events: inout EventBuffer
    ) {
        while positions[position].firstOrder >= 0 { cancel(positions[position].firstOrder, reason, &events) }
    }

    /// Cancels all orders of a market, in order of their numbers within each position.
    mutating func cancelOrders(ofMarket market: Int32, _ reason: CancelReason, _ events: inout EventBuffer) {
        var position = 0
        while position < positions.count {
            if positions[position].market == market {
                cancelOrders(ofPosition: Int32(truncatingIfNeeded: position), reason, &events)
            }
            position += 1
        }
    }

    /// BK-9: after fills and closings, reduce-only orders that have nothing left to reduce go.
    @inline(__always)
    mutating func expireUselessReduceOnly(_ events: inout EventBuffer) {
        if changedPositions.count > 0 { expireReduceOnlyOfChangedPositions(&events) }
    }

    @inline(never)
    private mutating func expireReduceOnlyOfChangedPositions(_ events: inout EventBuffer) {
        while changedPositions.count > 0 {
            let position = changedPositions.removeLast()
            positions[position].isChanged = false
            if positions[position].dependentOrders == 0 { continue }
            var order = positions[position].firstOrder
            while order >= 0 {
                let next = book.orders[order].nextOfPosition
                if endsWithPosition(order) {
                    cancel(order, .reduceOnly, &events)
                }
                order = next
            }
        }
    }

    /// Whether an order goes because its position has nothing that it could reduce: a resting reduce-only
    /// order, and wherever it waits one that is good till the position's end (BK-25), which if it may open
    /// goes only when there is no position at all. Not one that is being matched.
    private func endsWithPosition(_ order: Int32) -> Bool {
        let it = book.orders[order]
        let isUseless = it.reduceOnly && oppositeSize(it.position, it.side) == 0
        if it.timeInForce == .gte {
            return (it.level >= 0 || it.condition >= 0)
                && (isUseless || positions[it.position].size.lots == 0)
        }
        return it.level >= 0 && it.isResting && isUseless
    }

    // MARK: Amend

    mutating func amendOrder(_ command: AmendOrder, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        if command.quantity.lots < 0 || command.quantity > .highest { return .invalidQuantity }
        if command.price.ticks < 0 || command.price > .highest { return .invalidPrice }
        if !command.clientID.isValid { return .invalidField }
        let market = command.market.raw
        switch markets[market].state {
        case .settled: return .marketSettled
        case .halted: return .marketHalted
        case .open, .reduceOnly: break
        }
        if accounts[command.account.raw].isKilled { return .killed }
        let order = findOrder(command.account.raw, market, command.order, command.clientID)
        if order < 0 || !book.orders[order].isResting { return .unknownOrder }
        let it = book.orders[order]
        if command.hasSide && command.side != it.side { return .invalidCombination }
        let price = command.price == .none ? it.price : command.price
        let quantity = command.quantity == .zero ? it.quantity : command.quantity
        if worth(quantity.lots, price.ticks, markets[market].unitValue) > Int128(Amount.pileLimit.units) {
            return .invalidQuantity
        }
        if price == it.price && quantity == it.quantity { return .noChange }
        if quantity <= it.filled {
            cancel(order, .amended, &events)
            return .ok
        }
        if price == it.price && quantity < it.quantity {
            shrink(order, to: quantity, &events)
            return .ok
        }
        return replace(order, price, quantity, &events)
    }

    /// A smaller quantity keeps its place.
    private mutating func shrink(_ order: Int32, to quantity: Quantity, _ events: inout EventBuffer) {
        let filled = book.orders[order].filled
        fillResting(order, book.orders[order].quantity - quantity)
        book.orders[order].filled = filled
        book.orders[order].quantity = quantity
        reportAmended(order, keptPlace: true, &events)
    }

    /// Any other change is a new order under the old number, tried as if the old one were gone.
    private mutating func replace(
        _ order: Int32,
        _ price: Price,
        _ quantity: Quantity,
        _ events: inout EventBuffer
    ) -> Status {
        let position = book.orders[order].position
        let old = book.orders[order]
        if markets[positions[position].market].state == .reduceOnly && !old.reduceOnly {
            return .marketReduceOnly
        }
        let behind = old.next
        let level = old.level
        let node = unrest(order)
        book.orders[order].price = price
        book.orders[order].quantity = quantity
        if let refusal = entryRefusal(
            position,
            old.side,
            price.ticks,
            quantity - old.filled,
            old.timeInForce,
            old.selfTrade,
            old.reduceOnly,
            isMarket: false
        ) {
            book.orders[order].price = old.price
            book.orders[order].quantity = old.quantity
            if refusal == .postOnlyWouldTake {
                cancel(order, .amended, &events)
                return .ok
            }
            putBack(order, at: level, before: behind)
            return refusal
        }
        reportAmended(order, keptPlace: false, &events)
        run(order, &events, hint: node)
        finishCommand(&events)
        return .ok
    }

    /// Undoes `unrest`: the order gets its old place in the queue again.
    private mutating func putBack(_ order: Int32, at level: Int32, before behind: Int32) {
        let since = restedAt(order)
        rest(order)
        setRestedAt(order, since)
        if behind < 0 || book.orders[order].level < 0 { return }
        let own = book.orders[order].level
        if own != level && book.levels[own].first == order { return }
        book.remove(order, book.orders[order])
        let previous = book.orders[behind].previous
        book.orders[order].level = own
        book.orders[order].next = behind
        book.orders[order].previous = previous
        book.orders[behind].previous = order
        if previous >= 0 { book.orders[previous].next = order } else { book.levels[own].first = order }
    }

    private func reportAmended(_ order: Int32, keptPlace: Bool, _ events: inout EventBuffer) {
        let it = book.orders[order]
        let amended = OrderAmended(
            order: it.id,
            account: AccountID(positions[it.position].account),
            market: MarketID(positions[it.position].market),
            price: it.price,
            remaining: it.remaining,
            keptPlace: keptPlace
        )
        events.append(.orderAmended, amended)
    }

    // MARK: Dead man's switch and kill switch

    mutating func armCountdown(_ command: Countdown, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        if command.milliseconds < 0 || command.milliseconds > 86_400_000 { return .invalidTime }
        if markets[command.market.raw].state == .settled { return .marketSettled }
        let account = command.account.raw
        let side: PositionSide = accounts[account].mode == .hedge ? .long : .both
        let known = anyPosition(account, command.market.raw)
        let position = known >= 0 ? known : makePosition(account, command.market.raw, side)
        if position < 0 { return .positionLimit }
        removeCountdown(account, command.market.raw)
        var armed = CountdownArmed(account: command.account, market: command.market)
        if command.milliseconds > 0 {
            armed.deadline = Timestamp(clock.microseconds + command.milliseconds * 1_000)
            let number = Int64(account) << 32 | Int64(command.market.raw)
            positions[position].countdown = deadlines.add(armed.deadline, .countdown, number)
        }
        events.append(.countdownArmed, armed)
        return .ok
    }

    /// A countdown ran out (BK-16).
    mutating func runOut(_ number: Int64, _ events: inout EventBuffer) {
        let account = Int32(truncatingIfNeeded: number >> 32)
        let market = Int32(truncatingIfNeeded: number)
        removeCountdown(account, market)
        cancelOrders(of: account, in: market, .countdown, &events)
    }

    /// Takes an account's countdown in a market away, on whichever of its positions it was armed.
    private mutating func removeCountdown(_ account: Int32, _ market: Int32) {
        for index in 0..<3 {
            let position = position(account, market, at: index)
            if position >= 0 && positions[position].countdown >= 0 {
                deadlines.remove(positions[position].countdown)
                positions[position].countdown = nowhere
            }
        }
    }
}
