import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: parameters and signatures (WIRE-1, WIRE-2, WIRE-3)")
struct WireParameterTests {
    private func parameters(_ query: String, _ body: String = "") throws -> WireParameters {
        try WireParameters(query: Array(query.utf8), body: Array(body.utf8))
    }

    @Test("Names in any case, the query first, percent-decoded, empty is not sent")
    func names() throws {
        let it = try parameters(
            "Symbol=BTCUSDT&orderidlist=%5B1%2C2%5D&empty=&flag",
            "symbol=ETHUSDT&a=b+c%2B"
        )
        #expect(it["SYMBOL"] == "BTCUSDT")
        #expect(it["orderIdList"] == "[1,2]")
        #expect(it["empty"] == nil)
        #expect(it["flag"] == nil)
        #expect(it["A"] == "b c+")
        #expect(!it.has("nothing"))
        #expect(try it.required("symbol") == "BTCUSDT")
    }

    @Test(
        "Bytes that are no text are refused by name",
        arguments: [
            ("a=%GG", -1100), ("a=%", -1100), ("a=%4", -1100), ("symbol=%FF", -1100),
            ("symbol=%C0%80", -1100),
            ("%FF=1", -1100), ("a=%ED%A0%80", -1100),
        ] as [(String, Int32)]
    )
    func illegal(query: String, code: Int32) {
        #expect { _ = try parameters(query) } throws: { ($0 as? BinanceError)?.code == code }
    }

    @Test("A body of 65,537 bytes and 129 parameters are too many")
    func bounds() throws {
        #expect(throws: BinanceError.tooLarge) {
            _ = try WireParameters(query: [], body: [UInt8](repeating: 97, count: 65_537))
        }
        _ = try WireParameters(query: [UInt8](repeating: 97, count: 65_536))
        let many = Array(repeating: "a=1", count: 129).joined(separator: "&")
        #expect(throws: BinanceError.tooManyParameters) { _ = try parameters(many) }
    }

    struct Payload: Sendable {
        var query: String
        var body = ""
        var raw: String
        var decoded: String?
        var signature: String
    }

    static let payloads = [
        Payload(query: "a=1&signature=x", raw: "a=1", signature: "x"),
        Payload(query: "signature=x&a=1", raw: "a=1", signature: "x"),
        Payload(query: "a=1&signature=x&b=2", raw: "a=1&b=2", signature: "x"),
        Payload(query: "a=1", body: "b=2&signature=x", raw: "a=1b=2", signature: "x"),
        Payload(query: "a=1&b=2", body: "signature=x", raw: "a=1&b=2", signature: "x"),
        Payload(query: "", body: "a=1&signature=ABCdef", raw: "a=1", signature: "ABCdef"),
        Payload(query: "a=1&Signature=x", raw: "a=1", signature: "x"),
        Payload(
            query: "orderidlist=%5B1010%2C1011%5D&timestamp=5&signature=x",
            raw: "orderidlist=%5B1010%2C1011%5D&timestamp=5",
            decoded: "orderidlist=[1010,1011]&timestamp=5",
            signature: "x"
        ),
        Payload(
            query: "",
            body: #"batchOrders=[{"symbol":"BTCUSDT"}]&timestamp=5&signature=x"#,
            raw: #"batchOrders=[{"symbol":"BTCUSDT"}]&timestamp=5"#,
            signature: "x"
        ),
        Payload(query: "a=1&signature=ab%2Bcd%2Fef%3D%3D", raw: "a=1", signature: "ab+cd/ef=="),
        Payload(query: "a=1&signature=ab+cd/ef==", raw: "a=1", signature: "ab+cd/ef=="),
        Payload(query: "a=%zz&signature=x", raw: "a=%zz", signature: "x"),
        Payload(query: "a=1+2&signature=x", raw: "a=1+2", signature: "x"),
    ]

    @Test("The payload is the raw bytes less the signature", arguments: payloads)
    func payload(_ it: Payload) throws {
        let found = try WireParameters.signaturePayload(
            query: Array(it.query.utf8),
            body: Array(it.body.utf8)
        )
        #expect(String(decoding: found.raw, as: UTF8.self) == it.raw)
        #expect(found.decoded.map { String(decoding: $0, as: UTF8.self) } == it.decoded)
        #expect(found.signature == it.signature)
    }

    @Test("Without a signature there is no payload", arguments: ["", "a=1", "signature=", "a=signature=x"])
    func unsigned(_ query: String) {
        #expect { _ = try WireParameters.signaturePayload(query: Array(query.utf8)) } throws: {
            ($0 as? BinanceError)?.code == -1102
        }
    }

    @Test("The WS-API's payload is sorted, unencoded, with small booleans")
    func webSocketPayload() throws {
        let text =
            #"{"timestamp":17,"apiKey":"k","signature":"s","returnRateLimits":false,"price":0.10,"n":null}"#
        let value = try JSONParser.parse(Array(text.utf8))
        guard case .object(let members) = value else { return }
        let found = try WireParameters.signaturePayload(parameters: members)
        #expect(
            String(decoding: found.raw, as: UTF8.self)
                == "apiKey=k&price=0.10&returnRateLimits=false&timestamp=17"
        )
        #expect(found.signature == "s")
    }

    @Test(
        "The window of a request",
        arguments: [
            ("timestamp=1000000", 0), ("timestamp=1000999", 0), ("timestamp=1001000", -1021),
            ("timestamp=995000", 0), ("timestamp=994999", -1021), ("timestamp=990000&recvWindow=10000", 0),
            ("timestamp=989999&recvWindow=10000", -1021), ("timestamp=940000&recvWindow=60000", 0),
            ("timestamp=1000000&recvWindow=60001", -1131), ("timestamp=1000000&recvWindow=x", -1130),
            ("timestamp=1000000&recvWindow=-1", -1130), ("", -1102), ("timestamp=", -1102),
            ("timestamp=1e6", -1102), ("timestamp=9223372036854775807", -1021),
            ("timestamp=9223372036854775808", -1102), ("timestamp=0", -1021), ("timestamp=-5", -1130),
            ("recvWindow=0&timestamp=1000000", 0),
        ] as [(String, Int32)]
    )
    func window(query: String, code: Int32) throws {
        let it = try parameters(query)
        if code == 0 {
            try it.checkTime(serverTime: 1_000_000)
        } else {
            #expect { try it.checkTime(serverTime: 1_000_000) } throws: {
                ($0 as? BinanceError)?.code == code
            }
        }
    }

    /// Decimals as an enemy writes them, none of which is a quantity of 0.001 … and none of which traps.
    static let hostile: [String] = {
        var list = [
            "1e400", "1e-400", "1E5", "1e5", "0e0", "-0", "-0.0", "+1", "+0", "NaN", "nan", "Inf", "Infinity",
            "-Infinity", "inf", "null", "None", "true", "false", "undefined", ".5", "5.", ".", "-", "--1",
            "1-",
            "1..2", "1.2.3", "1,000", "1 000", " 1", "1 ", "\t1", "1\n", "0x10", "0b1", "0o7", "1_000", "00",
            "01", "007", "00.5", "-01", "1e", "e1", "1.0e1", "1.e1", "½", "²", "٣", "１", "１.５", "Ⅻ", "一",
            "−1",
            "\u{FEFF}1", "1\u{FEFF}", "\u{200B}1", "1\u{0}", "\u{0}", "1\u{0}2", "1%00", "''", "\"1\"", "'1'",
            "(1)", "$1",
            "1$", "1%", "#1", "1;", "1;DROP", "1--", "{}", "[]", "[1]", "{\"a\":1}", "<1>", "1/2", "1*2",
            "1+2",
            "1-2", "1e+5", "1E-5", "Infinity1", "1a", "a1", "0.0.0", "..", "-.", "-.5", "-5.", "1.-5", "1.+5",
            "99999999999999999999", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "18446744073709551616", "340282366920938463463374607431768211456", "1000000000000000000",
            "4611686018427387904", "46116860184.27387904", "46116860184.27387903", "0.000000001",
            "0.0000000000000000001", "1.000000001", "0.123456789", "0.00000000000000000000", "0", "0.0",
            "0.00000000", "-1", "-0.001", "-1000000", "0.0001", "0.00001", "1.0001", "0.0015",
        ]
        for count in [19, 20, 30, 64, 100, 255, 256, 257, 1_000, 5_000] {
            list.append(String(repeating: "9", count: count))
            list.append("0." + String(repeating: "9", count: count))
            list.append(String(repeating: "0", count: count))
            list.append("1" + String(repeating: "0", count: count))
            list.append("-" + String(repeating: "1", count: count))
        }
        return list
    }()

    @Test("At least 150 hostile literals, and none is a quantity")
    func hostileQuantities() {
        #expect(Self.hostile.count >= 150)
        let venue = DialectVenue.usual()
        let allowed: Set<Int32> = [-1102, -1111, -1130, -4003, -4005, -4023, -1100]
        for text in Self.hostile {
            let query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=50000&quantity="
            let bytes = Array((query + text).utf8)
            guard case .found(let endpoint) = Endpoint.find("POST", "/fapi/v1/order") else { return }
            do {
                _ = try venue.parser.parse(
                    endpoint,
                    try WireParameters(query: bytes),
                    account: DialectVenue.alice
                )
                Issue.record("taken: \(text.prefix(60))")
            } catch {
                #expect(allowed.contains(error.code), "\(text.prefix(60)): \(error)")
            }
        }
    }

    @Test("The same literals in every other place where a number may stand do not trap")
    func hostileEverywhere() {
        let venue = DialectVenue.usual()
        let forms: [(String, String, String)] = [
            (
                "POST", "/fapi/v1/order",
                "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price="
            ),
            (
                "POST", "/fapi/v1/order",
                "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTD&quantity=1&price=50000&goodTillDate="
            ),
            (
                "POST", "/fapi/v1/algoOrder",
                "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=TRAILING_STOP_MARKET&quantity=1&"
                    + "callbackRate="
            ),
            (
                "POST", "/fapi/v1/algoOrder",
                "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1&triggerPrice="
            ),
            ("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage="),
            ("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&type=1&amount="),
            ("POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime="),
            ("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit="),
            ("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&startTime="),
            ("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1M&endTime="),
            ("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit="),
            ("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT&orderId="),
            ("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId="),
            ("DELETE", "/fapi/v1/batchOrders", "symbol=BTCUSDT&orderIdList="),
        ]
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: DialectVenue.bob)
        venue.order("side=BUY&type=MARKET&quantity=0.05")
        for (method, path, form) in forms {
            for text in Self.hostile {
                let reply = venue.raw(method, path, form + text)
                #expect((try? JSONParser.parse(reply.body[...], stringLimit: 4_096)) != nil)
            }
        }
    }
}
