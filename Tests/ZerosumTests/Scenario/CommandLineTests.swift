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
    }

    @Test("SCN-2 A line has at most 1 MiB, wherever blocks end; a longer one is told with its number")
    func longLines() throws {
        let longest = String(repeating: " ", count: 1 << 20)
        for (input, line) in [
            (Self.deposit + longest + "\n" + longest, nil), (Self.deposit + "\n" + longest + " ", 3),
            (longest + " \n" + Self.deposit, 1), (longest + "\n" + longest + longest + "\n", 2),
        ] {
            let result = try run(["run", "in.jsonl"], input: input)
            let told = line.map {
                "in.jsonl:\($0): cannot read it: the line is too long; expected at most 1048576 bytes\n"
            }
            #expect(result.errors == told ?? "")
            #expect(result.status == (line == nil ? 0 : 2))
        }
    }

    @Test("SCN-2 What a name has in it moves no cursor and begins no line on standard error")
    func names() throws {
        let name = #"\u001b[2J\u009b\u000a\u007f\u202ealice\u2028é"#
        let line = #"{"do":"expect","account":"\#(name)","cash":"1"}"# + "\n"
        let result = try run(["run", "in.jsonl"], input: line)
        #expect(result.status == 2)
        #expect(result.errors.contains(#"\u{1b}[2J\u{9b}\u{a}\u{7f}\u{202e}alice\u{2028}é"#))
        #expect(result.errors.count { $0 == "\n" } == 1 && result.errors.hasPrefix("in.jsonl:1: "))
        let other = try run(["run", "no\u{1b}where"], input: "")
        #expect(other.errors == "no\\u{1b}where: cannot open it: No such file or directory\n")
    }

    @Test("SCN-2 A bad line of --config is told with its file and number")
    func configuration() throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        func serve(_ line: String) throws -> BuiltProgram.Finished {
            let options = ["--data", directory + "/venue", "--listen", "127.0.0.1:0", "--config", "in.jsonl"]
            return try run(["serve"] + options, input: "{\"do\":\"fund\",\"amount\":\"5\"}\n" + line)
        }
        let unknown = try serve("{\"do\":\"dance\"}")
        #expect(unknown.status == 2)
        #expect(unknown.errors.hasPrefix("in.jsonl:2: \"do\" is \"dance\"; expected one of market,"))
        let refused = try serve("{\"do\":\"withdraw\",\"account\":\"ann\",\"amount\":\"1\"}")
        #expect(refused.status == 2)
        #expect(refused.errors.hasPrefix("in.jsonl:2: withdraw was refused: "))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/venue") == [])
    }

    @Test("An option that a benchmark cannot take is told with what was given and what is expected")
    func benchOptions() throws {
        for (arguments, given) in [
            (["stops", "--stops", "0"], "--stops is 0; expected 1 to 1,000,000"),
            (["stops", "--stops", "5", "--stops", "1000001"], "--stops is 1000001; expected"),
            (["stops", "--stops", "abc"], "'abc' is invalid for '--stops"),
            (["latency", "--rates", "0"], "--rates is 0; expected 1 to 50,000,000"),
            (["stream", "--orders", "1"], "--orders is 1; expected 2 to 5,000,000"),
            (["core", "--commands", "0"], "--commands is 0; expected at least 1"),
        ] {
            let result = try run(["bench"] + arguments, input: "")
            #expect(result.status == 64 && result.errors.contains(given), "\(result.errors)")
        }
        // A word is told with the line of the help, which has the range.
        let word = try run(["bench", "stops", "--stops", "abc"], input: "")
        #expect(word.errors.contains("How many stops, 1 to 1,000,000"))
    }

    @Test("BM-7 A benchmark's venue has a directory of its own, or none: exit status 2 and what is expected")
    func benchData() throws {
        let expected = "; expected an empty directory, or one that can be made\n"
        for (bench, directory, reason) in [
            ("refusals", "/proc/x", "cannot make it: No such file or directory"),
            ("serve", "/proc/x", "cannot make it: No such file or directory"),
            ("refusals", ".", "there is err in it"),
            ("serve", "in.jsonl", "it is no directory that can be read"),
        ] {
            let result = try run(["bench", bench, "--data", directory], input: "")
            #expect(result.status == 2)
            #expect(result.errors == "--data \(directory): \(reason)\(expected)")
        }
    }

    @Test("DUR-9 A directory without a log is told with what is expected")
    func withoutLog() throws {
        for command in ["verify", "inspect", "upgrade"] {
            let result = try run([command, "."], input: "")
            #expect(result.status == 2)
            #expect(result.errors.hasPrefix(".: no journal here; expected a venue's directory, with a log"))
        }
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
