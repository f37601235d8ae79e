import BinanceDialect
import ExchangeCore
import ExchangeText
import Testing

private let alice = AccountID.firstUser
private let bob = AccountID(AccountID.firstUser.raw + 1)

@Suite("Dialect: margin calls, and what cancels what")
struct MarginCallTests {
    private static func calls(_ venue: DialectVenue) -> [JSONValue] {
        venue.take(alice).filter { $0["e"] == .string("MARGIN_CALL") }
    }

    /// Alice is long 0.1 at 50,000 with little cash.
    private static func world(isolated: Bool = false) -> DialectVenue {
        let venue = DialectVenue.usual(cash: 300)
        venue.deposit(bob, 100_000)
        venue.projection.listen(to: alice)
        if isolated {
            _ = venue.call("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")
        }
        venue.order("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000", as: bob)
        venue.order("side=BUY&type=MARKET&quantity=0.1")
        _ = venue.take(alice)
        return venue
    }

    @Test("WIRE-24 A call comes when maintenance is four fifths of the equity, and each minute while it is")
    func cross() {
        let venue = Self.world()
        // Cash 297.5 (a fee of 2.5): at p equity is 297.5 − (5,000 − p/10), maintenance 0.0004·p.
        venue.price("47300")
        #expect(Self.calls(venue).isEmpty)
        venue.price("47250")
        let told = Self.calls(venue)
        #expect(told.count == 1)
        #expect(told.first?["cw"] == .string("297.50000000"))
        #expect(told.first?[path: "p", "0", "s"] == .string("BTCUSDT"))
        #expect(told.first?[path: "p", "0", "mt"] == .string("CROSSED"))
        #expect(told.first?["p"]?.elements.count == 1)
        // Within a minute it is not said again.
        venue.price("47251")
        #expect(Self.calls(venue).isEmpty)
        venue.at += 60_000_000
        venue.price("47252")
        #expect(Self.calls(venue).count == 1)
        // Out of danger and back again.
        venue.price("48000")
        #expect(Self.calls(venue).isEmpty)
        venue.price("47250")
        #expect(Self.calls(venue).count == 1)
    }

    @Test("WIRE-24 A liquidation begins with one call, not with two")
    func liquidation() {
        let venue = Self.world()
        venue.price("47000")
        #expect(Self.calls(venue).count == 1)
    }

    @Test("WIRE-24 An isolated leg is called for by itself, and nobody who does not listen is")
    func isolated() {
        let venue = Self.world(isolated: true)
        venue.deposit(alice, 100_000)
        var seen: [JSONValue] = []
        for price in stride(from: 49_900, to: 46_000, by: -50) where seen.isEmpty {
            venue.price("\(price)")
            seen = Self.calls(venue)
        }
        #expect(seen.count == 1)
        #expect(seen.first?["cw"] == nil)
        #expect(seen.first?[path: "p", "0", "mt"] == .string("ISOLATED"))
        venue.projection.listen(to: alice, isWanted: false)
        venue.at += 120_000_000
        venue.price("47249")
        #expect(Self.calls(venue).isEmpty)
    }

    @Test("WIRE-15 A conditional order is not cancelled where others are, unless the old switch is on")
    func cancels() {
        for isLegacy in [false, true] {
            var options = DialectOptions()
            options.legacyConditionalOrders = isLegacy
            let venue = DialectVenue.usual(options: options)
            let place =
                "algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.01"
                + "&triggerPrice=60000&clientAlgoId=waits"
            let placed = venue.call("POST", "/fapi/v1/algoOrder", place)
            let number = placed["algoId"]?.text ?? ""
            #expect(!number.isEmpty)
            let expected = isLegacy ? "CANCELED" : "-2011"
            func said(_ reply: JSONValue) -> String? { reply["code"]?.text ?? reply["status"]?.text }
            if !isLegacy {
                let named = venue.call("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=waits")
                #expect(said(named) == expected)
                let batch = venue.call(
                    "DELETE",
                    "/fapi/v1/batchOrders",
                    "symbol=BTCUSDT&orderIdList=[\(number)]"
                )
                #expect(batch.elements.map(said) == [expected])
                #expect(venue.call("GET", "/fapi/v1/openAlgoOrders", "").elements.count == 1)
            }
            let numbered = venue.call("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&orderId=\(number)")
            #expect(said(numbered) == expected, "\(numbered)")
            let algo = venue.call("DELETE", "/fapi/v1/algoOrder", "algoId=\(number)")
            #expect((algo["code"]?.text == "-2011") == isLegacy, "\(algo)")
        }
    }
}
