import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: conditional orders and changes (WIRE-11, WIRE-15)")
struct ConditionalTests {
    private let alice = DialectVenue.alice
    private let bob = DialectVenue.bob

    /// Alice is long 0.1 from 50,000; bob bids 0.3 at 48,000.
    private func long(_ options: DialectOptions = DialectOptions()) -> DialectVenue {
        let venue = DialectVenue.usual(options: options)
        venue.projection.listen(to: alice)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.3&price=48000", as: bob)
        _ = venue.take(alice)
        return venue
    }

    private func algo(_ venue: DialectVenue, _ text: String) -> JSONValue {
        venue.call("POST", "/fapi/v1/algoOrder", "algoType=CONDITIONAL&symbol=BTCUSDT&" + text)
    }

    private func status(_ venue: DialectVenue, _ placed: JSONValue) -> String? {
        let id = placed["algoId"]?.text ?? ""
        return venue.call("GET", "/fapi/v1/algoOrder", "algoId=\(id)")["algoStatus"]?.text
    }

    @Test(
        "WIRE-11, BK-26 priceProtect is shown as it was sent, and keeps a stop from firing far from the mark"
    )
    func protected() {
        let venue = long()
        let stop =
            "side=SELL&type=STOP_MARKET&triggerPrice=49000&closePosition=true&workingType=CONTRACT_PRICE"
        let placed = algo(venue, stop + "&priceProtect=TRUE")
        #expect(placed["priceProtect"] == .bool(true))
        #expect(venue.take(alice, "ALGO_UPDATE").last?[path: "o", "pP"] == .bool(true))
        for row in venue.call("GET", "/fapi/v1/openAlgoOrders").elements {
            #expect(row["priceProtect"] == .bool(true))
        }
        venue.call("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT", as: bob)
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.3&price=45000", as: bob)
        venue.order("side=SELL&type=LIMIT&timeInForce=IOC&quantity=0.01&price=45000", as: DialectVenue.carol)
        #expect(status(venue, placed) == "NEW")
        venue.price("47000")
        #expect(status(venue, placed) == "FINISHED")
        let plain = venue.order(
            "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=45000&priceProtect=true"
        )
        #expect(plain["code"] == .number("-1106"))
        let info = venue.call("GET", "/fapi/v1/exchangeInfo")
        #expect(info[path: "symbols", "0", "triggerProtect"] == .string("0.0500"))
    }

    @Test("WIRE-11, BK-27 A stop takes its limit from the book when it fires")
    func matched() {
        let venue = long()
        venue.order(
            "side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50500&newClientOrderId=b",
            as: bob
        )
        let text =
            "side=SELL&type=STOP&quantity=0.1&triggerPrice=49000&workingType=MARK_PRICE&reduceOnly=true"
        let placed = algo(venue, text + "&priceMatch=QUEUE")
        #expect(placed["priceMatch"] == .string("QUEUE"))
        #expect(placed["price"] == .string("0.0"))
        venue.call(
            "PUT",
            "/fapi/v1/order",
            "symbol=BTCUSDT&side=SELL&origClientOrderId=b&quantity=0.1&price=51000",
            as: bob
        )
        _ = venue.take(alice)
        venue.price("49000")
        let id = placed["algoId"]?.text ?? ""
        let order = venue.call("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=\(id)")
        #expect(order["price"] == .string("51000.0"))
        #expect(order["status"] == .string("NEW"))
        let told = venue.take(alice, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }
        #expect(told.map { $0["p"]?.text } == ["51000.0"])
        #expect(told.map { $0["pm"]?.text } == ["QUEUE"])
        #expect(told.map { $0["si"]?.text } == [id])
        let none = algo(venue, text.replacing("49000", with: "48500") + "&priceMatch=OPPONENT_20")
        #expect(none["algoStatus"] == .string("NEW"))
        venue.price("48500")
        #expect(status(venue, none) == "REJECTED")
        let both = algo(venue, text + "&priceMatch=QUEUE&price=49000")
        #expect(both["code"] == .number("-1106"))
        let market = algo(
            venue,
            "side=SELL&type=STOP_MARKET&quantity=0.1&triggerPrice=47000&priceMatch=QUEUE"
        )
        #expect(market["code"] == .number("-5038"))
    }

    @Test("WIRE-5, BK-21 An activation price on the wrong side would trigger at once")
    func activation() {
        let venue = long()
        let trailing = "type=TRAILING_STOP_MARKET&quantity=0.1&callbackRate=1&workingType=MARK_PRICE&"
        for (side, price, right) in [
            ("SELL", "49999.9", "-2021"), ("SELL", "50000", "-2021"), ("BUY", "50000.1", "-2021"),
        ] {
            let refused = algo(venue, trailing + "side=\(side)&activatePrice=\(price)")
            #expect(refused["code"] == .number(right))
        }
        #expect(algo(venue, trailing + "side=SELL&activatePrice=50000.1")["algoStatus"] == .string("NEW"))
        #expect(algo(venue, trailing + "side=BUY&activatePrice=49999.9")["algoStatus"] == .string("NEW"))
    }

    @Test("WIRE-11, BK-25 GTE_GTC ends with the position, for the reason 6")
    func goodTillPosition() {
        let venue = long()
        let placed = algo(
            venue,
            "side=SELL&type=TAKE_PROFIT_MARKET&triggerPrice=55000&closePosition=true&timeInForce=GTE_GTC"
        )
        #expect(placed["timeInForce"] == .string("GTE_GTC"))
        let limit = "side=SELL&type=LIMIT&quantity=0.1&price=55000&reduceOnly=true&timeInForce=GTE_GTC"
        venue.order(limit + "&newClientOrderId=rest")
        _ = venue.take(alice)
        venue.order("side=SELL&type=MARKET&quantity=0.1")
        #expect(status(venue, placed) == "EXPIRED")
        let told = venue.take(alice)
        #expect(
            told.contains { $0[path: "o", "c"] == .string("rest") && $0[path: "o", "er"] == .string("6") }
        )
        #expect(told.last { $0["e"] == .string("ALGO_UPDATE") }?[path: "o", "X"] == .string("EXPIRED"))
    }

    @Test("WIRE-15 A stop that rested and can no longer reduce was not refused when it fired")
    func restedStop() {
        let venue = long()
        let text = "side=SELL&type=STOP&quantity=0.1&triggerPrice=49000&price=49500&workingType=MARK_PRICE"
        let placed = algo(venue, text + "&reduceOnly=true")
        venue.price("49000")
        #expect(status(venue, placed) == "TRIGGERED")
        venue.order("side=SELL&type=MARKET&quantity=0.1&reduceOnly=true")
        #expect(status(venue, placed) == "FINISHED")
    }

    @Test("WIRE-15 With the switch for old clients there is no ALGO_UPDATE, and no number behind an order")
    func legacy() {
        var options = DialectOptions()
        options.legacyConditionalOrders = true
        let venue = long(options)
        venue.order("side=SELL&type=STOP_MARKET&stopPrice=49000&closePosition=true&workingType=MARK_PRICE")
        venue.price("49000")
        let told = venue.take(alice)
        #expect(!told.contains { $0["e"] == .string("ALGO_UPDATE") })
        let orders = told.compactMap { $0["e"] == .string("ORDER_TRADE_UPDATE") ? $0["o"] : nil }
        #expect(orders.map { $0["X"]?.text } == ["NEW", "NEW", "FILLED"])
        #expect(orders.allSatisfy { $0["si"] == .number("0") })
    }

    @Test("WIRE-11 reduceOnly is not sent with a side of hedge mode, be it true or false")
    func reduceOnlyWithSide() {
        let venue = DialectVenue.usual()
        venue.call("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true")
        for value in ["true", "false", "FALSE"] {
            let order = "side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000&positionSide=LONG"
            #expect(venue.order(order + "&reduceOnly=\(value)")["code"] == .number("-1106"))
            let stop = "side=BUY&type=STOP_MARKET&quantity=0.01&triggerPrice=60000&positionSide=LONG"
            #expect(algo(venue, stop + "&reduceOnly=\(value)")["code"] == .number("-1106"))
        }
    }

    @Test("WIRE-11, BK-15 A change names the side; post-only orders that would take are cancelled by it")
    func changes() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50100", as: bob)
        venue.order("side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.1&price=49900&newClientOrderId=x")
        let change = "symbol=BTCUSDT&origClientOrderId=x&quantity=0.1"
        let wrong = venue.call("PUT", "/fapi/v1/order", change + "&side=SELL&price=49800")
        #expect(wrong["code"] == .number("-1117"))
        _ = venue.take(alice)
        let answer = venue.call("PUT", "/fapi/v1/order", change + "&side=BUY&price=50100")
        #expect(answer["status"] == .string("CANCELED"))
        #expect(answer["executedQty"] == .string("0.000"))
        let told = venue.take(alice, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }
        #expect(told.map { $0["x"]?.text } == ["CANCELED"])
        let again = venue.call("PUT", "/fapi/v1/order", change + "&side=BUY&price=49800")
        #expect(again["code"] == .number("-2013"))
    }
}
