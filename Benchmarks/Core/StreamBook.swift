/// The plainest book, on which a stream is drawn so that every command in it succeeds. It shares no code
/// with the core's.
struct StreamBook {
    /// What a command did to a resting order.
    struct Trade {
        var maker: Int32
        var price: Int32
        var size: Int32
        var isMakerGone: Bool
        var isTakerGone: Bool
    }

    private let lowest: Int32
    private var first: [Int32]
    private var last: [Int32]
    private var bestBid: Int32
    private var bestAsk: Int32
    /// Of each order, by number: price, size left, side, neighbours in its queue; 0 names nobody.
    private var price: [Int32] = [0]
    private(set) var left: [Int32] = [0]
    private var isBid: [Bool] = [false]
    private var next: [Int32] = [0]
    private var previous: [Int32] = [0]
    private(set) var bids = 0
    private(set) var asks = 0

    /// A book for prices in `range`.
    init(_ range: ClosedRange<Int32>) {
        lowest = range.lowerBound - 1
        first = Array(repeating: 0, count: range.count + 2)
        last = first
        bestBid = 0
        bestAsk = Int32(range.count + 1)
    }

    /// Gives the next number to an order that is in no queue yet.
    mutating func add(isBid: Bool, size: Int32) {
        price.append(0)
        left.append(size)
        self.isBid.append(isBid)
        next.append(0)
        previous.append(0)
    }

    private mutating func enqueue(_ order: Int32, at place: Int32) {
        price[Int(order)] = place
        let tail = last[Int(place)]
        previous[Int(order)] = tail
        next[Int(order)] = 0
        if tail > 0 { next[Int(tail)] = order } else { first[Int(place)] = order }
        last[Int(place)] = order
        if isBid[Int(order)] {
            bids += 1
            bestBid = max(bestBid, place)
        } else {
            asks += 1
            bestAsk = min(bestAsk, place)
        }
    }

    private mutating func dequeue(_ order: Int32) {
        let place = Int(price[Int(order)])
        let before = previous[Int(order)]
        let behind = next[Int(order)]
        if before > 0 { next[Int(before)] = behind } else { first[place] = behind }
        if behind > 0 { previous[Int(behind)] = before } else { last[place] = before }
        if isBid[Int(order)] {
            bids -= 1
            while bestBid > 0 && first[Int(bestBid)] == 0 { bestBid -= 1 }
        } else {
            asks -= 1
            while Int(bestAsk) < first.count - 1 && first[Int(bestAsk)] == 0 { bestAsk += 1 }
        }
    }

    /// Matches an order that is in no queue down to its limit. Trades in their order.
    mutating func match(_ order: Int32, limit: Int32) -> [Trade] {
        var trades: [Trade] = []
        let isBid = isBid[Int(order)]
        let limit = limit - lowest
        while left[Int(order)] > 0 {
            let best = isBid ? bestAsk : bestBid
            if best <= 0 || Int(best) >= first.count - 1 || (isBid ? best > limit : best < limit) { break }
            let maker = first[Int(best)]
            let size = min(left[Int(order)], left[Int(maker)])
            left[Int(order)] -= size
            left[Int(maker)] -= size
            if left[Int(maker)] == 0 { dequeue(maker) }
            trades.append(
                Trade(
                    maker: maker,
                    price: best + lowest,
                    size: size,
                    isMakerGone: left[Int(maker)] == 0,
                    isTakerGone: left[Int(order)] == 0
                )
            )
        }
        return trades
    }

    /// Lots on the other side of an order.
    func available(against order: Int32) -> Int64 {
        var sum: Int64 = 0
        let isBid = isBid[Int(order)]
        var place = Int(isBid ? bestAsk : bestBid)
        while place > 0 && place < first.count - 1 {
            var resting = first[place]
            while resting > 0 {
                sum += Int64(left[Int(resting)])
                resting = next[Int(resting)]
            }
            place += isBid ? 1 : -1
        }
        return sum
    }

    mutating func rest(_ order: Int32, at price: Int32) { enqueue(order, at: price - lowest) }

    mutating func remove(_ order: Int32) { dequeue(order) }

    mutating func reduce(_ order: Int32, by size: Int32) {
        left[Int(order)] -= size
        if left[Int(order)] == 0 { dequeue(order) }
    }

    /// Levels of both sides.
    var levels: (bids: Int, asks: Int) {
        var bids = 0
        var asks = 0
        for place in 1..<(first.count - 1) where first[place] > 0 {
            if isBid[Int(first[place])] { bids += 1 } else { asks += 1 }
        }
        return (bids, asks)
    }
}
