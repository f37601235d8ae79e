import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: errors by Binance's numbers (WIRE-4, WIRE-5)")
struct ErrorTests {
    /// The number of every status, for an order, a change, a cancellation.
    static let statuses: [(Status, order: Int32, amend: Int32, cancel: Int32)] = [
        (.alreadyApplied, -1008, -1008, -1008), (.sequenceGap, -1008, -1008, -1008),
        (.timeBackwards, -1008, -1008, -1008), (.tickFirst, -1008, -1008, -1008),
        (.continueFirst, -1008, -1008, -1008), (.invalidField, -4015, -4015, -4015),
        (.invalidSymbol, -1121, -1121, -1121), (.invalidTick, -4014, -4014, -4014),
        (.invalidTiers, -1130, -1130, -1130), (.invalidPrice, -4002, -4002, -4002),
        (.invalidQuantity, -4005, -4005, -4005), (.invalidAmount, -4055, -4055, -4055),
        (.invalidRate, -1130, -1130, -1130), (.invalidTime, -5040, -5040, -5040),
        (.invalidLeverage, -4028, -4028, -4028), (.invalidTrigger, -4007, -4007, -4007),
        (.invalidCombination, -1128, -1117, -1128), (.symbolExists, -1130, -1130, -1130),
        (.unknownMarket, -1121, -1121, -1121), (.unknownAccount, -2015, -2015, -2015),
        (.unknownOrder, -2013, -2013, -2011), (.venueAccount, -2015, -2015, -2015),
        (.sameAccount, -1130, -1130, -1130), (.accountLimit, -1003, -1003, -1003),
        (.marketLimit, -1003, -1003, -1003), (.orderLimit, -2025, -2025, -2025),
        (.positionLimit, -2025, -2025, -2025), (.offerLimit, -1003, -1003, -1003),
        (.sourceLimit, -1003, -1003, -1003), (.noVault, -1020, -1020, -1020),
        (.marketSettled, -4141, -4141, -4141), (.marketHalted, -4140, -4140, -4140),
        (.marketReduceOnly, -4087, -4087, -4087), (.killed, -4088, -4088, -4088),
        (.noMark, -4140, -4140, -4140), (.duplicateClientID, -4116, -4116, -4116),
        (.positionSideMismatch, -4061, -4061, -4061), (.reduceOnlyRejected, -2022, -2022, -2022),
        (.inLiquidation, -2023, -2023, -2023), (.priceBand, -4016, -4016, -4016),
        (.wouldTrigger, -2021, -2021, -2021), (.postOnlyWouldTake, -5022, -5022, -5022),
        (.fillOrKillUnfilled, -5021, -5021, -5021), (.tierExceeded, -2027, -2027, -2027),
        (.openInterestCap, -2027, -2027, -2027), (.positionCap, -2027, -2027, -2027),
        (.insufficientMargin, -2019, -2019, -2019), (.insufficientCash, -2018, -2018, -2018),
        (.debtOutstanding, -2018, -2018, -2018), (.notFlat, -4048, -4048, -4048),
        (.notIsolated, -4054, -4054, -4054), (.priceOverflow, -2027, -2027, -2027),
        (.pileLimit, -2018, -2018, -2018), (.lockedUp, -2018, -2018, -2018),
        (.noChange, -5027, -5027, -5027), (.nothingPending, -1000, -1000, -1000),
        (.noPrice, -4140, -4140, -4140), (.haircut, -2018, -2018, -2018),
    ]

    @Test("Every status has a number")
    func everyStatus() {
        let all = (UInt8.min...UInt8.max).compactMap { Status(rawValue: $0) }
        #expect(Set(all) == Set(Self.statuses.map(\.0) + [.ok]))
        for (status, order, amend, cancel) in Self.statuses {
            #expect(BinanceError(status, for: .order(.buy))?.code == order, "\(status)")
            #expect(BinanceError(status, for: .amend)?.code == amend, "\(status)")
            #expect(BinanceError(status, for: .cancel)?.code == cancel, "\(status)")
        }
        #expect(BinanceError(.ok, for: .amend) == nil)
    }

    static let contexts: [(Status, RequestContext, Int32)] = [
        (.insufficientMargin, .leverage(50), -2028), (.tierExceeded, .leverage(50), -2027),
        (.invalidLeverage, .leverage(126), -4028), (.noChange, .marginType(hasOrders: false), -4046),
        (.notFlat, .marginType(hasOrders: true), -4047), (.notFlat, .marginType(hasOrders: false), -4048),
        (.noChange, .positionMode(hasOrders: false), -4059),
        (.notFlat, .positionMode(hasOrders: true), -4067), (.notFlat, .positionMode(hasOrders: false), -4068),
        (.insufficientCash, .positionMargin(adds: true), -4050),
        (.insufficientMargin, .positionMargin(adds: false), -4051),
        (.notIsolated, .positionMargin(adds: true), -4054), (.orderLimit, .algoOrder(.buy), -4045),
        (.duplicateClientID, .algoOrder(.buy), -20132), (.priceBand, .order(.sell), -4024),
        (.insufficientMargin, .transfer, -2018), (.invalidTime, .countdown, -1130),
        (.inLiquidation, .leverage(1), -2023),
    ]

    @Test("Where it depends on what was asked for", arguments: contexts)
    func byContext(_ status: Status, _ context: RequestContext, _ code: Int32) {
        #expect(BinanceError(status, for: context)?.code == code)
    }

    /// Requests with several faults, in the order in which they are found.
    static let precedence: [(String, Int32)] = [
        ("", -1102), ("symbol=NOPE", -1121), ("symbol=btcusdt", -1121), ("symbol=BTCUSDT", -1102),
        ("symbol=BTCUSDT&side=UP&type=NOPE", -1117), ("symbol=BTCUSDT&side=BUY", -1102),
        ("symbol=BTCUSDT&side=BUY&type=NOPE", -1116),
        ("symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=bad", -4120),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&positionSide=UP", -4060),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT", -1102),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=NOPE", -1115),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=RPI", -1115),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&timeInForce=GTC&quantity=1", -1106),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=50000", -1106),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&reduceOnly=maybe", -1130),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&positionSide=LONG&reduceOnly=true", -1106),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&selfTradePreventionMode=X", -5039),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&newClientOrderId=a%20b", -4015),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&newClientOrderId=autoclose-1", -4015),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&"
                + "newClientOrderId=1234567890123456789012345678901234567",
            -4015
        ),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC", -1102),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0&price=0", -4003),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.0001", -1111),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01", -1102),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=-1", -4001),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=0", -4013),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=50000.01", -1111),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=999999999999", -4002),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=9999999999999&price=50000", -4005),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=100", -4164),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=0.01&price=50000", -1102),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=0.01&price=50000&goodTillDate=5",
            -5040
        ),
        (
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=1&priceMatch=OPPONENT",
            -1106
        ),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&priceMatch=OPPONENT", -5041),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&priceMatch=NOPE", -5037),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&priceMatch=OPPONENT", -5038),
        (
            "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=50000&reduceOnly=true",
            -2022
        ),
        ("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=100&price=50000", -2019),
        ("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newOrderRespType=FULL", -1130),
    ]

    @Test(
        "Of several faults of an order the first is named (WIRE-9, WIRE-10, WIRE-11, WIRE-12)",
        arguments: precedence
    )
    func ofSeveral(_ query: String, _ code: Int32) {
        let venue = DialectVenue.usual()
        #expect(venue.call("POST", "/fapi/v1/order", query)["code"]?.text == String(code), "\(query)")
    }

    static let others: [(String, String, String, Int32)] = [
        ("POST", "/fapi/v1/algoOrder", "algoType=TWAP&symbol=BTCUSDT", -1130),
        ("POST", "/fapi/v1/algoOrder", "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=LIMIT", -1116),
        (
            "POST", "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&quantity=1&closePosition=true", -4136
        ),
        (
            "POST", "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=1&closePosition=true",
            -4137
        ),
        (
            "POST", "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.01", -1102
        ),
        (
            "POST", "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&quantity=0.01&triggerPrice=51000",
            -2021
        ),
        (
            "POST", "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=1&"
                + "callbackRate=11",
            -2007
        ),
        ("DELETE", "/fapi/v1/order", "symbol=BTCUSDT", -1102),
        ("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&orderId=x", -1130),
        ("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=%20", -2011),
        ("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=7", -2013),
        ("PUT", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&quantity=1&price=50000&orderId=7", -2013),
        ("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126", -4028),
        ("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=0", -4028),
        ("POST", "/fapi/v1/leverage", "symbol=BTCUSDT", -1102),
        ("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED", -4046),
        ("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=BOTH", -1130),
        ("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false", -4059),
        ("POST", "/fapi/v1/positionSide/dual", "", -1102),
        ("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=5&type=1", -4054),
        ("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=0&type=1", -4055),
        ("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=5&type=3", -1130),
        ("POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=86400001", -1130),
        ("POST", "/fapi/v1/batchOrders", "batchOrders=[]", -4082),
        ("POST", "/fapi/v1/batchOrders", "batchOrders=[{},{},{},{},{},{}]", -4082),
        ("POST", "/fapi/v1/batchOrders", "batchOrders={", -1135),
        ("POST", "/fapi/v1/batchOrders", "batchOrders=[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", -1135),
        ("DELETE", "/fapi/v1/batchOrders", "symbol=BTCUSDT&orderIdList=[1,2,3,4,5,6,7,8,9,10,11]", -4082),
        ("POST", "/fapi/v1/multiAssetsMargin", "multiAssetsMargin=true", -1020),
        ("POST", "/fapi/v1/stock/contract", "", -1020),
        ("GET", "/fapi/v1/income/asyn", "startTime=1&endTime=2", -1020),
        ("POST", "/sapi/v1/asset/transfer", "type=MAIN_UMFUTURE&asset=USDT&amount=1", -1020),
        ("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=7m", -1120),
        ("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&startTime=5&endTime=4", -4090),
        ("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=7", -4021),
        ("GET", "/fapi/v1/depth", "symbol=%F0%9F%92%A5", -1121),
        ("GET", "/fapi/v1/nothing", "", -5000),
    ]

    @Test("The faults of other requests (WIRE-13, WIRE-14)", arguments: others)
    func ofOthers(_ method: String, _ path: String, _ query: String, _ code: Int32) {
        let venue = DialectVenue.usual()
        #expect(venue.call(method, path, query)["code"]?.text == String(code), "\(method) \(path) \(query)")
    }

    @Test("Paths are told apart by case, methods by name; what is signed needs an account (WIRE-7)")
    func endpoints() {
        if case .found = Endpoint.find("GET", "/fapi/v1/Ping") { Issue.record("found in another case") }
        guard case .wrongMethod = Endpoint.find("PATCH", "/fapi/v1/order") else {
            Issue.record("a method that there is not")
            return
        }
        #expect(Endpoint.paths.count == 100)
        #expect(Endpoint.webSocketMethods.count == 23)
        for (_, path, endpoint) in Endpoint.paths where endpoint.security.isSigned {
            #expect(throws: BinanceError.self, "\(path)") {
                _ = try DialectVenue.usual().parser.parse(endpoint, try WireParameters(query: []))
            }
        }
    }

    @Test("Conditional types on /order are taken when the switch is on")
    func legacy() {
        var options = DialectOptions()
        options.legacyConditionalOrders = true
        let venue = DialectVenue.usual(options: options)
        let placed = venue.order("side=BUY&type=STOP_MARKET&quantity=0.01&stopPrice=51000")
        #expect(placed["status"] == .string("NEW"))
        #expect(placed["stopPrice"] == .string("51000.0"))
        #expect(venue.call("GET", "/fapi/v1/openOrders").elements.count == 1)
        venue.call("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT")
        #expect(venue.call("GET", "/fapi/v1/openOrders").elements.isEmpty)
    }
}
