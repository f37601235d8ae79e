import BinanceDialect
import ExchangeCore
import ExchangeText
import Foundation
import Testing

/// Every reply has the keys of Binance's own samples (WIRE-22).
///
/// The samples lie beside the project, not in it: without them the suite is skipped, and the session tests
/// look at the fields that matter.
@Suite("Dialect: the keys of every reply are those of the samples (WIRE-22)")
struct SampleKeyTests {
    static let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/reference/binance-usdm-samples.json")

    static var isPresent: Bool { FileManager.default.fileExists(atPath: path.path) }

    struct Sample: CustomTestStringConvertible, Sendable {
        var name: String
        var method: String
        var path: String
        var value: JSONValue
        var testDescription: String { name }
    }

    static var samples: [Sample] {
        guard let data = try? Data(contentsOf: path),
            let file = try? JSONSerialization.jsonObject(with: data) as? [String: [String: Any]]
        else { return [] }
        return file.sorted { $0.key < $1.key }.compactMap { name, entry in
            guard let sample = entry["sample"],
                let bytes = try? JSONSerialization.data(withJSONObject: sample),
                let value = try? JSONParser.parse(Array(bytes)[...], stringLimit: 100_000)
            else { return nil }
            return Sample(
                name: name,
                method: entry["method"] as? String ?? "",
                path: entry["path"] as? String ?? "",
                value: value
            )
        }
    }

    /// Parameters by endpoint, where there must be some.
    static let parameters: [String: String] = [
        "POST /fapi/v1/order": "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000",
        "POST /fapi/v1/order/test":
            "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000",
        "POST /fapi/v1/batchOrders":
            #"batchOrders=[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","#
            + #""quantity":"0.01","#
            + #""price":"40000"},{}]"#,
        "PUT /fapi/v1/order": "symbol=BTCUSDT&side=BUY&quantity=0.02&price=41000&orderId=ID&modifyId=1",
        "PUT /fapi/v1/batchOrders":
            #"batchOrders=[{"symbol":"BTCUSDT","side":"BUY","quantity":"0.02","price":"41000","#
            + #""orderId":ID},{}]"#,
        "DELETE /fapi/v1/order": "symbol=BTCUSDT&orderId=ID",
        "DELETE /fapi/v1/batchOrders": "symbol=BTCUSDT&orderIdList=[ID,99]",
        "GET /fapi/v1/order": "symbol=BTCUSDT&orderId=ID",
        "GET /fapi/v1/openOrder": "symbol=BTCUSDT&orderId=ID",
        "GET /fapi/v1/orderAmendment": "symbol=BTCUSDT&orderId=AMENDED",
        "GET /fapi/v1/algoOrder": "algoId=ALGO",
        "DELETE /fapi/v1/algoOrder": "algoId=ALGO",
        "POST /fapi/v1/algoOrder":
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP&quantity=0.01&"
            + "triggerPrice=51000&price=51000",
        "GET /fapi/v1/klines": "symbol=BTCUSDT&interval=1m",
        "GET /fapi/v1/markPriceKlines": "symbol=BTCUSDT&interval=1m",
        "GET /fapi/v1/premiumIndexKlines": "symbol=BTCUSDT&interval=1m",
        "GET /fapi/v1/continuousKlines": "pair=BTCUSDT&contractType=PERPETUAL&interval=1m",
        "GET /fapi/v1/indexPriceKlines": "pair=BTCUSDT&interval=1m",
        "GET /futures/data/openInterestHist": "symbol=BTCUSDT&period=5m",
        "GET /futures/data/takerlongshortRatio": "symbol=BTCUSDT&period=5m",
        "GET /futures/data/basis": "pair=BTCUSDT&contractType=PERPETUAL&period=5m",
        "POST /fapi/v1/leverage": "symbol=ETHUSDT&leverage=10",
        "POST /fapi/v1/marginType": "symbol=ETHUSDT&marginType=ISOLATED",
        "POST /fapi/v1/positionMargin": "symbol=BTCUSDT&amount=100&type=1&positionSide=BOTH",
        "POST /fapi/v1/positionSide/dual": "dualSidePosition=true",
        "POST /fapi/v1/countdownCancelAll": "symbol=BTCUSDT&countdownTime=100000",
        "POST /fapi/v1/feeBurn": "feeBurn=false",
        "POST /fapi/v1/multiAssetsMargin": "multiAssetsMargin=false",
        "GET /futures/data/delivery-price": "pair=BTCUSDT",
    ]

    /// Without a symbol these answer with an array where the sample is an object.
    static let withoutSymbol = [
        "/fapi/v1/exchangeInfo", "/fapi/v1/openOrders", "/fapi/v1/openAlgoOrders", "/fapi/v1/income",
        "/fapi/v1/adlQuantile",
    ]

    /// Keys that samples lack and clients want, or that belong to another kind of order.
    static let extra: Set<String> = [
        "avgPrice", "cumQuote", "cumQty", "pair", "orderId", "symbol", "modifyId", "actualType", "actualQty",
        "tpTriggerPrice", "tpPrice", "slTriggerPrice", "slPrice", "tpOrderType", "activatePrice",
        "callbackRate", "breakEvenPrice", "positionInitialMargin", "openOrderInitialMargin",
        "LONG", "SHORT", "BOTH", "HEDGE", "feeBurn",
        "bracket", "initialLeverage", "notionalCap", "notionalFloor", "maintMarginRatio", "cum",
        "asset", "marginBalance", "updateTime", "priceRate", "marginAvailable", "rateLimits", "limit",
        "intervalNum", "count", "rateLimitType", "interval",
    ]
    /// Keys of samples that only a trailing order, a refusal, or another venue's data has.
    static let missing: Set<String> = [
        "activatePrice", "priceRate", "code", "msg", "modifyId", "callbackRate",
        "isLocked", "plannedRecoverTime", "indicator", "value", "triggerValue", "BTCUSDT", "ETHUSDT",
        "ACCOUNT",
        "baseAssetList", "exchange", "weight", "M", "count",
    ]

    /// A venue where everything has happened once; the numbers of an order, of one that was changed, and of
    /// a conditional one.
    static func venue() -> (DialectVenue, order: String, amended: String, algo: String) {
        let venue = DialectVenue.usual()
        venue.call("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: DialectVenue.bob)
        venue.order("side=BUY&type=MARKET&quantity=0.05")
        venue.call("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=10&type=1")
        let order = venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000")
        let amended = venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40001")
        venue.call(
            "PUT",
            "/fapi/v1/order",
            "symbol=BTCUSDT&side=BUY&quantity=0.02&price=40002&orderId=\(amended["orderId"]?.text ?? "")"
        )
        let algo = venue.call(
            "POST",
            "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.01&"
                + "callbackRate=1"
        )
        // Funding, a liquidation and a deleveraging, of carol by bob.
        venue.apply(.funding(FundingUpdate(market: MarketID(0))))
        venue.price("50010")
        return (
            venue, order["orderId"]?.text ?? "", amended["orderId"]?.text ?? "", algo["algoId"]?.text ?? ""
        )
    }

    /// All keys of a value with their paths; elements of an array count together.
    static func keys(_ value: JSONValue, _ path: String = "") -> Set<String> {
        var found: Set<String> = []
        switch value {
        case .object(let members):
            for member in members {
                found.insert(path + "/" + member.key)
                found.formUnion(keys(member.value, path + "/" + member.key))
            }
        case .array(let elements):
            for element in elements { found.formUnion(keys(element, path)) }
        default: break
        }
        return found
    }

    static func compare(_ sample: JSONValue, _ reply: JSONValue, _ name: String) {
        let wanted = keys(sample)
        let found = keys(reply)
        func last(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }
        for key in wanted.subtracting(found) where !missing.contains(last(key)) {
            Issue.record("\(name): \(key) is missing")
        }
        for key in found.subtracting(wanted) where !extra.contains(last(key)) {
            Issue.record("\(name): \(key) is not in the sample")
        }
    }

    @Test("All 120 samples are there", .enabled(if: isPresent, "needs ../shared/reference"))
    func count() { #expect(Self.samples.count == 120) }

    @Test("Every path and method of the list has a row", .enabled(if: isPresent, "needs ../shared/reference"))
    func rows() throws {
        let list = Self.path.deletingLastPathComponent().appendingPathComponent("binance-usdm-spec.json")
        let file = try JSONSerialization.jsonObject(with: try Data(contentsOf: list)) as? [String: Any]
        let rest = file?["rest"] as? [[String: Any]] ?? []
        #expect(rest.count == 95)
        for row in rest {
            guard let path = row["path"] as? String, let method = row["method"] as? String else { continue }
            guard case .found = Endpoint.find(method, path) else {
                Issue.record("\(method) \(path) has no row")
                continue
            }
        }
        for row in file?["wsapi"] as? [[String: Any]] ?? [] {
            let method = row["method"] as? String ?? ""
            #expect(Endpoint.find(webSocketMethod: method) != nil, "\(method)")
        }
    }

    @Test("REST", .enabled(if: isPresent, "needs ../shared/reference"))
    func rest() {
        var compared = 0
        for sample in Self.samples where sample.path.hasPrefix("/") {
            guard case .found(let endpoint) = Endpoint.find(sample.method, sample.path) else {
                Issue.record("\(sample.path) has no row")
                continue
            }
            if !endpoint.isInScope || endpoint.security == .userStream { continue }
            let (venue, order, amended, algo) = Self.venue()
            let row = "\(sample.method) \(sample.path)"
            var text = Self.parameters[row] ?? "symbol=BTCUSDT"
            if Self.withoutSymbol.contains(sample.path) { text = "" }
            text = text.replacingOccurrences(of: "AMENDED", with: amended)
                .replacingOccurrences(of: "ALGO", with: algo).replacingOccurrences(
                    of: "=ID",
                    with: "=" + order
                )
                .replacingOccurrences(of: ":ID", with: ":" + order)
                .replacingOccurrences(of: "[ID", with: "[" + order)
            if row == "POST /fapi/v1/positionSide/dual" { _ = Self.flatten(venue) }
            let reply = venue.call(sample.method, sample.path, text)
            compared += 1
            if row == "GET /fapi/v1/forceOrders" || row.hasSuffix("delivery-price")
                || row.hasSuffix("indexInfo")
            {
                #expect(reply.elements.isEmpty)
                continue
            }
            Self.compare(sample.value, reply, row)
        }
        #expect(compared > 60)
    }

    private static func flatten(_ venue: DialectVenue) -> DialectVenue {
        venue.call("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT")
        venue.call("DELETE", "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT")
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.05&price=49999", as: DialectVenue.bob)
        venue.order("side=SELL&type=MARKET&quantity=0.05")
        return venue
    }

    @Test("Rows of a liquidation", .enabled(if: isPresent, "needs ../shared/reference"))
    func forced() throws {
        let venue = DialectVenue.usual(cash: 260)
        venue.deposit(DialectVenue.bob, 100_000)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: DialectVenue.bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        venue.price("45000")
        let sample = try #require(Self.samples.first { $0.path == "/fapi/v1/forceOrders" })
        let reply = venue.call("GET", "/fapi/v1/forceOrders", "symbol=BTCUSDT")
        #expect(reply.elements.count == 1)
        Self.compare(sample.value, reply, "forceOrders")
    }

    static let webSocket: [String: (String, String)] = [
        "account_information": ("account.status", "{}"),
        "account_information_v2": ("v2/account.status", "{}"),
        "futures_account_balance": ("account.balance", "{}"),
        "futures_account_balance_v2": ("v2/account.balance", "{}"),
        "position_information": ("account.position", "{\"symbol\":\"BTCUSDT\"}"),
        "position_information_v2": ("v2/account.position", "{\"symbol\":\"BTCUSDT\"}"),
        "cancel_order": ("order.cancel", "{\"symbol\":\"BTCUSDT\",\"orderId\":ID}"),
        "query_order": ("order.status", "{\"symbol\":\"BTCUSDT\",\"orderId\":ID}"),
        "modify_order": (
            "order.modify",
            "{\"symbol\":\"BTCUSDT\",\"orderId\":ID,\"side\":\"BUY\",\"price\":41000.0,\"quantity\":0.02}"
        ),
        "new_order": (
            "order.place",
            "{\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"LIMIT\",\"timeInForce\":\"GTC\","
                + "\"price\":41000,"
                + "\"quantity\":\"0.02\"}"
        ),
        "new_algo_order": (
            "algoOrder.place",
            "{\"algoType\":\"CONDITIONAL\",\"symbol\":\"BTCUSDT\",\"side\":\"BUY\",\"type\":\"STOP\","
                + "\"price\":51000,\"triggerPrice\":51000,\"quantity\":\"0.02\"}"
        ),
        "cancel_algo_order": ("algoOrder.cancel", "{\"algoId\":ALGO}"),
    ]

    @Test("WS-API", .enabled(if: isPresent, "needs ../shared/reference"))
    func webSocketAPI() throws {
        var compared = 0
        for sample in Self.samples where sample.name.contains("ws_api::") {
            let name = sample.name.components(separatedBy: "::test_").last?
                .replacingOccurrences(of: "_success", with: "")
            guard let (method, params) = Self.webSocket[name ?? ""] else { continue }
            let (venue, order, _, algo) = Self.venue()
            let filled = params.replacingOccurrences(of: "ALGO", with: algo)
                .replacingOccurrences(of: "ID}", with: order + "}")
                .replacingOccurrences(of: "ID,", with: order + ",")
            let frame = "{\"id\":\"x-1\",\"method\":\"\(method)\",\"params\":\(filled)}"
            let request = try WebSocketRequest(Array(frame.utf8))
            let reply = venue.reply(try request.endpoint(), request.parameters, as: DialectVenue.alice)
            let bytes = WebSocketReply.wrap(reply, id: request.id, counts: RateCounts())
            let value = try JSONParser.parse(bytes)
            #expect(value["id"] == .string("x-1"))
            Self.compare(sample.value, value, method)
            compared += 1
        }
        #expect(compared == 12)
    }

    @Test("Streams", .enabled(if: isPresent, "needs ../shared/reference"))
    func streams() throws {
        let venue = DialectVenue.usual(cash: 260)
        let names: [(String, String)] = [
            ("aggregate_trade", "btcusdt@aggTrade"), ("all_market_liquidation", "!forceOrder@arr"),
            ("all_market_mini", "!miniTicker@arr"), ("all_market_tickers", "!ticker@arr"),
            ("continuous_contract", "btcusdt_perpetual@continuousKline_1m"),
            ("contract_info", "!contractInfo"), ("individual_symbol_mini", "btcusdt@miniTicker"),
            ("individual_symbol_ticker", "btcusdt@ticker"), ("test_kline_candlestick", "btcusdt@kline_1m"),
            ("test_liquidation_order", "btcusdt@forceOrder"),
            ("mark_price_stream_success", "btcusdt@markPrice"),
            ("mark_price_stream_for_all", "!markPrice@arr@1s"), ("all_book_tickers", "!bookTicker"),
            ("test_diff_book_depth", "btcusdt@depth@100ms"),
            ("individual_symbol_book", "btcusdt@bookTicker"), ("partial_book", "btcusdt@depth5@500ms"),
            ("rpi_diff", "btcusdt@rpiDepth@500ms"),
        ]
        for (_, text) in names {
            venue.projection.listen(
                to: try #require(StreamName(text, venue.projection.directory)),
                now: venue.now
            )
        }
        venue.deposit(DialectVenue.bob, 100_000)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: DialectVenue.bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=47490", as: DialectVenue.bob)
        venue.price("47500")
        venue.apply(.setMarketState(SetMarketState(market: MarketID(0), state: .reduceOnly)))
        venue.at += 6_000_000
        let messages = venue.sent + venue.projection.flush(at: Timestamp(venue.at))
        for (part, text) in names {
            let name = try #require(StreamName(text, venue.projection.directory))
            let sample = try #require(
                Self.samples.first { $0.name.contains(part) && $0.name.contains("ws_streams") }
            )
            let message = try #require(
                messages.first { $0.audience == .stream(name) },
                "\(text) said nothing"
            )
            Self.compare(sample.value, try JSONParser.parse(message.bytes), text)
        }
    }
}
