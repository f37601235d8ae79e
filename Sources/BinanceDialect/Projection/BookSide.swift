import ExchangeCore

/// One side of a market's book: lots by price, the best price last so that changes near it are cheap.
struct BookSide: Sendable {
    let side: Side
    private(set) var prices: [Int64] = []
    private(set) var lots: [Int64] = []

    init(_ side: Side) { self.side = side }

    /// A side as it was, the best price last.
    init(_ side: Side, prices: [Int64], lots: [Int64]) {
        self.side = side
        self.prices = prices
        self.lots = lots
    }

    var count: Int { prices.count }

    /// The level of a rank, 0 for the best; nil beyond the last.
    func level(_ rank: Int) -> (price: Int64, lots: Int64)? {
        let place = prices.count - 1 - rank
        return rank >= 0 && place >= 0 ? (prices[place], lots[place]) : nil
    }

    /// Lots at a price; 0 if nobody stands there.
    func lots(at price: Int64) -> Int64 {
        let place = place(of: price)
        return place < prices.count && prices[place] == price ? lots[place] : 0
    }

    /// Where a price stands or would stand.
    private func place(of price: Int64) -> Int {
        var low = 0
        var high = prices.count
        while low < high {
            let middle = (low + high) / 2
            let isBefore = side == .buy ? prices[middle] < price : prices[middle] > price
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Adds lots to a price, or takes them off; a level without lots goes.
    mutating func add(_ delta: Int64, at price: Int64) {
        let place = place(of: price)
        if place < prices.count && prices[place] == price {
            let left = lots[place] + delta
            if left > 0 {
                lots[place] = left
            } else {
                prices.remove(at: place)
                lots.remove(at: place)
            }
        } else if delta > 0 {
            prices.insert(price, at: place)
            lots.insert(delta, at: place)
        }
    }
}
