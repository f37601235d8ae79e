import ExchangeText
import TestSupport
import Testing

@testable import ExchangeCore

/// Forks, what makes two states the same, and the search through small worlds (DET-1, EXP-1 to EXP-5).
@Suite("Core: explorer")
struct ExplorerTests {
    /// A world of the project.
    private static func world(_ name: String) throws -> ExploredWorld {
        try #require(ExploredWorld.read(name, Repository.text("Tests/Worlds/\(name).jsonl")).first)
    }

    private static func explorer(_ name: String, _ change: (inout ExplorerOptions) -> Void) throws -> Explorer
    {
        var options = ExplorerOptions()
        change(&options)
        let explorer = try Explorer(world(name), options)
        explorer.run()
        return explorer
    }

    /// Commands of a drawn world, applied one by one.
    private static func run(_ seed: UInt64, _ body: (inout Exchange, TimedCommand) -> Void) {
        let world = runWorld(seed: seed, length: 400)
        var exchange = Exchange(limits: world.limits.forCore)
        for command in world.commands { body(&exchange, command) }
    }

    private static func apply(_ timed: TimedCommand, to exchange: inout Exchange) -> (Status, Digest) {
        var events = EventBuffer()
        let sequence = Int64(truncatingIfNeeded: exchange.nextSequence) + timed.distance
        let status = exchange.apply(
            timed.command,
            sequence: UInt64(truncatingIfNeeded: sequence),
            at: Timestamp(timed.at),
            into: &events
        )
        return (status, events.digest)
    }

    @Test(
        "EXP-1: a fork goes on as its original, in storage that held another world before",
        arguments: 1...12
    )
    func fork(seed: Int) {
        // One that is used again and again, and one that is made anew.
        var used = Exchange()
        var count = 0
        Self.run(UInt64(seed)) { exchange, command in
            count += 1
            if count % 5 == 0 {
                var fresh = exchange.fork()
                used.become(copyOf: exchange)
                let told = Self.apply(command, to: &exchange)
                #expect(Self.apply(command, to: &fresh) == told)
                #expect(Self.apply(command, to: &used) == told)
                let hash = exchange.stateHash()
                #expect(fresh.stateHash() == hash && used.stateHash() == hash)
                #expect(used.checkInvariants() == nil)
            } else {
                _ = Self.apply(command, to: &exchange)
            }
        }
        #expect(count == 400)
    }

    @Test("EXP-1: what is done to a fork leaves its original as it was")
    func forkIsApart() {
        Self.run(3) { exchange, command in
            let hash = exchange.stateHash()
            var fork = exchange.fork()
            _ = Self.apply(command, to: &fork)
            #expect(exchange.stateHash() == hash)
            _ = Self.apply(command, to: &exchange)
        }
    }

    /// Fields that no rule compares but by their order, and what is read as another field behind them.
    private static let leftOut: Set<String> = [
        "sequence", "lastOrder", "lastOffer", "lastEpisode", "trades", "number", "lastOfferBefore", "id",
        "order",
        "deposits", "withdrawals",
    ]

    @Test("EXP-2: a state that differs in a field has another identity, but for the numbers of things")
    func identityOfEveryField() throws {
        // A few states a field are enough.
        var told: [String: Int] = [:]
        var same: [String: String] = [:]
        for scenario in StoredScenario.files {
            var runner = ScenarioRunner()
            var events = EventBuffer()
            for (index, line) in scenario.lines.enumerated() {
                events.removeAll()
                try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            }
            if runner.exchange.requests.live > 0 { continue }
            let identity = runner.exchange.identity()
            var plain = FieldTurner()
            runner.exchange.encode(into: &plain)
            for (index, name) in plain.names.enumerated() where !Self.leftOut.contains(name) {
                if told[name, default: 0] >= 24 { continue }
                for turn in 0..<FieldTurner.turns {
                    var turner = FieldTurner()
                    (turner.target, turner.turn) = (index, turn)
                    runner.exchange.encode(into: &turner)
                    var reader = turner.writer.reader()
                    guard let changed = try? Exchange(restoring: &reader),
                        changed.stateHash() != runner.exchange.stateHash()
                    else { continue }
                    if changed.requests.live > 0 { continue }
                    told[name, default: 0] += 1
                    if changed.identity() == identity { same[name] = "\(scenario.name), turn \(turn)" }
                }
            }
        }
        #expect(same.isEmpty)
        #expect(told.count > 40, "\(told.count) fields can be turned alone")
    }

    @Test(
        "EXP-3: every sequence of three commands reaches a state that the merged search knows, and no other",
        arguments: ["cross", "vault", "steps", "triggers"]
    )
    func mergingLosesNothing(name: String) throws {
        let all = try Self.explorer(name) { options in
            (options.depth, options.states, options.merging, options.looksAtLaws) = (3, .max, .nothing, false)
        }
        let merged = try Self.explorer(name) { options in (options.depth, options.states) = (3, .max) }
        #expect(all.stateCount > 2 * merged.stateCount)
        #expect(all.identityCount == merged.stateCount)
        #expect(merged.violation == nil)
    }

    @Test("EXP-4: a law that does not hold comes out as the shortest scenario, which the program runs")
    func counterexample() throws {
        // ADL-5 without its third premise: deficits by maintenance margin.
        let text = try Repository.text("Tests/Worlds/two-markets.jsonl").split(separator: "\n").map { line in
            line.hasPrefix("{\"do\":\"market\"")
                ? line.dropLast() + ",\"deficitShare\":\"byMaintenance\"}" : line
        }
        let world = try #require(try ExploredWorld.read("by-maintenance", text.joined(separator: "\n")).first)
        var options = ExplorerOptions()
        options.demandsTheorem = true
        options.isAudited = true
        let explorer = try Explorer(world, options)
        explorer.run()
        let violation = try #require(explorer.violation)
        #expect(violation.text.contains("ADL-5"))
        let lines = try #require(explorer.counterexample()).split(separator: "\n").map(String.init)
        var runner = ScenarioRunner()
        var events = EventBuffer()
        for (index, line) in lines.enumerated() {
            try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
        }
        #expect(runner.exchange.episodes > 0)
        // With a command less nothing is wrong: no way is shorter.
        let given = lines.count - 1 - text.prefix { !$0.contains("explore: commands") }.count
        options.depth = given - 1
        let shorter = try Explorer(world, options)
        shorter.run()
        #expect(given > 0 && shorter.violation == nil)
    }

    @Test("EXP-6: the page lists the laws that are looked at")
    func page() throws {
        let rows = Law.allCases.filter { $0 != .auditor }.map { "| \($0.text) | \($0.code) |" }
        let page = try Repository.text("Specs/explorer.md").split(separator: "\n").map(String.init)
        let table = page.filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.sorted() == table.sorted())
    }

    @Test("EXP-5: each world is understood, and in it something of the waterfall happens")
    func worlds() throws {
        var happened: Set<String> = []
        for path in Repository.paths(under: "Tests/Worlds", suffix: ".jsonl") {
            let name = String(path.dropFirst("Tests/Worlds/".count).dropLast(".jsonl".count))
            let explorer = try Self.explorer(name) { $0.states = 3_000 }
            #expect(explorer.violation == nil, "\(name): \(explorer.violation?.text ?? "")")
            #expect(explorer.seen["episodes", default: 0] > 0, "\(name): nobody is liquidated")
            happened.formUnion(explorer.seen.keys)
        }
        let wanted = [
            "deleveraging", "vault", "volunteer", "netting", "residual", "recourse", "funding", "settlements",
            "triggered", "pending", "debts", "ADL-5 looked at",
        ]
        for what in wanted { #expect(happened.contains(what), "no world shows \(what)") }
    }

    @Test(
        "EXP-5: what is wrong with a world is said with its line",
        arguments: [
            ("{\"do\":\"note\",\"text\":\"explore: nothing\"}", "w:1: explore: nothing"),
            ("{\"do\":\"note\",\"text\":\"explore: steps 0\"}", "w:1: explore: steps 0"),
            ("{\"do\":\"tick\"}", "w:1: no commands"),
            ("{\"do\":\"nothing\"}", "w:1: \"do\" is \"nothing\""),
            (
                "{\"do\":\"note\",\"text\":\"explore: interchangeable x\"}\n"
                    + "{\"do\":\"note\",\"text\":\"explore: commands\"}\n{\"do\":\"tick\"}",
                "w:1: no account x"
            ),
        ]
    )
    func refusal(text: String, said: String) {
        #expect { try ExploredWorld.read("w", text) } throws: { error in
            (error as? ExploredWorld.Failure)?.text.hasPrefix(said) == true
        }
    }
}
