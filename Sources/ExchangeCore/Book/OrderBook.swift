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

    /// Becomes a copy of another book, with the same indices.
    mutating func copy(from other: borrowing OrderBook) {
        orders.copy(from: other.orders)
        levels.copy(from: other.levels)
        prices.copy(from: other.prices)
        numbers.copy(from: other.numbers)
    }

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

    /// The record that most likely is the order with a number, or -1: what lies in its slot.
    @inline(__always)
    func guess(_ id: OrderID) -> Int32 { numbers.guess(id.raw) }

    /// Reads a bit of a level and of its node (see `Exchange.reach`).
    @inline(__always)
    func touch(_ level: Int32) -> Int32 {
        levels[level].first ^ prices.touch(levels[level].node, at: levels[level].price)
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

    /// Puts an order at the end of the queue at its price. `hint` is a node that may hold it.
    @inline(__always)
    mutating func rest(_ order: Int32, _ roots: inout BookRoots, hint: Int32 = nowhere) {
        let it = orders[order]
        let price = it.price.ticks
        let level: Int32
        if it.side == .buy {
            let best = roots.bestBid
            level = makeLevel(&roots.bids, price, near: best, hint: hint)
            if best < 0 || levels[best].price < price { roots.bestBid = level }
        } else {
            let best = roots.bestAsk
            level = makeLevel(&roots.asks, price, near: best, hint: hint)
            if best < 0 || levels[best].price > price { roots.bestAsk = level }
        }
        append(order, to: level, it.remaining)
    }

    /// Takes a resting order out of its level. Returns the node of the price index that held the level,
    /// `nowhere` if that is gone: where the same order will rest again, more often than not.
    @discardableResult
    mutating func unrest(_ order: Int32, _ roots: inout BookRoots) -> Int32 {
        let it = orders[order]
        let node = levels[it.level].node
        if remove(order, it, it.remaining) { return node }
        let isNodeLeft: Bool
        if it.side == .buy {
            isNodeLeft = removeLevel(it.level, &roots.bids)
            if roots.bestBid == it.level {
                roots.bestBid = isNodeLeft ? prices.highest(in: node) : prices.highest(roots.bids)
            }
        } else {
            isNodeLeft = removeLevel(it.level, &roots.asks)
            if roots.bestAsk == it.level {
                roots.bestAsk = isNodeLeft ? prices.lowest(in: node) : prices.lowest(roots.asks)
            }
        }
        levels.remove(it.level)
        return isNodeLeft ? node : nowhere
    }

    /// Takes a level out of an index. Returns whether others are left in its node: then the next best of a
    /// best level is among them.
    @inline(__always)
    private mutating func removeLevel(_ level: Int32, _ root: inout Int32) -> Bool {
        if prices.remove(at: levels[level].price, from: levels[level].node) { return true }
        prices.remove(&root, levels[level].price)
        return false
    }

    /// Takes an empty level out of an index and forgets it.
    @inline(__always)
    mutating func removeEmpty(_ level: Int32, _ root: inout Int32) {
        _ = removeLevel(level, &root)
        levels.remove(level)
    }

    /// Books a fill of a resting order on itself and on its level.
    @inline(__always)
    mutating func fill(_ order: Int32, _ quantity: Quantity) {
        levels[orders[order].level].quantity -= quantity
        orders[order].filled += quantity
    }

    /// The level at a price of an index, made if there is none; `near` is a level of the index that may be
    /// close, `hint` a node of it.
    @inline(__always)
    mutating func makeLevel(
        _ root: inout Int32,
        _ price: Int64,
        near: Int32 = nowhere,
        hint: Int32 = nowhere
    ) -> Int32 {
        let node: Int32
        if hint >= 0 && prices.isCovered(price, by: hint) {
            node = hint
        } else if near >= 0 && prices.isCovered(price, by: levels[near].node) {
            node = levels[near].node
        } else {
            node = prices.node(&root, for: price)
        }
        let fresh = levels.nextIndex
        let level = prices.level(at: price, in: node, orInsert: fresh)
        if level == fresh { _ = levels.insert(Level(price: price, node: node)) }
        return level
    }

    // MARK: Lists

    /// Puts an order at the end of a level's queue; `lots` count only where orders rest.
    @inline(__always)
    mutating func append(_ order: Int32, to level: Int32, _ lots: Quantity = .zero) {
        let previous = levels[level].enqueue(order, lots)
        orders[order].stand(in: level, behind: previous)
        if previous >= 0 { orders[previous].next = order }
    }

    /// Puts an order that waits for a trigger into a level's queue by its number, the lowest first.
    ///
    /// - Complexity: O(1) for the highest and for the lowest number of the level, else O(its queue).
    mutating func insertByNumber(_ order: Int32, to level: Int32) {
        let id = orders[order].id
        let last = levels[level].last
        if last < 0 || orders[last].id < id { return append(order, to: level) }
        var behind = levels[level].first
        while orders[behind].id < id { behind = orders[behind].next }
        let previous = orders[behind].previous
        orders[order].level = level
        orders[order].previous = previous
        orders[order].next = behind
        orders[behind].previous = order
        if previous >= 0 { orders[previous].next = order } else { levels[level].first = order }
    }

    /// Takes an order out of its level's queue. Returns whether others are left there.
    @inline(__always)
    @discardableResult
    mutating func remove(_ order: Int32, _ it: Order, _ lots: Quantity = .zero) -> Bool {
        let areLeft = levels[it.level].dequeue(it.previous, it.next, lots)
        if it.previous >= 0 { orders[it.previous].next = it.next }
        if it.next >= 0 { orders[it.next].previous = it.previous }
        orders[order].level = nowhere
        return areLeft
    }
}
