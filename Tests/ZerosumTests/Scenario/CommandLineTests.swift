import Foundation
import Testing

/// The program itself, as a user runs it.
@Suite("zerosum run: exit status and standard error (SCN-2, SCN-3, SCN-5)")
struct CommandLineTests {
    private func run(_ arguments: [String], input: String) throws -> BuiltProgram.Finished {
        try BuiltProgram.run(arguments, input: Data(input.utf8))
    }

    private static let deposit = "{\"do\":\"deposit\",\"account\":\"alice\",\"amount\":\"10\"}\n"

    @Test("Events as JSON Lines, exit status 0; the last line needs no line feed")
    func events() throws {
        let result = try run(["run", "in.jsonl"], input: Self.deposit + "\r\n\n{\"do\":\"tick\"}")
        #expect(result.status == 0 && result.errors.isEmpty)
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines.first?.hasPrefix("{\"event\":\"accountOpened\"") == true)
        #expect(lines.last?.contains("\"command\":\"tick\"") == true)
    }

    @Test("The state alone, from standard input")
    func state() throws {
        let result = try run(["run", "--state", "-"], input: Self.deposit)
        #expect(result.status == 0)
        #expect(result.output.hasPrefix("{\"accounts\":{\"alice\":{\"cash\":\"10\""))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    @Test("SCN-5 Fed by a pipe, it answers each line before it waits for the next")
    func lineByLine() throws {
        let program = try TalkingProgram(["run", "-"])
        defer { program.end() }
        #expect(try program.ask(Self.deposit)?.hasPrefix("{\"event\":\"accountOpened\"") == true)
        let market =
            "{\"do\":\"market\",\"symbol\":\"T\",\"tickSize\":\"1\",\"lotSize\":\"1\"}\n"
        #expect(try program.ask(market)?.hasPrefix("{\"event\":\"marketCreated\"") == true)
        let order =
            "{\"do\":\"order\",\"account\":\"alice\",\"symbol\":\"T\",\"side\":\"buy\",\"price\":\"2\","
            + "\"quantity\":\"3\",\"id\":\"a\"}\n"
        #expect(try program.ask(order)?.contains("\"event\":\"orderRested\"") == true)
        #expect(
            try program.ask("{\"do\":\"book\",\"symbol\":\"T\"}\n")
                == "{\"book\":\"T\",\"bids\":[{\"order\":1,\"account\":\"alice\",\"price\":\"2\","
                + "\"quantity\":\"3\",\"filled\":\"0\",\"clientID\":\"a\"}],\"asks\":[]}\n"
        )
        #expect(program.finish() == 0)
    }

    @Test("SCN-8 The state alone has no books in it")
    func stateWithoutBooks() throws {
        let market = "{\"do\":\"market\",\"symbol\":\"T\",\"tickSize\":\"1\",\"lotSize\":\"1\"}\n"
        let result = try run(
            ["run", "--state", "in.jsonl"],
            input: market + "{\"do\":\"book\",\"symbol\":\"T\"}\n"
        )
        #expect(result.status == 0 && result.output.hasPrefix("{\"accounts\""))
        #expect(result.output.split(separator: "\n").count == 1)
    }

    @Test("A bad line: exit status 2, its place, and nothing after it")
    func badLine() throws {
        let result = try run(
            ["run", "in.jsonl"],
            input: Self.deposit + "{\"do\":\"dance\"}\n" + Self.deposit
        )
        #expect(result.status == 2)
        #expect(result.errors.hasPrefix("in.jsonl:2: \"do\" is \"dance\"; expected one of market,"))
        #expect(result.output.split(separator: "\n").count == 4)
        #expect(try run(["run", "--state", "in.jsonl"], input: "[]\n").output.isEmpty)
    }

    @Test("An expectation that fails: exit status 2, line, field, expected and found")
    func expectation() throws {
        let result = try run(
            ["run", "in.jsonl"],
            input: Self.deposit + "{\"do\":\"expect\",\"account\":\"alice\",\"cash\":\"11\"}\n"
        )
        #expect(result.status == 2)
        #expect(result.errors == "in.jsonl:2: \"cash\" of alice is 10; expected 11\n")
    }

    @Test("A file that cannot be read, or a line that is too long: exit status 2 and the reason")
    func files() throws {
        let missing = try run(["run", "missing.jsonl"], input: "")
        #expect(missing.status == 2)
        #expect(missing.errors == "missing.jsonl: cannot open it: No such file or directory\n")
        let folder = try run(["run", "."], input: "")
        #expect(folder.status == 2 && folder.errors.hasPrefix(".: cannot read it: "))
        let receipts = try run(["run", "in.jsonl", "--receipts", "no/where"], input: Self.deposit)
        #expect(receipts.status == 2 && receipts.errors.hasPrefix("no/where: cannot write it: "))
        let long = try run(["run", "in.jsonl"], input: String(repeating: " ", count: 1_200_000))
        #expect(long.status == 2 && long.errors.contains("a line of more than 1048576 bytes"))
    }

    @Test("Receipts are written to their file")
    func receipts() throws {
        let scenario = try Repository.text("Tests/Scenarios/liquidation-4-fund.jsonl")
        let result = try run(["run", "in.jsonl", "--state", "--receipts", "/dev/stderr"], input: scenario)
        #expect(result.status == 0)
        #expect(result.errors.hasPrefix("{\"episode\":1,\"account\":\"alice\",\"at\":0,\"why\":{"))
        #expect(result.errors.split(separator: "\n").count == 1)
    }
}
