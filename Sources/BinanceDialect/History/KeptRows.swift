import ExchangeCore

/// The tables of a history that this dialect's rows belong to (HIST-2).
public enum KeptTable: Int, Sendable, CaseIterable {
    /// Orders as they ended, conditional ones and the venue's own included: by account and number.
    case orders
    /// Fills of an account in a market, in the order in which they happened.
    case trades
    /// Income, changes of isolated margin and of orders, of an account.
    case income, margin, amendments
    /// Trades of a market as the public saw them, and those of one taker as one.
    case prints, aggregates
    /// Funding payments, and open interest every five minutes, of a market.
    case funding, interest
    /// Bars that are over, by market, price and interval.
    case bars
}

/// A row of a history: what it is looked up by, and the bytes of the record.
public struct KeptRow: Sendable, Hashable {
    /// The table.
    public var table: KeptTable
    /// Whose it is: an account, a market, or both in one number.
    public var owner: Int64
    /// Its place among its owner's, ascending: a count, an order's number, or a bar's beginning.
    public var place: Int64
    /// The number that clients page by.
    public var number: Int64 = 0
    /// In ms.
    public var time: Int64 = 0
    /// The market's number; −1 for none.
    public var market: Int32 = -1
    /// What kinds it is of, one bit each.
    public var tag: Int32 = 1
    /// The order that it belongs to; 0 for none.
    public var link: Int64 = 0
    /// The client's name; empty for none.
    public var name: [UInt8] = []
    /// The record.
    public var bytes: [UInt8]

    /// A row of a table.
    public init(_ table: KeptTable, owner: Int64, place: Int64, bytes: [UInt8]) {
        self.table = table
        self.owner = owner
        self.place = place
        self.bytes = bytes
    }
}

/// A record with its owner and its place among the owner's.
struct Placed<Record: Sendable>: Sendable {
    var owner: Int64
    var place: Int64
    var it: Record

    init(_ account: AccountID, _ place: Int64, _ it: Record) {
        owner = Int64(account.raw)
        self.place = place
        self.it = it
    }

    init(_ market: MarketID, _ place: Int64, _ it: Record) {
        owner = Int64(market.raw)
        self.place = place
        self.it = it
    }
}

/// A bar that is over.
struct KeptBar: Sendable {
    var market: MarketID
    var series: KlineSeries
    var interval: Int
    var bar: Kline

    /// Whose it is, as one number.
    static func owner(_ market: MarketID, _ series: KlineSeries, _ interval: Int) -> Int64 {
        Int64(market.raw) << 8 | Int64(series.rawValue) << 4 | Int64(interval)
    }
}

/// Rows that became final, as they are collected: written out by whoever keeps them, on its own thread.
public struct KeptRows: Sendable {
    var orders: [OrderRecord] = []
    var trades: [Placed<UserTrade>] = []
    var income: [Placed<IncomeRow>] = []
    var margin: [Placed<MarginChange>] = []
    var amendments: [Placed<AmendmentRecord>] = []
    var prints: [Placed<PublicTrade>] = []
    var aggregates: [Placed<AggregateTrade>] = []
    var funding: [Placed<FundingRecord>] = []
    var interest: [Placed<InterestSample>] = []
    var bars: [KeptBar] = []

    /// No rows.
    public init() {}

    /// How many there are.
    public var count: Int {
        orders.count + trades.count + income.count + margin.count + amendments.count + prints.count
            + aggregates.count + funding.count + interest.count + bars.count
    }

    /// Calls `body` with each row.
    public func forEach(_ body: (KeptRow) throws -> Void) rethrows {
        for it in orders { try body(KeptRow(it)) }
        for it in trades { try body(KeptRow(it)) }
        for it in income { try body(KeptRow(it)) }
        for it in margin { try body(KeptRow(it)) }
        for it in amendments { try body(KeptRow(it)) }
        for it in prints { try body(KeptRow(.prints, it, number: it.it.id, time: it.it.time)) }
        for it in aggregates { try body(KeptRow(.aggregates, it, number: it.it.id, time: it.it.time)) }
        for it in funding { try body(KeptRow(.funding, it, number: it.it.time, time: it.it.time)) }
        for it in interest { try body(KeptRow(.interest, it, number: it.it.start, time: it.it.start)) }
        for it in bars { try body(KeptRow(it)) }
    }
}

extension KeptRow {
    /// Kinds of orders.
    static let shown: Int32 = 1
    static let conditional: Int32 = 2
    static let liquidation: Int32 = 4
    static let deleveraging: Int32 = 8

    fileprivate init<Record: KeptRecord>(
        _ table: KeptTable,
        _ it: Placed<Record>,
        number: Int64,
        time: Int64
    ) {
        self.init(table, owner: it.owner, place: it.place, bytes: it.it.bytes)
        self.number = number
        self.time = time
    }

    fileprivate init(_ it: OrderRecord) {
        self.init(.orders, owner: Int64(it.account.raw), place: it.id.raw, bytes: it.bytes)
        number = it.id.raw
        time = it.created
        market = it.market.raw
        tag = it.isActive || it.triggered > 0 ? KeptRow.shown : 0
        if it.isConditional { tag |= KeptRow.conditional }
        switch it.forced {
        case .liquidation, .takeover: tag |= KeptRow.liquidation
        case .deleveraging: tag |= KeptRow.deleveraging
        default: break
        }
        name = it.clientID.bytes
    }

    /// Numbers of trades are a market's own, so that an account's rows are kept by market.
    static func tradeOwner(_ account: Int64, _ market: MarketID) -> Int64 {
        account << 24 | Int64(market.raw)
    }

    fileprivate init(_ it: Placed<UserTrade>) {
        self.init(.trades, it, number: it.it.id, time: it.it.time)
        owner = KeptRow.tradeOwner(it.owner, it.it.market)
        market = it.it.market.raw
        link = it.it.order
    }

    static func tag(_ kind: IncomeKind) -> Int32 { 1 << Int32(IncomeKind.allCases.firstIndex(of: kind) ?? 0) }

    fileprivate init(_ it: Placed<IncomeRow>) {
        self.init(.income, it, number: it.it.id, time: it.it.time)
        market = it.it.market.raw
        tag = KeptRow.tag(it.it.kind)
    }

    fileprivate init(_ it: Placed<MarginChange>) {
        self.init(.margin, it, number: it.it.time, time: it.it.time)
        market = it.it.market.raw
        tag = it.it.amount > 0 ? 1 : 2
    }

    fileprivate init(_ it: Placed<AmendmentRecord>) {
        self.init(.amendments, it, number: it.it.id, time: it.it.time)
        market = it.it.market.raw
        link = it.it.order.raw
        name = it.it.clientID.bytes
    }

    fileprivate init(_ it: KeptBar) {
        self.init(
            .bars,
            owner: KeptBar.owner(it.market, it.series, it.interval),
            place: it.bar.start,
            bytes: it.bar.bytes
        )
        number = it.bar.start
        time = it.bar.start
        market = it.market.raw
    }
}

extension ClientID {
    /// Its bytes; none if there is no name.
    var bytes: [UInt8] { (0..<count).map { byte($0) } }
}

extension Projection {
    /// Hands over the rows that became final since this was last called. Between commands only.
    public mutating func takeKept() -> KeptRows {
        var taken = KeptRows()
        swap(&taken, &kept)
        return taken
    }

    /// All final rows that are in memory: what a history begins with that begins in the middle.
    public func allKept() -> KeptRows {
        var all = KeptRows()
        for (number, account) in accounts.enumerated() {
            let id = AccountID(Int32(clamping: number))
            for place in 0..<account.ended.count {
                if let record = orders[account.ended[place]] { all.orders.append(record) }
            }
            account.trades.forEachPlaced { all.trades.append(Placed(id, $0, $1)) }
            account.income.forEachPlaced { all.income.append(Placed(id, $0, $1)) }
            account.margin.forEachPlaced { all.margin.append(Placed(id, $0, $1)) }
            account.amendments.forEachPlaced { all.amendments.append(Placed(id, $0, $1)) }
        }
        for market in markets {
            let id = market.id
            market.trades.forEachPlaced { all.prints.append(Placed(id, $0, $1)) }
            market.aggregates.forEachPlaced { all.aggregates.append(Placed(id, $0, $1)) }
            market.funding.forEachPlaced { all.funding.append(Placed(id, $0, $1)) }
            // The last of these is still open.
            let interest = market.interest
            interest.forEachPlaced {
                if $0 < interest.total - 1 { all.interest.append(Placed(id, $0, $1)) }
            }
            for series in KlineSeries.allCases {
                for (interval, ring) in market.klines[series.rawValue].rings.enumerated() {
                    for place in 0..<max(0, ring.count - 1) {
                        all.bars.append(
                            KeptBar(market: id, series: series, interval: interval, bar: ring[place])
                        )
                    }
                }
            }
        }
        return all
    }
}

extension Ring {
    /// Calls `body` with each element and its place among all that there ever were.
    func forEachPlaced(_ body: (Int64, Element) -> Void) {
        for place in 0..<count { body(gone + Int64(place), self[place]) }
    }
}
