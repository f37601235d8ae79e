import ExchangeCore
import ReadModel

/// A public trade.
struct PublicTrade: Sendable {
    var id: Int64 = 0
    var price = Price.none
    var quantity = Quantity.zero
    var takerSide = Side.buy
    /// In ms.
    var time: Int64 = 0
}

/// Trades of one taker at one price in one command, as one.
struct AggregateTrade: Sendable {
    var id: Int64 = 0
    var market = MarketID.none
    var price = Price.none
    var quantity = Quantity.zero
    var takerSide = Side.buy
    var first: Int64 = 0
    var last: Int64 = 0
    var taker = AccountID.none
    var order = OrderID.none
    /// In ms.
    var time: Int64 = 0
}

/// A funding payment.
struct FundingRecord: Sendable {
    var rate = Rate.zero
    var mark = Price.none
    /// In ms.
    var time: Int64 = 0
}

/// Open interest at the end of five minutes.
struct InterestSample: Sendable {
    /// The beginning of the five minutes, in ms.
    var start: Int64 = 0
    var lots: Int64 = 0
    var mark = Price.none
}

/// A market as the projection knows it.
struct MarketRecord: Sendable {
    let id: MarketID
    var bids = BookSide(.buy)
    var asks = BookSide(.sell)
    /// Moves by one with every command that changes the book.
    var updateID: Int64 = 0
    /// When it last moved, in ms.
    var bookTime: Int64 = 0
    /// Number of the last trade, of those outside of the book too.
    var lastTrade: Int64 = 0
    var lastAggregate: Int64 = 0
    var lastPrice = Price.none
    var lastQuantity = Quantity.zero
    /// When it last traded, in ms.
    var lastTime: Int64 = 0
    var mark = Price.none
    var index = Price.none
    /// When a price last came, in ms.
    var markTime: Int64 = 0
    var openInterest: Int64 = 0
    var lastFunding = Rate.zero
    /// What would be paid now, as far as it was told.
    var expectedFunding = Rate.zero
    var trades: Ring<PublicTrade>
    var aggregates: Ring<AggregateTrade>
    var funding: Ring<FundingRecord>
    var interest: Ring<InterestSample>
    /// By `KlineSeries`.
    var klines: [KlineStore]
    /// When positions of the market were last closed by deleveraging, in ms; 0 never.
    var deleveraged: Int64 = 0

    init(id: MarketID, _ limits: ProjectionLimits) {
        self.id = id
        trades = Ring(capacity: limits.trades)
        aggregates = Ring(capacity: limits.trades)
        funding = Ring(capacity: limits.funding)
        interest = Ring(capacity: limits.klines)
        klines = KlineSeries.allCases.map { _ in KlineStore(limit: limits.klines) }
    }

    /// The rolling 24 hours up to now, in ms, as one bar; its `start` is the time of its first minute.
    func day(now: Int64) -> Kline {
        let bars = klines[KlineSeries.last.rawValue].bars(.minute)
        let begin = now - 86_400_000
        var place = bars.firstPlace { $0.start > begin - 60_000 }
        var day = Kline(start: begin, price: lastPrice.ticks)
        var isFirst = true
        while place < bars.count {
            let bar = bars[place]
            place += 1
            if isFirst {
                day.open = bar.open
                day.high = bar.high
                day.low = bar.low
                day.first = bar.first
                isFirst = false
            }
            day.high = max(day.high, bar.high)
            day.low = min(day.low, bar.low)
            day.close = bar.close
            day.add(bar.lots, ofTaker: bar.takerLots)
            day.quote += bar.quote
            day.takerQuote += bar.takerQuote
            day.count += bar.count
            day.last = bar.last
        }
        return day
    }
}
