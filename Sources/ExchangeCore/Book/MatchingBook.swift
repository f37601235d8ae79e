/// What a book by itself reports, in the order in which it happened.
@frozen
public struct BookReport: BitwiseCopyable, Sendable {
    /// What is reported.
    @frozen
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// An order was taken · two orders met · an order, or what is left of it, was cancelled · an order
        /// was changed · there is nothing to cancel · there is nothing to change.
        case accepted, trade, canceled, modified, cancelRefused, modifyRefused
    }
    /// The order; in a trade the maker.
    public var order = OrderID.none
    /// In a trade the taker.
    public var taker = OrderID.none
    /// The order's price; in a trade the maker's.
    public var price = Price.none
    /// Lots: of the order, of the trade, or not filled.
    public var quantity = Quantity.zero
    /// The order's side.
    public var side = Side.buy
    /// What is reported.
    public var kind = Kind.accepted
}

/// A book by itself: price-time priority without accounts, margin and money (BK-8).
///
/// The same levels, queues and tables that an exchange matches on, for those who want a matcher only,
/// and for comparing it with others. Numbers of orders are the caller's. What happened is appended to
/// `reports`, which the caller empties.
public struct MatchingBook: ~Copyable {
    private var book = OrderBook()
    private var roots = BookRoots()
    /// What happened since it was last emptied.
    public private(set) var reports = Slab<BookReport>(capacity: 1 << 12)

    /// An empty book.
    public init() {}

    /// Number of orders that rest.
    public var count: Int { book.orders.live }

    /// Forgets the reports; keeps their storage.
    @inline(__always)
    public mutating func removeReports() { reports.truncate(to: 0) }

    /// Calls `body` with price and lots of each level of a side, best first.
    public func forEachLevel(_ side: Side, _ body: (Price, Quantity) -> Void) {
        let root = side == .buy ? roots.bids : roots.asks
        var level = side == .buy ? roots.bestBid : roots.bestAsk
        while level >= 0 {
            let price = book.levels[level].price
            body(Price(price), book.levels[level].quantity)
            level = side == .buy ? book.prices.below(root, price) : book.prices.above(root, price)
        }
    }

    /// Lots not filled of a resting order, or nil if there is none of that number.
    public func remaining(_ id: OrderID) -> Quantity? {
        let order = book.find(id)
        return order < 0 ? nil : book.orders[order].remaining
    }

    /// Places a limit order under a number that no resting order has; what is left rests, or is cancelled
    /// if `isImmediate`.
    ///
    /// - Precondition: price and quantity are within `1 ... highest`.
    /// - Complexity: O(fills) and one step down the price index.
    public mutating func place(
        _ id: OrderID,
        _ side: Side,
        _ price: Price,
        _ quantity: Quantity,
        isImmediate: Bool = false
    ) {
        report(.accepted, id, side, price, quantity)
        let left = match(id, side, price, quantity)
        if left.lots == 0 { return }
        if isImmediate {
            report(.canceled, id, side, price, left)
            return
        }
        var order = Order()
        order.id = id
        order.quantity = left
        order.price = price
        order.side = side
        book.rest(book.insert(order), &roots)
    }

    /// Cancels a resting order. Returns whether there was one.
    @discardableResult
    public mutating func cancel(_ id: OrderID) -> Bool {
        let order = book.find(id)
        if order < 0 {
            report(.cancelRefused, id, .buy, .none, .zero)
            return false
        }
        report(.canceled, id, book.orders[order].side, book.orders[order].price, book.orders[order].remaining)
        book.unrest(order, &roots)
        book.remove(order)
        return true
    }

    /// Gives a resting order another price and quantity: it loses its place, and may trade at once.
    /// Returns whether there was one.
    @discardableResult
    public mutating func modify(_ id: OrderID, _ price: Price, _ quantity: Quantity) -> Bool {
        let order = book.find(id)
        if order >= 0 { return modify(order, price, quantity) }
        report(.modifyRefused, id, .buy, .none, .zero)
        return false
    }

    @inline(__always)
    private mutating func modify(_ order: Int32, _ price: Price, _ quantity: Quantity) -> Bool {
        let id = book.orders[order].id
        let side = book.orders[order].side
        let node = book.unrest(order, &roots)
        let left = match(id, side, price, quantity)
        report(.modified, id, side, price, quantity)
        if left.lots == 0 {
            book.remove(order)
            return true
        }
        book.orders[order].price = price
        book.orders[order].quantity = left
        book.orders[order].filled = .zero
        // Matching takes from the other side: the node is still there.
        book.rest(order, &roots, hint: node)
        return true
    }

    /// Gives a resting order another price: it loses its place, and may trade at once. Returns whether
    /// there was one.
    @discardableResult
    public mutating func move(_ id: OrderID, to price: Price) -> Bool {
        let order = book.find(id)
        if order >= 0 { return modify(order, price, book.orders[order].remaining) }
        report(.modifyRefused, id, .buy, .none, .zero)
        return false
    }

    /// Takes lots off a resting order, which keeps its place; all of them cancels it. Returns whether there
    /// was one.
    @discardableResult
    public mutating func reduce(_ id: OrderID, by quantity: Quantity) -> Bool {
        let order = book.find(id)
        if order < 0 {
            report(.modifyRefused, id, .buy, .none, .zero)
            return false
        }
        if quantity >= book.orders[order].remaining { return cancel(id) }
        book.fill(order, quantity)
        report(.modified, id, book.orders[order].side, book.orders[order].price, book.orders[order].remaining)
        return true
    }

    /// Whether an order of a side with a limit would be filled completely at once. O(levels it reaches).
    public func fills(_ side: Side, _ limit: Price, _ quantity: Quantity) -> Bool {
        var left = quantity
        let root = side == .buy ? roots.asks : roots.bids
        var level = side == .buy ? roots.bestAsk : roots.bestBid
        while level >= 0 && left.lots > 0 {
            let price = book.levels[level].price
            if side == .buy ? price > limit.ticks : price < limit.ticks { break }
            left -= book.levels[level].quantity
            level = side == .buy ? book.prices.above(root, price) : book.prices.below(root, price)
        }
        return left.lots <= 0
    }

    /// Takes the book as far as the limit goes. Returns the lots that are left.
    @inline(__always)
    private mutating func match(_ id: OrderID, _ side: Side, _ price: Price, _ quantity: Quantity) -> Quantity
    {
        var left = quantity
        while left.lots > 0 {
            let maker = book.bestMaker(roots, side, price.ticks)
            if maker < 0 { break }
            let traded = min(left, book.orders[maker].remaining)
            var report = BookReport()
            report.kind = .trade
            report.order = book.orders[maker].id
            report.taker = id
            report.price = book.orders[maker].price
            report.quantity = traded
            report.side = side
            reports.append(report)
            book.fill(maker, traded)
            left -= traded
            if book.orders[maker].remaining.lots == 0 {
                book.unrest(maker, &roots)
                book.remove(maker)
            }
        }
        return left
    }

    @inline(__always)
    private mutating func report(
        _ kind: BookReport.Kind,
        _ id: OrderID,
        _ side: Side,
        _ price: Price,
        _ quantity: Quantity
    ) {
        var report = BookReport()
        report.kind = kind
        report.order = id
        report.price = price
        report.quantity = quantity
        report.side = side
        reports.append(report)
    }
}
