import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: answers about accounts and markets (WIRE-6, WIRE-16, WIRE-27, WIRE-28, WIRE-29)")
struct AnswerTests {
    private let alice = DialectVenue.alice
    private let bob = DialectVenue.bob

    @Test("An account's sums agree with the core's")
    func sums() {
        let venue = DialectVenue.usual()
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.05&price=49000")
        venue.price("50100")
        guard let view = venue.exchange.accountView(alice) else { return }
        let account = venue.call("GET", "/fapi/v3/account")
        #expect(account["totalWalletBalance"] == .string("9997.50000000"))
        #expect(account["totalUnrealizedProfit"] == .string("10.00000000"))
        #expect(account["totalMarginBalance"] == .string("10007.50000000"))
        // 0.1 · 50100 / 20, and the resting buy counts at the mark: 0.05 · 50100 / 20, with its fee.
        #expect(account["totalPositionInitialMargin"] == .string("250.50000000"))
        #expect(account["totalOpenOrderInitialMargin"] == .string("126.50250000"))
        #expect(account["totalMaintMargin"] == .string("20.04000000"))
        #expect(view.requirement == 37_700_250_000)
        #expect(account["availableBalance"] == .string("9630.49750000"))
        #expect(account["maxWithdrawAmount"] == .string("9620.49750000"))
        #expect(account[path: "positions", "0", "positionAmt"] == .string("0.100"))
        #expect(venue.call("GET", "/fapi/v2/account")["positions"]?.elements.count == 2)
        #expect(account["positions"]?.elements.count == 1)
    }

    @Test("The liquidation price is where the liquidation begins, to the tick")
    func liquidationPrice() {
        let venue = DialectVenue.usual(cash: 400)
        venue.deposit(bob, 100_000)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        let row = venue.call("GET", "/fapi/v3/positionRisk").elements.first
        let text = row?["liquidationPrice"]?.text ?? ""
        let ticks = (try? DecimalText.parse(text.utf8, inStepsOf: 10_000_000)) ?? 0
        #expect(ticks > 450_000 && ticks < 500_000)
        venue.price(DecimalText.string(Int128(ticks + 1) * 10_000_000))
        #expect(venue.exchange.accountView(alice)?.isInLiquidation == false)
        #expect(venue.exchange.episodes == 0)
        venue.price(DecimalText.string(Int128(ticks) * 10_000_000))
        #expect(venue.exchange.episodes == 1)
        #expect(row?["entryPrice"] == .string("50000.00000"))
        #expect(row?["breakEvenPrice"] == .string("50025.00000"))
        #expect(row?["adl"] == .number("0"))
    }

    @Test("Hedge mode has two positions, and its quantiles say HEDGE")
    func hedge() {
        let venue = DialectVenue.usual()
        #expect(
            venue.call("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true")["code"]
                == .number("200")
        )
        #expect(venue.call("GET", "/fapi/v1/positionSide/dual")["dualSidePosition"] == .bool(true))
        #expect(venue.order("side=BUY&type=MARKET&quantity=0.1")["code"] == .number("-4061"))
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        #expect(
            venue.order("side=BUY&type=MARKET&quantity=0.1&positionSide=LONG")["status"] == .string("FILLED")
        )
        venue.price("50100")
        let quantiles = venue.call("GET", "/fapi/v1/adlQuantile").elements
        #expect(quantiles.first?["adlQuantile"]?.keys == ["LONG", "SHORT", "HEDGE"])
        #expect(quantiles.first?[path: "adlQuantile", "LONG"] == .number("4"))
        let one = venue.call("GET", "/fapi/v1/adlQuantile", as: bob).elements
        #expect(one.first?["adlQuantile"]?.keys == ["LONG", "SHORT", "BOTH"])
        #expect(venue.call("GET", "/fapi/v2/positionRisk", "symbol=BTCUSDT").elements.count == 2)
        let mode = venue.call("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false")
        #expect(mode["code"] == .number("-4068"))
    }

    @Test("Isolated margin, its changes and their history")
    func isolated() {
        let venue = DialectVenue.usual()
        venue.call("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")
        let leverage = venue.call("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=10")
        #expect(leverage["leverage"] == .number("10"))
        #expect(leverage["maxNotionalValue"] == .string("92233720368"))
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        let added = venue.raw("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=10.5&type=1")
        #expect(
            String(decoding: added.body, as: UTF8.self)
                == #"{"amount":10.5,"code":200,"msg":"Successfully modify position margin.","type":1}"#
        )
        venue.call("POST", "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=0.5&type=2")
        let history = venue.call("GET", "/fapi/v1/positionMargin/history", "symbol=BTCUSDT").elements
        #expect(history.map { $0["amount"]?.text } == ["10.50000000", "0.50000000"])
        #expect(history.map { $0["type"]?.text } == ["1", "2"])
        let row = venue.call("GET", "/fapi/v3/positionRisk").elements.first
        // 5000 / 10, the fee of 2.5 taken, ten added.
        #expect(row?["isolatedWallet"] == .string("507.50000000"))
        let cross = venue.call("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED")
        #expect(cross["code"] == .number("-4048"))
        let balance = venue.call("GET", "/fapi/v2/balance").elements.first
        #expect(balance?["balance"] == .string("9997.50000000"))
        #expect(balance?["crossWalletBalance"] == .string("9490.00000000"))
    }

    @Test("Funding is income, history and an update")
    func funding() {
        let venue = DialectVenue.usual()
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        venue.projection.listen(to: alice)
        venue.apply(.funding(FundingUpdate(market: MarketID(0), hasRate: true, rate: Rate(10_000))))
        let row = venue.call("GET", "/fapi/v1/income", "incomeType=FUNDING_FEE").elements.first
        #expect(row?["income"] == .string("-0.50000000"))
        #expect(row?["symbol"] == .string("BTCUSDT"))
        let update = venue.take(alice, "ACCOUNT_UPDATE").first
        #expect(update?[path: "a", "m"] == .string("FUNDING_FEE"))
        #expect(update?[path: "a", "S"] == .string("BTCUSDT"))
        #expect(update?[path: "a", "P"]?.elements.isEmpty == true)
        #expect(update?[path: "a", "B", "0", "bc"] == .string("-0.50000000"))
        let rates = venue.call("GET", "/fapi/v1/fundingRate", "symbol=BTCUSDT").elements
        #expect(rates.map { $0["fundingRate"]?.text } == ["0.00010000"])
        let premium = venue.call("GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT")
        #expect(premium["markPrice"] == .string("50000.00000000"))
        #expect(premium["nextFundingTime"] == .number("1760025600000"))
        #expect(venue.call("GET", "/fapi/v1/premiumIndex").elements.count == 2)
    }

    @Test("With a symbol an object, without an array")
    func oneOrMany() {
        let venue = DialectVenue.usual()
        for path in ["ticker/24hr", "ticker/price", "ticker/bookTicker", "premiumIndex", "symbolAdlRisk"] {
            #expect(venue.call("GET", "/fapi/v1/" + path, "symbol=ETHUSDT")["symbol"] == .string("ETHUSDT"))
            #expect(venue.call("GET", "/fapi/v1/" + path).elements.count == 2)
        }
        #expect(venue.call("GET", "/fapi/v1/leverageBracket", "symbol=BTCUSDT").elements.count == 1)
        let brackets = venue.raw("GET", "/fapi/v1/leverageBracket", "symbol=BTCUSDT")
        #expect(
            String(decoding: brackets.body, as: UTF8.self)
                == #"[{"symbol":"BTCUSDT","notionalCoef":1,"brackets":["#
                + #"{"bracket":1,"initialLeverage":125,"notionalCap":50000,"notionalFloor":0,"#
                + #""maintMarginRatio":0.004,"cum":0},{"bracket":2,"initialLeverage":50,"#
                + #""notionalCap":92233720368,"notionalFloor":50000,"maintMarginRatio":0.01,"cum":300}]}]"#
        )
        let info = venue.call("GET", "/fapi/v1/exchangeInfo")
        let symbol = info[path: "symbols", "0"]
        #expect(symbol?["baseAsset"] == .string("BTC"))
        #expect(symbol?["pricePrecision"] == .number("1"))
        #expect(symbol?["status"] == .string("TRADING"))
        #expect(symbol?["orderTypes"]?.elements.count == 7)
    }

    @Test(
        "BK-13 exchangeInfo states the band that holds, whatever its decimals",
        arguments: [
            (10_000_000, "1.1000", "0.9000", "4", "0.10"), (125_000, "1.00125", "0.99875", "5", "0.00125"),
            (0, "1073741823.0000", "0.0000", "4", "1073741823.00"),
        ] as [(Int64, String, String, String, String)]
    )
    func band(units: Int64, up: String, down: String, decimals: String, bound: String) {
        let venue = DialectVenue()
        venue.addMarket("BTCUSDT", tick: 10_000_000, lot: 100_000) { $0.priceBand = Rate(units) }
        let symbol = venue.call("GET", "/fapi/v1/exchangeInfo")[path: "symbols", "0"]
        let filter = symbol?["filters"]?.elements.first { $0["filterType"] == .string("PERCENT_PRICE") }
        #expect(filter?["multiplierUp"] == .string(up) && filter?["multiplierDown"] == .string(down))
        #expect(filter?["multiplierDecimal"] == .string(decimals))
        #expect(symbol?["marketTakeBound"] == .string(bound))
    }

    @Test("BK-13, WIRE-5 A limit beyond the stated band is -4016 or -4024; a market order ends at its edge")
    func beyondTheBand() {
        let venue = DialectVenue.usual()
        func place(_ side: String, _ price: String) -> JSONValue? {
            venue.order("side=\(side)&type=LIMIT&timeInForce=GTC&quantity=0.01&price=\(price)")["code"]
        }
        // 50,000 times what exchangeInfo says: 1.2 and 0.8.
        #expect(place("BUY", "60000.1") == .number("-4016") && place("BUY", "60000.0") == nil)
        #expect(place("SELL", "39999.9") == .number("-4024"))
        #expect(place("BUY", "44000.0") == nil && place("SELL", "56000.0") == nil)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.1", as: bob)
        venue.call("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT", as: alice)
        let taken = venue.order("side=BUY&type=MARKET&quantity=0.01", as: DialectVenue.carol)
        #expect(taken["status"] == .string("EXPIRED") && taken["executedQty"] == .string("0.000"))
    }

    @Test("An order is changed, and its history says how")
    func amend() {
        let venue = DialectVenue.usual()
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=49000&newClientOrderId=am")
        let changed = venue.call(
            "PUT",
            "/fapi/v1/order",
            "symbol=BTCUSDT&side=BUY&origClientOrderId=am&quantity=0.02&price=49001&modifyId=7"
        )
        #expect(changed["price"] == .string("49001.0"))
        #expect(changed["modifyId"] == .number("7"))
        let same = venue.call(
            "PUT",
            "/fapi/v1/order",
            "symbol=BTCUSDT&side=BUY&orderId=1&quantity=0.02&price=49001"
        )
        #expect(same["code"] == .number("-5027"))
        let history = venue.call("GET", "/fapi/v1/orderAmendment", "symbol=BTCUSDT&orderId=1").elements
        #expect(history.first?[path: "amendment", "price", "before"] == .string("49000.0"))
        #expect(history.first?[path: "amendment", "origQty", "after"] == .string("0.020"))
        let matched = venue.order(
            "side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.02&priceMatch=OPPONENT",
            as: bob
        )
        #expect(matched["status"] == .string("FILLED"))
    }

    @Test(
        "WIRE-13 The wallet that is not here has no coins and no pairs",
        arguments: [
            "capital/config/getall", "margin/allPairs", "margin/isolated/allPairs",
        ]
    )
    func wallet(_ path: String) {
        let venue = DialectVenue.usual()
        #expect(venue.raw("GET", "/sapi/v1/" + path).body == Array("[]".utf8))
    }
}
