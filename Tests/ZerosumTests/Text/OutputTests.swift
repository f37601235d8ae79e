import ExchangeCore
import ExchangeText
import Testing

@Suite("Events as JSON (SCN-5)")
struct OutputTests {
    private static var names: NameTable {
        var names = NameTable()
        names.addMarket(symbol: "T", tickSize: 10_000_000, lotSize: 100_000)
        names.addMarket(symbol: "U", tickSize: 100_000_000, lotSize: 100_000_000)
        names.addAccount("alice")
        return names
    }

    /// The event's text, with `'` in the place of `"`.
    private func json(_ event: Event) -> String {
        var writer = EventJSON()
        var bytes: [UInt8] = []
        writer.append(event, names: Self.names, to: &bytes)
        return String(decoding: bytes, as: UTF8.self).replacing("\"", with: "'")
    }

    @Test("A trade: decimals of its market, names, terms")
    func trade() {
        var trade = Trade.zero
        trade.market = MarketID(0)
        trade.trade = 4
        trade.price = Price(500_001)
        trade.quantity = Quantity(68)
        trade.takerSide = .sell
        trade.maker = AccountID(3)
        trade.taker = .vault
        trade.makerOrder = OrderID(9)
        trade.makerFee = Amount(-1)
        trade.kind = .liquidation
        trade.episode = 2
        #expect(
            json(.trade(trade))
                == "{'event':'trade','market':'T','trade':4,'price':'50000.1','quantity':'0.068',"
                + "'takerSide':'sell','maker':'alice','taker':'vault','makerOrder':9,"
                + "'makerFee':'-0.00000001','takerFee':'0','kind':'liquidation','episode':2}"
        )
    }

    @Test("An episode's prices are those of the market that began it")
    func episode() {
        var began = EpisodeBegan.zero
        began.episode = 1
        began.account = AccountID(3)
        began.trigger = MarketID(0)
        began.mark = Price(475_000)
        began.previousMark = Price(500_000)
        began.sources = 1
        began.round = 1
        let cross = json(.episodeBegan(began))
        #expect(cross.contains("'trigger':'T','mark':'47500','previousMark':'50000'"))
        #expect(!cross.contains("'market'"))
        began.market = MarketID(1)
        #expect(
            json(.episodeBegan(began)).contains(
                "'market':'U','positionSide':'BOTH','trigger':'T','mark':'47500'"
            )
        )
    }

    @Test("What stands for none is left out; digests, scores and leverage are texts")
    func parts() {
        var accepted = OrderAccepted.zero
        accepted.account = AccountID(99)
        accepted.market = MarketID(5)
        let text = json(.orderAccepted(accepted))
        #expect(text.contains("'account':'#99','market':'#5'"))
        #expect(!text.contains("'order':") && !text.contains("clientID") && !text.contains("triggerPrice"))
        var closing = Closing.zero
        closing.market = MarketID(0)
        closing.score = Int128(1) << 100
        closing.leverage = 5_500_000
        #expect(json(.closing(closing)).contains("'score':'1267650600228229401496703205376'"))
        #expect(json(.closing(closing)).contains("'leverage':'5.5'"))
        var queue = QueueRanked.zero
        queue.digestLow = 1
        queue.digestHigh = 2
        #expect(json(.queueRanked(queue)).hasSuffix("'digest':'01000000000000000200000000000000'}"))
        #expect(json(.countdownArmed(CountdownArmed.zero)) == "{'event':'countdownArmed'}")
        var created = MarketCreated.zero
        created.market = MarketID(0)
        created.symbol = Symbol("T") ?? created.symbol
        created.tickSize = 10_000_000
        created.lotSize = 1
        #expect(
            json(.marketCreated(created))
                == "{'event':'marketCreated','market':'T','symbol':'T','tickSize':'0.1',"
                + "'lotSize':'0.00000001'}"
        )
    }

    @Test("Every kind of event is an object that a strict reader takes")
    func kinds() throws {
        let events: [Event] = [
            .outcome(.zero), .marketCreated(.zero), .accountOpened(.zero),
            .ledgerEntry(.zero), .orderAccepted(.zero), .orderCanceled(.zero),
            .orderAmended(.zero), .orderTriggered(.zero), .orderRested(.zero),
            .trade(.zero), .positionChanged(.zero), .markChanged(.zero),
            .markFormed(.zero), .hedgeMarked(.zero),
            .fundingSettled(.zero), .settingChanged(.zero),
            .offerChanged(.zero), .countdownArmed(.zero),
            .marketStateChanged(.zero), .killSwitched(.zero),
            .rulesChanged(.zero), .vaultShares(.zero), .episodeBegan(.zero),
            .liquidationOrder(.zero), .fundPaid(.zero), .vaultQuote(.zero),
            .queueRanked(.zero), .closing(.zero), .residualCharged(.zero),
            .episodeEnded(.zero), .waterfallPending(.zero),
            .marketSettled(.zero), .volunteersAsked(.zero),
        ]
        for event in events {
            let value = try JSONParser.parse(Array(json(event).replacing("'", with: "\"").utf8))
            #expect(value["event"] == .string("\(event.kind.term)"))
        }
    }

    @Test("Symbols and client ids, from text and to it")
    func names() {
        #expect(Symbol("BTCUSDT")?.text == "BTCUSDT")
        #expect(Symbol("1234567890123456")?.text == "1234567890123456")
        #expect(Symbol("12345678901234567") == nil && Symbol("") == nil)
        #expect(Symbol("a b")?.isValid == false)
        let longest = String(repeating: "x", count: 36)
        #expect(ClientID(longest)?.text == longest)
        #expect(ClientID(longest + "x") == nil && ClientID("") == nil)
        #expect(ClientID("a b") == nil && ClientID("é") == nil)
    }
}
