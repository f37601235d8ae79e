import ExchangeText
import Foundation
import Testing

/// The program itself, as a user runs it.
@Suite("zerosum replay: tapes, files, messages, exit status")
struct ReplayCommandTests {
    /// Ninety seconds in which the perpetual halves and spot loses a third.
    private static let tape: String = {
        var text = "venue,symbol,sec,open,high,low,close\n"
        func line(_ series: String, _ second: Int, _ price: Int) -> String {
            let decimal = "\(price / 100).\(price % 100 / 10)\(price % 10)"
            return "\(series),\(1_000 + second),\(decimal),\(decimal),\(decimal),\(decimal)\n"
        }
        for second in 0..<90 { text += line("coins,ABCUSD_PERP", second, 2_000 - 11 * second) }
        for second in 0..<90 { text += line("north,ABC-USD", second, 2_000 - 8 * second) }
        return text
    }()

    private func replay(_ arguments: [String], files: [String: Data] = ["tape.csv": Data(tape.utf8)]) throws
        -> BuiltProgram.Finished
    {
        try BuiltProgram.run(["replay", "--accounts", "120"] + arguments, files: files)
    }

    private static let usual = ["--tape", "tape.csv", "--market", "ABC"]

    @Test("A tape on both marks, side by side; JSON and receipts are files of their own")
    func compare() throws {
        let result = try replay(
            Self.usual + ["--compare", "--json", "end.json", "--receipts", "receipts.jsonl"]
        )
        #expect(result.status == 0)
        #expect(
            result.output.hasPrefix("mark = last price: perpetual coins:ABCUSD_PERP, index north:ABC-USD\n")
        )
        #expect(result.output.contains("\nmark = index: perpetual coins:ABCUSD_PERP, index north:ABC-USD\n"))
        #expect(result.output.components(separatedBy: " = 0\n").count == 3)
        // No terminal: plain lines, of which none moves the cursor.
        #expect(result.errors.contains(" UTC  price ") && !result.errors.contains("\u{1B}"))
        let json = try JSONParser.parse(Array(try #require(result.files["end.json"])))
        guard case .array(let runs)? = json["runs"] else {
            Issue.record("no runs")
            return
        }
        #expect(runs.map { $0["title"] } == [.string("mark = last price"), .string("mark = index")])
        let receipts = Array(try #require(result.files["receipts.jsonl"])).split(
            separator: UInt8(ascii: "\n")
        )
        #expect(runs.last?["episodes"] == .number("\(receipts.count)"))
        #expect(receipts.count > 0)
        for receipt in receipts { #expect(try JSONParser.parse(receipt)["episode"] != nil) }
    }

    @Test("A tape packed with gzip plays like the same tape unpacked")
    func packed() throws {
        let gzip = try BuiltProgram.run(
            URL(filePath: "/usr/bin/env"),
            ["gzip", "-k", "tape.csv"],
            files: ["tape.csv": Data(Self.tape.utf8)]
        )
        let packed = try #require(gzip.files["tape.csv.gz"])
        #expect(packed.count < Self.tape.utf8.count)
        let plain = try replay(Self.usual)
        let unpacked = try replay(
            ["--tape", "tape.csv.gz", "--market", "ABC"],
            files: ["tape.csv.gz": packed]
        )
        #expect(unpacked.status == 0)
        #expect(Self.hash(unpacked.output) == Self.hash(plain.output))
        #expect(Self.hash(plain.output).count == 32)
        let broken = try replay(
            ["--tape", "tape.csv.gz", "--market", "ABC"],
            files: ["tape.csv.gz": packed.prefix(packed.count / 2)]
        )
        #expect(broken.status == 2)
        // Far from its end a bad line is the reason, not that gzip could not write on.
        let long = "\(Self.tape)bad\n" + String(repeating: "a,b,1,1,1,1,1\n", count: 200_000)
        let bad = try BuiltProgram.run(
            URL(filePath: "/usr/bin/env"),
            ["gzip", "tape.csv"],
            files: ["tape.csv": Data(long.utf8)]
        )
        let stopped = try replay(
            ["--tape", "tape.csv.gz", "--market", "ABC"],
            files: ["tape.csv.gz": try #require(bad.files["tape.csv.gz"])]
        )
        #expect(stopped.status == 2)
        #expect(stopped.errors.contains("tape.csv.gz: line 182: columns are missing; expected venue,"))
        #expect(broken.errors.contains("tape.csv.gz: cannot unpack it: gzip ended with status 1"))
    }

    private static func hash(_ output: String) -> Substring {
        output.components(separatedBy: "state hash ").last?.prefix { $0 != "\n" } ?? ""
    }

    @Test("The options reach the engine: each ends in another state")
    func options() throws {
        var hashes: [Substring] = []
        for change in [
            [], ["--seed", "2"], ["--mark", "last"], ["--depth", "0.5"], ["--fund", "0.1"],
            ["--vault", "0.2"],
            ["--selection", "proRataByProfit"], ["--depth-curve", "curve.csv"],
        ] {
            let result = try replay(
                Self.usual + change,
                files: ["tape.csv": Data(Self.tape.utf8), "curve.csv": Data("1000,3\n1090,0.2\n".utf8)]
            )
            #expect(result.status == 0, "\(change) \(result.errors)")
            hashes.append(Self.hash(result.output))
        }
        #expect(Set(hashes).count == hashes.count)
        let named = try replay(Self.usual + ["--index-from", "north:ABC-USD"])
        #expect(Self.hash(named.output) == hashes[0])
    }

    @Test(
        "What cannot be played: exit status 2 and one line that says what was expected",
        arguments: [
            (
                ["--tape", "tape.csv", "--market", "XYZ"],
                "tape.csv: the tape has no perpetual of \"XYZ\"; expected one of ABCUSD_PERP\n"
            ),
            (
                ["--market", "XYZ"],
                "published facts: the tape has no perpetual of \"XYZ\"; expected one of AVAX_PERP, "
                    + "AAVE_PERP, DOT_PERP, XLM_PERP, TRX_PERP\n"
            ),
            (
                ["--tape", "tape.csv", "--market", "ABC", "--index-from", "a:b"],
                "tape.csv: the tape has no series \"a:b\"; expected one of coins:ABCUSD_PERP, north:ABC-USD\n"
            ),
            (["--tape", "none.csv"], "none.csv: cannot open it: No such file or directory\n"),
            (
                ["--tape", "bad.csv"],
                "bad.csv: line 2: \"x\" is no price; expected a positive decimal number of up to "
                    + "1,000,000,000\n"
            ),
            (
                ["--depth-curve", "bad.csv"],
                "bad.csv: line 1: \"1,5,5,5,5,5\" is no point of a depth curve; expected "
                    + "second,multiplier with rising seconds and a multiplier of 0 to 10\n"
            ),
            (
                ["--json", "no/where"],
                "no/where: cannot write it: No such file or directory\n"
            ),
        ]
    )
    func refused(arguments: [String], message: String) throws {
        let result = try replay(
            arguments,
            files: ["tape.csv": Data(Self.tape.utf8), "bad.csv": Data("1,5,5,5,5,5\n2,5,x,5,5,5\n".utf8)]
        )
        #expect(result.status == 2)
        #expect(result.errors.hasSuffix(message), "\(result.errors)")
    }

    @Test(
        "A bad option: its value and what was expected",
        arguments: [
            (["--mark", "mid"], "--mark is \"mid\"; expected index or last"),
            (["--accounts", "1"], "--accounts is 1; expected 2 to 1,000,000"),
            (["--depth", "11"], "--depth is 11.0; expected 0 to 10"),
            (["--fund", "nan"], "--fund is nan; expected 0 to 10"),
            (["--vault=-1"], "--vault is -1.0; expected 0 to 10"),
            (
                ["--selection", "luck"],
                "--selection is \"luck\"; expected one of whale, returnTimesLeverage"
            ),
            (["--market", ""], "--market is \"\"; expected 1 to 16 printable characters"),
            (["--speed", "9"], "Unknown option '--speed'"),
        ]
    )
    func badOption(arguments: [String], message: String) throws {
        let result = try BuiltProgram.run(["replay"] + arguments)
        #expect(result.status == 64)
        #expect(result.errors.contains("Error: \(message)"), "\(result.errors)")
        #expect(result.output.isEmpty)
    }
}
