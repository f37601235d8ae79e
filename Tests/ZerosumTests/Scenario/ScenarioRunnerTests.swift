import ExchangeCore
import ExchangeText
import Testing

@Suite("The scenario language: a run (SCN-2, SCN-3, SCN-4)")
struct ScenarioRunnerTests {
    /// Applies lines in which `'` stands for `"`; returns the first error and the state at the end.
    private func run(
        _ lines: [String],
        limits: Limits = Limits()
    ) -> (error: ScenarioError?, state: String, events: [EventKind]) {
        var runner = ScenarioRunner(limits: limits)
        var events = EventBuffer()
        var failure: ScenarioError?
        for (index, line) in lines.enumerated() {
            do throws(ScenarioError) {
                let bytes = Array(line.replacing("'", with: "\"").utf8)
                try runner.run(bytes[...], line: index + 1, into: &events)
            } catch {
                if failure == nil { failure = error }
            }
        }
        var kinds: [EventKind] = []
        events.forEach { kinds.append($0.kind) }
        var bytes: [UInt8] = []
        StateJSON.append(runner.exchange, names: runner.names, to: &bytes)
        return (failure, String(decoding: bytes, as: UTF8.self), kinds)
    }

    private static let market = "{'do':'market','symbol':'T','tickSize':'1','lotSize':'1'}"
    private static let deposit = "{'do':'deposit','account':'alice','amount':'10'}"

    @Test("After a bad line nothing is applied, and the line itself opens no account")
    func nothingAfter() {
        let good = run([Self.market, Self.deposit])
        let bad = run([
            Self.market, Self.deposit, "{'do':'deposit','account':'bob','amount':'x'}", Self.deposit,
            Self.market,
        ])
        #expect(good.error == nil)
        #expect(bad.error?.line == 3)
        #expect(bad.error?.message == "\"amount\": \"x\" is not a decimal number")
        #expect(bad.state == good.state)
        #expect(bad.events == good.events)
    }

    @Test("The error stays the same for every later line")
    func sticky() {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        let bad = Array("{".utf8)
        let first = #expect(throws: ScenarioError.self) { try runner.run(bad[...], line: 1, into: &events) }
        let again = #expect(throws: ScenarioError.self) { try runner.run([], line: 2, into: &events) }
        #expect(first == again)
    }

    @Test("An expectation that fails names line, field, expected and found")
    func failedExpectation() {
        let lines = [
            Self.market, Self.deposit, "{'do':'expect','account':'alice','cash':'10','equity':'11'}",
        ]
        let error = run(lines).error
        #expect(error?.description == "3: \"equity\" of alice is 10; expected 11")
        let size = run([
            Self.market, Self.deposit, "{'do':'expect','account':'alice','symbol':'T','size':'-2'}",
        ])
        #expect(size.error?.description == "3: \"size\" of alice in T is 0; expected -2")
        let state = run([Self.market, "{'do':'expect','symbol':'T','state':'halted'}"])
        #expect(state.error?.description == "2: \"state\" in T is open; expected halted")
        let fund = run([Self.market, "{'do':'expect','fund':'0.5'}"])
        #expect(fund.error?.description == "2: \"fund\" is 0; expected 0.5")
    }

    @Test("A status that is not the one the line names; without one a refusal is no error")
    func status() {
        let withdraw = "{'do':'withdraw','account':'alice','amount':'11'}"
        #expect(run([Self.deposit, withdraw]).error == nil)
        let wrong = run([Self.deposit, "{'do':'withdraw','account':'alice','amount':'11','status':'ok'}"])
        #expect(
            wrong.error?.description
                == "2: \"withdraw\" came back with the status insufficientCash; expected ok"
        )
    }

    @Test("A market that is refused is not known to later lines; its caps are not applied")
    func refusedMarket() {
        let lines = [
            Self.market,
            "{'do':'market','symbol':'T','tickSize':'1','lotSize':'1','positionCap':'5',"
                + "'status':'symbolExists'}",
            "{'do':'market','symbol':'U','tickSize':'0.00000001','lotSize':'0.00000001',"
                + "'status':'invalidTick'}",
            "{'do':'state','symbol':'U','state':'open'}",
        ]
        #expect(run(lines).error?.description == "4: there is no market \"U\"; expected one of T")
    }

    @Test("Time stands still unless a line moves it, and never goes back")
    func time() {
        let lines = ["{'do':'tick','at':5}", Self.deposit, "{'do':'tick','at':4}"]
        #expect(run(lines).error?.description == "3: \"at\" goes back to 4; expected 5 or later")
        #expect(run(["{'do':'tick','at':5}", Self.deposit, "{'do':'tick','at':'5'}"]).error == nil)
    }

    @Test("Ticks are put in at deadlines before the line that reaches them")
    func ticks() throws {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        let lines = [
            Self.market, "{'do':'price','symbol':'T','source':'o','price':'1'}",
            "{'do':'countdown','account':'alice','symbol':'T','milliseconds':2000}",
            "{'do':'deposit','account':'alice','amount':'1','at':70000000}",
        ]
        for (index, line) in lines.enumerated() {
            events.removeAll()
            try runner.run(Array(line.replacing("'", with: "\"").utf8)[...], line: index + 1, into: &events)
        }
        var outcomes: [String] = []
        events.forEach { event in
            if case .outcome(let outcome) = event {
                outcomes.append("\(outcome.command.term) \(outcome.at.microseconds)")
            }
        }
        #expect(outcomes == ["tick 2000000", "tick 60000001", "deposit 70000000"])
    }

    @Test("The state has the stated members in the stated order")
    func state() throws {
        let result = run([
            "{'do':'market','symbol':'T','tickSize':'0.5','lotSize':'0.001'}", Self.deposit,
            "{'do':'fund','amount':'500'}",
        ])
        #expect(
            result.state.hasPrefix(
                "{'accounts':{'alice':{'cash':'10','equity':'10','positions':[]}},'fund':'500','debt':'0',"
                    .replacing("'", with: "\"")
                    + "'vault':{'equity':'0','positions':[]},'fees':'0','markets':{'T':{'mark':null,"
                    .replacing("'", with: "\"")
                    + "'previousMark':null,'index':null,'openInterest':'0','state':'open'}},'deposits':'510',"
                    .replacing("'", with: "\"")
                    + "'withdrawals':'0','episodes':0,'stateHash':'".replacing("'", with: "\"")
            )
        )
        let value = try JSONParser.parse(Array(result.state.utf8))
        guard case .string(let hash)? = value["stateHash"] else {
            Issue.record("no state hash")
            return
        }
        #expect(hash.utf8.count == 32)
    }

    @Test(
        "A waterfall cut into single steps ends as one that is not (WF-11)",
        arguments: StoredScenario.files
    )
    func singleSteps(_ scenario: StoredScenario) throws {
        var limits = Limits()
        limits.waterfallSteps = 1
        do {
            try scenario.run(limits: limits)
        } catch {
            Issue.record("\(scenario.name) in single steps:\(error)")
        }
    }

    @Test("The cut is real: single steps make `continue` commands")
    func cut() throws {
        let path = "Tests/Scenarios/adl-whale-order.jsonl"
        var limits = Limits()
        limits.waterfallSteps = 1
        let lines = try Repository.text(path).split(separator: "\n").map(String.init)
        #expect(run(lines).events.filter { $0 == .waterfallPending }.isEmpty)
        #expect(run(lines, limits: limits).events.contains(.waterfallPending))
    }

    @Test(
        "Two runs give the same state hash and the same event bytes (DET-1)",
        arguments: StoredScenario.files
    )
    func deterministic(_ scenario: StoredScenario) throws {
        var results: [[Digest]] = []
        for _ in 0..<2 {
            var runner = ScenarioRunner()
            var events = EventBuffer()
            for (index, line) in scenario.lines.enumerated() {
                try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
            }
            results.append([runner.exchange.stateHash(), events.digest])
        }
        #expect(results[0] == results[1])
    }

    @Test("SCN-8 A book line shows both sides as a taker meets them, and changes nothing but the time")
    func book() throws {
        var runner = ScenarioRunner()
        var events = EventBuffer()
        var number = 0
        func apply(_ line: String) throws -> String? {
            number += 1
            events.removeAll()
            try runner.run(Array(line.replacing("'", with: "\"").utf8)[...], line: number, into: &events)
            guard let market = runner.shown else { return nil }
            var bytes: [UInt8] = []
            BookJSON.append(runner.exchange, market, names: runner.names, to: &bytes)
            return String(decoding: bytes, as: UTF8.self).replacing("\"", with: "'")
        }
        func order(_ name: String, _ side: String, _ price: String, _ more: String = "") -> String {
            "{'do':'order','account':'\(name)','symbol':'T','side':'\(side)','price':'\(price)',"
                + "'quantity':'3'\(more)}"
        }
        let lines = [
            Self.market, "{'do':'deposit','account':'alice','amount':'1000'}",
            "{'do':'deposit','account':'bob','amount':'1000'}",
            "{'do':'price','symbol':'T','source':'o','price':'10'}",
            order("alice", "buy", "9", ",'id':'first'"), order("bob", "buy", "9"),
            order("alice", "buy", "10"), order("bob", "sell", "12"), order("alice", "sell", "11"),
            "{'do':'order','account':'bob','symbol':'T','side':'sell','type':'stopMarket','quantity':'1',"
                + "'triggerPrice':'5'}",
            "{'do':'order','account':'bob','symbol':'T','side':'sell','type':'market','quantity':'1'}",
            // A larger quantity goes to the end of the queue.
            "{'do':'amend','account':'alice','symbol':'T','id':'first','quantity':'4'}",
        ]
        for line in lines { #expect(try apply(line) == nil) }
        let before = runner.exchange.stateHash()
        #expect(
            try apply("{'do':'book','symbol':'T'}")
                == "{'book':'T','bids':["
                + "{'order':3,'account':'alice','price':'10','quantity':'3','filled':'1'},"
                + "{'order':2,'account':'bob','price':'9','quantity':'3','filled':'0'},"
                + "{'order':1,'account':'alice','price':'9','quantity':'4','filled':'0','clientID':'first'}],"
                + "'asks':[{'order':5,'account':'alice','price':'11','quantity':'3','filled':'0'},"
                + "{'order':4,'account':'bob','price':'12','quantity':'3','filled':'0'}]}\n"
        )
        #expect(events.count == 0 && runner.exchange.stateHash() == before)
        // What is due by its time happens first, and is told.
        _ = try apply("{'do':'countdown','account':'alice','symbol':'T','milliseconds':1000}")
        let late = try apply("{'do':'book','symbol':'T','at':1000000}")
        #expect(late?.contains("alice") == false && late?.contains("'order':2") == true)
        #expect(events.count > 0)
        #expect(try apply("{'do':'note'}") == nil)
    }
}
