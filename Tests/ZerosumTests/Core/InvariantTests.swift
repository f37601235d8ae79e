import ExchangeText
import TestSupport
import Testing

@testable import ExchangeCore

/// What every state keeps (DET-6).
@Suite("Core: invariants")
struct InvariantTests {
    /// The state behind each line of every scenario.
    private static func eachState(_ body: (borrowing Exchange, String) throws -> Void) throws {
        for scenario in StoredScenario.files {
            var runner = ScenarioRunner()
            var events = EventBuffer()
            for (index, line) in scenario.lines.enumerated() {
                events.removeAll()
                try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
                try body(runner.exchange, "\(scenario.name):\(index + 1)")
            }
        }
    }

    @Test("DET-6: all of it holds behind every line of every scenario")
    func holds() throws {
        var count = 0
        try Self.eachState { exchange, place in
            count += 1
            let fault = exchange.checkInvariants()
            #expect(fault == nil, "\(place): \(fault?.text ?? "")")
        }
        #expect(count > 2_000)
    }

    /// What stands for a field where a rule of several fields is broken by it: the field that the rule names.
    private static let others: [String: Set<String>] = [
        "cash": ["deposits"], "withdrawals": ["deposits"], "size": ["openInterest", "quote", "side"],
        "quote": ["deposits"], "isolatedCash": ["deposits"],
        // A deadline that was put off, or a record that is cut short: what lies behind it is read as another.
        "deadline": ["at", "clock"], "tiers": ["sizing"],
    ]

    /// Fields of which every value of their type is one that a state may have: a fault there is found by the
    /// snapshot's digest alone.
    private static let free: Set<String> = [
        "result", "selectionSeed", "key",
    ]

    @Test(
        "DET-6: a state changed in one field is refused by a rule that names it, for every field"
    )
    func everyField() throws {
        var pending: [String: String] = [:]
        var named: Set<String> = []
        try Self.eachState { exchange, place in
            var plain = FieldTurner()
            exchange.encode(into: &plain)
            for (index, name) in plain.names.enumerated() where !named.contains(name) {
                for turn in 0..<FieldTurner.turns {
                    var turner = FieldTurner()
                    turner.target = index
                    turner.turn = turn
                    exchange.encode(into: &turner)
                    guard let fault = Self.fault(turner) else { continue }
                    pending[name] = "\(place): \(fault.text)"
                    if "\(fault.field)" == name || Self.others[name]?.contains("\(fault.field)") == true {
                        named.insert(name)
                        break
                    }
                }
                if !named.contains(name) && pending[name] == nil { pending[name] = "\(place): accepted" }
            }
        }
        for (name, last) in pending.sorted(by: { $0.key < $1.key })
        where !named.contains(name) && !Self.free.contains(name) {
            Issue.record("no rule names \(name); \(last)")
        }
        #expect(named.count > 120, "\(named.count) fields are named")
        #expect(named.isDisjoint(with: Self.free))
    }

    @Test("DET-6: a position that its market's list has lost is a fault, though all sums hold without it")
    func lostPosition() throws {
        var tried = 0
        try Self.eachState { exchange, place in
            if exchange.marketCount != 1 || exchange.markets[0].positions != 2 || tried > 20 { return }
            var writer = ByteWriter()
            exchange.snapshot(into: &writer)
            var reader = writer.reader()
            var changed = try Exchange(restoring: &reader)
            changed.markets[0].firstPosition = nowhere
            changed.markets[0].lastPosition = nowhere
            changed.markets[0].positions = 0
            changed.markets[0].openInterest = .zero
            let fault = changed.checkInvariants()
            #expect(fault.map { "\($0.field)" } == "size", "\(place): \(fault?.text ?? "nothing")")
            tried += 1
        }
        #expect(tried > 0)
    }

    @Test("DET-6: the page lists the rules that the core has")
    func page() throws {
        let source = try Repository.text("Sources/ExchangeCore/Invariants/StateRule.swift")
        let rule = /\.init\(\s*\.(?<room>\w+),\s*"(?<code>[^"]+)",\s*"(?<text>[^"]+)"/
        let rows = source.matches(of: rule).map { "| \($0.room) | \($0.text) | \($0.code) |" }
        let page = try Repository.text("Specs/determinism.md").split(separator: "\n").map(String.init)
        let table = page.drop { $0 != "|---|---|---|" }.dropFirst()
        #expect(rows.count > 50 && rows == Array(table))
    }

    private static func fault(_ turner: borrowing FieldTurner) -> StateFault? {
        var reader = turner.writer.reader()
        do throws(StateFault) {
            _ = try Exchange(restoring: &reader)
            return nil
        } catch {
            return error
        }
    }
}
