import ExchangeCore
import ExchangeText

/// Public messages that go out with the command that caused them.
extension Projection {
    private mutating func send(_ name: StreamName, _ writer: JSONWriter) {
        messages.append(StreamMessage(audience: .stream(name), bytes: writer.bytes))
    }

    mutating func tradeMessage(_ trade: PublicTrade, _ market: MarketID) {
        guard interest.wants(.trade(market)), let entry = directory[market] else { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", "trade")
        writer.field("E", work.time)
        writer.field("T", trade.time)
        writer.field("s", entry.symbol)
        writer.field("t", trade.id)
        writer.field("p", trade.price, entry)
        writer.field("q", trade.quantity, entry)
        writer.field("X", "MARKET")
        writer.field("m", trade.takerSide == .sell)
        writer.endObject()
        send(.trade(market), writer)
    }

    mutating func aggregateMessage(_ trade: AggregateTrade, _ market: MarketID) {
        guard interest.wants(.aggregateTrade(market)), let entry = directory[market] else { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", "aggTrade")
        writer.field("E", work.time)
        writer.field("s", entry.symbol)
        writer.field("a", trade.id)
        writer.field("p", trade.price, entry)
        writer.field("q", trade.quantity, entry)
        writer.field("nq", trade.quantity, entry)
        writer.field("f", trade.first)
        writer.field("l", trade.last)
        writer.field("T", trade.time)
        writer.field("m", trade.takerSide == .sell)
        writer.field("st", 1)
        writer.endObject()
        send(.aggregateTrade(market), writer)
    }

    /// Best prices, and the diffs that are sent at once.
    mutating func bookMessages(_ place: Int, isBestChanged: Bool) {
        let market = markets[place].id
        guard let entry = directory[market] else { return }
        if isBestChanged && interest.wants(.bookTicker(market)) {
            send(.bookTicker(market), bookTicker(place, entry, work.time))
        }
        if interest.wants(.depth(market, .atOnce)) {
            depthUpdate(.depth(market, .atOnce), place, entry, work.time)
        }
        for levels in [5, 10, 20] where interest.wants(.partialDepth(market, levels, .atOnce)) {
            partialDepth(.partialDepth(market, levels, .atOnce), place, levels, entry, work.time)
        }
    }

    func bookTicker(_ place: Int, _ entry: MarketEntry, _ now: Int64) -> JSONWriter {
        let market = markets[place]
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", "bookTicker")
        writer.field("u", market.updateID)
        writer.field("E", now)
        writer.field("T", market.bookTime)
        writer.field("s", entry.symbol)
        writer.field("ps", entry.symbol)
        let bid = market.bids.level(0)
        let ask = market.asks.level(0)
        writer.field("b", Price(bid?.price ?? 0), entry)
        writer.field("B", Quantity(bid?.lots ?? 0), entry)
        writer.field("a", Price(ask?.price ?? 0), entry)
        writer.field("A", Quantity(ask?.lots ?? 0), entry)
        writer.field("st", 1)
        writer.endObject()
        return writer
    }

    /// What changed since the last diff of a stream; nothing if nothing did.
    mutating func depthUpdate(_ name: StreamName, _ place: Int, _ entry: MarketEntry, _ now: Int64) {
        guard let diff = interest.books[name], diff.now != diff.last else { return }
        var writer = JSONWriter()
        depthHead(&writer, place, entry, diff, now)
        writer.key("b")
        writer.beginArray()
        for price in diff.bids.sorted(by: >) {
            writer.level(price, markets[place].bids.lots(at: price), entry)
        }
        writer.endArray()
        writer.key("a")
        writer.beginArray()
        for price in diff.asks.sorted() { writer.level(price, markets[place].asks.lots(at: price), entry) }
        writer.endArray()
        depthTail(&writer, entry)
        interest.books[name] = BookDiff(last: diff.now)
        send(name, writer)
    }

    /// The best levels of both sides, if anything changed since they were last told.
    mutating func partialDepth(
        _ name: StreamName,
        _ place: Int,
        _ levels: Int,
        _ entry: MarketEntry,
        _ now: Int64
    ) {
        guard let diff = interest.books[name], diff.now != diff.last else { return }
        var writer = JSONWriter()
        depthHead(&writer, place, entry, diff, now)
        Answers.levels("b", markets[place].bids, levels, entry, &writer)
        Answers.levels("a", markets[place].asks, levels, entry, &writer)
        depthTail(&writer, entry)
        interest.books[name] = BookDiff(last: diff.now)
        send(name, writer)
    }

    /// A diff begins with the number of the one before it, so that a snapshot taken in between, even of a
    /// quiet book, lies within it: `U ≤ lastUpdateId ≤ u` (WIRE-23).
    private func depthHead(
        _ writer: inout JSONWriter,
        _ place: Int,
        _ entry: MarketEntry,
        _ diff: BookDiff,
        _ now: Int64
    ) {
        writer.beginObject()
        writer.field("e", "depthUpdate")
        writer.field("E", now)
        writer.field("T", markets[place].bookTime)
        writer.field("s", entry.symbol)
        writer.field("U", diff.last)
        writer.field("u", diff.now)
        writer.field("pu", diff.last)
    }

    private func depthTail(_ writer: inout JSONWriter, _ entry: MarketEntry) {
        writer.field("ps", entry.symbol)
        writer.field("st", 1)
        writer.endObject()
    }

    mutating func contractInfo(_ market: MarketID) {
        guard interest.wants(.contractInfo), let entry = directory[market] else { return }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("e", "contractInfo")
        writer.field("E", work.time)
        writer.field("s", entry.symbol)
        writer.field("ct", "PERPETUAL")
        writer.field("dt", Answers.never)
        writer.field("ot", entry.onboarded)
        writer.field("cs", entry.statusTerm)
        writer.key("bks")
        writer.beginArray()
        for index in 0..<Int(max(0, entry.table.count)) {
            let tier = entry.table.tiers[index]
            writer.beginObject()
            writer.field("bs", index + 1)
            writer.key("bnf")
            writer.number(index == 0 ? 0 : Int128(entry.table.tiers[index - 1].upTo.units))
            writer.key("bnc")
            writer.number(Int128(tier.upTo.units))
            writer.key("mmr")
            writer.number(Int128(tier.maintenance.units))
            writer.key("cf")
            writer.number(entry.table.deduction(index), scale: 16)
            writer.field(
                "mi",
                index + 1 < Int(entry.table.count) ? entry.table.tiers[index + 1].leverage + 1 : 1
            )
            writer.field("ma", tier.leverage)
            writer.endObject()
        }
        writer.endArray()
        writer.field("st", 1)
        writer.endObject()
        send(.contractInfo, writer)
    }
}
