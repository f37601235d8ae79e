public import ExchangeCore

/// What whoever parses requests has to know of prices.
extension Projection {
    /// Marks by market number; none where there is no price yet.
    public var marks: [Price] { markets.map(\.mark) }

    /// The best prices of a side of every market's book, best first, at most `count` each.
    public func bestPrices(_ side: Side, count: Int) -> [[Price]] {
        markets.map { market in
            let book = side == .buy ? market.bids : market.asks
            var prices: [Price] = []
            while prices.count < count, let level = book.level(prices.count) {
                prices.append(Price(level.price))
            }
            return prices
        }
    }
}
