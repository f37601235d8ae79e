import ExchangeCore
import ExchangeText
import Testing

@Suite("Receipts (RCP-1 to RCP-6)")
struct ReceiptTests {
    /// What a scenario's run says of its liquidations.
    private struct Told {
        var receipts: [JSONValue] = []
        var began: [Int64] = []
        var liquidationTrades = 0
        var closings = 0
    }

    private func run(_ scenario: StoredScenario) throws -> Told {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        var collector = ReceiptJSON()
        var bytes: [UInt8] = []
        var told = Told()
        for (index, line) in scenario.lines.enumerated() {
            events.removeAll()
            try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            collector.append(events, at: runner.now, names: runner.names, to: &bytes)
            events.forEach { event in
                switch event {
                case .episodeBegan(let began): told.began.append(began.episode)
                case .trade(let trade) where trade.kind == .liquidation: told.liquidationTrades += 1
                case .closing(let closing) where closing.episode > 0: told.closings += 1
                default: break
                }
            }
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            told.receipts.append(try JSONParser.parse(Array(line)))
        }
        return told
    }

    private func units(_ value: JSONValue?, _ name: String) throws -> Int64 {
        guard case .string(let text)? = value?[name] else {
            Issue.record("no \(name)")
            return 0
        }
        return try DecimalText.parse(text.utf8)
    }

    private func steps(_ receipt: JSONValue) -> [JSONValue] {
        guard case .array(let steps)? = receipt["steps"] else { return [] }
        return steps
    }

    @Test(
        "Every episode has a receipt whose sum holds",
        arguments: StoredScenario.files + StoredScenario.blocks
    )
    func sums(_ scenario: StoredScenario) throws {
        let told = try run(scenario)
        #expect(told.began == Array(1..<Int64(told.began.count + 1)), "episodes are numbered without a gap")
        #expect(told.receipts.count == told.began.count)
        var trades = 0
        var closings = 0
        for receipt in told.receipts {
            let sum = receipt["sum"]
            let parts =
                try units(sum, "recourse") + units(sum, "fund") + units(sum, "vault")
                + units(sum, "givenUp") + units(sum, "residual") - units(sum, "rounding")
            #expect(try units(sum, "deficit") == parts, "RCP-5")
            #expect(try units(sum, "overshoot") == units(sum, "taken") - units(sum, "needed"), "ADL-8")
            var givenUp: Int64 = 0
            for step in steps(receipt) {
                if step["step"] == .string("trade") { trades += 1 }
                if step["step"] != .string("closing") { continue }
                closings += 1
                if step["kind"] == .string("deleveraging") { givenUp -= try units(step, "adjustment") }
            }
            #expect(try units(sum, "givenUp") == givenUp, "RCP-4: each deleveraged account is stated")
            let why = receipt["why"]
            for name in ["trigger", "mark", "sources", "equity", "maintenance"] {
                #expect(why?[name] != nil, "RCP-1: \(name)")
            }
        }
        // RCP-6: none is dropped or merged.
        #expect(trades == told.liquidationTrades)
        #expect(closings == told.closings)
    }

    @Test("A receipt's text, from why to sum")
    func text() throws {
        let scenario = try #require(
            StoredScenario.files.first { $0.name.hasSuffix("/liquidation-4-fund.jsonl") }
        )
        let receipt = try #require(try run(scenario).receipts.first)
        #expect(receipt["episode"] == .number("1") && receipt["account"] == .string("alice"))
        #expect(receipt["why"]?["equity"] == .string("-40") && receipt["why"]?["mark"] == .string("90"))
        let steps = steps(receipt)
        #expect(
            steps.map { $0["step"] }
                == ["liquidationOrder", "fundPaid", "trade", "liquidationOrder"].map { .string($0) }
        )
        // RCP-2: what was possible in the book and what was done.
        #expect(steps[0]["bestBid"] == .string("90") && steps[0]["limit"] == .string("94"))
        #expect(steps[0]["depth"] == .string("0") && steps[0]["filled"] == .string("0"))
        #expect(steps[3]["depth"] == .string("10") && steps[3]["filled"] == .string("10"))
        // RCP-3: the fund before and after.
        #expect(steps[1]["before"] == .string("100") && steps[1]["after"] == .string("60"))
        #expect(receipt["sum"]?["fund"] == .string("40") && receipt["sum"]?["outcome"] == .string("closed"))
    }

    @Test("RCP-3: a volunteer step says how many offers there were, and why they were passed over")
    func volunteers() throws {
        let asked = { (name: String) in
            let scenario = try #require(StoredScenario.files.first { $0.name.hasSuffix("/\(name).jsonl") })
            return try #require(
                try run(scenario).receipts.flatMap { steps($0) }.first {
                    $0["step"] == .string("volunteersAsked") && $0["offers"] != .number("0")
                }
            )
        }
        // One offer is of the owner's own firm, the other account has nothing.
        let skipped = try asked("liquidation-5-volunteer-skipped")
        #expect(skipped["offers"] == .number("2") && skipped["eligible"] == .number("1"))
        #expect(skipped["asked"] == .string("10") && skipped["offered"] == .string("10"))
        #expect(skipped["takers"] == .number("0") && skipped["taken"] == .string("0"))
        #expect(skipped["withoutMargin"] == .number("1") && skipped["withoutBid"] == .number("0"))
        // Alice has 5 for 10 lots at 94: an edge of 2 % asks 18.8 more than that, and the fund has nothing.
        let poor = try asked("liquidation-5-volunteer-without-bid")
        #expect(poor["eligible"] == .number("1") && poor["withoutBid"] == .number("1"))
        #expect(poor["withoutMargin"] == .number("0") && poor["taken"] == .string("0"))
    }

    @Test("RCP-3: a vault step says what was asked, what it took, and which limit bound (VLT-5)")
    func vault() throws {
        let limits = [
            "cap": "cap", "margin": "margin", "edge-binds": "edge", "loss-limit": "loss",
            "first-loss-part": "edge",
        ]
        for (name, limit) in limits {
            let scenario = try #require(
                StoredScenario.files.first { $0.name.hasSuffix("/liquidation-6-vault-\(name).jsonl") }
            )
            let quotes = try run(scenario).receipts.flatMap { steps($0) }.filter {
                $0["step"] == .string("vaultQuote")
            }
            #expect(quotes.contains { $0["limit"] == .string(limit) }, "\(name)")
            #expect(quotes.allSatisfy { $0["asked"] != nil && $0["taken"] != nil })
        }
    }
}
