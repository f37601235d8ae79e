import ReadModel

/// One bar. Prices in ticks; of the premium in 10⁻⁸.
struct Kline: Sendable {
    /// Its beginning in ms.
    var start: Int64 = 0
    var open: Int64 = 0
    var high: Int64 = 0
    var low: Int64 = 0
    var close: Int64 = 0
    var lots: Int64 = 0
    /// In 10⁻⁸.
    var quote: Int128 = 0
    var takerLots: Int64 = 0
    var takerQuote: Int128 = 0
    var count: Int64 = 0
    /// Numbers of the first and the last trade.
    var first: Int64 = -1
    var last: Int64 = -1

    /// A bar that begins with a price.
    init(start: Int64, price: Int64) {
        self.start = start
        open = price
        high = price
        low = price
        close = price
    }

    mutating func take(_ price: Int64) {
        high = max(high, price)
        low = min(low, price)
        close = price
    }

    /// Counts lots. A sum of lots has no bound in the core, so it stays at the largest number there is.
    mutating func add(_ more: Int64, ofTaker: Int64) {
        lots = Kline.sum(lots, more)
        takerLots = Kline.sum(takerLots, ofTaker)
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? Int64.max : sum
    }
}

/// The bars of one price of a market, one ring an interval.
struct KlineStore: Sendable {
    var rings: [Ring<Kline>]
    /// Bars that were over since this was last looked at, with the place of their interval.
    var closed: [(interval: Int, bar: Kline)] = []

    /// - Parameter limit: bars kept; of minutes always a day at least, for the rolling 24 hours.
    init(limit: Int) {
        rings = Interval.allCases.map { Ring(capacity: $0 == .minute ? max(limit, 1_441) : limit) }
    }

    func bars(_ interval: Interval) -> Ring<Kline> {
        rings[interval.place]
    }

    /// Enters a price at a time in ms, and with it a change to the bar.
    mutating func take(_ price: Int64, at time: Int64, _ change: (inout Kline) -> Void = { _ in }) {
        for (index, interval) in Interval.allCases.enumerated() {
            let start = interval.start(of: time)
            let last = rings[index].last
            if last.map({ $0.start < start }) ?? true {
                if let last { closed.append((index, last)) }
                rings[index].append(Kline(start: start, price: price))
            }
            let place = rings[index].count - 1
            rings[index][place].take(price)
            change(&rings[index][place])
        }
    }

    /// Bars by time, with flat ones where nothing happened; the open bar last.
    func rows(_ interval: Interval, _ page: Page, now: Int64) -> [Kline] {
        let bars = bars(interval)
        guard bars.count > 0, page.limit > 0 else { return [] }
        let end = min(page.span.end ?? Int64.max, now)
        let start = max(KlineStore.start(interval, page, now: now), bars[0].start)
        return filled(bars, interval, from: start, to: end, most: page.limit)
    }

    /// The beginning, in ms, of the first bar that a page asks for.
    static func start(_ interval: Interval, _ page: Page, now: Int64) -> Int64 {
        if let asked = page.span.start {
            let start = interval.start(of: asked)
            return start < asked ? interval.next(after: start) : start
        }
        return interval.start(of: min(page.span.end ?? Int64.max, now), back: page.limit - 1)
    }

    private func filled(
        _ bars: Ring<Kline>,
        _ interval: Interval,
        from start: Int64,
        to end: Int64,
        most: Int
    ) -> [Kline] {
        var rows: [Kline] = []
        var place = bars.firstPlace { $0.start >= start }
        var close = place > 0 ? bars[place - 1].close : nil
        var at = start
        while at <= end && rows.count < most {
            if place < bars.count && bars[place].start == at {
                rows.append(bars[place])
                close = bars[place].close
                place += 1
            } else if let close {
                rows.append(Kline(start: at, price: close))
            }
            at = interval.next(after: at)
        }
        return rows
    }
}
