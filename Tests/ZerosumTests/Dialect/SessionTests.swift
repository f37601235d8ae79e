import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: a session through a real exchange (WIRE-8, WIRE-16)")
struct SessionTests {
    private let alice = DialectVenue.alice
    private let bob = DialectVenue.bob

    @Test("An order rests, is partly filled and cancelled, and every row says so (WIRE-18)")
    func restFillCancel() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        let placed = venue.order(
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=49999.9&newClientOrderId=a1"
        )
        #expect(placed["status"] == .string("NEW"))
        #expect(placed["orderId"] == .number("1"))
        #expect(placed["clientOrderId"] == .string("a1"))
        #expect(placed["price"] == .string("49999.9"))
        #expect(placed["origQty"] == .string("0.010"))
        #expect(placed["executedQty"] == .string("0.000"))
        #expect(placed["avgPrice"] == .string("0.00000"))
        let new = venue.take(alice)
        #expect(new.map { $0["e"] } == [.string("ORDER_TRADE_UPDATE")])
        #expect(new.first?[path: "o", "x"] == .string("NEW"))

        let taken = venue.order("side=SELL&type=MARKET&quantity=0.004", as: bob)
        #expect(taken["status"] == .string("FILLED"))
        #expect(taken["avgPrice"] == .string("49999.90000"))
        #expect(taken["cumQuote"] == .string("199.99960000"))
        let filled = venue.take(alice)
        #expect(filled.map { $0["e"]?.text } == ["TRADE_LITE", "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE"])
        let update = filled[1]["o"]
        #expect(update?["x"] == .string("TRADE"))
        #expect(update?["X"] == .string("PARTIALLY_FILLED"))
        #expect(update?["l"] == .string("0.004"))
        #expect(update?["z"] == .string("0.004"))
        #expect(update?["L"] == .string("49999.9"))
        // 199.9996 at 0.0002, rounded up.
        #expect(update?["n"] == .string("0.03999992"))
        #expect(update?["m"] == .bool(true))
        #expect(filled[2][path: "a", "m"] == .string("ORDER"))
        #expect(filled[2][path: "a", "B", "0", "wb"] == .string("9999.96000008"))
        #expect(filled[2][path: "a", "P", "0", "pa"] == .string("0.004"))
        #expect(filled[2][path: "a", "P", "0", "ep"] == .string("49999.90000"))

        let canceled = venue.call("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a1")
        #expect(canceled["status"] == .string("CANCELED"))
        #expect(canceled["executedQty"] == .string("0.004"))
        #expect(venue.call("GET", "/fapi/v1/openOrders").elements.isEmpty)
        let all = venue.call("GET", "/fapi/v1/allOrders", "symbol=BTCUSDT").elements
        #expect(all.count == 1)
        #expect(all.first?["status"] == .string("CANCELED"))
        let trades = venue.call("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT").elements
        #expect(trades.count == 1)
        #expect(trades.first?["maker"] == .bool(true))
        #expect(trades.first?["commission"] == .string("0.03999992"))
        #expect(trades.first?["id"] == .number("1"))
        let again = venue.raw("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&orderId=1")
        #expect(String(decoding: again.body, as: UTF8.self) == #"{"code":-2011,"msg":"Unknown order sent."}"#)
        #expect(venue.call("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=9")["code"] == .number("-2013"))
    }

    @Test("A liquidation is seen as autoclose: new, trade; and by the public (WIRE-19, WIRE-24)")
    func liquidation() {
        let venue = DialectVenue.usual(cash: 260)
        venue.deposit(bob, 100_000)
        venue.projection.listen(to: alice)
        venue.projection.listen(to: .allForceOrders, now: venue.now)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=47490", as: bob)
        _ = venue.take(alice)
        venue.price("47500")
        let told = venue.take(alice)
        let updates = told.filter { $0["e"] == .string("ORDER_TRADE_UPDATE") }.compactMap { $0["o"] }
        #expect(told.first?["e"] == .string("MARGIN_CALL"))
        #expect(updates.map { $0["x"]?.text } == ["NEW", "TRADE"])
        #expect(updates.allSatisfy { $0["o"] == .string("LIQUIDATION") && $0["f"] == .string("IOC") })
        #expect(updates.allSatisfy { $0["c"]?.text?.hasPrefix("autoclose-") == true })
        #expect(updates.last?["X"] == .string("FILLED"))
        #expect(updates.last?["S"] == .string("SELL"))
        let reasons = told.filter { $0["e"] == .string("ACCOUNT_UPDATE") }.map { $0[path: "a", "m"]?.text }
        #expect(reasons == ["INSURANCE_CLEAR", "ORDER"])
        let forced = venue.call("GET", "/fapi/v1/forceOrders", "autoCloseType=LIQUIDATION").elements
        #expect(forced.count == 1)
        #expect(forced.first?["status"] == .string("FILLED"))
        #expect(venue.call("GET", "/fapi/v1/forceOrders", "autoCloseType=ADL").elements.isEmpty)
        let income = venue.call("GET", "/fapi/v1/income", "incomeType=INSURANCE_CLEAR").elements
        #expect(income.count == 1)
        #expect(income.first?["symbol"] == .string("BTCUSDT"))
        // The fund got as much (README: 3.22932 with a fee of 0.001).
        let fund = venue.call("GET", "/fapi/v1/insuranceBalance", "symbol=BTCUSDT")
        #expect(
            fund[path: "assets", "0", "marginBalance"]?.text == income.first?["income"]?.text?.replacingMinus
        )
        venue.at += 1_000_000
        let messages = venue.projection.flush(at: Timestamp(venue.at))
        #expect(messages.map(\.audience) == [.stream(.allForceOrders)])
    }

    @Test("A deleveraging is seen by its counterparty as adl_autoclose-n, filled, and by nobody else")
    func deleveraging() {
        let venue = DialectVenue.usual(cash: 260)
        venue.deposit(bob, 100_000)
        venue.projection.listen(to: alice)
        venue.projection.listen(to: bob)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        _ = venue.take(alice)
        _ = venue.take(bob)
        venue.price("45000")
        let told = venue.take(bob)
        let updates = told.filter { $0["e"] == .string("ORDER_TRADE_UPDATE") }.compactMap { $0["o"] }
        #expect(updates.map { $0["x"]?.text } == ["NEW", "TRADE"])
        #expect(updates.allSatisfy { $0["c"]?.text?.hasPrefix("adl_autoclose-") == true })
        #expect(updates.allSatisfy { $0["o"] == .string("LIMIT") && $0["f"] == .string("IOC") })
        #expect(updates.last?["X"] == .string("FILLED"))
        #expect(updates.last?["S"] == .string("BUY"))
        #expect(updates.last?["n"] == .string("0.00000000"))
        #expect(told.last?["e"] == .string("ACCOUNT_UPDATE"))
        #expect(told.last?[path: "a", "m"] == .string("ORDER"))
        #expect(told.last?[path: "a", "P", "0", "pa"] == .string("0.000"))
        let own = venue.take(alice).filter { $0["e"] == .string("ORDER_TRADE_UPDATE") }.compactMap { $0["o"] }
        #expect(own.map { $0["x"]?.text } == ["NEW", "TRADE"])
        #expect(own.allSatisfy { $0["c"]?.text?.hasPrefix("autoclose-") == true })
        #expect(venue.call("GET", "/fapi/v1/forceOrders", "autoCloseType=ADL", as: bob).elements.count == 1)
        #expect(venue.call("GET", "/fapi/v1/symbolAdlRisk", "symbol=BTCUSDT")["adlRisk"] == .string("high"))
        // What the deleveraged got is what is missing on the other side: the price says so.
        let row = venue.call("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT", as: bob).elements.last
        #expect(row?["realizedPnl"]?.text == "257.50000000")
        #expect(venue.call("GET", "/fapi/v3/balance").elements.first?["balance"] == .string("0.00000000"))
    }

    @Test(
        "The forms of a deleveraging follow the options (WIRE-30)",
        arguments: [0, 1, 2]
    )
    func forms(_ variant: Int) {
        var options = DialectOptions()
        if variant == 1 {
            options.deleveragingExecution = .calculated
            options.deleveragingClientID = .plain
            options.deleveragingReason = .adl
        } else if variant == 2 {
            options.deleveragingType = .adl
            options.deleveragingStatus = .newADL
            options.liquidationType = .limit
        }
        let venue = DialectVenue.usual(options: options, cash: 260)
        venue.deposit(bob, 100_000)
        venue.projection.listen(to: bob)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        _ = venue.take(bob)
        venue.price("45000")
        let told = venue.take(bob)
        let last = told.filter { $0["e"] == .string("ORDER_TRADE_UPDATE") }.last?["o"]
        #expect(last?["x"]?.text == (variant == 1 ? "CALCULATED" : "TRADE"))
        #expect(last?["X"]?.text == (variant == 2 ? "NEW_ADL" : "FILLED"))
        #expect(last?["o"]?.text == (variant == 2 ? "ADL" : "LIMIT"))
        #expect((last?["c"] == .string("adl_autoclose")) == (variant == 1))
        #expect(told.last?[path: "a", "m"]?.text == (variant == 1 ? "ADL" : "ORDER"))
    }

    @Test("Conditional orders live on algoOrder, are triggered, and then are orders (WIRE-15)")
    func algo() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        let refused = venue.order("side=SELL&type=STOP_MARKET&quantity=0.01&stopPrice=49000")
        #expect(refused["code"] == .number("-4120"))
        let placed = venue.call(
            "POST",
            "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=50500"
                + "&workingType=MARK_PRICE&clientAlgoId=stop-1"
        )
        #expect(placed["algoId"] == .number("1"))
        #expect(placed["algoStatus"] == .string("NEW"))
        #expect(placed["icebergQuantity"] == .null)
        #expect(venue.call("GET", "/fapi/v1/openOrders").elements.isEmpty)
        #expect(venue.call("GET", "/fapi/v1/openAlgoOrders").elements.count == 1)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=50600", as: bob)
        venue.price("50500")
        let done = venue.call("GET", "/fapi/v1/algoOrder", "clientAlgoId=stop-1")
        #expect(done["algoStatus"] == .string("FINISHED"))
        #expect(done["actualOrderId"] == .string("1"))
        #expect(done["actualPrice"] == .string("50600.00000"))
        let order = venue.call("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=1")
        #expect(order["status"] == .string("FILLED"))
        #expect(order["type"] == .string("MARKET"))
        #expect(order["origType"] == .string("STOP_MARKET"))
        let states = venue.take(alice, "ALGO_UPDATE").map { $0[path: "o", "X"]?.text }
        #expect(states == ["NEW", "TRIGGERED", "FINISHED"])
        venue.call(
            "POST",
            "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.01&"
                + "callbackRate=0.5"
        )
        let gone = venue.call("DELETE", "/fapi/v1/algoOrder", "algoId=3")
        #expect(gone["code"] == .string("200"))
        #expect(venue.call("DELETE", "/fapi/v1/algoOrder", "algoId=3")["code"] == .number("-2011"))
        #expect(venue.call("GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT").elements.count == 2)
    }

    @Test("Cancelling all open orders leaves conditional ones, and the other way round")
    func cancelAll() {
        let venue = DialectVenue.usual()
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=49000")
        let stop =
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=50500"
        venue.call("POST", "/fapi/v1/algoOrder", stop)
        #expect(venue.call("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT")["code"] == .number("200"))
        #expect(venue.call("GET", "/fapi/v1/openOrders").elements.isEmpty)
        #expect(venue.call("GET", "/fapi/v1/openAlgoOrders").elements.count == 1)
        venue.call("DELETE", "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT")
        #expect(venue.call("GET", "/fapi/v1/openAlgoOrders").elements.isEmpty)
    }

    @Test("A batch answers each of its orders by itself")
    func batch() {
        let venue = DialectVenue.usual()
        let orders =
            #"[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","#
            + #""quantity":"0.01","price":"49000"},"#
            + #"{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":0.01,"#
            + #""price":"49000.05"},"#
            + #"{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"999"}]"#
        let rows = venue.call("POST", "/fapi/v1/batchOrders", "batchOrders=" + orders).elements
        #expect(rows.map { $0["code"]?.text } == [nil, "-1111", "-2019"])
        #expect(rows.first?["status"] == .string("NEW"))
        let canceled = venue.call("DELETE", "/fapi/v1/batchOrders", "symbol=BTCUSDT&orderidlist=%5B1%2C77%5D")
            .elements
        #expect(canceled.map { $0["code"]?.text } == [nil, "-2011"])
        #expect(canceled.first?["status"] == .string("CANCELED"))
    }
}

extension String {
    /// The number without its sign.
    fileprivate var replacingMinus: String { hasPrefix("-") ? String(dropFirst()) : self }
}
