import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: closings outside of the book, and their forms (WIRE-19, WIRE-30)")
struct ClosingTests {
    private let alice = DialectVenue.alice
    private let bob = DialectVenue.bob

    /// Alice, long 0.1 from 50,000 with `cash`, is bankrupt at 47,000, and bob, who is short, is deleveraged.
    private func deleveraged(_ options: DialectOptions = DialectOptions(), cash: Int64 = 260) -> DialectVenue
    {
        let venue = DialectVenue.usual(options: options, cash: cash)
        venue.deposit(bob, 10_000)
        for account in [alice, bob] { venue.projection.listen(to: account) }
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.03&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.03", as: DialectVenue.carol)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        for account in [alice, bob] { _ = venue.take(account) }
        venue.price("47000")
        return venue
    }

    private func rows(_ venue: DialectVenue, _ path: String, _ text: String, _ account: AccountID)
        -> [JSONValue]
    {
        venue.call("GET", path, text, as: account).elements
    }

    @Test("WIRE-19 A deleveraging is one row of REALIZED_PNL a trade, the profit that userTrades say")
    func income() {
        let venue = deleveraged()
        for account in [alice, bob] {
            let trade = rows(venue, "/fapi/v1/userTrades", "symbol=BTCUSDT", account).last
            let profits = rows(venue, "/fapi/v1/income", "incomeType=REALIZED_PNL", account)
            let own = profits.filter { $0["tradeId"]?.text == trade?["id"]?.text }
            #expect(own.map { $0["income"]?.text } == [trade?["realizedPnl"]?.text])
            #expect(own.map { $0["symbol"]?.text } == ["BTCUSDT"])
        }
        let rest = venue.call("GET", "/fapi/v3/balance", as: alice)
        let sum = rows(venue, "/fapi/v1/income", "limit=1000", alice).compactMap { row in
            (row["income"]?.text).flatMap { try? DecimalText.parse($0.utf8) }
        }.reduce(0, +)
        #expect(rest[path: "0", "balance"]?.text.map { try? DecimalText.parse($0.utf8) } == sum)
    }

    @Test("RCP-7, WIRE-19 Order, trade, average and message have one price, which is on the tick")
    func price() throws {
        let venue = deleveraged()
        for account in [alice, bob] {
            let told = try #require(venue.take(account, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }.last)
            let trade = try #require(rows(venue, "/fapi/v1/userTrades", "symbol=BTCUSDT", account).last)
            let order = try #require(rows(venue, "/fapi/v1/forceOrders", "", account).last)
            // Alice's 260 less her fee of 2.5 a tenth of a coin below 50,000, and one decimal for the tick.
            #expect(told["L"] == .string("47425.0"))
            #expect(told["ap"] == .string("47425.00000"))
            #expect(told["p"] == .string("47425.0"))
            #expect(trade["price"] == .string("47425.0"))
            #expect(trade["quoteQty"] == .string("4742.50000000"))
            #expect(order["price"] == .string("47425.0"))
            #expect(order["avgPrice"] == .string("47425.00000"))
            #expect(order["cumQuote"] == .string("4742.50000000"))
        }
    }

    @Test("WIRE-19 The liquidated is told TRADE, which clients count, unless another form is chosen")
    func execution() throws {
        func executions(_ options: DialectOptions) -> [String?] {
            let venue = deleveraged(options)
            return venue.take(alice, "ORDER_TRADE_UPDATE").map { $0[path: "o", "x"]?.text }
        }
        #expect(executions(DialectOptions()) == ["NEW", "TRADE"])
        var options = DialectOptions()
        try options.choose("takeover.execType=CALCULATED")
        #expect(executions(options) == ["NEW", "CALCULATED"])
    }

    @Test("WIRE-30 Every form can be chosen by its name, and what is none is said with what is expected")
    func forms() throws {
        for (name, values) in DialectOptions.forms {
            for value in values {
                var options = DialectOptions()
                try options.choose("\(name)=\(value)")
            }
            var options = DialectOptions()
            let error = #expect(throws: FormError.self) { try options.choose("\(name)=ELSE") }
            #expect(error?.description.contains(values.joined(separator: ", ")) == true)
        }
        for text in ["", "adl", "adl.execType", "ADL.EXECTYPE=TRADE", "other=TRADE", "=TRADE"] {
            var options = DialectOptions()
            let error = #expect(throws: FormError.self) { try options.choose(text) }
            #expect(error?.description.contains("takeover.execType") == true)
        }
        var options = DialectOptions()
        for text in [
            "adl.orderType=ADL", "adl.execType=CALCULATED", "adl.status=NEW_ADL",
            "adl.clientIdForm=adl_autoclose",
            "adl.accountReason=ADL", "liquidation.orderType=LIMIT",
        ] { try options.choose(text) }
        let venue = deleveraged(options)
        let told = venue.take(bob)
        let order = told.last { $0["e"] == .string("ORDER_TRADE_UPDATE") }?["o"]
        #expect(order?["o"] == .string("ADL"))
        #expect(order?["x"] == .string("CALCULATED"))
        #expect(order?["X"] == .string("NEW_ADL"))
        #expect(order?["c"] == .string("adl_autoclose"))
        #expect(told.contains { $0[path: "a", "m"] == .string("ADL") })
        #expect(venue.take(alice, "ORDER_TRADE_UPDATE").last?[path: "o", "o"] == .string("LIMIT"))
    }

    @Test("WIRE-24 Funding of two markets at one moment is two updates, each with its symbol and its cash")
    func funding() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        for symbol in ["BTCUSDT&quantity=0.1&price=50000", "ETHUSDT&quantity=1&price=3000"] {
            let order = "type=LIMIT&timeInForce=GTC&symbol=\(symbol)"
            venue.call("POST", "/fapi/v1/order", "side=SELL&" + order, as: bob)
            venue.call("POST", "/fapi/v1/order", "side=BUY&" + order)
        }
        // Ten seconds before the next eight hours are over.
        venue.at = 1_760_025_590_000_000
        venue.price("50000")
        venue.price("3000", market: 1)
        _ = venue.take(alice)
        func units(_ value: JSONValue?) -> Int64 { (try? DecimalText.parse((value?.text ?? "").utf8)) ?? 0 }
        let before = units(venue.call("GET", "/fapi/v3/balance")[path: "0", "balance"])
        venue.at += 20_000_000
        venue.apply(.tick(Tick()))
        let told = venue.take(alice, "ACCOUNT_UPDATE").compactMap { $0["a"] }
        #expect(told.map { $0["m"]?.text } == ["FUNDING_FEE", "FUNDING_FEE"])
        #expect(told.map { $0["S"]?.text } == ["BTCUSDT", "ETHUSDT"])
        let paid = rows(venue, "/fapi/v1/income", "incomeType=FUNDING_FEE", alice)
        #expect(paid.count == 2)
        #expect(told.map { $0[path: "B", "0", "bc"]?.text } == paid.map { $0["income"]?.text })
        #expect(told.map { $0["S"]?.text } == paid.map { $0["symbol"]?.text })
        // Each says the balance as it left it.
        var balance = before
        for message in told {
            balance += units(message[path: "B", "0", "bc"])
            #expect(units(message[path: "B", "0", "wb"]) == balance)
        }
    }

    @Test("WIRE-14 Pages of income have each row once, the oldest first, and end somewhere")
    func pages() {
        let venue = DialectVenue.usual()
        for _ in 0..<5 { venue.deposit(alice, 1) }
        let all = rows(venue, "/fapi/v1/income", "limit=1000", alice).map { $0["tranId"]?.text }
        #expect(all.count == 6)
        var paged: [String?] = []
        for page in 1...4 {
            paged += rows(venue, "/fapi/v1/income", "limit=2&page=\(page)", alice).map { $0["tranId"]?.text }
        }
        #expect(paged == all)
        #expect(
            rows(venue, "/fapi/v1/income", "limit=4", alice).map { $0["tranId"]?.text }
                == Array(all.suffix(4))
        )
        for page in ["0", "-1", "1001&limit=100", "9999999999999999999", "x"] {
            let refused = venue.call("GET", "/fapi/v1/income", "page=\(page)")
            #expect(refused["code"] == .number("-1130"))
        }
    }

    @Test("WIRE-29 Both sides of a hedge have the liquidation price of their bucket")
    func liquidationPrices() {
        let venue = DialectVenue.usual(cash: 1_000)
        venue.deposit(bob, 100_000)
        venue.call("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true")
        for (side, other, leg, quantity) in [
            ("BUY", "SELL", "LONG", "0.2"), ("SELL", "BUY", "SHORT", "0.05"),
        ] {
            venue.order("side=\(other)&type=LIMIT&timeInForce=GTC&quantity=\(quantity)&price=50000", as: bob)
            venue.order("side=\(side)&type=MARKET&quantity=\(quantity)&positionSide=\(leg)")
        }
        let prices = rows(venue, "/fapi/v3/positionRisk", "symbol=BTCUSDT", alice).map {
            $0["liquidationPrice"]?.text ?? ""
        }
        #expect(prices.count == 2)
        #expect(prices.first != "0" && Set(prices).count == 1)
    }

    @Test("WIRE-23, WIRE-26 The best prices of the WS-API name the book's number, the depth's own")
    func bookNumber() throws {
        let venue = DialectVenue.usual()
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.03&price=50000", as: bob)
        let endpoint = try #require(Endpoint.find(webSocketMethod: "ticker.book"))
        let symbol = try WireParameters(query: Array("symbol=BTCUSDT".utf8), body: [])
        let best = try JSONParser.parse(venue.reply(endpoint, symbol, as: alice).body[...])
        let depth = venue.call("GET", "/fapi/v1/depth", "symbol=BTCUSDT")
        #expect(best["lastUpdateId"] == .number("1"))
        #expect(best["lastUpdateId"] == depth["lastUpdateId"])
        let plain = venue.call("GET", "/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT")
        #expect(plain.keys == best.keys.subtracting(["lastUpdateId"]))
    }
}
