import ExchangeCore
import ExchangeText
import Testing

/// What holds after every line of every scenario, whatever it is about.
@Suite("Laws: book, index of triggers, order of entries, snapshots")
struct LawTests {
    private func eachLine(
        of scenario: StoredScenario,
        _ body: (borrowing Exchange, borrowing EventBuffer) throws -> Void
    ) throws {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        for (index, line) in scenario.lines.enumerated() {
            events.removeAll()
            try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            try body(runner.exchange, events)
        }
    }

    private func snapshot(_ exchange: borrowing Exchange) -> [UInt8] {
        var writer = ByteWriter(capacity: 1 << 16)
        exchange.snapshot(into: &writer)
        return (0..<writer.count).map { writer[$0] }
    }

    private func reader(_ bytes: [UInt8]) -> ByteReader {
        var index = 0
        return ByteReader {
            index += 1
            return index <= bytes.count ? bytes[index - 1] : nil
        }
    }

    @Test(
        "BK-1, BK-3, BK-4: the book is not crossed, and its levels are the sums of its orders",
        arguments: StoredScenario.files
    )
    func book(_ scenario: StoredScenario) throws {
        try eachLine(of: scenario) { exchange, _ in
            for number in 0..<exchange.marketCount {
                let market = MarketID(number)
                guard let view = exchange.marketView(market) else { continue }
                if view.bestBid != .none && view.bestAsk != .none { #expect(view.bestBid < view.bestAsk) }
                for side in [Side.buy, .sell] {
                    var levels: [Int64: Int64] = [:]
                    exchange.forEachLevel(market, side, count: 1_000) { levels[$0.ticks] = $1.lots }
                    var orders: [Int64: Int64] = [:]
                    for account in 0..<exchange.accountCount {
                        exchange.forEachOrder(of: AccountID(account)) { order in
                            if order.market != market || order.side != side || !order.isResting { return }
                            let left = order.quantity.lots - order.filled.lots
                            #expect(left > 0)
                            orders[order.price.ticks, default: 0] += left
                        }
                    }
                    #expect(levels == orders)
                }
            }
        }
    }

    @Test(
        "MG-7: after a price, and when a market opens, a full scan finds only buckets in liquidation",
        arguments: StoredScenario.files
    )
    func scan(_ scenario: StoredScenario) throws {
        try eachLine(of: scenario) { exchange, events in
            var isPriced = false
            events.forEach { event in
                switch event {
                case .markChanged, .marketStateChanged: isPriced = true
                default: break
                }
            }
            if !isPriced { return }
            var found: [(AccountID, MarketID, PositionSide)] = []
            exchange.scanForLiquidatable { found.append(($0, $1, $2)) }
            for (account, market, side) in found {
                var isKnown = market == .none && exchange.accountView(account)?.isInLiquidation == true
                exchange.forEachPosition(of: account) { position in
                    if position.market == market && position.positionSide == side && position.isInLiquidation
                    {
                        isKnown = true
                    }
                }
                #expect(isKnown, "account \(account.raw)")
            }
        }
    }

    @Test(
        "LED-5, LED-7: of two accounts the payer is booked first, and the entries add up to the balances",
        arguments: StoredScenario.files
    )
    func entries(_ scenario: StoredScenario) throws {
        var balances: [AccountID: Int64] = [:]
        try eachLine(of: scenario) { exchange, events in
            var last: LedgerEntry?
            events.forEach { event in
                guard case .ledgerEntry(let entry) = event else { return }
                if entry.market == .none { balances[entry.account, default: 0] += entry.amount.units }
                guard let first = last, first.reason == entry.reason, first.account == entry.counterparty,
                    first.counterparty == entry.account, first.account != first.counterparty
                else {
                    last = entry
                    return
                }
                // The two halves of one payment: what comes next belongs to another.
                last = nil
                if first.amount.units > 0 && entry.amount.units < 0 {
                    Issue.record("\(entry.reason.term): received before it was paid")
                }
            }
            for (account, balance) in balances {
                #expect(exchange.accountView(account)?.cash == Amount(balance))
            }
        }
    }

    @Test(
        "ADL-7: lights worked out for a side at once are those of its positions one by one",
        arguments: StoredScenario.files
    )
    func lights(_ scenario: StoredScenario) throws {
        var queue = QueueCopy()
        try eachLine(of: scenario) { exchange, _ in
            for market in (0..<exchange.marketCount).map({ MarketID($0) }) {
                for longs in [true, false] {
                    var expected: [Int32: Int32] = [:]
                    for account in (0..<exchange.accountCount).map({ AccountID($0) }) {
                        exchange.forEachPosition(of: account) { position in
                            if position.market != market || (position.size.lots > 0) != longs { return }
                            let lights = exchange.lights(account, market, position.positionSide)
                            if lights > 0 { expected[account.raw] = lights }
                        }
                    }
                    exchange.copyQueue(market, longs: longs, into: &queue)
                    queue.workOut()
                    var found: [Int32: Int32] = [:]
                    for index in 0..<queue.count { found[queue[index].account.raw] = queue[index].lights }
                    #expect(found == expected)
                }
            }
        }
    }

    @Test("DET-5: a restored state has the same snapshot and hash", arguments: StoredScenario.files)
    func restore(_ scenario: StoredScenario) throws {
        try eachLine(of: scenario) { exchange, _ in
            let bytes = snapshot(exchange)
            var reader = reader(bytes)
            let restored = try Exchange(restoring: &reader)
            #expect(snapshot(restored) == bytes)
            #expect(restored.stateHash() == exchange.stateHash())
        }
    }

    @Test("DET-2: changed bytes are refused or are a consistent state of their own; nothing traps")
    func changedSnapshot() throws {
        let scenario = try #require(
            StoredScenario.files.first { $0.name.hasSuffix("/margin-hedge-mode.jsonl") }
        )
        var bytes: [UInt8] = []
        try eachLine(of: scenario) { exchange, _ in bytes = snapshot(exchange) }
        var accepted = 0
        for index in bytes.indices {
            for change in [UInt8(1), 0x80, 0xFF] {
                var changed = bytes
                changed[index] ^= change
                var reader = reader(changed)
                if let restored = try? Exchange(restoring: &reader) {
                    accepted += 1
                    #expect(snapshot(restored) == changed, "byte \(index)")
                }
            }
        }
        // Magic number, format and rules are the first sixteen bytes.
        for index in 0..<16 {
            var changed = bytes
            changed[index] ^= 1
            var reader = reader(changed)
            if (try? Exchange(restoring: &reader)) != nil { Issue.record("byte \(index) may be anything") }
        }
        for length in stride(from: 0, to: bytes.count, by: 7) {
            var reader = reader(Array(bytes[..<length]))
            if (try? Exchange(restoring: &reader)) != nil { Issue.record("\(length) bytes are enough") }
        }
        #expect(accepted < bytes.count * 3)
    }
}
