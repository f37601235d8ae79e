public import ExchangeCore
import ExchangeText

/// Messages that are sent every so often (WIRE-20).
extension Projection {
    /// The messages of all periodic streams whose time has come.
    ///
    /// To be called often, ten times a second or more: the shortest period is 100 ms. Nothing changes but
    /// what was last sent when.
    public mutating func flush(at now: Timestamp) -> [StreamMessage] {
        let time = now.microseconds / 1_000
        messages.removeAll(keepingCapacity: true)
        for (_, name) in interest.names {
            let period = name.period
            if period == 0 || time - (interest.lastSent[name] ?? 0) < period { continue }
            interest.lastSent[name] = time
            tell(name, time)
        }
        let sent = messages
        messages.removeAll(keepingCapacity: true)
        return sent
    }

    private mutating func send(_ name: StreamName, _ writer: JSONWriter) {
        messages.append(StreamMessage(audience: .stream(name), bytes: writer.bytes))
    }

    private mutating func tell(_ name: StreamName, _ now: Int64) {
        switch name {
        case .kline(let market, let interval), .continuousKline(let market, let interval):
            klines(name, market, interval, now)
        case .miniTicker(let market): one(name, market) { $0.miniTicker($1, $2, now, &$3) }
        case .ticker(let market): one(name, market) { $0.ticker($1, $2, now, &$3) }
        case .markPrice(let market, _): one(name, market) { $0.markPrice($1, $2, now, &$3) }
        case .allMiniTickers: all(name) { $0.miniTicker($1, $2, now, &$3) }
        case .allTickers: all(name) { $0.ticker($1, $2, now, &$3) }
        case .allMarkPrices: all(name) { $0.markPrice($1, $2, now, &$3) }
        case .allBookTickers: allBookTickers(now)
        case .forceOrder, .allForceOrders: forceOrders(name, now)
        case .depth(let market, _), .rpiDepth(let market):
            guard let place = place(market), let entry = directory[market] else { return }
            depthUpdate(name, place, entry, now)
        case .partialDepth(let market, let levels, _):
            guard let place = place(market), let entry = directory[market] else { return }
            partialDepth(name, place, levels, entry, now)
        case .aggregateTrade, .trade, .bookTicker, .contractInfo, .silent: break
        }
    }

    /// What writes an event of a market; false if there is nothing to tell yet.
    private typealias Teller = (borrowing Projection, Int, MarketEntry, inout JSONWriter) -> Bool

    private mutating func one(_ name: StreamName, _ market: MarketID, _ tell: Teller) {
        guard let place = place(market), let entry = directory[market] else { return }
        var writer = JSONWriter()
        if tell(self, place, entry, &writer) { send(name, writer) }
    }

    private mutating func all(_ name: StreamName, _ tell: Teller) {
        var writer = JSONWriter()
        writer.beginArray()
        var count = 0
        for (place, entry) in directory.markets.enumerated() where place < markets.count {
            if tell(self, place, entry, &writer) { count += 1 }
        }
        writer.endArray()
        if count > 0 { send(name, writer) }
    }

    private mutating func allBookTickers(_ now: Int64) {
        for (place, entry) in directory.markets.enumerated() where place < markets.count {
            if markets[place].updateID > 0 { send(.allBookTickers, bookTicker(place, entry, now)) }
        }
    }

    // MARK: Tickers and marks

    private func miniTicker(_ place: Int, _ entry: MarketEntry, _ now: Int64, _ writer: inout JSONWriter)
        -> Bool
    {
        let market = markets[place]
        if market.lastPrice == .none { return false }
        let day = market.day(now: now)
        writer.beginObject()
        writer.field("e", "24hrMiniTicker")
        writer.field("E", now)
        writer.field("s", entry.symbol)
        writer.field("c", market.lastPrice, entry)
        writer.field("o", Price(day.open), entry)
        writer.field("h", Price(day.high), entry)
        writer.field("l", Price(day.low), entry)
        writer.field("v", Quantity(day.lots), entry)
        writer.key("q")
        writer.decimal(day.quote)
        writer.field("ps", entry.symbol)
        writer.field("st", 1)
        writer.endObject()
        return true
    }

    private func ticker(_ place: Int, _ entry: MarketEntry, _ now: Int64, _ writer: inout JSONWriter) -> Bool
    {
        let market = markets[place]
        if market.lastPrice == .none { return false }
        let day = market.day(now: now)
        writer.beginObject()
        writer.field("e", "24hrTicker")
        writer.field("E", now)
        writer.field("s", entry.symbol)
        writer.field("p", Price(market.lastPrice.ticks - day.open), entry)
        writer.field("P", Answers.percent(market.lastPrice.ticks - day.open, of: day.open))
        writer.field("w", average: averageUnits(day.quote, entry.units(Quantity(day.lots))), entry)
        writer.field("c", market.lastPrice, entry)
        writer.field("Q", market.lastQuantity, entry)
        writer.field("o", Price(day.open), entry)
        writer.field("h", Price(day.high), entry)
        writer.field("l", Price(day.low), entry)
        writer.field("v", Quantity(day.lots), entry)
        writer.key("q")
        writer.decimal(day.quote)
        writer.field("O", day.start)
        writer.field("C", now)
        writer.field("F", max(0, day.first))
        writer.field("L", max(0, day.last))
        writer.field("n", day.count)
        writer.field("ps", entry.symbol)
        writer.field("st", 1)
        writer.endObject()
        return true
    }

    private func markPrice(_ place: Int, _ entry: MarketEntry, _ now: Int64, _ writer: inout JSONWriter)
        -> Bool
    {
        let market = markets[place]
        if market.mark == .none { return false }
        writer.beginObject()
        writer.field("e", "markPriceUpdate")
        writer.field("E", now)
        writer.field("s", entry.symbol)
        writer.field("p", amount: entry.units(market.mark))
        writer.field("i", amount: entry.units(market.index))
        writer.field("P", amount: entry.units(market.mark))
        writer.field("r", amount: Int128(market.expectedFunding.units))
        writer.field("ap", amount: entry.units(market.mark))
        writer.field("T", nextFunding(entry, now: now))
        writer.field("st", 1)
        writer.endObject()
        return true
    }

    /// Tells what funding would be paid now, which events do not say; read from the core now and then.
    public mutating func setExpectedFunding(_ rate: Rate, of market: MarketID) {
        if let place = place(market) { markets[place].expectedFunding = rate }
    }

    // MARK: Klines and liquidations

    /// The bar that is open; before it the last one, once more and closed, if a span has ended.
    private mutating func klines(_ name: StreamName, _ market: MarketID, _ interval: Interval, _ now: Int64) {
        guard let place = place(market), let entry = directory[market], markets[place].lastPrice != .none
        else { return }
        let start = interval.start(of: now)
        let store = markets[place].klines[KlineSeries.last.rawValue]
        if let before = interest.bars[name], before < start {
            let page = Page(from: nil, span: TimeSpan(start: before, end: before), limit: 1)
            if let bar = store.rows(interval, page, now: now).first {
                kline(name, bar, interval, entry, now, isClosed: true)
            }
        }
        interest.bars[name] = start
        let page = Page(from: nil, span: TimeSpan(start: start, end: now), limit: 1)
        if let bar = store.rows(interval, page, now: now).first {
            kline(name, bar, interval, entry, now, isClosed: false)
        }
    }

    private mutating func kline(
        _ name: StreamName,
        _ bar: Kline,
        _ interval: Interval,
        _ entry: MarketEntry,
        _ now: Int64,
        isClosed: Bool
    ) {
        var isContinuous = false
        if case .continuousKline = name { isContinuous = true }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", isContinuous ? "continuous_kline" : "kline")
        writer.field("E", now)
        writer.field(isContinuous ? "ps" : "s", entry.symbol)
        if isContinuous { writer.field("ct", "PERPETUAL") }
        writer.key("k")
        writer.beginObject()
        writer.field("t", bar.start)
        writer.field("T", interval.next(after: bar.start) - 1)
        if !isContinuous { writer.field("s", entry.symbol) }
        writer.field("i", interval.rawValue)
        writer.field("f", bar.first)
        writer.field("L", bar.last)
        writer.field("o", Price(bar.open), entry)
        writer.field("c", Price(bar.close), entry)
        writer.field("h", Price(bar.high), entry)
        writer.field("l", Price(bar.low), entry)
        writer.field("v", Quantity(bar.lots), entry)
        writer.field("n", bar.count)
        writer.field("x", isClosed)
        writer.key("q")
        writer.decimal(bar.quote)
        writer.field("V", Quantity(bar.takerLots), entry)
        writer.key("Q")
        writer.decimal(bar.takerQuote)
        writer.field("B", "0")
        writer.endObject()
        writer.endObject()
        send(name, writer)
    }

    /// Of each market only the newest liquidation since the last time, as on Binance.
    private mutating func forceOrders(_ name: StreamName, _ now: Int64) {
        guard let orders = interest.forceOrders[name], !orders.isEmpty else { return }
        interest.forceOrders[name] = [:]
        for (market, order) in orders.sorted(by: { $0.key < $1.key }) {
            guard let entry = directory[market] else { continue }
            let record = order.record
            var writer = JSONWriter()
            writer.beginObject()
            writer.field("e", "forceOrder")
            writer.field("E", now)
            writer.key("o")
            writer.beginObject()
            writer.field("s", entry.symbol)
            writer.field("S", record.side.wire)
            writer.field("o", "LIMIT")
            writer.field("f", "IOC")
            writer.field("q", record.quantity, entry)
            writer.field("p", priceUnits: order.price, entry)
            writer.field("ap", average: record.averagePrice(entry), entry)
            writer.field("X", record.filled == record.quantity ? "FILLED" : "PARTIALLY_FILLED")
            writer.field("l", record.filled, entry)
            writer.field("z", record.filled, entry)
            writer.field("T", order.time)
            writer.endObject()
            if name == .allForceOrders {
                writer.field("ps", entry.symbol)
                writer.field("st", 1)
            }
            writer.endObject()
            send(name, writer)
        }
    }
}
