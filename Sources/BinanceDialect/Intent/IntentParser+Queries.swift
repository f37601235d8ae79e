import ExchangeCore

/// Queries out of their parameters (WIRE-14).
extension IntentParser {
    func marketQuery(
        _ operation: Operation,
        _ parameters: WireParameters
    ) throws(BinanceError) -> Query? {
        switch operation {
        case .time: return .time
        case .exchangeInfo: return .exchangeInfo
        case .fundingInfo: return .fundingInfo
        case .depth, .rpiDepth:
            return .depth(try market(parameters).id, limit: try depthLimit(parameters))
        case .trades, .historicalTrades:
            let market = try market(parameters).id
            var page = Page(limit: try parameters.limit(500, most: 1_000))
            if operation == .historicalTrades { page.from = try parameters.integer("fromId") }
            return .trades(market, page)
        case .aggTrades:
            let market = try market(parameters).id
            return .aggregateTrades(market, try page(parameters, "fromId", 500, most: 1_000))
        case .klines, .markPriceKlines, .premiumIndexKlines:
            let market = try market(parameters).id
            let series: KlineSeries =
                operation == .klines ? .last : operation == .markPriceKlines ? .mark : .premium
            return .klines(series, market, try interval(parameters), try klinePage(parameters))
        case .continuousKlines, .indexPriceKlines: return try pairKlines(operation, parameters)
        case .premiumIndex: return .premiumIndex(try directory.optional(parameters)?.id)
        case .fundingRate:
            let market = try directory.optional(parameters)?.id
            return .fundingRates(market, try page(parameters, nil, 100, most: 1_000))
        case .ticker24hr: return .ticker24hr(try directory.optional(parameters)?.id)
        case .tickerPrice: return .tickerPrice(try directory.optional(parameters)?.id)
        case .bookTicker, .numberedBookTicker:
            let market = try directory.optional(parameters)?.id
            return .bookTicker(market, isNumbered: operation == .numberedBookTicker)
        case .openInterest: return .openInterest(try market(parameters).id)
        case .insuranceBalance: return .insuranceBalance(try directory.optional(parameters)?.id)
        case .symbolAdlRisk: return .adlRisk(try directory.optional(parameters)?.id)
        case .constituents: return .constituents(try market(parameters).id)
        case .openInterestHistory, .takerRatio, .basis: return try statistic(operation, parameters)
        default: return nil
        }
    }

    private func depthLimit(_ parameters: WireParameters) throws(BinanceError) -> Int {
        let limit = try parameters.integer("limit") ?? 500
        guard [5, 10, 20, 50, 100, 500, 1_000].contains(limit) else {
            throw BinanceError(-4021, "\(limit) is not valid depth limit.")
        }
        return Int(limit)
    }

    private func interval(
        _ parameters: WireParameters,
        _ name: String = "interval"
    ) throws(BinanceError) -> Interval {
        guard let interval = Interval(rawValue: try parameters.required(name)) else { throw .badInterval }
        return interval
    }

    private func page(
        _ parameters: WireParameters,
        _ number: String?,
        _ fallback: Int64,
        most: Int64
    ) throws(BinanceError) -> Page {
        var page = Page()
        if let number { page.from = try parameters.integer(number) }
        page.span = try parameters.span()
        page.limit = try parameters.limit(fallback, most: most)
        return page
    }

    private func klinePage(_ parameters: WireParameters) throws(BinanceError) -> Page {
        try page(parameters, nil, 500, most: 1_500)
    }

    /// What has a pair for a name; the perpetual of a pair is the market of that name.
    private func pairKlines(
        _ operation: Operation,
        _ parameters: WireParameters
    ) throws(BinanceError) -> Query {
        let market = try pair(parameters)
        if operation == .continuousKlines {
            let type = try parameters.required("contractType")
            if type != "PERPETUAL" { throw .invalid("contractType") }
        }
        return .klines(
            operation == .continuousKlines ? .last : .index,
            market,
            try interval(parameters),
            try klinePage(parameters)
        )
    }

    private func pair(_ parameters: WireParameters) throws(BinanceError) -> MarketID {
        guard let market = directory.market(named: try parameters.required("pair")) else { throw .badSymbol }
        return market.id
    }

    private func statistic(
        _ operation: Operation,
        _ parameters: WireParameters
    ) throws(BinanceError) -> Query {
        let market = operation == .basis ? try pair(parameters) : try market(parameters).id
        let period = try interval(parameters, "period")
        let page = try page(parameters, nil, 30, most: 500)
        switch operation {
        case .openInterestHistory: return .openInterestHistory(market, period, page)
        case .takerRatio: return .takerRatio(market, period, page)
        default: return .basis(market, period, page)
        }
    }

    func accountQuery(
        _ operation: Operation,
        _ parameters: WireParameters
    ) throws(BinanceError) -> Query? {
        switch operation {
        case .accountConfig: return .accountConfig
        case .accountV2: return .account(version: 2)
        case .accountV3: return .account(version: 3)
        case .balanceV2, .balanceV3: return .balance
        case .commissionRate: return .commissionRate(try market(parameters).id)
        case .income: return .income(try incomeFilter(parameters))
        case .leverageBracket: return .leverageBracket(try directory.optional(parameters)?.id)
        case .positionMode: return .positionMode
        case .symbolConfig: return .symbolConfig(try directory.optional(parameters)?.id)
        case .apiTradingStatus: return .tradingStatus
        case .positionRiskV2: return .positionRisk(version: 2, try directory.optional(parameters)?.id)
        case .positionRiskV3: return .positionRisk(version: 3, try directory.optional(parameters)?.id)
        case .adlQuantile: return .adlQuantile(try directory.optional(parameters)?.id)
        default: return nil
        }
    }

    /// The last page that can be asked for, and the last row that can be on one: what comes before it is
    /// looked up too. Beyond that there is `startTime`.
    private static let pageLimit: Int64 = 100_000
    private static let pagedRows = 100_000

    private func incomeFilter(_ parameters: WireParameters) throws(BinanceError) -> IncomeFilter {
        var filter = IncomeFilter()
        filter.market = try directory.optional(parameters)?.id
        filter.page = try page(parameters, nil, 100, most: 1_000)
        if let number = try parameters.integer("page", in: 1...IntentParser.pageLimit) {
            // Pages are counted from the oldest row.
            filter.page.span.start = filter.page.span.start ?? 0
            filter.page.skipped = (Int(number) - 1) * filter.page.limit
            if filter.page.reach > IntentParser.pagedRows { throw .invalid("page") }
        }
        if let text = parameters["incomeType"] {
            guard let kind = IncomeKind(rawValue: text) else {
                // Kinds that Binance has and this venue has not find nothing.
                if text.utf8.contains(where: { !($0 == 95 || ($0 >= 65 && $0 <= 90)) }) {
                    throw .invalid("incomeType")
                }
                filter.page.limit = 0
                return filter
            }
            filter.kind = kind
        }
        return filter
    }

    func orderQuery(
        _ operation: Operation,
        _ parameters: WireParameters
    ) throws(BinanceError) -> Query? {
        switch operation {
        case .queryOrder, .openOrder:
            let market = try market(parameters).id
            let reference = try reference(parameters, "orderId", "origClientOrderId")
            return .order(market, reference, isOpen: operation == .openOrder)
        case .openOrders: return .openOrders(try directory.optional(parameters)?.id)
        case .allOrders:
            let market = try directory.optional(parameters)?.id
            return .allOrders(market, try page(parameters, "orderId", 500, most: 1_000))
        case .queryAlgo: return .algoOrder(try reference(parameters, "algoId", "clientAlgoId"))
        case .openAlgoOrders:
            let market = try directory.optional(parameters)?.id
            return .openAlgoOrders(market, OrderID(try parameters.integer("algoId") ?? 0))
        case .allAlgoOrders:
            let market = try market(parameters).id
            return .allAlgoOrders(market, try page(parameters, "algoId", 500, most: 1_000))
        case .userTrades:
            let market = try market(parameters).id
            let order = OrderID(try parameters.integer("orderId") ?? 0)
            return .userTrades(market, order: order, try page(parameters, "fromId", 500, most: 1_000))
        case .forceOrders: return try forceOrders(parameters)
        case .orderAmendment:
            let market = try market(parameters).id
            let reference = try reference(parameters, "orderId", "origClientOrderId")
            return .amendments(market, reference, try page(parameters, nil, 50, most: 100))
        case .marginHistory:
            let market = try market(parameters).id
            let type = try parameters.integer("type", in: 1...2).map { Int($0) }
            return .marginHistory(market, type: type, try page(parameters, nil, 500, most: 500))
        default: return nil
        }
    }

    private func forceOrders(_ parameters: WireParameters) throws(BinanceError) -> Query {
        let market = try directory.optional(parameters)?.id
        var kind: ForceOrderKind?
        if let text = parameters["autoCloseType"] {
            kind = ForceOrderKind(rawValue: text.asciiUppercased)
            if kind == nil { throw .invalid("autoCloseType") }
        }
        return .forceOrders(market, kind, try page(parameters, nil, 50, most: 100))
    }
}
