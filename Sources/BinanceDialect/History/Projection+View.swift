public import ExchangeCore
import ReadModel

/// A projection as bytes: with it a venue goes on from a snapshot of the exchange without executing what came
/// before, and clients see no difference (HIST-5).
extension Projection {
    /// Changes whenever the layout of these bytes does.
    public static var viewFormat: Int32 { 2 }

    /// Everything but who listens, between two commands.
    ///
    /// - Complexity: O(all rows in memory).
    public func encodeView(into writer: inout ByteWriter) {
        writer.append(littleEndian: Projection.viewFormat)
        for counter in [
            Int64(bitPattern: origin), fundTime, lastForced, lastForcedName, lastIncome, lastAmendment,
            lastOrder,
        ] { writer.append(littleEndian: counter) }
        writer.append(count: directory.markets.count)
        for (entry, market) in zip(directory.markets, markets) {
            var specification = entry.specification
            specification.fields(&writer)
            writer.append(littleEndian: entry.onboarded)
            writer.append(littleEndian: entry.state.rawValue)
            market.encode(into: &writer)
        }
        writer.append(count: accounts.count)
        for account in accounts { account.encode(into: &writer) }
        writer.append(count: orders.count)
        // In order of their numbers: the order of a dictionary is nobody's business.
        for number in orders.keys.sorted() {
            if var record = orders[number] { record.fields(&writer) }
        }
    }

    /// The projection that such bytes describe; nil if they describe none.
    public init?(
        view reader: inout ByteReader,
        options: DialectOptions = DialectOptions(),
        limits: ProjectionLimits = ProjectionLimits()
    ) {
        self.init(options: options, limits: limits)
        if reader.int32() != Projection.viewFormat { return nil }
        origin = UInt64(bitPattern: reader.int64())
        fundTime = reader.int64()
        lastForced = reader.int64()
        lastForcedName = reader.int64()
        lastIncome = reader.int64()
        lastAmendment = reader.int64()
        lastOrder = reader.int64()
        guard let marketCount = reader.count() else { return nil }
        for number in 0..<marketCount {
            let specification: MarketSpecification = reader.record()
            directory.add(specification, onboarded: reader.int64())
            let id = MarketID(Int32(clamping: number))
            var state = MarketState.open
            reader.visit("state", &state)
            directory.setState(state, of: id)
            guard let market = MarketRecord(id: id, limits, view: &reader) else { return nil }
            markets.append(market)
        }
        guard let accountCount = reader.count() else { return nil }
        accounts.removeAll()
        for _ in 0..<accountCount {
            guard let account = AccountRecord(limits, view: &reader) else { return nil }
            accounts.append(account)
        }
        guard let orderCount = reader.count() else { return nil }
        for _ in 0..<orderCount {
            var record = OrderRecord()
            record.fields(&reader)
            take(record)
        }
        for number in accounts.indices { trim(number) }
        if reader.failed { return nil }
    }

    private mutating func take(_ record: OrderRecord) {
        orders[record.id.raw] = record
        // They come in order of their numbers, and a name is its latest order's.
        if !record.clientID.isEmpty {
            names[OrderName(account: record.account, clientID: record.clientID)] = record.id
        }
    }

    /// With tighter bounds than those it was written with, the oldest ended orders go.
    private mutating func trim(_ number: Int) {
        let wanted = accounts[number].endedInView
        accounts[number].endedInView = []
        for id in wanted {
            guard let gone = accounts[number].ended.append(id),
                let old = orders.removeValue(forKey: gone)
            else { continue }
            accounts[number].goneOrder = max(accounts[number].goneOrder, gone)
            accounts[number].goneCreated = max(accounts[number].goneCreated, old.created)
            let name = OrderName(account: old.account, clientID: old.clientID)
            if !old.clientID.isEmpty && names[name] == old.id { names[name] = nil }
        }
    }
}

extension AccountRecord {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(littleEndian: cash.units)
        writer.append(littleEndian: updated)
        writer.append(littleEndian: goneOrder)
        writer.append(littleEndian: goneCreated)
        writer.append(count: legs.count)
        for leg in legs {
            var leg = leg
            leg.fields(&writer)
        }
        writer.append(count: open.count)
        for id in open { writer.append(littleEndian: id) }
        writer.append(littleEndian: ended.gone)
        writer.append(count: ended.count)
        for place in 0..<ended.count { writer.append(littleEndian: ended[place]) }
        trades.encode(into: &writer)
        income.encode(into: &writer)
        margin.encode(into: &writer)
        amendments.encode(into: &writer)
        writer.append(count: isolated.count)
        for market in isolated.sorted() { writer.append(littleEndian: market.raw) }
    }

    fileprivate init?(_ limits: ProjectionLimits, view reader: inout ByteReader) {
        self.init(limits)
        cash = Amount(reader.int64())
        updated = reader.int64()
        goneOrder = reader.int64()
        goneCreated = reader.int64()
        guard let legCount = reader.count() else { return nil }
        for _ in 0..<legCount {
            var leg = LegRecord()
            leg.fields(&reader)
            legs.append(leg)
        }
        guard let openCount = reader.count() else { return nil }
        for _ in 0..<openCount { open.append(reader.int64()) }
        ended = Ring(capacity: limits.endedOrders, behind: reader.int64())
        guard let endedCount = reader.count() else { return nil }
        for _ in 0..<endedCount { endedInView.append(reader.int64()) }
        guard let trades = Ring<UserTrade>(view: &reader, capacity: limits.userTrades),
            let income = Ring<IncomeRow>(view: &reader, capacity: limits.income),
            let margin = Ring<MarginChange>(view: &reader, capacity: limits.changes),
            let amendments = Ring<AmendmentRecord>(view: &reader, capacity: limits.changes),
            let isolatedCount = reader.count()
        else { return nil }
        self.trades = trades
        self.income = income
        self.margin = margin
        self.amendments = amendments
        for _ in 0..<isolatedCount { isolated.insert(MarketID(reader.int32())) }
    }
}

extension MarketRecord {
    fileprivate mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("updateID", &updateID)
        visitor.visit("bookTime", &bookTime)
        visitor.visit("lastTrade", &lastTrade)
        visitor.visit("lastAggregate", &lastAggregate)
        visitor.visit("lastPrice", &lastPrice)
        visitor.visit("lastQuantity", &lastQuantity)
        visitor.visit("lastTime", &lastTime)
        visitor.visit("mark", &mark)
        visitor.visit("index", &index)
        visitor.visit("markTime", &markTime)
        visitor.visit("openInterest", &openInterest)
        visitor.visit("lastFunding", &lastFunding)
        visitor.visit("expectedFunding", &expectedFunding)
        visitor.visit("deleveraged", &deleveraged)
    }

    fileprivate func encode(into writer: inout ByteWriter) {
        var copy = self
        copy.fields(&writer)
        for side in [bids, asks] {
            writer.append(count: side.prices.count)
            for (price, lots) in zip(side.prices, side.lots) {
                writer.append(littleEndian: price)
                writer.append(littleEndian: lots)
            }
        }
        trades.encode(into: &writer)
        aggregates.encode(into: &writer)
        funding.encode(into: &writer)
        interest.encode(into: &writer)
        for store in klines { for ring in store.rings { ring.encode(into: &writer) } }
    }

    fileprivate init?(id: MarketID, _ limits: ProjectionLimits, view reader: inout ByteReader) {
        self.init(id: id, limits)
        fields(&reader)
        guard let bids = BookSide(.buy, view: &reader), let asks = BookSide(.sell, view: &reader),
            let trades = Ring<PublicTrade>(view: &reader, capacity: limits.trades),
            let aggregates = Ring<AggregateTrade>(view: &reader, capacity: limits.trades),
            let funding = Ring<FundingRecord>(view: &reader, capacity: limits.funding),
            let interest = Ring<InterestSample>(view: &reader, capacity: limits.klines)
        else { return nil }
        self.bids = bids
        self.asks = asks
        self.trades = trades
        self.aggregates = aggregates
        self.funding = funding
        self.interest = interest
        for series in klines.indices {
            for place in klines[series].rings.indices {
                let capacity = klines[series].rings[place].capacity
                guard let ring = Ring<Kline>(view: &reader, capacity: capacity) else { return nil }
                klines[series].rings[place] = ring
            }
        }
    }
}

extension BookSide {
    fileprivate init?(_ side: Side, view reader: inout ByteReader) {
        guard let count = reader.count() else { return nil }
        var prices: [Int64] = []
        var lots: [Int64] = []
        for _ in 0..<count {
            prices.append(reader.int64())
            lots.append(reader.int64())
        }
        self.init(side, prices: prices, lots: lots)
    }
}

extension Ring where Element: KeptRecord {
    fileprivate func encode(into writer: inout ByteWriter) {
        writer.append(littleEndian: gone)
        writer.append(count: count)
        for place in 0..<count {
            var element = self[place]
            element.fields(&writer)
        }
    }

    fileprivate init?(view reader: inout ByteReader, capacity: Int) {
        self.init(capacity: capacity, behind: reader.int64())
        guard let count = reader.count() else { return nil }
        for _ in 0..<count {
            var element = Element()
            element.fields(&reader)
            append(element)
        }
    }
}

extension ByteWriter {
    /// A number of elements.
    fileprivate mutating func append(count: Int) { append(littleEndian: Int64(count)) }
}

extension ByteReader {
    fileprivate mutating func int32() -> Int32 {
        var value: Int32 = 0
        visit("", &value)
        return value
    }

    fileprivate mutating func int64() -> Int64 {
        var value: Int64 = 0
        visit("", &value)
        return value
    }

    /// A number of elements; nil behind the end, or if it is none.
    fileprivate mutating func count() -> Int? {
        let value = int64()
        return failed || value < 0 || value > 1 << 40 ? nil : Int(value)
    }
}
