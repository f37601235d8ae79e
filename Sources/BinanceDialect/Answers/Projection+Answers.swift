import ExchangeCore
import ExchangeText
import ReadModel

/// Answers to queries, each to the room that it belongs to.
extension Projection {
    func answer(
        _ query: Query,
        _ account: AccountID,
        _ value: CoreValue,
        _ now: Int64,
        _ writer: inout JSONWriter
    ) throws(BinanceError) {
        switch query {
        case .time:
            writer.beginObject()
            writer.field("serverTime", now)
            writer.endObject()
        case .exchangeInfo: exchangeInfo(now, &writer)
        case .fundingInfo: fundingInfo(&writer)
        case .depth(let market, let limit): depth(market, limit, now, &writer)
        case .trades(let market, let page): trades(market, page, &writer)
        case .aggregateTrades(let market, let page): aggregateTrades(market, page, &writer)
        case .klines(let series, let market, let interval, let page):
            klines(series, market, interval, page, now, &writer)
        case .premiumIndex(let market): premiumIndex(market, value, now, &writer)
        case .fundingRates(let market, let page): fundingRates(market, page, &writer)
        case .ticker24hr(let market): oneOrMany(market, &writer) { ticker($0, $1, now, &$2) }
        case .tickerPrice(let market): oneOrMany(market, &writer) { tickerPrice($0, $1, &$2) }
        case .bookTicker(let market, let isNumbered):
            oneOrMany(market, &writer) { bookTicker($0, $1, isNumbered: isNumbered, &$2) }
        case .openInterest(let market): openInterest(market, value, now, &writer)
        case .insuranceBalance(let market): insuranceBalance(market, now, &writer)
        case .adlRisk(let market): oneOrMany(market, &writer) { adlRisk($0, $1, now, &$2) }
        case .constituents(let market): constituents(market, now, &writer)
        case .openInterestHistory(let market, let interval, let page):
            interestHistory(market, interval, page, now, &writer)
        case .takerRatio(let market, let interval, let page):
            takerRatio(market, interval, page, now, &writer)
        case .basis(let market, let interval, let page): basis(market, interval, page, now, &writer)
        case .accountConfig, .account, .balance, .commissionRate, .leverageBracket, .positionMode,
            .symbolConfig, .tradingStatus, .positionRisk, .adlQuantile:
            try accountAnswer(query, account, value, now, &writer)
        case .income, .order, .openOrders, .allOrders, .algoOrder, .openAlgoOrders, .allAlgoOrders,
            .userTrades, .forceOrders, .amendments, .marginHistory:
            try historyAnswer(query, account, &writer)
        }
    }

    /// One market's object, or an array of all markets' (WIRE-27).
    func oneOrMany(
        _ market: MarketID?,
        _ writer: inout JSONWriter,
        _ write: (MarketRecord, MarketEntry, inout JSONWriter) -> Void
    ) {
        if let market {
            if let place = place(market), let entry = directory[market] {
                write(markets[place], entry, &writer)
            }
            return
        }
        writer.beginArray()
        for (place, entry) in directory.markets.enumerated() where place < markets.count {
            write(markets[place], entry, &writer)
        }
        writer.endArray()
    }

    // MARK: Histories of an account

    private func historyAnswer(
        _ query: Query,
        _ account: AccountID,
        _ writer: inout JSONWriter
    ) throws(BinanceError) {
        switch query {
        case .order(let market, let reference, let isOpen):
            guard let record = find(account, reference), record.market == market, isShown(record),
                !isOpen || record.status.isOpen, let entry = directory[market]
            else { throw .noOrder }
            Answers.orderRow(record, entry, name: clientText(record), isHistory: false, &writer)
        case .openOrders(let market):
            let found = openOrders(of: account) { isShown($0) && (market == nil || $0.market == market) }
            rows(found, isHistory: false, &writer)
        case .allOrders(let market, let page):
            let found = orders(of: account) { isShown($0) && (market == nil || $0.market == market) }
            rows(select(found, page), isHistory: true, &writer)
        case .algoOrder(let reference):
            guard let record = find(account, reference), record.isConditional,
                let entry = directory[record.market]
            else { throw .noOrder }
            Answers.algoOrder(record, entry, isDetailed: true, &writer)
        case .openAlgoOrders(let market, let id):
            let found = openOrders(of: account) {
                $0.isWaiting && (market == nil || $0.market == market) && (id == .none || $0.id == id)
            }
            algoRows(found, &writer)
        case .allAlgoOrders(let market, let page):
            algoRows(select(orders(of: account) { $0.isConditional && $0.market == market }, page), &writer)
        case .forceOrders(let market, let kind, let page):
            forceOrders(account, market, kind, page, &writer)
        case .userTrades(let market, let order, let page): userTrades(account, market, order, page, &writer)
        case .income(let filter): income(account, filter, &writer)
        case .amendments(let market, let reference, let page):
            amendments(account, market, reference, page, &writer)
        case .marginHistory(let market, let type, let page):
            marginHistory(account, market, type, page, &writer)
        default: throw .unknown
        }
    }

    /// Whether an order is one of `/fapi/v1/order`: a conditional one is from when it is triggered.
    func isShown(_ record: OrderRecord) -> Bool {
        options.legacyConditionalOrders || record.isActive || record.triggered > 0
    }

    func select(_ found: [OrderRecord], _ page: Page) -> [OrderRecord] {
        let wanted = found.filter {
            page.span.contains($0.created) && (page.from == nil || $0.id.raw >= page.from ?? 0)
        }
        let isFromStart = page.from != nil || page.span.start != nil
        return Array(isFromStart ? wanted.prefix(page.limit) : wanted.suffix(page.limit))
    }

    private func rows(_ records: [OrderRecord], isHistory: Bool, _ writer: inout JSONWriter) {
        writer.beginArray()
        for record in records {
            guard let market = directory[record.market] else { continue }
            Answers.orderRow(record, market, name: clientText(record), isHistory: isHistory, &writer)
        }
        writer.endArray()
    }

    private func algoRows(_ records: [OrderRecord], _ writer: inout JSONWriter) {
        writer.beginArray()
        for record in records {
            if let market = directory[record.market] {
                Answers.algoOrder(record, market, isDetailed: true, &writer)
            }
        }
        writer.endArray()
    }

    /// Whether the venue made an order, for this reason or, without one, for either.
    static func isForced(_ record: OrderRecord, _ kind: ForceOrderKind?) -> Bool {
        switch record.forced {
        case .liquidation, .takeover: kind != .deleveraging
        case .deleveraging: kind != .liquidation
        default: false
        }
    }

    private func forceOrders(
        _ account: AccountID,
        _ market: MarketID?,
        _ kind: ForceOrderKind?,
        _ page: Page,
        _ writer: inout JSONWriter
    ) {
        let found = orders(of: account) {
            Projection.isForced($0, kind) && (market == nil || $0.market == market)
        }
        writer.beginArray()
        for record in select(found, page) {
            if let entry = directory[record.market] {
                Answers.forceOrder(record, entry, name: clientText(record), &writer)
            }
        }
        writer.endArray()
    }

    private func userTrades(
        _ account: AccountID,
        _ market: MarketID,
        _ order: OrderID,
        _ page: Page,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        if isUser(account), let entry = directory[market] {
            // Numbers are a market's own, so a ring of all markets is not sorted by them.
            let from = page.from ?? 0
            var byTime = page
            byTime.from = nil
            if page.from != nil && byTime.span.start == nil { byTime.span.start = 0 }
            let rows = accounts[Int(account.raw)].trades.rows(byTime, number: { $0.id }, time: { $0.time }) {
                $0.market == market && $0.id >= from && (order == .none || $0.order == order.raw)
            }
            for row in rows { userTrade(row, entry, &writer) }
        }
        writer.endArray()
    }

    private func userTrade(_ trade: UserTrade, _ market: MarketEntry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("symbol", market.symbol)
        writer.field("pair", market.symbol)
        writer.field("id", trade.id)
        writer.field("orderId", trade.order)
        writer.field("side", trade.side.wire)
        writer.field("price", priceUnits: trade.price, market)
        writer.field("qty", trade.quantity, market)
        writer.field("baseQty", trade.quantity, market)
        writer.field("realizedPnl", amount: trade.realized)
        writer.field("marginAsset", options.asset)
        writer.field("quoteQty", amount: trade.quote)
        writer.field("commission", amount: trade.commission)
        writer.field("commissionAsset", options.asset)
        writer.field("time", trade.time)
        writer.field("positionSide", trade.positionSide.term)
        writer.field("buyer", trade.side == .buy)
        writer.field("maker", trade.isMaker)
        writer.endObject()
    }

    private func income(_ account: AccountID, _ filter: IncomeFilter, _ writer: inout JSONWriter) {
        writer.beginArray()
        if isUser(account) {
            let rows = accounts[Int(account.raw)].income.rows(
                filter.page,
                number: { $0.id },
                time: { $0.time }
            ) { row in
                (filter.market == nil || row.market == filter.market)
                    && (filter.kind == nil || row.kind == filter.kind)
            }
            for row in rows {
                writer.beginObject()
                writer.field("symbol", directory[row.market]?.symbol ?? "")
                writer.field("incomeType", row.kind.rawValue)
                writer.field("income", amount: row.amount)
                writer.field("asset", options.asset)
                writer.field("info", row.kind == .transfer ? "TRANSFER" : row.reason.term)
                writer.field("time", row.time)
                writer.field("tranId", row.id)
                writer.field("tradeId", row.trade > 0 ? String(row.trade) : "")
                writer.endObject()
            }
        }
        writer.endArray()
    }

    private func amendments(
        _ account: AccountID,
        _ market: MarketID,
        _ reference: OrderReference,
        _ page: Page,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        if isUser(account), let entry = directory[market] {
            let rows = accounts[Int(account.raw)].amendments.rows(page, number: { $0.id }, time: { $0.time })
            {
                $0.market == market
                    && (reference.id != .none ? $0.order == reference.id : $0.clientID == reference.clientID)
            }
            for row in rows.reversed() { amendment(row, entry, &writer) }
        }
        writer.endArray()
    }

    private func amendment(_ row: AmendmentRecord, _ market: MarketEntry, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("amendmentId", row.id)
        writer.field("symbol", market.symbol)
        writer.field("pair", market.symbol)
        writer.field("orderId", row.order.raw)
        writer.field(
            "clientOrderId",
            row.clientID.isEmpty ? "\(IntentParser.namePrefix)\(row.order.raw)" : row.clientID.text
        )
        writer.field("time", row.time)
        writer.key("amendment")
        writer.beginObject()
        writer.key("price")
        writer.beginObject()
        writer.field("before", row.priceBefore, market)
        writer.field("after", row.priceAfter, market)
        writer.endObject()
        writer.key("origQty")
        writer.beginObject()
        writer.field("before", row.quantityBefore, market)
        writer.field("after", row.quantityAfter, market)
        writer.endObject()
        writer.field("count", row.count)
        writer.endObject()
        writer.endObject()
    }

    private func marginHistory(
        _ account: AccountID,
        _ market: MarketID,
        _ type: Int?,
        _ page: Page,
        _ writer: inout JSONWriter
    ) {
        writer.beginArray()
        if isUser(account), let entry = directory[market] {
            let rows = accounts[Int(account.raw)].margin.rows(page, number: { $0.time }, time: { $0.time }) {
                $0.market == market && (type == nil || ($0.amount > 0) == (type == 1))
            }
            for row in rows {
                writer.beginObject()
                writer.field("symbol", entry.symbol)
                writer.field("type", row.amount > 0 ? 1 : 2)
                writer.field("deltaType", "USER_ADJUST")
                writer.field("amount", amount: row.amount < 0 ? -row.amount : row.amount)
                writer.field("asset", options.asset)
                writer.field("time", row.time)
                writer.field("positionSide", row.side.term)
                writer.endObject()
            }
        }
        writer.endArray()
    }
}
