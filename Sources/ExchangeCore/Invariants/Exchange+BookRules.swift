/// What holds of orders: by position, by level, by name, and by what they wait for.
extension Exchange {
    func checkBook() throws(StateFault) {
        var resting = 0
        for number in 0..<count(of: markets) {
            let roots = markets[number].roots
            resting += try checkSide(number, .buy, roots.bids)
            resting += try checkSide(number, .sell, roots.asks)
            let check = StateCheck(.market(number))
            try check(roots.bestBid == book.prices.highest(roots.bids), "bestBid", .best)
            try check(roots.bestAsk == book.prices.lowest(roots.asks), "bestAsk", .best)
            let isCrossed =
                roots.bestBid >= 0 && roots.bestAsk >= 0
                && book.levels[roots.bestBid].price >= book.levels[roots.bestAsk].price
            try check(!isCrossed, "bestBid", .crossed)
            try checkConditions(number)
            try checkTrailing(number)
        }
        let header = StateCheck(.header)
        try header(resting == book.orders.live - conditions.live, "resting", .resting)
        var (orders, names) = (0, 0)
        for position in 0..<count(of: positions) {
            let found = try checkOrders(of: position)
            orders += found.orders
            names += found.names
        }
        try header(orders == book.orders.live, "orders", .positionOrders)
        try header(names == clients.live, "orders", .name)
    }

    // MARK: Orders of a position

    /// What a position's orders add up to (BK-5).
    private struct Sums {
        var (orders, names) = (0, 0)
        var dependent: UInt16 = 0
        var ends = false
        var (buys, sells) = (Int128(0), Int128(0))
        var (buyWorth, sellWorth) = (Int128(0), Int128(0))
        var (highestBuy, lowestSell) = (Int64(0), Int64.max)
    }

    private func checkOrders(of position: Int32) throws(StateFault) -> (orders: Int, names: Int) {
        let check = StateCheck(.position(position))
        var sums = Sums()
        var previous = nowhere
        var order = positions[position].firstOrder
        while order >= 0 {
            let it = book.orders[order]
            let ask = StateCheck(.order(it.id))
            try ask(
                it.position == position && it.previousOfPosition == previous,
                "previousOfPosition",
                .positionOrders
            )
            try checkOrder(SavedOrder(of: order, in: self))
            try ask(book.find(it.id) == order, "id", .orderNumber)
            try ask(it.level >= 0 || isInactiveTrailing(order), "level", .resting)
            try checkName(order)
            add(order, to: &sums)
            previous = order
            order = it.nextOfPosition
        }
        let it = positions[position]
        try check(previous == it.lastOrder, "lastOrder", .positionOrders)
        try check(sums.orders == Int(it.orderCount), "orderCount", .positionOrders)
        try check(it.orderCount <= limits.ordersPerPosition, "orderCount", .orderLimit)
        try check(sums.dependent == it.dependentOrders, "dependentOrders", .orderSums)
        try check(!sums.ends || it.mayEndWithPosition, "mayEndWithPosition", .orderSums)
        try check(sums.buys == Int128(it.buyQuantity.lots), "buyQuantity", .orderSums)
        try check(sums.sells == Int128(it.sellQuantity.lots), "sellQuantity", .orderSums)
        try check(sums.buyWorth == Int128(it.buyNotional.units), "buyNotional", .orderSums)
        try check(sums.sellWorth == Int128(it.sellNotional.units), "sellNotional", .orderSums)
        try check(sums.highestBuy <= Int64(it.highestBuy), "highestBuy", .orderSums)
        try check(sums.lowestSell >= Int64(it.lowestSell), "lowestSell", .orderSums)
        return (sums.orders, sums.names)
    }

    private func add(_ order: Int32, to sums: inout Sums) {
        let it = book.orders[order]
        sums.orders += 1
        if it.client >= 0 { sums.names += 1 }
        if it.dependsOnPosition { sums.dependent += 1 }
        if it.timeInForce == .gte { sums.ends = true }
        if !it.isResting || it.reduceOnly { return }
        let lots = Int128(it.remaining.lots)
        let worth = lots * Int128(it.price.ticks) * markets[positions[it.position].market].u
        if it.side == .buy {
            sums.buys += lots
            sums.buyWorth += worth
            sums.highestBuy = max(sums.highestBuy, it.price.ticks)
        } else {
            sums.sells += lots
            sums.sellWorth += worth
            sums.lowestSell = min(sums.lowestSell, it.price.ticks)
        }
    }

    private func checkName(_ order: Int32) throws(StateFault) {
        let it = book.orders[order]
        if it.client < 0 { return }
        let name = clients[it.client]
        let found = findOrder(positions[it.position].account, name.id)
        try StateCheck(.order(it.id))(name.order == order && found == order, "clientID", .name)
    }

    /// A trailing order that does not follow yet waits in no level.
    private func isInactiveTrailing(_ order: Int32) -> Bool {
        let it = book.orders[order]
        return it.condition >= 0 && it.type == .trailingStopMarket
            && conditions[it.condition].trigger == .none
    }

    // MARK: Levels

    /// The levels of a side by price, each with its orders. Returns how many orders rest there.
    private func checkSide(_ market: Int32, _ side: Side, _ root: Int32) throws(StateFault) -> Int {
        var resting = 0
        var level = book.prices.lowest(root)
        while level >= 0 {
            let it = book.levels[level]
            let check = StateCheck(.market(market))
            try check(book.prices.find(root, it.price) == level, "level", .level)
            try check(book.prices.isCovered(it.price, by: it.node), "node", .level)
            let found = try checkLevel(it, level) { order in
                order.isResting && order.side == side && order.price.ticks == it.price
                    && positions[order.position].market == market
            }
            try check(found.lots == Int128(it.quantity.lots), "quantity", .level)
            resting += found.orders
            level = book.prices.above(root, it.price)
        }
        return resting
    }

    /// A level's queue both ways.
    private func checkLevel(_ level: Level, _ index: Int32, _ belongs: (Order) -> Bool) throws(StateFault)
        -> (orders: Int, lots: Int128)
    {
        var found = (orders: 0, lots: Int128(0))
        var previous = nowhere
        var order = level.first
        while order >= 0 {
            let it = book.orders[order]
            let check = StateCheck(.order(it.id))
            try check(it.level == index && it.previous == previous, "previous", .level)
            try check(belongs(it), "price", .level)
            found.orders += 1
            found.lots += Int128(it.remaining.lots)
            previous = order
            order = it.next
        }
        let check = StateCheck(.order(previous < 0 ? .none : book.orders[previous].id))
        try check(previous >= 0 && previous == level.last, "last", .level)
        return found
    }

    // MARK: What orders wait for

    private func checkConditions(_ market: Int32) throws(StateFault) {
        for (working, rising) in [(WorkingType.mark, true), (.mark, false), (.last, true), (.last, false)] {
            let root = conditionRoot(market, working, rising)
            var level = book.prices.lowest(root)
            while level >= 0 {
                let it = book.levels[level]
                _ = try checkLevel(it, level) { order in
                    if order.condition < 0 || positions[order.position].market != market { return false }
                    let condition = conditions[order.condition]
                    return condition.trigger.ticks == it.price && condition.working == working
                        && rises(order.type, order.side) == rising
                }
                try checkNumbers(it)
                level = book.prices.above(root, it.price)
            }
        }
    }

    /// The oldest at a trigger stands first (BK-22).
    private func checkNumbers(_ level: Level) throws(StateFault) {
        var order = level.first
        while order >= 0 && book.orders[order].next >= 0 {
            let next = book.orders[order].next
            let isOlder = book.orders[order].id < book.orders[next].id
            try StateCheck(.order(book.orders[next].id))(isOlder, "id", .condition)
            order = next
        }
    }

    private func checkTrailing(_ market: Int32) throws(StateFault) {
        var previous = nowhere
        var order = markets[market].firstTrailing
        while order >= 0 {
            let it = book.orders[order]
            let check = StateCheck(.order(it.id))
            let isIts =
                it.type == .trailingStopMarket && it.condition >= 0 && positions[it.position].market == market
            try check(isIts, "type", .trailing)
            let condition = conditions[it.condition]
            try check(condition.previousTrailing == previous, "previousTrailing", .trailing)
            previous = order
            order = condition.nextTrailing
        }
    }
}
