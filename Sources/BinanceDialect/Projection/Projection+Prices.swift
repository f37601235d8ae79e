import ExchangeCore
import ReadModel

/// Marks, indices and premiums.
extension Projection {
    mutating func markChanged(_ event: MarkChanged) {
        guard let place = place(event.market) else { return }
        markets[place].markTime = work.time
        if event.index.ticks > 0 {
            markets[place].index = event.index
            markets[place].klines[KlineSeries.index.rawValue].take(event.index.ticks, at: work.time)
            keepBars(place, .index)
        }
        if event.mark.ticks > 0 {
            markets[place].mark = event.mark
            markets[place].klines[KlineSeries.mark.rawValue].take(event.mark.ticks, at: work.time)
            keepBars(place, .mark)
            takePremium(place)
            callMargin(event.market)
        }
        sampleInterest(place)
    }

    /// How far the last price lies from the index, in 10⁻⁸ of it. The core's own premium is made of impact
    /// prices and is not told; this is the simple one.
    private mutating func takePremium(_ place: Int) {
        let index = Int128(markets[place].index.ticks)
        let last = Int128(markets[place].lastPrice.ticks)
        if index <= 0 || last <= 0 { return }
        let premium = scaled(last - index, by: 100_000_000, over: index, .towardZero)
        markets[place].klines[KlineSeries.premium.rawValue].take(Int64(clamping: premium), at: work.time)
        keepBars(place, .premium)
    }

    /// Collects the bars that are over.
    mutating func keepBars(_ place: Int, _ series: KlineSeries) {
        let closed = markets[place].klines[series.rawValue].closed
        if closed.isEmpty { return }
        markets[place].klines[series.rawValue].closed.removeAll(keepingCapacity: true)
        if !isKeeping { return }
        for (interval, bar) in closed {
            kept.bars.append(KeptBar(market: markets[place].id, series: series, interval: interval, bar: bar))
        }
    }

    private mutating func sampleInterest(_ place: Int) {
        let start = Interval.fiveMinutes.start(of: work.time)
        let sample = InterestSample(
            start: start,
            lots: markets[place].openInterest,
            mark: markets[place].mark
        )
        if let last = markets[place].interest.last, last.start >= start {
            markets[place].interest[markets[place].interest.count - 1] = sample
        } else {
            if isKeeping, let last = markets[place].interest.last {
                kept.interest.append(Placed(markets[place].id, markets[place].interest.total - 1, last))
            }
            markets[place].interest.append(sample)
        }
    }

    /// When the market pays funding next, in ms; 0 without an interval.
    func nextFunding(_ market: MarketEntry, now: Int64) -> Int64 {
        let interval = market.specification.fundingInterval / 1_000
        if interval <= 0 { return 0 }
        return (now / interval + 1) * interval
    }

    /// A bucket is being liquidated: its account gets a margin call first.
    mutating func episodeBegan(_ event: EpisodeBegan) {
        work.market = event.trigger
        liquidationCall(event)
    }
}
