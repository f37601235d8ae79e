import ExchangeCore
import ExchangeText
import Testing

@Suite("The scenario language: one line (SCN-1, SCN-2)")
struct ScenarioParserTests {
    /// A table that knows the market T, the accounts alice and bob, and the owner firm.
    private static var names: NameTable {
        var names = NameTable()
        names.addMarket(symbol: "T", tickSize: 10_000_000, lotSize: 100_000)
        names.addAccount("alice")
        names.addAccount("bob")
        names.addOwner("firm")
        return names
    }

    /// Understands a line in which `'` stands for `"`.
    private func parse(
        _ text: String,
        _ names: NameTable = ScenarioParserTests.names
    ) throws(ScenarioError) -> ScenarioLine {
        try ScenarioParser.parse(Array(text.replacing("'", with: "\"").utf8)[...], line: 7, names: names)
    }

    private func commands(_ text: String) throws -> [Command] {
        guard case .apply(let commands) = try parse(text).action else { return [] }
        return commands
    }

    @Test(
        "A bad line says what is wrong and what was expected",
        arguments: [
            ("{", "the text ends too early at byte 1", "one JSON object"),
            ("[]", "an array", "one JSON object"),
            (
                "{'do':'tick','do':'tick'}", "the key \"do\" twice at byte 13", "one JSON object"
            ),
            ("{'do':'dance'}", "\"do\" is \"dance\"", ScenarioParserTests.forms),
            ("{'do':1}", "\"do\" is 1", ScenarioParserTests.forms),
            ("{}", "\"do\" is missing", ScenarioParserTests.forms),
            (
                "{'do':'deposit','account':'alice','amout':'1'}", "\"amount\" is missing",
                "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'deposit','account':'alice','amount':'1','memo':'x'}",
                "unknown field \"memo\"", "one of do, account, amount, status, at"
            ),
            (
                "{'do':'deposit','account':'alice','amount':1}", "\"amount\" is 1",
                "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'deposit','account':'alice','amount':'1e5'}",
                "\"amount\": \"1e5\" is not a decimal number", "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'deposit','account':'alice','amount':''}", "\"amount\": \"\" is empty",
                "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'deposit','account':'alice','amount':'0.000000001'}",
                "\"amount\": \"0.000000001\" has more than 8 decimals", "at most 8 decimals"
            ),
            (
                "{'do':'deposit','account':'alice','amount':'100000000000'}",
                "\"amount\": \"100000000000\" is too large", "less than 46116860184.27387904"
            ),
            ("{'do':'deposit','amount':'1'}", "\"account\" is missing", "the name of an account"),
            (
                "{'do':'deposit','account':'','amount':'1'}", "\"account\" is \"\"",
                "the name of an account"
            ),
            (
                "{'do':'deposit','account':'fund','amount':'1'}",
                "the account \"fund\" is the venue's own", "the name of a user's account"
            ),
            (
                "{'do':'price','symbol':'X','source':'o','price':'1'}",
                "there is no market \"X\"",
                "one of T"
            ),
            (
                "{'do':'price','symbol':'T','source':'o','price':'1.05'}",
                "\"price\": \"1.05\" is not a multiple of 0.1", "a multiple of 0.1"
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'up','quantity':'1'}",
                "\"side\" is \"up\"", "one of buy, sell"
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','quantity':'1'}",
                "\"side\" is missing", "one of buy, sell"
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'buy','quantity':'1'}",
                "\"price\" is missing", "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'buy','price':'1'}",
                "\"quantity\" is missing", "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'buy','price':'1',"
                    + "'quantity':'0.0005'}", "\"quantity\": \"0.0005\" is not a multiple of 0.001",
                "a multiple of 0.001"
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'buy','type':'stopMarket',"
                    + "'quantity':'1'}", "\"triggerPrice\" is missing", "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'buy','type':'market',"
                    + "'quantity':'1','reduceOnly':'yes'}", "\"reduceOnly\" is \"yes\"",
                "true or false"
            ),
            (
                "{'do':'order','account':'alice','symbol':'T','side':'buy','type':'market',"
                    + "'quantity':'1','id':'a b'}", "\"id\" is \"a b\"",
                "1 to 36 printable ASCII characters without spaces"
            ),
            (
                "{'do':'cancel','account':'alice','symbol':'T'}", "neither \"id\" nor \"order\"",
                "one of id, order"
            ),
            (
                "{'do':'cancel','account':'alice','symbol':'T','id':'a','order':1}",
                "both \"id\" and \"order\"", "one of id, order"
            ),
            (
                "{'do':'margin','account':'alice','symbol':'T'}",
                "neither \"add\" nor \"remove\"",
                "one of add, remove"
            ),
            ("{'do':'kill'}", "neither \"account\" nor \"symbol\"", "account, symbol or both"),
            (
                "{'do':'leverage','account':'alice','symbol':'T','leverage':2.5}",
                "\"leverage\" is 2.5", "a whole number from -2147483648 to 2147483647"
            ),
            ("{'do':'tick','at':-1}", "\"at\" is -1", "a whole number from 0 to 72057594037927936"),
            (
                "{'do':'tick','status':'fine'}", "\"status\" is \"fine\"",
                "one of ok, alreadyApplied, sequenceGap, timeBackwards, tickFirst, continueFirst"
            ),
            (
                "{'do':'market','symbol':'U','tickSize':'1','lotSize':'1','waterfall':'bybit'}",
                "the waterfall \"bybit\" is not available", "\"zerosum\""
            ),
            (
                "{'do':'market','symbol':'12345678901234567','tickSize':'1','lotSize':'1'}",
                "\"symbol\" is \"12345678901234567\"", "1 to 16 characters"
            ),
            (
                "{'do':'market','symbol':'U','tickSize':'1','lotSize':'1','tiers':[{'leverage':1}]}",
                "\"tiers[0].maintenance\" is missing", "a decimal string such as \"0.1\""
            ),
            (
                "{'do':'market','symbol':'U','tickSize':'1','lotSize':'1','tiers':[3]}",
                "\"tiers[0]\" is 3", "an object"
            ),
            (
                "{'do':'market','symbol':'U','tickSize':'1','lotSize':'1',"
                    + "'tiers':[{'maintenance':'0.1','leverage':1,'from':'0'}]}",
                "unknown field \"tiers[0].from\"", "one of upTo, maintenance, leverage"
            ),
            (
                "{'do':'vault','caps':{'X':'1'}}", "there is no market \"X\"", "one of T"
            ),
            ("{'do':'vault','caps':{'T':1}}", "\"caps.T\" is 1", "a decimal string such as \"0.1\""),
            ("{'do':'expect','account':'alice'}", "an expectation of nothing", "equity, cash"),
            (
                "{'do':'expect','account':'carol','equity':'0'}",
                "no line before mentions the account \"carol\"", "an account mentioned before"
            ),
            ("{'do':'expect','equity':'0'}", "\"equity\" without \"account\"", "a \"account\""),
            (
                "{'do':'expect','account':'alice','size':'0'}", "\"size\" without \"symbol\"",
                "a \"symbol\""
            ),
            ("{'do':'book'}", "\"symbol\" is missing", "one of T"),
            ("{'do':'book','symbol':'U'}", "there is no market \"U\"", "one of T"),
            (
                "{'do':'book','symbol':'T','status':'ok'}", "unknown field \"status\"",
                "one of do, symbol, at"
            ),
            ("{'do':'expect','mark':'1'}", "\"mark\" without \"symbol\"", "a \"symbol\""),
            ("{'do':'note','txt':'x'}", "unknown field \"txt\"", "one of do, text"),
        ]
    )
    func bad(line: String, message: String, expected: String) {
        let error = #expect(throws: ScenarioError.self) { try parse(line) }
        #expect(error?.line == 7)
        #expect(error?.message == message)
        #expect(error?.expected.hasPrefix(expected) == true, "\(error?.expected ?? "")")
    }

    static let forms = "one of market, tiers, owner, deposit, withdraw, transfer, order, amend"

    @Test("The error's text is LINE: what; expected what")
    func description() {
        let error = #expect(throws: ScenarioError.self) { try parse("{'do':'kill'}") }
        #expect(
            error?.description == "7: neither \"account\" nor \"symbol\"; expected account, symbol or both"
        )
    }

    @Test(
        "Blank lines and notes do nothing",
        arguments: ["", "  \t\r", "{'do':'note','text':['a','b']}"]
    )
    func nothing(line: String) throws {
        guard case .nothing = try parse(line).action else {
            Issue.record("it does something")
            return
        }
    }

    @Test("Accounts are numbered in order of first mention, also within a line")
    func accounts() throws {
        let line = try parse("{'do':'transfer','from':'dave','to':'carol','amount':'5'}")
        #expect(line.newAccounts == ["dave", "carol"])
        guard case .apply(let commands) = line.action, case .transfer(let transfer) = commands.first else {
            Issue.record("not a transfer")
            return
        }
        #expect(transfer.source == AccountID(5) && transfer.target == AccountID(6))
        #expect(transfer.amount == Amount(500_000_000))
        let same = try parse("{'do':'transfer','from':'dave','to':'dave','amount':'5'}")
        #expect(same.newAccounts == ["dave"])
        #expect(try parse("{'do':'deposit','account':'bob','amount':'1'}").newAccounts.isEmpty)
    }

    @Test("Owners and sources are numbered in order of first mention")
    func numbers() throws {
        let first = try parse("{'do':'owner','account':'alice','owner':'alice & co'}")
        #expect(first.newOwner == "alice & co")
        guard case .apply(let commands) = first.action, case .setOwner(let owner) = commands.first else {
            Issue.record("not an owner")
            return
        }
        #expect(owner.account == AccountID.firstUser && owner.owner == OwnerID(2))
        #expect(try parse("{'do':'owner','account':'bob','owner':'firm'}").newOwner == nil)

        var names = Self.names
        for number in 0..<16 { names.addSource("s\(number)", of: MarketID(0)) }
        let price = { (source: String) in "{'do':'price','symbol':'T','source':'\(source)','price':'-1'}" }
        guard case .apply(let known) = try parse(price("s15"), names).action,
            case .price(let update) = known.first
        else {
            Issue.record("not a price")
            return
        }
        #expect(update.source == 15 && update.price == Price(-10))
        let error = #expect(throws: ScenarioError.self) { try parse(price("s16"), names) }
        #expect(error?.expected == "at most 16 sources a market")
    }

    @Test("An order's fields and defaults")
    func order() throws {
        let plain = try commands(
            "{'do':'order','account':'alice','symbol':'T','side':'sell','price':'50000.1',"
                + "'quantity':'0.068'}"
        )
        guard case .placeOrder(let order) = plain.first else {
            Issue.record("not an order")
            return
        }
        #expect(order.type == .limit && order.timeInForce == .gtc && order.selfTrade == .expireTaker)
        #expect(order.workingType == .last && order.positionSide == .both && order.side == .sell)
        #expect(order.price == Price(500_001) && order.quantity == Quantity(68))
        #expect(!order.reduceOnly && !order.closePosition && order.clientID.isEmpty)
        let full = try commands(
            "{'do':'order','account':'alice','symbol':'T','positionSide':'LONG','side':'buy',"
                + "'type':'trailingStopMarket','quantity':'1','activatePrice':'7','callbackRate':'0.01',"
                + "'workingType':'mark','goodTill':5,'timeInForce':'GTD','reduceOnly':true,"
                + "'selfTrade':'expireBoth','id':'x-1'}"
        )
        guard case .placeOrder(let trailing) = full.first else {
            Issue.record("not an order")
            return
        }
        #expect(trailing.type == .trailingStopMarket && trailing.timeInForce == .gtd && trailing.reduceOnly)
        #expect(trailing.positionSide == .long && trailing.activatePrice == Price(70))
        #expect(trailing.callbackRate == Rate(1_000_000) && trailing.workingType == .mark)
        #expect(trailing.goodTill == Timestamp(5) && trailing.selfTrade == .expireBoth)
        #expect(trailing.clientID.text == "x-1")
    }

    @Test("A market's defaults, its units of time, and its caps")
    func market() throws {
        let line = try parse(
            "{'do':'market','symbol':'U','tickSize':'0.5','lotSize':'2','staleAfterSeconds':'1.5',"
                + "'fundingIntervalHours':1,'openInterestCap':'4','positionCap':'2'}"
        )
        guard case .apply(let commands) = line.action, commands.count == 2,
            case .createMarket(let market) = commands[0], case .setCaps(let caps) = commands[1]
        else {
            Issue.record("not a market with caps")
            return
        }
        #expect(market.tickSize == 50_000_000 && market.lotSize == 200_000_000)
        #expect(market.staleAfter == 1_500_000 && market.fundingInterval == 3_600_000_000)
        #expect(market.table.count == 1 && market.table.tiers[0].maintenance == Rate(500_000))
        #expect(market.table.tiers[0].leverage == 100 && market.liquidationFee == Rate(100_000))
        #expect(
            caps.market == MarketID(1) && caps.openInterest == Quantity(2) && caps.position == Quantity(1)
        )
        #expect(line.newMarket?.symbol == "U")
    }

    @Test("A vault line is one command, and one for each market in order of number")
    func vault() throws {
        var names = Self.names
        names.addMarket(symbol: "U", tickSize: 1, lotSize: 1)
        names.addMarket(symbol: "V", tickSize: 1, lotSize: 1)
        let line = try parse(
            "{'do':'vault','amount':'10000','leverage':3,'firstLoss':'1','lockUpSeconds':2,"
                + "'caps':{'V':'5','T':'6'},'edges':{'V':'0.001'}}",
            names
        )
        guard case .apply(let commands) = line.action, commands.count == 3,
            case .configureVault(let vault) = commands[0],
            case .configureVaultMarket(let first) = commands[1],
            case .configureVaultMarket(let second) = commands[2]
        else {
            Issue.record("not a vault of two markets")
            return
        }
        #expect(vault.leverage == 3 && vault.lockUp == 2_000_000 && vault.lossLimit == .unlimited)
        #expect(first.market == MarketID(0) && first.cap == Amount(600_000_000) && first.edge == .zero)
        #expect(second.market == MarketID(2) && second.edge == Rate(100_000))
    }

    @Test("VLT-2a A vault line without a lock-up has none, or the one of whoever reads it")
    func lockUp() throws {
        for (line, lockUp, expected) in [
            ("{'do':'vault'}", 0, 0), ("{'do':'vault'}", 7, 7),
            ("{'do':'vault','lockUpSeconds':2}", 7, 2_000_000), ("{'do':'vault','lockUpSeconds':0}", 7, 0),
        ] as [(String, Int64, Int64)] {
            let bytes = Array(line.replacing("'", with: "\"").utf8)
            let parsed = try ScenarioParser.parse(bytes[...], line: 1, names: Self.names, lockUp: lockUp)
            guard case .apply(let commands) = parsed.action, case .configureVault(let vault) = commands.first
            else {
                Issue.record("not a vault")
                continue
            }
            #expect(vault.lockUp == expected, "\(line)")
        }
    }

    @Test("Every form's command, and the status it must come back with")
    func everyForm() throws {
        let prefix = "'account':'alice','symbol':'T'"
        let lines: [(String, CommandKind)] = [
            (
                "'do':'tiers','symbol':'T','tiers':[{'maintenance':'0.01','leverage':5}]",
                .setTiers
            ),
            ("'do':'withdraw','account':'alice','amount':'1'", .withdraw),
            ("'do':'fund','amount':'1'", .deposit),
            ("'do':'vaultDeposit','account':'alice','amount':'1'", .vaultDeposit),
            ("'do':'vaultRedeem','account':'alice','shares':'12'", .vaultRedeem),
            ("'do':'leverage',\(prefix),'leverage':'20'", .setLeverage),
            ("'do':'marginMode',\(prefix),'mode':'isolated'", .setMarginMode),
            ("'do':'positionMode','account':'alice','mode':'hedge'", .setPositionMode),
            ("'do':'margin',\(prefix),'remove':'10'", .adjustIsolatedMargin),
            ("'do':'amend',\(prefix),'id':'a','price':'1'", .amendOrder),
            ("'do':'cancel',\(prefix),'order':3", .cancelOrder),
            ("'do':'cancelAll','account':'alice'", .cancelAll),
            ("'do':'countdown',\(prefix),'milliseconds':5000", .countdown),
            (
                "'do':'volunteer',\(prefix),'side':'sell','quantity':'2','edge':'0.002'",
                .offer
            ),
            ("'do':'source','symbol':'T','source':'o','weight':2", .configureSource),
            ("'do':'tick','at':'5'", .tick),
            ("'do':'funding','symbol':'T'", .funding),
            ("'do':'kill','symbol':'T','on':false", .kill),
            ("'do':'state','symbol':'T','state':'halted'", .setMarketState),
            ("'do':'settle','symbol':'T','price':'1'", .settle),
            ("'do':'caps','symbol':'T','openInterest':'1'", .setCaps),
            ("'do':'debtRule','rule':'haircut'", .setDebtRule),
        ]
        for (text, kind) in lines {
            let line = try parse("{\(text),'status':'noChange'}")
            guard case .apply(let commands) = line.action else {
                Issue.record("\(text) applies nothing")
                continue
            }
            #expect(commands.map(\.kind) == [kind])
            #expect(line.status == .noChange)
        }
    }

    @Test("No line traps: every prefix and every changed byte of a line is understood or refused")
    func noTrap() {
        let text = Array(
            "{'do':'order','account':'eve','symbol':'T','side':'buy','price':'1.5','quantity':'1'}"
                .replacing("'", with: "\"").utf8
        )
        let names = Self.names
        for end in 0...text.count { _ = try? ScenarioParser.parse(text[..<end], line: 1, names: names) }
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                _ = try? ScenarioParser.parse(changed[...], line: 1, names: names)
            }
        }
    }
}
