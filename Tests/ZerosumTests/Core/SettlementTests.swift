import ExchangeCore
import ExchangeText
import Testing

@Suite("Settlement, batches: the order in which things are done")
struct SettlementTests {
    private func run(
        _ lines: [String],
        _ body: (borrowing Exchange, borrowing EventBuffer) -> Void
    ) throws {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        for (index, line) in lines.enumerated() {
            events.removeAll()
            try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            body(runner.exchange, events)
        }
    }

    @Test("WF-10: losers are covered by account, whoever opened first")
    func losersByAccount() throws {
        let scenario = try #require(
            StoredScenario.files.first { $0.name.hasSuffix("/settlement-losers-by-account.jsonl") }
        )
        var covered: [(AccountID, Int64)] = []
        var settled: MarketSettled?
        try run(scenario.lines) { _, events in
            events.forEach { event in
                switch event {
                case .ledgerEntry(let entry) where entry.reason == .insurance && entry.account != .fund:
                    covered.append((entry.account, entry.amount.units))
                case .marketSettled(let event): settled = event
                default: break
                }
            }
        }
        // Alice is the oldest account; carol, who opened first, finds the fund empty.
        #expect(covered.map(\.0) == [.firstUser])
        #expect(covered.map(\.1) == [400_000_000])
        #expect(settled?.deficit == Amount(900_000_000))
        #expect(settled?.fund == Amount(400_000_000))
        #expect(settled?.residual == Amount(500_000_000))
    }

    @Test("SCN-7: lines one below the other are a batch, whose entries succeed or fail by themselves")
    func linesAreABatch() throws {
        let order = #"{"do":"order","account":"a","symbol":"T","side":"buy","price":"#
        let tiers = #""tiers":[{"maintenance":"0.01","leverage":20}]}"#
        let lines = [
            #"{"do":"market","symbol":"T","tickSize":"1","lotSize":"1","# + tiers,
            #"{"do":"deposit","account":"a","amount":"100"}"#,
            #"{"do":"price","symbol":"T","source":"o","price":"100","at":7}"#,
            order + #""90","quantity":"1","id":"x","status":"ok"}"#,
            order + #""91","quantity":"1","id":"x","status":"duplicateClientID"}"#,
            order + #""92","quantity":"1","id":"y","status":"ok"}"#,
        ]
        var open = 0
        try run(lines) { exchange, _ in
            open = 0
            exchange.forEachOrder(of: .firstUser) { _ in open += 1 }
            #expect(exchange.now <= Timestamp(7))
        }
        #expect(open == 2)
    }
}
