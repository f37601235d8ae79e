import ExchangeCore
import Testing

@Suite("The library's own page")
struct LibraryExampleTests {
    @Test("The example of the page does what the page says")
    func example() {
        // example
        var exchange = Exchange()
        var events = EventBuffer()
        var market = MarketSpecification()
        market.symbol = Symbol(low: 84, high: 0)
        market.tickSize = 10_000_000
        market.lotSize = 100_000
        _ = market.table.append(Tier(upTo: .unlimited, maintenance: Rate(400_000), leverage: 125))
        let created = exchange.apply(.createMarket(market), sequence: 1, at: Timestamp(0), into: &events)

        let account = OpenAccount()
        let opened = exchange.apply(.openAccount(account), sequence: 2, at: Timestamp(1), into: &events)

        let deposit = Deposit(account: .firstUser, amount: Amount(100_000_000_000))
        let paid = exchange.apply(.deposit(deposit), sequence: 3, at: Timestamp(2), into: &events)
        let equity = exchange.accountView(.firstUser)?.equity
        // end
        #expect(created == .ok && opened == .ok && paid == .ok)
        #expect(equity == Amount(100_000_000_000))
    }

    @Test("The page shows the code that is compiled here")
    func page() throws {
        let page = try Repository.text("Sources/ExchangeCore/ExchangeCore.docc/ExchangeCore.md")
        let shown = try #require(page.split(separator: "```swift\n").last?.split(separator: "\n```").first)
        let source = try Repository.text("Tests/ZerosumTests/Core/LibraryExampleTests.swift")
        let compiled = try #require(source.split(separator: "// example\n").dropFirst().first)
        let lines = compiled.split(separator: "\n", omittingEmptySubsequences: false)
            .prefix { !$0.contains("// end") }
            .map { $0.isEmpty ? "" : String($0.dropFirst(8)) }
        #expect(lines.count > 10 && lines.joined(separator: "\n") == String(shown))
    }
}
