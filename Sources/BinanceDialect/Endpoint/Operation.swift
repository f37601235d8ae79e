/// What a request asks for, whichever way it came: the same for REST and the WS-API.
public enum Operation: String, CaseIterable, Sendable {
    // Market data.
    case ping, time, exchangeInfo, depth, rpiDepth, trades, historicalTrades, aggTrades
    case klines, continuousKlines, indexPriceKlines, markPriceKlines, premiumIndexKlines
    case premiumIndex, fundingRate, fundingInfo, ticker24hr, tickerPrice, bookTicker, openInterest
    /// `bookTicker` with the number of the book, as the WS-API has it.
    case numberedBookTicker
    case insuranceBalance, symbolAdlRisk, constituents, assetIndex, indexInfo, tradingSchedule
    case openInterestHistory, takerRatio, topAccountRatio, topPositionRatio, accountRatio, basis
    case deliveryPrice
    // Account.
    case accountConfig, accountV2, accountV3, balanceV2, balanceV3, commissionRate, feeBurn, setFeeBurn
    case income, leverageBracket, multiAssetsMargin, setMultiAssetsMargin, positionMode, setPositionMode
    case orderRateLimit, symbolConfig, apiTradingStatus, download, stockContract, convert, portfolioMargin
    // Trading.
    case placeOrder, testOrder, amendOrder, cancelOrder, queryOrder, openOrder, openOrders, allOrders
    case placeBatch, amendBatch, cancelBatch, cancelAllOrders, countdown, orderAmendment
    case placeAlgo, cancelAlgo, queryAlgo, openAlgoOrders, allAlgoOrders, cancelAllAlgo
    case setLeverage, setMarginType, positionMargin, marginHistory, positionRiskV2, positionRiskV3
    case adlQuantile, forceOrders, userTrades
    // User data streams, and sessions of the WS-API: the server's own, which has the keys.
    case startUserStream, keepUserStream, closeUserStream, logon, sessionStatus, logout
    // Courtesy answers of other products.
    case systemStatus, walletCoins, walletPairs, walletTransfer
}

/// What a request has to bring.
public enum Security: Sendable {
    /// Nothing.
    case none
    /// A key without signature: market data, user data streams.
    case marketData, userStream
    /// A key and a signature: reading, trading.
    case userData, trade

    /// Whether the request must be signed.
    public var isSigned: Bool { self == .userData || self == .trade }
    /// Whether it must name a key.
    public var needsKey: Bool { self != .none }
}

/// What a request weighs (WIRE-7).
public enum Weight: Sendable {
    /// Always as much.
    case fixed(Int)
    /// With a symbol, and without.
    case bySymbol(Int, without: Int)
    /// By the levels or rows asked for.
    case byDepthLimit, byKlineLimit
}

/// Methods that any request of this wire has.
public enum WireMethod: String, Sendable { case get = "GET", post = "POST", put = "PUT", delete = "DELETE" }

/// One row of the REST interface, or one method of the WS-API.
public struct Endpoint: Sendable {
    /// What it does.
    public var operation: Operation
    /// What it must bring.
    public var security: Security
    /// What it weighs.
    public var weight: Weight
    /// Whether this venue has it; what it has not is answered with `BinanceError.unsupported`.
    public var isInScope = true
    /// The orders that it counts as, in ten seconds and in a minute.
    public var orders: (tenSeconds: Int, minute: Int) = (0, 0)

    /// What a request to it weighs.
    public func weight(of parameters: WireParameters) -> Int {
        switch weight {
        case .fixed(let weight): return weight
        case .bySymbol(let with, let without): return parameters.has("symbol") ? with : without
        case .byDepthLimit:
            let limit = WireParameters.integer(parameters["limit"] ?? "500") ?? 500
            return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20
        case .byKlineLimit:
            let limit = WireParameters.integer(parameters["limit"] ?? "500") ?? 500
            return limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1_000 ? 5 : 10
        }
    }
}

/// What became of looking for a path.
public enum EndpointLookup: Sendable {
    /// There it is.
    case found(Endpoint)
    /// The path has other methods: `BinanceError.wrongMethod`.
    case wrongMethod
    /// There is no such path: `BinanceError.notFound`.
    case notFound
}
