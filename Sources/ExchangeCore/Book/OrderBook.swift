/// The roots of one market's book: an index of prices and the best level for each side.
struct BookRoots: BitwiseCopyable {
    var bids = nowhere
    var asks = nowhere
    var bestBid = nowhere
    var bestAsk = nowhere
}

/// The orders of all markets, their levels by price, and orders by number (BK-2 to BK-4).
///
/// It knows no accounts and no money: `Exchange` puts margin round it, `MatchingBook` nothing.
struct OrderBook: ~Copyable {
    var orders = Pool<Order>()
    var levels = Pool<Level>()
    var prices = PriceIndex()
    private var numbers = NumberTable()

    // MARK: Numbers

    /// Makes an order known by its number.
    @inline(__always)
    mutating func insert(_ order: Order) -> Int32 {
        let index = orders.insert(order)
        numbers.insert(order.id.raw, index)
        return index
    }

    /// Forgets an order that is in no level any more.
    @inline(__always)
    mutating func remove(_ order: Int32) {
        numbers.remove(orders[order].id.raw, order)
        orders.remove(order)
    }

    /// The order with a number, or -1. O(1).
    @inline(__always)
    func find(_ id: OrderID) -> Int32 {
        numbers.find(id.raw) { index in orders[index].id == id }
    }

    // MARK: Levels of the book

    /// The best order that a taker of a side may meet at its limit, or -1.
    @inline(__always)
    func bestMaker(_ roots: BookRoots, _ side: Side, _ limit: Int64) -> Int32 {
        let level = side == .buy ? roots.bestAsk : roots.bestBid
        if level < 0 { return nowhere }
        let price = levels[level].price
        if side == .buy ? price > limit : price < limit { return nowhere }
        return levels[level].first
    }

    /// Puts an order at the end of the queue at its price.
    mutating func rest(_ order: Int32, _ roots: inout BookRoots) {
        let price = orders[order].price.ticks
        let level: Int32
        if orders[order].side == .buy {
            level = makeLevel(&roots.bids, price)
            let best = roots.bestBid
            if best < 0 || levels[best].price < price { roots.bestBid = level }
        } else {
            level = makeLevel(&roots.asks, price)
            let best = roots.bestAsk
            if best < 0 || levels[best].price > price { roots.bestAsk = level }
        }
        append(order, to: level)
        levels[level].quantity += orders[order].remaining
    }

    /// Takes a resting order out of its level.
    mutating func unrest(_ order: Int32, _ roots: inout BookRoots) {
        let level = orders[order].level
        levels[level].quantity -= orders[order].remaining
        remove(order, from: level)
        if levels[level].first >= 0 { return }
        let price = levels[level].price
        if orders[order].side == .buy {
            prices.remove(&roots.bids, price)
            if roots.bestBid == level { roots.bestBid = prices.highest(roots.bids) }
        } else {
            prices.remove(&roots.asks, price)
            if roots.bestAsk == level { roots.bestAsk = prices.lowest(roots.asks) }
        }
        levels.remove(level)
    }

    /// Books a fill of a resting order on itself and on its level.
    @inline(__always)
    mutating func fill(_ order: Int32, _ quantity: Quantity) {
        levels[orders[order].level].quantity -= quantity
        orders[order].filled += quantity
    }

    /// The level at a price of an index, made if there is none.
    @inline(__always)
    mutating func makeLevel(_ root: inout Int32, _ price: Int64) -> Int32 {
        let fresh = levels.nextIndex
        let level = prices.level(&root, at: price, orInsert: fresh)
        if level == fresh { _ = levels.insert(Level(price: price)) }
        return level
    }

    // MARK: Lists

    @inline(__always)
    mutating func append(_ order: Int32, to level: Int32) {
        let last = levels[level].last
        orders[order].level = level
        orders[order].previous = last
        orders[order].next = nowhere
        if last >= 0 { orders[last].next = order } else { levels[level].first = order }
        levels[level].last = order
    }

    @inline(__always)
    mutating func remove(_ order: Int32, from level: Int32) {
        let previous = orders[order].previous
        let next = orders[order].next
        if previous >= 0 { orders[previous].next = next } else { levels[level].first = next }
        if next >= 0 { orders[next].previous = previous } else { levels[level].last = previous }
        orders[order].level = nowhere
    }
}
