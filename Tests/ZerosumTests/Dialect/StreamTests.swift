import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: streams and sockets (WIRE-20, WIRE-21, WIRE-24, WIRE-25, WIRE-26)")
struct StreamTests {
    static let names = [
        "btcusdt@aggTrade", "btcusdt@trade", "btcusdt@kline_1m", "btcusdt@kline_1M", "btcusdt@kline_3d",
        "btcusdt_perpetual@continuousKline_15m", "btcusdt@miniTicker", "btcusdt@ticker", "btcusdt@bookTicker",
        "btcusdt@forceOrder", "btcusdt@markPrice", "btcusdt@markPrice@1s", "btcusdt@markPrice@3s",
        "btcusdt@depth", "btcusdt@depth@100ms", "btcusdt@depth@250ms", "btcusdt@depth@500ms",
        "btcusdt@depth@0ms", "btcusdt@depth5", "btcusdt@depth10@100ms", "ethusdt@depth20@500ms",
        "btcusdt@rpiDepth@500ms", "!miniTicker@arr", "!ticker@arr", "!bookTicker", "!forceOrder@arr",
        "!markPrice@arr", "!markPrice@arr@1s", "!contractInfo", "!assetIndex@arr", "tradingSession",
        "btcusdt@compositeIndex",
    ]

    @Test("A name and its text are one to one", arguments: names)
    func name(_ text: String) {
        let directory = DialectVenue.usual().projection.directory
        #expect(StreamName(text, directory)?.text(directory) == text)
    }

    @Test(
        "What is no stream",
        arguments: [
            "", "@", "btcusdt", "btcusdt@", "@depth", "BTCUSDT@depth", "nope@depth", "btcusdt@depth7",
            "btcusdt@depth@1ms", "btcusdt@depth5@", "btcusdt@kline_7m", "btcusdt@kline_",
            "btcusdt@markPrice@2s",
            "btcusdt@trade@1s", "!nothing@arr", "btcusdt_quarter@continuousKline_1m", "btcusdt@DEPTH",
            "_btcusdt_perpetual@continuousKline_1m",
            "btcusdt@depth\u{0}", String(repeating: "a", count: 65), "btcusdt@kline_1m@1s",
        ]
    )
    func noName(_ text: String) {
        #expect(StreamName(text, DialectVenue.usual().projection.directory) == nil)
    }

    static let frames: [(String, String)] = [
        (#"{"method":"SUBSCRIBE","params":["a@b"],"id":1}"#, #"{"result":null,"id":1}"#),
        (#"{"method":"SUBSCRIBE","params":["a@b"],"id":"x-y"}"#, #"{"result":null,"id":"x-y"}"#),
        (#"{"id":null,"method":"UNSUBSCRIBE","params":[]}"#, #"{"result":null,"id":null}"#),
        (#"{"method":"LIST_SUBSCRIPTIONS","id":3}"#, #"{"result":null,"id":3}"#),
        (#"{"method":"SET_PROPERTY","params":["combined",true],"id":5}"#, #"{"result":null,"id":5}"#),
        (#"{"method":"GET_PROPERTY","params":["combined"],"id":0}"#, #"{"result":null,"id":0}"#),
    ]

    @Test("Frames keep the type of their id", arguments: frames)
    func frame(_ text: String, _ reply: String) throws {
        #expect(String(decoding: try SubscriptionFrame(Array(text.utf8)).done(), as: UTF8.self) == reply)
    }

    @Test(
        "Frames that cannot be followed",
        arguments: [
            ("", 3), ("[]", 3), ("{", 3), ("null", 3), ("{\"id\":1}", 2), ("{\"method\":1}", 2),
            (#"{"method":"NOPE","id":1}"#, 2), (#"{"method":"SUBSCRIBE","id":1}"#, 2),
            (#"{"method":"SUBSCRIBE","params":"a","id":1}"#, 2),
            (#"{"method":"SUBSCRIBE","params":[1],"id":1}"#, 2),
            (#"{"method":"SUBSCRIBE","params":[],"id":{}}"#, 2),
            (#"{"method":"SET_PROPERTY","params":["x",true],"id":1}"#, 0),
            (#"{"method":"SUBSCRIBE","params":[],"id":1,"more":2}"#, 2),
            (String(repeating: "[", count: 200), 3), ("\u{FEFF}{}", 3),
        ] as [(String, Int)]
    )
    func badFrame(_ text: String, _ code: Int) {
        #expect { _ = try SubscriptionFrame(Array(text.utf8)) } throws: {
            ($0 as? SubscriptionError)?.code == code
        }
    }

    @Test("The paths that clients open")
    func paths() throws {
        func names(_ path: String, _ query: String = "") -> String? {
            SubscriptionFrame.streams(path: path, query: Array(query.utf8)).map {
                ($0.isCombined ? "+" : "") + $0.names.joined(separator: " ")
            }
        }
        #expect(names("/ws") == "")
        #expect(names("/public/ws/7") == "")
        #expect(names("/market/ws/12") == "")
        #expect(names("/ws/btcusdt@trade/ethusdt@trade") == "btcusdt@trade ethusdt@trade")
        #expect(names("/stream", "streams=a@b/c@d") == "+a@b c@d")
        #expect(names("/market/stream", "streams=a@b") == "+a@b")
        #expect(names("/private/ws", "listenKey=K1") == "K1")
        #expect(names("/private/ws", "listenKey=K1&events=ORDER_TRADE_UPDATE") == "K1")
        #expect(names("/private/stream") == "+")
        #expect(names("/ws-fapi/v1") == nil)
        #expect(names("/fapi/v1/ping") == nil)
    }

    @Test("WS-API requests: the id is echoed in its type, errors have their envelope")
    func webSocketRequests() throws {
        let request = try WebSocketRequest(
            Array(#"{"id":7,"method":"ticker.price","params":{"symbol":"BTCUSDT"}}"#.utf8)
        )
        let venue = DialectVenue.usual()
        let reply = venue.reply(try request.endpoint(), request.parameters, as: DialectVenue.alice)
        let bytes = WebSocketReply.wrap(reply, id: request.id, counts: nil)
        #expect(
            String(decoding: bytes, as: UTF8.self).hasPrefix(
                #"{"id":7,"status":200,"result":{"symbol":"BTCUSDT""#
            )
        )
        let bad = try WebSocketRequest(
            Array(#"{"id":"a\"b","method":"order.cancel","params":{"symbol":"BTCUSDT","orderId":9}}"#.utf8)
        )
        let refused = venue.reply(try bad.endpoint(), bad.parameters, as: DialectVenue.alice)
        #expect(
            String(decoding: WebSocketReply.wrap(refused, id: bad.id, counts: nil), as: UTF8.self)
                == #"{"id":"a\"b","status":400,"error":{"code":-2011,"msg":"Unknown order sent."}}"#
        )
        for text in [
            "", "{}", "[]", #"{"id":[],"method":"ping"}"#, #"{"id":1,"method":5}"#,
            #"{"method":"x","params":[]}"#,
        ] {
            #expect(throws: WebSocketError.self) { _ = try WebSocketRequest(Array(text.utf8)) }
        }
        #expect(throws: WebSocketError.self) {
            _ = try WebSocketRequest(Array(#"{"id":1,"method":"nope"}"#.utf8)).endpoint()
        }
    }

    @Test("Spans of klines begin where they must")
    func intervals() {
        let venue = DialectVenue.usual()
        venue.at = 1_772_323_200_000_000  // 1 March 2026, a Sunday
        venue.price("50000")
        func start(_ interval: String) -> String? {
            venue.call("GET", "/fapi/v1/markPriceKlines", "symbol=BTCUSDT&interval=\(interval)&limit=1")
                .elements.first?[path: "0"]?.text
        }
        #expect(start("1m") == "1772323200000")
        #expect(start("1w") == "1771804800000")
        #expect(start("1M") == "1772323200000")
        #expect(start("1d") == "1772323200000")
        let months = venue.call("GET", "/fapi/v1/markPriceKlines", "symbol=BTCUSDT&interval=1M&limit=3")
            .elements
        // October, and the months between without a price as flat bars: 1 January, 1 February, 1 March.
        #expect(months.map { $0[path: "0"]?.text } == ["1767225600000", "1769904000000", "1772323200000"])
    }

    @Test("Klines, trades, tickers add up")
    func coherent() {
        let venue = DialectVenue.usual()
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: DialectVenue.bob)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50010", as: DialectVenue.bob)
        venue.order("side=BUY&type=MARKET&quantity=0.15")
        venue.at += 60_000_000
        venue.price("50000")
        venue.order("side=BUY&type=MARKET&quantity=0.01")
        let ticker = venue.call("GET", "/fapi/v1/ticker/24hr", "symbol=BTCUSDT")
        #expect(ticker["volume"] == .string("0.160"))
        #expect(ticker["quoteVolume"] == .string("8000.6"))
        #expect(ticker["lowPrice"] == .string("50000.0"))
        #expect(ticker["highPrice"] == .string("50010.0"))
        #expect(ticker["count"] == .number("3"))
        #expect(ticker["weightedAvgPrice"] == .string("50003.75000"))
        let bars = venue.call("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m").elements
        #expect(bars.map { $0[path: "5"]?.text } == ["0.150", "0.010"])
        #expect(bars.map { $0[path: "9"]?.text } == ["0.150", "0.010"])
        #expect(venue.call("GET", "/fapi/v1/trades", "symbol=BTCUSDT&limit=2").elements.count == 2)
        let aggregates = venue.call("GET", "/fapi/v1/aggTrades", "symbol=BTCUSDT").elements
        #expect(aggregates.map { $0["q"]?.text } == ["0.100", "0.050", "0.010"])
        #expect(venue.call("GET", "/fapi/v1/aggTrades", "symbol=BTCUSDT&fromId=2").elements.count == 2)
        let depth = venue.call("GET", "/fapi/v1/depth", "symbol=BTCUSDT&limit=5")
        #expect(depth[path: "asks", "0"]?.elements == [.string("50010.0"), .string("0.040")])
    }

    @Test("A closed bar is told once more before the next")
    func closedBar() throws {
        let venue = DialectVenue.usual()
        let name = try #require(StreamName("btcusdt@kline_1m", venue.projection.directory))
        venue.projection.listen(to: name, now: venue.now)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: DialectVenue.bob)
        venue.order("side=BUY&type=MARKET&quantity=0.05")
        venue.at += 300_000
        #expect(venue.projection.flush(at: Timestamp(venue.at)).count == 1)
        #expect(venue.projection.flush(at: Timestamp(venue.at + 1_000)).isEmpty)
        venue.at += 60_000_000
        let bars = try venue.projection.flush(at: Timestamp(venue.at)).map { try JSONParser.parse($0.bytes) }
        #expect(bars.map { $0[path: "k", "x"] } == [.bool(true), .bool(false)])
        #expect(bars.last?[path: "k", "v"] == .string("0.000"))
    }
}
