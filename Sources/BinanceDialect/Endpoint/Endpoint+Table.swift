/// Every row of the REST interface and every method of the WS-API (WIRE-7).
///
/// Paths, securities and weights are those of Binance's published interface.
extension Endpoint {
    /// The endpoint of a request. Paths are told apart by case.
    public static func find(_ method: String, _ path: String) -> EndpointLookup {
        guard let rows = rest[path] else { return .notFound }
        guard let method = WireMethod(rawValue: method), let found = rows[method] else { return .wrongMethod }
        return .found(found)
    }

    /// The endpoint of a method of the WS-API.
    public static func find(webSocketMethod: String) -> Endpoint? { webSocket[webSocketMethod] }

    /// All paths with their methods, for whoever documents or tests them.
    public static var paths: [(method: WireMethod, path: String, endpoint: Endpoint)] {
        rest.flatMap { path, rows in rows.map { ($0.key, path, $0.value) } }
            .sorted { ($0.1, $0.0.rawValue) < ($1.1, $1.0.rawValue) }
    }

    /// All methods of the WS-API.
    public static var webSocketMethods: [String] { webSocket.keys.sorted() }

    private static let rest: [String: [WireMethod: Endpoint]] =
        [market, account, elsewhere, trading].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    private static let market: [String: [WireMethod: Endpoint]] = [
        "/fapi/v1/ping": [.get: Endpoint(operation: .ping, security: .none, weight: .fixed(1))],
        "/fapi/v1/time": [.get: Endpoint(operation: .time, security: .none, weight: .fixed(1))],
        "/fapi/v1/exchangeInfo": [
            .get: Endpoint(operation: .exchangeInfo, security: .none, weight: .fixed(1))
        ],
        "/fapi/v1/depth": [.get: Endpoint(operation: .depth, security: .none, weight: .byDepthLimit)],
        "/fapi/v1/rpiDepth": [.get: Endpoint(operation: .rpiDepth, security: .none, weight: .byDepthLimit)],
        "/fapi/v1/trades": [.get: Endpoint(operation: .trades, security: .none, weight: .fixed(5))],
        "/fapi/v1/historicalTrades": [
            .get: Endpoint(operation: .historicalTrades, security: .marketData, weight: .fixed(200))
        ],
        "/fapi/v1/aggTrades": [.get: Endpoint(operation: .aggTrades, security: .none, weight: .fixed(20))],
        "/fapi/v1/klines": [.get: Endpoint(operation: .klines, security: .none, weight: .byKlineLimit)],
        "/fapi/v1/continuousKlines": [
            .get: Endpoint(operation: .continuousKlines, security: .none, weight: .byKlineLimit)
        ],
        "/fapi/v1/indexPriceKlines": [
            .get: Endpoint(operation: .indexPriceKlines, security: .none, weight: .byKlineLimit)
        ],
        "/fapi/v1/markPriceKlines": [
            .get: Endpoint(operation: .markPriceKlines, security: .none, weight: .byKlineLimit)
        ],
        "/fapi/v1/premiumIndexKlines": [
            .get: Endpoint(operation: .premiumIndexKlines, security: .none, weight: .byKlineLimit)
        ],
        "/fapi/v1/premiumIndex": [
            .get: Endpoint(operation: .premiumIndex, security: .none, weight: .bySymbol(1, without: 10))
        ],
        "/fapi/v1/fundingRate": [.get: Endpoint(operation: .fundingRate, security: .none, weight: .fixed(0))],
        "/fapi/v1/fundingInfo": [.get: Endpoint(operation: .fundingInfo, security: .none, weight: .fixed(0))],
        "/fapi/v1/ticker/24hr": [
            .get: Endpoint(operation: .ticker24hr, security: .none, weight: .bySymbol(1, without: 40))
        ],
        "/fapi/v1/ticker/price": [
            .get: Endpoint(operation: .tickerPrice, security: .none, weight: .bySymbol(1, without: 2))
        ],
        "/fapi/v2/ticker/price": [
            .get: Endpoint(operation: .tickerPrice, security: .none, weight: .bySymbol(1, without: 2))
        ],
        "/fapi/v1/ticker/bookTicker": [
            .get: Endpoint(operation: .bookTicker, security: .none, weight: .bySymbol(2, without: 5))
        ],
        "/fapi/v1/openInterest": [
            .get: Endpoint(operation: .openInterest, security: .none, weight: .fixed(1))
        ],
        "/fapi/v1/insuranceBalance": [
            .get: Endpoint(operation: .insuranceBalance, security: .none, weight: .fixed(1))
        ],
        "/fapi/v1/symbolAdlRisk": [
            .get: Endpoint(operation: .symbolAdlRisk, security: .none, weight: .fixed(1))
        ],
        "/fapi/v1/constituents": [
            .get: Endpoint(operation: .constituents, security: .none, weight: .fixed(2))
        ],
        "/fapi/v1/assetIndex": [
            .get: Endpoint(
                operation: .assetIndex,
                security: .none,
                weight: .bySymbol(1, without: 10),
                isInScope: false
            )
        ],
        "/fapi/v1/indexInfo": [.get: Endpoint(operation: .indexInfo, security: .none, weight: .fixed(1))],
        "/fapi/v1/tradingSchedule": [
            .get: Endpoint(operation: .tradingSchedule, security: .none, weight: .fixed(5), isInScope: false)
        ],
        "/futures/data/openInterestHist": [
            .get: Endpoint(operation: .openInterestHistory, security: .none, weight: .fixed(0))
        ],
        "/futures/data/takerlongshortRatio": [
            .get: Endpoint(operation: .takerRatio, security: .none, weight: .fixed(0))
        ],
        "/futures/data/topLongShortAccountRatio": [
            .get: Endpoint(operation: .topAccountRatio, security: .none, weight: .fixed(0), isInScope: false)
        ],
        "/futures/data/topLongShortPositionRatio": [
            .get: Endpoint(
                operation: .topPositionRatio,
                security: .none,
                weight: .fixed(0),
                isInScope: false
            )
        ],
        "/futures/data/globalLongShortAccountRatio": [
            .get: Endpoint(operation: .accountRatio, security: .none, weight: .fixed(0), isInScope: false)
        ],
        "/futures/data/basis": [.get: Endpoint(operation: .basis, security: .none, weight: .fixed(0))],
        "/futures/data/delivery-price": [
            .get: Endpoint(operation: .deliveryPrice, security: .none, weight: .fixed(0))
        ],
    ]

    private static let account: [String: [WireMethod: Endpoint]] = [
        "/fapi/v1/accountConfig": [
            .get: Endpoint(operation: .accountConfig, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v1/apiTradingStatus": [
            .get: Endpoint(
                operation: .apiTradingStatus,
                security: .userData,
                weight: .bySymbol(1, without: 10)
            )
        ],
        "/fapi/v1/commissionRate": [
            .get: Endpoint(operation: .commissionRate, security: .userData, weight: .fixed(20))
        ],
        "/fapi/v1/feeBurn": [
            .get: Endpoint(operation: .feeBurn, security: .userData, weight: .fixed(30)),
            .post: Endpoint(operation: .setFeeBurn, security: .trade, weight: .fixed(1)),
        ],
        "/fapi/v1/income": [.get: Endpoint(operation: .income, security: .userData, weight: .fixed(30))],
        "/fapi/v1/income/asyn": [
            .get: Endpoint(
                operation: .download,
                security: .userData,
                weight: .fixed(1_000),
                isInScope: false
            )
        ],
        "/fapi/v1/income/asyn/id": [
            .get: Endpoint(operation: .download, security: .userData, weight: .fixed(10), isInScope: false)
        ],
        "/fapi/v1/order/asyn": [
            .get: Endpoint(
                operation: .download,
                security: .userData,
                weight: .fixed(1_000),
                isInScope: false
            )
        ],
        "/fapi/v1/order/asyn/id": [
            .get: Endpoint(operation: .download, security: .userData, weight: .fixed(10), isInScope: false)
        ],
        "/fapi/v1/trade/asyn": [
            .get: Endpoint(
                operation: .download,
                security: .userData,
                weight: .fixed(1_000),
                isInScope: false
            )
        ],
        "/fapi/v1/trade/asyn/id": [
            .get: Endpoint(operation: .download, security: .userData, weight: .fixed(10), isInScope: false)
        ],
        "/fapi/v1/leverageBracket": [
            .get: Endpoint(operation: .leverageBracket, security: .userData, weight: .fixed(1))
        ],
        "/fapi/v1/multiAssetsMargin": [
            .get: Endpoint(operation: .multiAssetsMargin, security: .userData, weight: .fixed(30)),
            .post: Endpoint(operation: .setMultiAssetsMargin, security: .trade, weight: .fixed(1)),
        ],
        "/fapi/v1/positionSide/dual": [
            .get: Endpoint(operation: .positionMode, security: .userData, weight: .fixed(30)),
            .post: Endpoint(operation: .setPositionMode, security: .trade, weight: .fixed(1)),
        ],
        "/fapi/v1/rateLimit/order": [
            .get: Endpoint(operation: .orderRateLimit, security: .userData, weight: .fixed(1))
        ],
        "/fapi/v1/symbolConfig": [
            .get: Endpoint(operation: .symbolConfig, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v2/account": [.get: Endpoint(operation: .accountV2, security: .userData, weight: .fixed(5))],
        "/fapi/v3/account": [.get: Endpoint(operation: .accountV3, security: .userData, weight: .fixed(5))],
        "/fapi/v2/balance": [.get: Endpoint(operation: .balanceV2, security: .userData, weight: .fixed(5))],
        "/fapi/v3/balance": [.get: Endpoint(operation: .balanceV3, security: .userData, weight: .fixed(5))],
    ]

    private static let elsewhere: [String: [WireMethod: Endpoint]] = [
        "/fapi/v1/convert/exchangeInfo": [
            .get: Endpoint(
                operation: .convert,
                security: .none,
                weight: .fixed(20),
                isInScope: false
            )
        ],
        "/fapi/v1/convert/getQuote": [
            .post: Endpoint(
                operation: .convert,
                security: .userData,
                weight: .fixed(50),
                isInScope: false
            )
        ],
        "/fapi/v1/convert/acceptQuote": [
            .post: Endpoint(
                operation: .convert,
                security: .userData,
                weight: .fixed(200),
                isInScope: false
            )
        ],
        "/fapi/v1/convert/orderStatus": [
            .get: Endpoint(
                operation: .convert,
                security: .userData,
                weight: .fixed(50),
                isInScope: false
            )
        ],
        "/fapi/v1/pmAccountInfo": [
            .get: Endpoint(
                operation: .portfolioMargin,
                security: .userData,
                weight: .fixed(5),
                isInScope: false
            )
        ],
    ]

    private static let trading: [String: [WireMethod: Endpoint]] = [
        "/fapi/v1/adlQuantile": [
            .get: Endpoint(operation: .adlQuantile, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v1/algoOrder": [
            .post: Endpoint(operation: .placeAlgo, security: .trade, weight: .fixed(0), orders: (1, 1)),
            .delete: Endpoint(operation: .cancelAlgo, security: .trade, weight: .fixed(1)),
            .get: Endpoint(operation: .queryAlgo, security: .userData, weight: .fixed(1)),
        ],
        "/fapi/v1/algoOpenOrders": [
            .delete: Endpoint(operation: .cancelAllAlgo, security: .trade, weight: .fixed(1))
        ],
        "/fapi/v1/openAlgoOrders": [
            .get: Endpoint(
                operation: .openAlgoOrders,
                security: .userData,
                weight: .bySymbol(1, without: 40)
            )
        ],
        "/fapi/v1/allAlgoOrders": [
            .get: Endpoint(operation: .allAlgoOrders, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v1/order": [
            .post: Endpoint(operation: .placeOrder, security: .trade, weight: .fixed(0), orders: (1, 1)),
            .put: Endpoint(operation: .amendOrder, security: .trade, weight: .fixed(1), orders: (1, 1)),
            .delete: Endpoint(operation: .cancelOrder, security: .trade, weight: .fixed(1)),
            .get: Endpoint(operation: .queryOrder, security: .userData, weight: .fixed(1)),
        ],
        "/fapi/v1/order/test": [.post: Endpoint(operation: .testOrder, security: .trade, weight: .fixed(0))],
        "/fapi/v1/openOrder": [.get: Endpoint(operation: .openOrder, security: .userData, weight: .fixed(1))],
        "/fapi/v1/openOrders": [
            .get: Endpoint(operation: .openOrders, security: .userData, weight: .bySymbol(1, without: 40))
        ],
        "/fapi/v1/allOrders": [.get: Endpoint(operation: .allOrders, security: .userData, weight: .fixed(5))],
        "/fapi/v1/allOpenOrders": [
            .delete: Endpoint(operation: .cancelAllOrders, security: .trade, weight: .fixed(1))
        ],
        "/fapi/v1/batchOrders": [
            .post: Endpoint(operation: .placeBatch, security: .trade, weight: .fixed(5), orders: (5, 1)),
            .put: Endpoint(operation: .amendBatch, security: .trade, weight: .fixed(5), orders: (5, 1)),
            .delete: Endpoint(operation: .cancelBatch, security: .trade, weight: .fixed(1)),
        ],
        "/fapi/v1/countdownCancelAll": [
            .post: Endpoint(operation: .countdown, security: .trade, weight: .fixed(10))
        ],
        "/fapi/v1/orderAmendment": [
            .get: Endpoint(operation: .orderAmendment, security: .userData, weight: .fixed(1))
        ],
        "/fapi/v1/leverage": [.post: Endpoint(operation: .setLeverage, security: .trade, weight: .fixed(1))],
        "/fapi/v1/marginType": [
            .post: Endpoint(operation: .setMarginType, security: .trade, weight: .fixed(1))
        ],
        "/fapi/v1/positionMargin": [
            .post: Endpoint(operation: .positionMargin, security: .trade, weight: .fixed(1))
        ],
        "/fapi/v1/positionMargin/history": [
            .get: Endpoint(operation: .marginHistory, security: .trade, weight: .fixed(1))
        ],
        "/fapi/v2/positionRisk": [
            .get: Endpoint(operation: .positionRiskV2, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v3/positionRisk": [
            .get: Endpoint(operation: .positionRiskV3, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v1/forceOrders": [
            .get: Endpoint(operation: .forceOrders, security: .userData, weight: .bySymbol(20, without: 50))
        ],
        "/fapi/v1/userTrades": [
            .get: Endpoint(operation: .userTrades, security: .userData, weight: .fixed(5))
        ],
        "/fapi/v1/stock/contract": [
            .post: Endpoint(
                operation: .stockContract,
                security: .userData,
                weight: .fixed(50),
                isInScope: false
            )
        ],
        "/fapi/v1/listenKey": [
            .post: Endpoint(operation: .startUserStream, security: .userStream, weight: .fixed(1)),
            .put: Endpoint(operation: .keepUserStream, security: .userStream, weight: .fixed(1)),
            .delete: Endpoint(operation: .closeUserStream, security: .userStream, weight: .fixed(1)),
        ],
        "/sapi/v1/system/status": [
            .get: Endpoint(operation: .systemStatus, security: .none, weight: .fixed(1))
        ],
        "/sapi/v1/capital/config/getall": [
            .get: Endpoint(operation: .walletCoins, security: .userData, weight: .fixed(10))
        ],
        "/sapi/v1/margin/allPairs": [
            .get: Endpoint(operation: .walletPairs, security: .none, weight: .fixed(1))
        ],
        "/sapi/v1/margin/isolated/allPairs": [
            .get: Endpoint(operation: .walletPairs, security: .none, weight: .fixed(10))
        ],
        "/sapi/v1/asset/transfer": [
            .post: Endpoint(operation: .walletTransfer, security: .trade, weight: .fixed(1))
        ],
    ]

    private static let webSocket: [String: Endpoint] = [
        "account.status": Endpoint(operation: .accountV2, security: .userData, weight: .fixed(5)),
        "v2/account.status": Endpoint(operation: .accountV3, security: .userData, weight: .fixed(5)),
        "account.balance": Endpoint(operation: .balanceV2, security: .userData, weight: .fixed(5)),
        "v2/account.balance": Endpoint(operation: .balanceV3, security: .userData, weight: .fixed(5)),
        "account.position": Endpoint(operation: .positionRiskV2, security: .userData, weight: .fixed(5)),
        "v2/account.position": Endpoint(operation: .positionRiskV3, security: .userData, weight: .fixed(5)),
        "depth": Endpoint(operation: .depth, security: .none, weight: .byDepthLimit),
        "ticker.book": Endpoint(
            operation: .numberedBookTicker,
            security: .none,
            weight: .bySymbol(2, without: 5)
        ),
        "ticker.price": Endpoint(operation: .tickerPrice, security: .none, weight: .bySymbol(1, without: 2)),
        "order.place": Endpoint(operation: .placeOrder, security: .trade, weight: .fixed(0), orders: (1, 1)),
        "order.modify": Endpoint(operation: .amendOrder, security: .trade, weight: .fixed(1), orders: (1, 1)),
        "order.cancel": Endpoint(operation: .cancelOrder, security: .trade, weight: .fixed(1)),
        "order.status": Endpoint(operation: .queryOrder, security: .userData, weight: .fixed(1)),
        "algoOrder.place": Endpoint(
            operation: .placeAlgo,
            security: .trade,
            weight: .fixed(0),
            orders: (1, 1)
        ),
        "algoOrder.cancel": Endpoint(operation: .cancelAlgo, security: .trade, weight: .fixed(1)),
        "session.logon": Endpoint(operation: .logon, security: .userStream, weight: .fixed(2)),
        "session.status": Endpoint(operation: .sessionStatus, security: .none, weight: .fixed(2)),
        "session.logout": Endpoint(operation: .logout, security: .none, weight: .fixed(2)),
        "userDataStream.start": Endpoint(
            operation: .startUserStream,
            security: .userStream,
            weight: .fixed(5)
        ),
        "userDataStream.ping": Endpoint(operation: .keepUserStream, security: .userStream, weight: .fixed(1)),
        "userDataStream.stop": Endpoint(
            operation: .closeUserStream,
            security: .userStream,
            weight: .fixed(1)
        ),
        "ping": Endpoint(operation: .ping, security: .none, weight: .fixed(1)),
        "time": Endpoint(operation: .time, security: .none, weight: .fixed(1)),
    ]
}
