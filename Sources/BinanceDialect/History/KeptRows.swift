import ExchangeCore
public import ReadModel

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
public struct KeptRows: HistoryRows {
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
    public func forEach(_ body: (HistoryRow) throws -> Void) rethrows {
        for it in orders { try body(HistoryRow(it)) }
        for it in trades { try body(HistoryRow(it)) }
        for it in income { try body(HistoryRow(it)) }
        for it in margin { try body(HistoryRow(it)) }
        for it in amendments { try body(HistoryRow(it)) }
        for it in prints { try body(HistoryRow(.prints, it, number: it.it.id, time: it.it.time)) }
        for it in aggregates { try body(HistoryRow(.aggregates, it, number: it.it.id, time: it.it.time)) }
        for it in funding { try body(HistoryRow(.funding, it, number: it.it.time, time: it.it.time)) }
        for it in interest { try body(HistoryRow(.interest, it, number: it.it.start, time: it.it.start)) }
        for it in bars { try body(HistoryRow(it)) }
    }
}

extension HistoryRow {
    /// Kinds of orders.
    static let shown: Int32 = 1
    static let conditional: Int32 = 2
    static let liquidation: Int32 = 4
    static let deleveraging: Int32 = 8

    fileprivate init<Record: KeptRecord>(
        _ table: HistoryTable,
        _ it: Placed<Record>,
        number: Int64,
        time: Int64
    ) {
        self.init(
            table,
            owner: it.owner,
            place: it.place,
            number: number,
            time: time,
            bytes: it.it.bytes
        )
    }

    fileprivate init(_ it: OrderRecord) {
        self.init(
            .orders,
            owner: Int64(it.account.raw),
            place: it.id.raw,
            number: it.id.raw,
            time: it.created,
            market: it.market.raw,
            bytes: it.bytes
        )
        tag = it.isActive || it.triggered > 0 ? HistoryRow.shown : 0
        if it.isConditional { tag |= HistoryRow.conditional }
        switch it.forced {
        case .liquidation, .takeover: tag |= HistoryRow.liquidation
        case .deleveraging: tag |= HistoryRow.deleveraging
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
        owner = HistoryRow.tradeOwner(it.owner, it.it.market)
        market = it.it.market.raw
        link = it.it.order
    }

    static func tag(_ kind: IncomeKind) -> Int32 { 1 << Int32(IncomeKind.allCases.firstIndex(of: kind) ?? 0) }

    fileprivate init(_ it: Placed<IncomeRow>) {
        self.init(.income, it, number: it.it.id, time: it.it.time)
        market = it.it.market.raw
        tag = HistoryRow.tag(it.it.kind)
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
            number: it.bar.start,
            time: it.bar.start,
            market: it.market.raw,
            bytes: it.bar.bytes
        )
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
