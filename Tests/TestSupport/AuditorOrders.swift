import ExchangeCore

// Placing, changing and cancelling orders (BK, CMD-3, MG-9, MG-10).

extension Auditor {
    // MARK: shape

    private func shape(_ c: PlaceOrder) -> Status? {
        let price = Whole(c.price.ticks)
        let quantity = Whole(c.quantity.lots)
        let highestPrice = Whole(1) << 30 - 1
        if c.closePosition {
            if quantity != 0 { return .invalidQuantity }
        } else {
            if quantity < 1 || quantity > Whole(1) << 50 - 1 { return .invalidQuantity }
        }
        let priced = c.type.hasLimit && c.priceMatch == .none
        if priced ? price < 1 || price > highestPrice : price != 0 { return .invalidPrice }
        let trigger = Whole(c.triggerPrice.ticks)
        let activate = Whole(c.activatePrice.ticks)
        let callback = Whole(c.callbackRate.units)
        if c.type == .trailingStopMarket {
            if trigger != 0 || callback < 100_000 || callback > 10_000_000 { return .invalidTrigger }
            if activate < 0 || activate > highestPrice { return .invalidTrigger }
        } else {
            if activate != 0 || callback != 0 { return .invalidTrigger }
            if c.type.isConditional ? trigger < 1 || trigger > highestPrice : trigger != 0 {
                return .invalidTrigger
            }
        }
        let m = s.markets[Int(c.market.raw)]
        if max(m.mark, price) * quantity * m.u > Whole(1) << 60 { return .invalidQuantity }
        if c.closePosition && (c.reduceOnly || (c.type != .stopMarket && c.type != .takeProfitMarket)) {
            return .invalidCombination
        }
        if c.priceProtect && !c.type.isConditional { return .invalidCombination }
        if c.priceMatch != .none && c.type != .stop && c.type != .takeProfit { return .invalidCombination }
        if c.timeInForce == .gte && c.type == .market { return .invalidCombination }
        if c.timeInForce == .gtx && !c.type.hasLimit { return .invalidCombination }
        if c.timeInForce == .gtd && c.type != .limit { return .invalidCombination }
        let until = Whole(c.goodTill.microseconds)
        if c.timeInForce == .gtd ? until <= now || until > Whole(1) << 56 : until != 0 { return .invalidTime }
        return c.clientID.isValid ? nil : .invalidField
    }

    // MARK: place

    func placeOrder(_ c: PlaceOrder) -> Status {
        if let status = refusal(c.account, c.market) ?? shape(c) { return status }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        var order = AuditedOrder(c, id: s.nextOrder)
        if let status = stateRefusal(market, order.onlyReduces) { return status }
        if s.accounts[account].killed { return .killed }
        if s.markets[market].mark <= 0 && (order.type != .limit || wouldTrade(order)) { return .noMark }
        if !order.clientID.isEmpty
            && s.orders.contains(where: { $0.account == account && $0.clientID == order.clientID })
        {
            return .duplicateClientID
        }
        if s.accounts[account].hedge == (order.side == .both) { return .positionSideMismatch }
        if !mayTouch(account, market, order.side) { return .positionLimit }
        let open = s.orders.filter { $0.account == account && $0.market == market && $0.side == order.side }
        if open.count >= limits.ordersPerPosition { return .orderLimit }
        if order.type.isConditional {
            if isBarred(order) { return .inLiquidation }
            if fires(order, at: watched(order)) || isBehind(order) { return .wouldTrigger }
            s.nextOrder += 1
            result = order.id
            told.accepted.append(order.id)
            _ = touch(account, market, order.side)
            follow(&order)
            s.orders.append(order)
            return .ok
        }
        if let status = checks(order, fromBand: false) { return status }
        s.nextOrder += 1
        result = order.id
        told.accepted.append(order.id)
        enter(order)
        return .ok
    }

    func stateRefusal(_ market: Int, _ onlyReduces: Bool) -> Status? {
        switch s.markets[market].state {
        case .open: nil
        case .reduceOnly: onlyReduces ? nil : .marketReduceOnly
        case .halted: .marketHalted
        case .settled: .marketSettled
        }
    }

    /// Whether the order's bucket is in liquidation (MG-5).
    private func isBarred(_ order: AuditedOrder) -> Bool {
        let a = s.accounts[order.account]
        if a.inLiquidation { return true }
        if let index = a.leg(order.market, order.side) { return a.legs[index].inLiquidation }
        return false
    }

    /// Lots of the leg's position that an order of this direction can reduce.
    func reducible(_ account: Int, _ market: Int, _ side: PositionSide, buy: Bool) -> Whole {
        let a = s.accounts[account]
        guard let index = a.leg(market, side) else { return 0 }
        let size = a.legs[index].size
        return buy ? positivePart(-size) : positivePart(size)
    }

    /// The limit of an order that is about to be matched; nil: none (BK-13).
    func limit(_ order: AuditedOrder) -> Whole? {
        if order.type.hasLimit { return order.price }
        return bandEdge(order.market, buy: order.buy)
    }

    private func bandEdge(_ market: Int, buy: Bool) -> Whole? {
        let m = s.markets[market]
        let band = Whole(m.rules.priceBand.units)
        if band <= 0 || m.mark <= 0 { return nil }
        let highest = Whole(1) << 30 - 1
        if buy { return min(highest, floorOf(m.mark, one + band, over: one)) }
        return max(1, ceilingOf(m.mark, one - band, over: one))
    }

    /// The checks of CMD-3 from *reduce-only* or from *price band* on. `without` is not counted: the
    /// order that an amendment replaces.
    private func checks(_ order: AuditedOrder, fromBand: Bool, without: Int64 = 0) -> Status? {
        if !fromBand {
            if order.onlyReduces
                && reducible(order.account, order.market, order.side, buy: order.buy) == 0
            {
                return .reduceOnlyRejected
            }
            if isBarred(order) { return .inLiquidation }
        }
        let m = s.markets[order.market]
        if m.mark <= 0 && wouldTrade(order, without: without) { return .noMark }
        if order.type.hasLimit, let edge = bandEdge(order.market, buy: order.buy) {
            if order.buy ? order.price > edge : order.price < edge { return .priceBand }
        }
        if m.mark > 0 && m.validity != .valid && !isReducing(order, without: without) { return .noPrice }
        if order.timeInForce == .gtx && wouldTrade(order, without: without) { return .postOnlyWouldTake }
        if order.timeInForce == .fok && !fillsWhole(order) { return .fillOrKillUnfilled }
        if order.timeInForce == .fok { marks.append("fill-or-kill filled") }
        if order.type.hasLimit && isBeyondRange(order, without: without) { return .orderLimit }
        return riskGate(order, without: without)
    }

    /// Whether a limit order would meet the other side at once.
    private func wouldTrade(_ order: AuditedOrder, without: Int64 = 0) -> Bool {
        guard let best = best(order.market, buys: !order.buy, without: without) else { return false }
        let there = s.orders[best].price
        return order.buy ? there <= order.price : there >= order.price
    }

    /// Lots of the leg's open orders of one direction that may open.
    private func opening(_ order: AuditedOrder, without: Int64) -> Whole {
        var sum: Whole = 0
        for other in s.orders
        where other.account == order.account && other.market == order.market && other.side == order.side
            && other.buy == order.buy && other.resting && !other.onlyReduces && other.id != without
        {
            sum += other.remaining
        }
        return sum
    }

    /// Whether an order can only make its position smaller, whatever else of its side is filled (MG-10).
    private func isReducing(_ order: AuditedOrder, without: Int64) -> Bool {
        if order.onlyReduces { return true }
        let reducible = reducible(order.account, order.market, order.side, buy: order.buy)
        return reducible > 0 && opening(order, without: without) + order.remaining <= reducible
    }

    /// LIM-1: worth of a leg's orders, and lots at a price.
    private func isBeyondRange(_ order: AuditedOrder, without: Int64) -> Bool {
        let range = Whole(1) << 61
        let u = s.markets[order.market].u
        var worth = order.remaining * order.price * u
        var lots = order.remaining
        for other in s.orders
        where other.market == order.market && other.buy == order.buy && other.resting && other.id != without {
            if other.price == order.price { lots += other.remaining }
            if other.account == order.account && other.side == order.side && !other.onlyReduces {
                worth += other.remaining * other.price * u
            }
        }
        return lots > range || (!order.onlyReduces && worth > range)
    }

    /// MG-9 and MG-10.
    private func riskGate(_ order: AuditedOrder, without: Int64) -> Status? {
        if order.onlyReduces { return nil }
        let a = s.accounts[order.account]
        let m = s.markets[order.market]
        let q = order.remaining
        if isReducing(order, without: without) { return nil }
        let price = order.type.hasLimit ? order.price : m.mark
        let tentative = Tentative(side: order.side, buy: order.buy, price: price, quantity: q)
        let n = exposure(
            order.account,
            a,
            order.market,
            order.side,
            adding: tentative,
            without: without
        ).n
        if bracket(order.market, n).leverage < setting(a, order.market).leverage { return .tierExceeded }
        let interest = openInterest(order.market) + q
        if m.capOpenInterest > 0 && interest > m.capOpenInterest { return .openInterestCap }
        let counts = m.mark > 0 ? m.mark : order.price
        if m.backstopRate > 0
            && productBelow(fund + vaultEquity, one, interest * counts * m.u, m.backstopRate)
        {
            return .openInterestCap
        }
        if m.capPosition > 0 {
            var held: Whole = 0
            for other in s.accounts where other.owner == a.owner {
                for leg in other.legs where leg.market == order.market {
                    held += order.buy ? positivePart(leg.size) : positivePart(-leg.size)
                }
            }
            for other in s.orders
            where s.accounts[other.account].owner == a.owner && other.market == order.market
                && other.buy == order.buy && other.resting && !other.onlyReduces && other.id != without
            {
                held += other.remaining
            }
            if held + q > m.capPosition { return .positionCap }
        }
        let needed = requirements(
            order.account,
            a,
            market: order.market,
            adding: tentative,
            without: without
        )
        return equity(a, nil, cautious: true) < needed ? .insufficientMargin : nil
    }

    /// Matches an order that passed its checks, and lets the rest wait or go (BK-8).
    func enter(_ order: AuditedOrder) {
        var order = order
        let leg = touch(order.account, order.market, order.side)
        var taker = Taker(order: order, leg: leg, limit: limit(order))
        match(&taker)
        order.filled = order.quantity - taker.left
        let rests = order.type.hasLimit && order.timeInForce != .ioc && order.timeInForce != .fok
        if taker.left > 0 && (taker.gone || !rests) {
            tell(order, taker.stopped ?? .immediateOrCancel)
        } else if taker.left > 0 {
            s.arrivals += 1
            order.arrival = s.arrivals
            order.restedAt = now
            order.resting = true
            s.orders.append(order)
        }
        expireWhatCannotReduce(taker.changed)
    }

    /// BK-11: a trial in the present state.
    private func fillsWhole(_ order: AuditedOrder) -> Bool {
        let saved = s
        let before = told
        let count = trades.count
        let leg = touch(order.account, order.market, order.side)
        var taker = Taker(order: order, leg: leg, limit: limit(order))
        match(&taker)
        s = saved
        told = before
        trades.removeLast(trades.count - count)
        return taker.left == 0
    }

    // MARK: cancel and amend

    /// Cancels what `which` says.
    func cancelOrders(_ reason: CancelReason, _ which: (AuditedOrder) -> Bool) {
        for order in s.orders where which(order) { tell(order, reason) }
        s.orders.removeAll(where: which)
    }

    private func find(_ account: Int, _ market: Int, _ id: OrderID, _ name: ClientID) -> Int? {
        s.orders.firstIndex {
            $0.account == account && $0.market == market
                && (id != .none ? $0.id == id.raw : !name.isEmpty && $0.clientID == name)
        }
    }

    func cancelOrder(_ c: CancelOrder) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        if !c.clientID.isValid { return .invalidField }
        let market = Int(c.market.raw)
        if s.markets[market].state == .settled { return .marketSettled }
        guard let index = find(Int(c.account.raw), market, c.order, c.clientID) else { return .unknownOrder }
        tell(s.orders.remove(at: index), .request)
        return .ok
    }

    func cancelAll(_ c: CancelAll) -> Status {
        if c.market != .none && unknownMarket(c.market) { return .unknownMarket }
        if let status = refusal(c.account) { return status }
        let account = Int(c.account.raw)
        let market = Int(c.market.raw)
        if c.market != .none && s.markets[market].state == .settled { return .marketSettled }
        cancelOrders(.cancelAll) { $0.account == account && (c.market == .none || $0.market == market) }
        return .ok
    }

    func countdown(_ c: Countdown) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        if c.milliseconds < 0 || c.milliseconds > 86_400_000 { return .invalidTime }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        if s.markets[market].state == .settled { return .marketSettled }
        if !touchSome(account, market) { return .positionLimit }
        countdowns.removeAll { $0.account == account && $0.market == market }
        if c.milliseconds > 0 {
            countdowns.append((account, market, now + Whole(c.milliseconds) * 1_000))
        }
        return .ok
    }

    func amendOrder(_ c: AmendOrder) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        let market = Int(c.market.raw)
        let price = Whole(c.price.ticks)
        let total = Whole(c.quantity.lots)
        if total < 0 || total > Whole(1) << 50 - 1 { return .invalidQuantity }
        if price < 0 || price > Whole(1) << 30 - 1 { return .invalidPrice }
        if !c.clientID.isValid { return .invalidField }
        if s.markets[market].state == .settled { return .marketSettled }
        if s.markets[market].state == .halted { return .marketHalted }
        if s.accounts[Int(c.account.raw)].killed { return .killed }
        guard let index = find(Int(c.account.raw), market, c.order, c.clientID), s.orders[index].resting
        else { return .unknownOrder }
        var order = s.orders[index]
        if c.hasSide && (c.side == .buy) != order.buy { return .invalidCombination }
        let newPrice = price == 0 ? order.price : price
        let newTotal = total == 0 ? order.quantity : total
        if newPrice * newTotal * s.markets[market].u > Whole(1) << 60 { return .invalidQuantity }
        if newPrice == order.price && newTotal == order.quantity { return .noChange }
        if newTotal <= order.filled {
            tell(s.orders.remove(at: index), .amended)
            return .ok
        }
        if newPrice == order.price && newTotal < order.quantity {
            s.orders[index].quantity = newTotal
            return .ok
        }
        if let status = stateRefusal(market, order.onlyReduces) { return status }
        order.price = newPrice
        order.quantity = newTotal
        if let status = checks(order, fromBand: true, without: order.id) {
            if status != .postOnlyWouldTake { return status }
            tell(s.orders.remove(at: index), .amended)
            marks.append("amended post-only gone")
            return .ok
        }
        s.orders.remove(at: index)
        order.resting = false
        let filled = order.filled
        enterAgain(order, filled: filled)
        return .ok
    }

    /// An amended order is matched with what it has left and rests anew (BK-15).
    private func enterAgain(_ order: AuditedOrder, filled: Whole) {
        var rest = order
        rest.quantity = order.quantity - filled
        rest.filled = 0
        enter(rest)
        if let index = s.orders.firstIndex(where: { $0.id == order.id }) {
            s.orders[index].quantity += filled
            s.orders[index].filled += filled
        }
    }

    // MARK: conditional orders (BK-20 to BK-24)

    /// The price that a conditional order watches.
    private func watched(_ order: AuditedOrder) -> Whole {
        let m = s.markets[order.market]
        return order.working == .last && m.last > 0 ? m.last : m.mark
    }

    /// BK-21: whether a trailing order's activation price has been reached before it is placed.
    private func isBehind(_ order: AuditedOrder) -> Bool {
        if order.type != .trailingStopMarket || order.activate == 0 { return false }
        return order.buy ? watched(order) <= order.activate : watched(order) >= order.activate
    }

    /// BK-26: whether a protected order must not fire now.
    private func isHeldBack(_ order: AuditedOrder) -> Bool {
        let m = s.markets[order.market]
        if !order.priceProtect || m.last == 0 { return false }
        return abs(m.last - m.mark) * one > Whole(m.rules.triggerProtect.units) * m.mark
    }

    /// BK-27: the price of the level that the order takes its limit from; nil if there is none.
    private func matched(_ order: AuditedOrder) -> Whole? {
        let names: [PriceMatch: (own: Bool, rank: Int)] = [
            .opponent: (false, 1), .opponent5: (false, 5), .opponent10: (false, 10), .opponent20: (false, 20),
            .queue: (true, 1), .queue5: (true, 5), .queue10: (true, 10), .queue20: (true, 20),
        ]
        guard let (own, rank) = names[order.priceMatch] else { return order.price }
        let bids = order.buy == own
        let there = s.orders.filter { $0.market == order.market && $0.resting && $0.buy == bids }
        let prices = Set(there.map(\.price)).sorted { bids ? $0 > $1 : $0 < $1 }
        return prices.count >= rank ? prices[rank - 1] : nil
    }

    /// A trailing order begins to follow, or follows.
    private func follow(_ order: inout AuditedOrder) {
        if order.type != .trailingStopMarket { return }
        let price = watched(order)
        if !order.follows {
            let begins =
                order.activate == 0 || (order.buy ? price <= order.activate : price >= order.activate)
            if !begins { return }
            order.follows = true
            order.extreme = price
        }
        order.extreme = order.buy ? min(order.extreme, price) : max(order.extreme, price)
    }

    private func fires(_ order: AuditedOrder, at price: Whole) -> Bool {
        switch order.type {
        case .stop, .stopMarket: return order.buy ? price >= order.trigger : price <= order.trigger
        case .takeProfit, .takeProfitMarket:
            return order.buy ? price <= order.trigger : price >= order.trigger
        case .trailingStopMarket:
            if !order.follows { return false }
            if order.buy {
                let back = ceilingOf(order.extreme, one + order.callback, over: one)
                return price >= min(back, Whole(1) << 30 - 1)
            }
            return price <= floorOf(order.extreme, one - order.callback, over: one)
        case .limit, .market: return false
        }
    }

    /// BK-22: at the end of a command.
    func activateDueOrders() {
        while activations < limits.activations {
            var due: Int?
            for index in s.orders.indices {
                let m = s.markets[s.orders[index].market]
                if s.orders[index].resting || !m.stirred { continue }
                var order = s.orders[index]
                follow(&order)
                s.orders[index] = order
                if m.state == .halted || !fires(order, at: watched(order)) { continue }
                if isHeldBack(order) {
                    marks.append("protected order held back")
                    continue
                }
                if let old = due, s.orders[old].id < s.orders[index].id { continue }
                due = index
            }
            guard let due else { return }
            activations += 1
            activate(s.orders.remove(at: due))
        }
    }

    /// BK-23.
    private func activate(_ order: AuditedOrder) {
        var order = order
        told.triggered.append(order.id)
        let price = order.type.hasLimit ? matched(order) : 0
        if order.priceMatch != .none { marks.append("price matched at firing") }
        order.price = price ?? 0
        let most = reducible(order.account, order.market, order.side, buy: order.buy)
        if order.closePosition { order.quantity = most }
        if order.onlyReduces && most == 0 { return tell(order, .reduceOnly) }
        order.type = order.type.hasLimit ? .limit : .market
        let tooMuch = order.remaining * order.price * s.markets[order.market].u > Whole(1) << 60
        let unplaceable = order.priceMatch != .none && (price == nil || tooMuch)
        let barred = unplaceable || stateRefusal(order.market, order.onlyReduces) != nil
        if barred || checks(order, fromBand: false) != nil { return tell(order, .refused) }
        enter(order)
    }
}
