import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

@Suite("Dialect: how orders end, and what the venue does (WIRE-18, WIRE-19, WIRE-24)")
struct LifecycleTests {
    private let alice = DialectVenue.alice
    private let bob = DialectVenue.bob
    private let carol = DialectVenue.carol

    private func last(_ venue: DialectVenue, _ account: AccountID) -> JSONValue? {
        venue.take(account, "ORDER_TRADE_UPDATE").last?["o"]
    }

    @Test("The rest of an IOC, of a market order, of a self-trade")
    func expiries() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        let ioc = venue.order("side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.01&price=50000")
        #expect(ioc["status"] == .string("EXPIRED"))
        #expect(last(venue, alice)?["er"] == .string("2"))
        let market = venue.order("side=BUY&type=MARKET&quantity=0.01")
        #expect(market["status"] == .string("EXPIRED"))
        #expect(last(venue, alice)?["er"] == .string("9"))
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=50000")
        _ = venue.take(alice)
        let own = venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=50000")
        #expect(own["status"] == .string("EXPIRED_IN_MATCH"))
        let told = last(venue, alice)
        #expect(told?["er"] == .string("1"))
        #expect(told?["x"] == .string("EXPIRED"))
        let fok = venue.order("side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=49000")
        #expect(fok["code"] == .number("-5021"))
        let post = venue.order("side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=50000", as: bob)
        #expect(post["code"] == .number("-5022"))
    }

    @Test("A reduce-only order that has nothing left to reduce, a countdown, a date")
    func timed() {
        var options = DialectOptions()
        options.minimumGoodTill = 0
        let venue = DialectVenue.usual(options: options)
        venue.projection.listen(to: alice)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.02&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.01")
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=51000&reduceOnly=true")
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=49000", as: bob)
        _ = venue.take(alice)
        venue.order("side=SELL&type=MARKET&quantity=0.01")
        let told = venue.take(alice, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }
        #expect(told.last?["X"] == .string("EXPIRED"))
        #expect(told.last?["er"] == .string("4"))
        #expect(told.last?["R"] == .bool(true))

        let till = venue.now + 5_000
        venue.order("side=BUY&type=LIMIT&timeInForce=GTD&quantity=0.01&price=48000&goodTillDate=\(till)")
        let set = venue.call("POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=60000")
        #expect(set["countdownTime"] == .string("60000"))
        venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=47000")
        _ = venue.take(alice)
        venue.at += 6_000_000
        venue.price("50000")
        #expect(last(venue, alice)?["X"] == .string("EXPIRED"))
        venue.at += 60_000_000
        venue.price("50000")
        #expect(last(venue, alice)?["X"] == .string("CANCELED"))
        #expect(venue.call("GET", "/fapi/v1/openOrders").elements.isEmpty)
    }

    @Test("A conditional order that is refused when it fires is rejected, and the account is told")
    func rejected() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        venue.call(
            "POST",
            "/fapi/v1/algoOrder",
            "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&closePosition=true"
                + "&triggerPrice=49000&workingType=MARK_PRICE"
        )
        _ = venue.take(alice)
        venue.price("48000")
        let told = venue.take(alice)
        #expect(
            told.filter { $0["e"] == .string("ALGO_UPDATE") }.last?[path: "o", "X"] == .string("REJECTED")
        )
        let reject = told.first { $0["e"] == .string("CONDITIONAL_ORDER_TRIGGER_REJECT") }
        #expect(reject?[path: "or", "s"] == .string("BTCUSDT"))
        let row = venue.call("GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT").elements.first
        #expect(row?["algoStatus"] == .string("REJECTED"))
    }

    @Test("The end of a market closes positions by settlement_autoclose")
    func settlement() {
        let venue = DialectVenue.usual()
        venue.projection.listen(to: alice)
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.02&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.02")
        _ = venue.take(alice)
        venue.apply(.settle(Settle(market: MarketID(0), price: Price(490_000))))
        let updates = venue.take(alice, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }
        #expect(updates.map { $0["x"]?.text } == ["NEW", "TRADE"])
        #expect(updates.last?["c"]?.text?.hasPrefix("settlement_autoclose-") == true)
        #expect(updates.last?["rp"] == .string("-20.00000000"))
        #expect(updates.last?["L"] == .string("49000.0"))
        let info = venue.call("GET", "/fapi/v1/exchangeInfo")
        #expect(info[path: "symbols", "0", "status"] == .string("CLOSE"))
        let refused = venue.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=49000")
        #expect(refused["code"] == .number("-4141"))
    }

    @Test("A volunteer takes over as maker; the liquidated is told of a takeover")
    func volunteer() {
        let venue = DialectVenue.usual(cash: 260)
        venue.deposit(bob, 100_000)
        venue.deposit(carol, 100_000)
        for account in [alice, carol] { venue.projection.listen(to: account) }
        let offer = Offer(account: carol, market: MarketID(0), side: .sell, quantity: Quantity(1_000))
        venue.apply(.offer(offer))
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        _ = venue.take(alice)
        venue.price("47500")
        let own = venue.take(alice, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }
        #expect(own.map { $0["x"]?.text } == ["NEW", "TRADE"])
        #expect(own.last?["o"] == .string("LIQUIDATION"))
        let taken = venue.take(carol, "ORDER_TRADE_UPDATE").compactMap { $0["o"] }
        #expect(taken.last?["c"]?.text?.hasPrefix("volunteer-") == true)
        #expect(taken.last?["m"] == .bool(true))
        #expect(taken.last?["S"] == .string("BUY"))
        #expect(venue.call("GET", "/fapi/v1/forceOrders", as: carol).elements.isEmpty)
    }

    @Test("A command that touches many accounts tells each of them once")
    func many() {
        let venue = DialectVenue.usual()
        var accounts: [AccountID] = []
        for _ in 0..<40 {
            let account = AccountID(Int32(venue.apply(.openAccount(OpenAccount())).result))
            venue.deposit(account, 1_000)
            accounts.append(account)
            venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=50000", as: bob)
            venue.order("side=BUY&type=MARKET&quantity=0.01", as: account)
            venue.projection.listen(to: account)
        }
        venue.apply(.funding(FundingUpdate(market: MarketID(0), hasRate: true, rate: Rate(10_000))))
        for account in accounts {
            let told = venue.take(account)
            #expect(told.map { $0[path: "a", "m"]?.text } == ["FUNDING_FEE"])
            #expect(told.first?[path: "a", "B", "0", "bc"] == .string("-0.05000000"))
        }
    }

    @Test("Trading more lots than a number holds does not trap")
    func manyLots() {
        let venue = DialectVenue()
        venue.addMarket("TINYUSDT", tick: 10, lot: 10_000_000)
        for _ in 0..<2 {
            let account = AccountID(Int32(venue.apply(.openAccount(OpenAccount())).result))
            venue.deposit(account, 4_000_000_000)
        }
        venue.price("0.0000001")
        var leverage = SetLeverage(market: MarketID(0), leverage: 1)
        for account in [alice, bob] {
            leverage.account = account
            venue.apply(.setLeverage(leverage))
        }
        // Far more often than 2⁶³ / 2⁵⁰ times, back and forth, within one bar of a month.
        var place = PlaceOrder(market: MarketID(0), price: Price(1), quantity: .highest)
        var filled = 0
        for turn in 0..<8_400 {
            for (account, side) in [(alice, Side.sell), (bob, .buy)] {
                place.account = account
                place.side = turn % 2 == 0 ? side : side.opposite
                if venue.apply(.placeOrder(place)).status == .ok { filled += 1 }
            }
        }
        #expect(filled == 16_800)
        let bar = venue.call("GET", "/fapi/v1/klines", "symbol=TINYUSDT&interval=1M").elements.last
        #expect(bar?[path: "5"]?.text?.hasPrefix("922337203685477580") == true)
    }
}
