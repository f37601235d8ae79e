import ExchangeCore
import ExchangeText
import Foundation
import Testing

@testable import StressLab

/// Plays a tape to its end.
private func play(_ tape: Tape, _ change: (inout ReplayOptions) -> Void) throws -> ReplayReport.Run {
    var options = ReplayOptions()
    options.accounts = 300
    change(&options)
    let replay = try Replay(tape: tape, options: options)
    while !replay.isOver { replay.step { _, _ in } }
    replay.finish()
    return ReplayReport.Run(title: "a run", tally: replay.tally, elapsed: 2)
}

/// The published facts from the fall on: before it nothing moves, and a debug build is slow.
private let facts: Tape = {
    var tape = PublishedFacts.tape
    for place in tape.series.indices {
        tape.series[place].bars.removeAll { $0.second < PublishedFacts.fall }
    }
    return tape
}()

/// What must hold whatever was played (LED-4, RCP-5).
private func expectSound(_ tally: ReplayTally) {
    #expect(tally.conservation == 0)
    #expect(tally.receiptSum == 0)
    #expect(tally.deposits > 0)
    #expect(tally.openInterestBefore > 0)
    #expect(tally.refused == 0)
}

@Suite("Replays of the published facts: conservation, determinism, the mark (LED-4, RCP-5, DET-1, PX-4)")
struct ReplayTests {
    @Test("AVAX on the last price and on the index: the first liquidates more, both add up")
    func marks() throws {
        let last = try play(facts) { $0.mark = .last }.tally
        let index = try play(facts) { $0.mark = .index }.tally
        for tally in [last, index] { expectSound(tally) }
        #expect(last.openInterestBefore == index.openInterestBefore)
        #expect(index.liquidatedAccounts > 0)
        #expect(last.liquidatedAccounts > index.liquidatedAccounts)
        #expect(last.stateHash != index.stateHash)
    }

    @Test("The same seed ends in the same state, another seed in another")
    func seeds() throws {
        let runs = try [1, 1, 2].map { (seed: UInt64) in
            try play(facts) {
                $0.seed = seed
                $0.accounts = 100
            }.tally
        }
        #expect(runs[0].stateHash == runs[1].stateHash && runs[0].commands == runs[1].commands)
        #expect(runs[0].stateHash != runs[2].stateHash)
    }

    @Test("Every selection runs, and they choose differently")
    func selections() throws {
        // Without fund and vault the deleveraged bear all, so that it matters who they are.
        let tallies = try [Selection.whale, .returnTimesLeverage, .proRataByProfit].map { selection in
            try play(facts) {
                $0.selection = selection
                $0.fund = 0
                $0.vault = 0
                $0.depth = 0
            }.tally
        }
        for tally in tallies {
            expectSound(tally)
            #expect(tally.deleveragedAccounts > 0 && tally.byDeleveraging > 0)
            // The fund has nothing but what is rounded up in its favour.
            #expect(tally.fundPaid < 100_000_000 && tally.vaultBore == 0 && tally.byBook == 0)
            #expect(tally.deleveragingDelay.map { $0 >= 0 } == true)
        }
        #expect(Set(tallies.map { "\($0.stateHash)" }).count == 3)
    }

    @Test("Whatever the population, nobody is refused a position", arguments: [1, 2, 3, 4, 5])
    func opening(seed: UInt64) throws {
        var options = ReplayOptions()
        options.accounts = 600
        options.seed = seed
        let tally = try Replay(tape: facts, options: options).tally
        #expect(tally.refused == 0)
        #expect(tally.holders == 600)
        #expect(tally.openInterestBefore > 0)
    }

    @Test("With any selection, and as few holders as can be, nothing is refused", arguments: [2, 40])
    func nothingRefused(accounts: Int) throws {
        for selection in (UInt8.min...UInt8.max).compactMap({ Selection(rawValue: $0) }) {
            expectSound(
                try play(facts) {
                    $0.selection = selection
                    $0.accounts = accounts
                }.tally
            )
        }
    }

    @Test("What is refused while it is set up is told by command and status, and nothing is replayed")
    func refusedSetUp() throws {
        var options = ReplayOptions()
        options.accounts = 10
        // More money than there may be (LED-1).
        options.fund = 1e9
        options.vault = 1e9
        let error = #expect(throws: ReplayRefusal.self) { try Replay(tape: facts, options: options) }
        #expect(error?.command.kind == .configureVault && error?.status == .pileLimit)
        #expect(
            error?.description
                == "the set-up of the replay was refused: vault came back with the status pileLimit"
        )
    }

    @Test("RCP-5 What an owner's other accounts paid is a part of the sum")
    func recourse() {
        var tally = ReplayTally()
        var ended = EpisodeEnded.zero
        (ended.deficit, ended.recourse, ended.fund) = (Amount(10), Amount(7), Amount(3))
        tally.take(.episodeEnded(ended), at: 0)
        #expect(tally.recourse == 7 && tally.receiptSum == 0)
    }

    @Test("Every market of the facts plays", arguments: PublishedFacts.facts.map(\.market))
    func markets(market: String) throws {
        expectSound(
            try play(facts) {
                $0.market = market
                $0.accounts = 60
            }.tally
        )
    }

    @Test("A tape that the mark cannot be made of is refused with what to do")
    func refusals() throws {
        let klines = try tape("1700000000,5,5,5,5,1")
        let noIndex = TapeError(
            line: 0,
            message: "nothing on the tape makes an index of AVAX",
            expected: "a spot series, --index-from, or --mark last"
        )
        #expect(throws: noIndex) { try Replay(tape: klines, options: ReplayOptions()) }
        var options = ReplayOptions()
        options.mark = .last
        options.accounts = 10
        #expect(try Replay(tape: klines, options: options).seriesNames == ["perpetual klines:PERP"])
    }

    @Test("Prices and times at a tape's bounds do not trap", arguments: ["1000000000", "0.00000001"])
    func bounds(price: String) throws {
        let text =
            "venue,symbol,sec,open,high,low,close\n"
            + "a,X_PERP,72057594037,\(price),1000000000,0.00000001,\(price)\n"
        let made = try play(try tape(text)) {
            $0.market = "X"
            $0.mark = .last
            $0.accounts = 20
        }
        #expect(made.tally.conservation == 0)
    }
}

@Suite("The report of a replay")
struct ReplayReportTests {
    @Test("The text names every step, the equation with its 0, and the speed")
    func text() throws {
        let run = try play(facts) { $0.accounts = 100 }
        let lines = ReplayReport(runs: [run, run]).text.split(separator: "\n").map(String.init)
        for name in [
            "holders, of whom liquidated  ", "step 2, netted", "step 3, book", "step 4, fund paid",
            "step 5, volunteers", "step 6, vault took over", "step 7, deleveraged",
            "step 8, residual closed", "deficit", "  borne by the owners' other accounts",
            "  borne by the fund", "  borne by the vault",
            "  given up by the deleveraged", "  charged to open interest, or debt", "  rounding paid in",
            "fund before · lowest · after", "vault before · lowest · after", "deleveragings, accounts",
            "  needed", "  taken", "  overshoot", "  first after the first liquidation",
        ] {
            #expect(lines.contains { $0.hasPrefix(name) }, "\(name)")
        }
        #expect(lines.first { $0.hasPrefix("  left over (must be 0)") }?.hasSuffix(" 0.00000000") == true)
        let equation = lines.filter { $0.hasPrefix("a run: deposits ") }
        #expect(equation.count == 2 && equation.allSatisfy { $0.hasSuffix(" = 0") })
        let speed =
            "a run: \(run.tally.played) commands, \(run.tally.played / 2) a second, 0 refused, "
        #expect(lines.contains { $0.hasPrefix(speed) })
    }

    @Test("The JSON is read by our own parser and says what the tally says")
    func json() throws {
        let run = try play(facts) { $0.accounts = 100 }
        let report = try JSONParser.parse(ReplayReport(runs: [run, run]).json)
        guard case .array(let runs)? = report["runs"] else {
            Issue.record("no runs")
            return
        }
        #expect(runs.count == 2)
        let first = try #require(runs.first)
        #expect(first["title"] == .string("a run"))
        #expect(first["conservation"] == .string("0") && first["receiptSum"] == .string("0"))
        #expect(first["holders"] == .number("100"))
        #expect(first["liquidatedAccounts"] == .number("\(run.tally.liquidatedAccounts)"))
        #expect(first["deficit"] == .string(DecimalText.string(run.tally.deficit)))
        #expect(first["commands"] == .number("\(run.tally.played)"))
    }

    @Test("A run in which nothing happened has dashes and null, no made-up numbers")
    func empty() throws {
        let run = ReplayReport.Run(title: "none", tally: ReplayTally(), elapsed: 0)
        let report = ReplayReport(runs: [run])
        let lines = report.text.split(separator: "\n")
        let delay = lines.first { $0.hasPrefix("  first after the first liquidation") }
        #expect(delay?.hasSuffix("–") == true)
        let json = try JSONParser.parse(report.json)
        guard case .array(let runs)? = json["runs"] else {
            Issue.record("no runs")
            return
        }
        #expect(runs.first?["firstDeleveragingAfterSeconds"] == .null)
    }
}

/// Where the recorded tape would be.
private enum RecordedTape {
    static let path = Repository.root.deletingLastPathComponent()
        .appending(path: "shared/data/october-10/trades-1s.csv").path
    static var isPresent: Bool { FileManager.default.fileExists(atPath: path) }
}

/// The recorded tape lies beside the project, not in it: without it the suite is shown as skipped, and the
/// published facts cover the same code.
@Suite("The recorded tape of 10 October 2025", .enabled(if: RecordedTape.isPresent))
struct RecordedTapeTests {
    @Test("AVAX with few accounts on both marks: both add up, the last price liquidates more")
    func avax() throws {
        let text = try #require(FileManager.default.contents(atPath: RecordedTape.path))
        var made = Tape()
        // Only AVAX and the header, and of it the worst quarter of an hour: a debug build is slow.
        let words = [Array("venue".utf8), Array("AVAX".utf8)]
        for line in Array(text).split(separator: UInt8(ascii: "\n")) {
            let head = line.prefix(40)
            if words.contains(where: { head.firstRange(of: $0) != nil }) { try made.add(line) }
        }
        for place in made.series.indices {
            made.series[place].bars.removeAll { $0.second < 1_760_130_900 || $0.second > 1_760_131_500 }
        }
        let perpetual = try made.perpetual(of: "AVAX")
        let spot = try made.index(of: "AVAX", from: [], besides: perpetual)
        #expect(perpetual.bars.map(\.low).min() == 602_000_000)
        #expect(spot.flatMap(\.bars).map(\.low).min() == 1_700_000_000)
        let last = try play(made) {
            $0.mark = .last
            $0.accounts = 100
        }.tally
        let index = try play(made) { $0.accounts = 100 }.tally
        for tally in [last, index] { expectSound(tally) }
        #expect(last.liquidatedAccounts > index.liquidatedAccounts)
    }
}
