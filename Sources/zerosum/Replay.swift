import ArgumentParser
import ExchangeCore
import ExchangeText
import Foundation
import StressLab

/// `zerosum replay`: a real crash through the engine.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Replay a crash through the engine: who is liquidated, who pays, who is sent home.",
        discussion: """
            Without --tape the path is drawn through twenty published facts of 10 October 2025 (AVAX, AAVE,
            DOT, XLM, TRX). A tape is one of: one-second bars (venue,symbol,sec,open,high,low,close,…),
            Binance klines, Tardis trades; a name that ends in .gz is unpacked with gzip.

            Holders are drawn from published marginals, makers quote round the perpetual's price as deep as
            the curve says. Left out: holders' own orders during the crash, the tape's volume, funding, and
            positions opened at other prices than the first.
            """
    )

    @Option(help: "The tape.") var tape: String?
    @Option(help: "The market: a symbol on the tape, or its beginning.") var market = "AVAX"
    @Option(help: "Spot series that make the index, as venue:symbol, separated by commas.") var indexFrom:
        String?
    @Option(help: "What the mark follows: index, or last.") var mark = "index"
    @Flag(help: "Replay twice, with the mark on the last price and on the index, side by side.") var compare =
        false
    @Option(help: "Leveraged holders, 2 to 1,000,000; some 50,000 have as much as there may be.")
    var accounts = 20_000
    @Option(help: "Seed of the population.") var seed: UInt64 = 1
    @Option(help: "Depth multipliers over time: lines of second,multiplier.") var depthCurve: String?
    @Option(help: "Depth within 1 % on a normal day, as a part of open interest.") var depth = 0.03
    @Option(help: "Insurance fund, as a part of open interest.") var fund = 0.005
    @Option(help: "Backstop vault, as a part of open interest.") var vault = 0.01
    @Option(help: "Who is deleveraged first: whale, returnTimesLeverage, or another of Specs/selections.md.")
    var selection = "whale"
    @Option(help: "Write the end as JSON to this file.") var json: String?
    @Option(
        help: "Write every receipt to this file, one JSON object a line (with --compare: of the index run)."
    )
    var receipts: String?

    func validate() throws {
        if mark != "index" && mark != "last" {
            throw ValidationError("--mark is \"\(mark)\"; expected index or last")
        }
        if accounts < 2 || accounts > 1_000_000 {
            throw ValidationError("--accounts is \(accounts); expected 2 to 1,000,000")
        }
        for (name, value) in [("depth", depth), ("fund", fund), ("vault", vault)]
        where !(value >= 0 && value <= 10) {
            throw ValidationError("--\(name) is \(value); expected 0 to 10")
        }
        if chosen == nil {
            let terms = ReplayCommand.selections.map { "\($0.term)" }.joined(separator: ", ")
            throw ValidationError("--selection is \"\(selection)\"; expected one of \(terms)")
        }
        if market.isEmpty || market.utf8.count > 16 || !market.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) {
            throw ValidationError("--market is \"\(market)\"; expected 1 to 16 printable characters")
        }
    }

    private var chosen: Selection? {
        ReplayCommand.selections.first { $0.term.description == selection }
    }

    private static let selections = (UInt8.min...UInt8.max).compactMap { Selection(rawValue: $0) }

    func run() throws {
        do {
            try replay()
        } catch let error as TapeError {
            fail("\(tape ?? "published facts"): \(error)")
            throw ExitCode(2)
        } catch let error as ReplayRefusal {
            fail("\(error)")
            throw ExitCode(2)
        } catch let error as FileError {
            fail("\(error)")
            throw ExitCode(2)
        }
    }

    private func replay() throws {
        let source = try loadTape()
        var options = ReplayOptions()
        options.market = market
        options.indexFrom = indexFrom.map { $0.split(separator: ",").map(String.init) } ?? []
        options.accounts = accounts
        options.seed = seed
        options.depth = depth
        options.fund = fund
        options.vault = vault
        options.selection = chosen ?? .whale
        if let depthCurve { options.depthCurve = try loadDepthCurve(depthCurve) }
        let marks: [MarkMethod] = compare ? [.last, .index] : [mark == "last" ? .last : .index]
        var runs: [ReplayReport.Run] = []
        for method in marks {
            options.mark = method
            runs.append(try play(source, options, receipts: method == marks.last ? receipts : nil))
        }
        let report = ReplayReport(runs: runs)
        print(report.text, terminator: "")
        if let json {
            let file = try OutputFile(path: json)
            file.bytes = report.json
            try file.flush()
        }
    }

    private func play(_ source: Tape, _ options: ReplayOptions, receipts: String?) throws -> ReplayReport.Run
    {
        let title = options.mark == .last ? "mark = last price" : "mark = index"
        let file = try receipts.map { try OutputFile(path: $0) }
        var writer = ReceiptJSON()
        var names = NameTable()
        let clock = ContinuousClock()
        var elapsed = Duration.zero
        let replay = try Replay(tape: source, options: options)
        if let market = replay.exchange.marketView(MarketID(0)) {
            names.addMarket(symbol: options.market, tickSize: market.tickSize, lotSize: market.lotSize)
        }
        print("\(title): " + replay.seriesNames.joined(separator: ", "))
        var progress = Progress(title: title)
        while !replay.isOver {
            let began = clock.now
            replay.step { events, at in
                if let file { writer.append(events, at: at, names: names, to: &file.bytes) }
            }
            elapsed += clock.now - began
            try file?.flushIfLarge()
            progress.show(replay)
        }
        progress.finish()
        replay.finish()
        try file?.flush()
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return ReplayReport.Run(title: title, tally: replay.tally, elapsed: seconds)
    }

    // MARK: Files

    private func loadTape() throws -> Tape {
        guard let path = tape else {
            fail("no --tape: the path is drawn through the published facts of 10 October 2025")
            return PublishedFacts.tape
        }
        var made = Tape()
        try TapeFile.forEachLine(of: path) { try made.add($0) }
        return made
    }

    private func loadDepthCurve(_ path: String) throws -> DepthCurve {
        var reader = try LineReader(path: path)
        var lines: [ArraySlice<UInt8>] = []
        while let line = try reader.next() { lines.append(line) }
        do {
            return try DepthCurve(lines: lines)
        } catch {
            fail("\(path): \(error)")
            throw ExitCode(2)
        }
    }
}

/// A bar on a terminal, plain lines elsewhere: simulated time, price, liquidations, fund and vault.
private struct Progress {
    let title: String
    private let isTerminal = isatty(2) == 1
    private var lastShown: Int64 = -1

    init(title: String) { self.title = title }

    mutating func show(_ replay: Replay) {
        let done =
            (replay.second - replay.firstSecond) * 100 / max(1, replay.lastSecond - replay.firstSecond + 1)
        let step = isTerminal ? done : done / 10
        if step == lastShown { return }
        lastShown = step
        let filled = Int(done / 5)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let line =
            "\(bar) \(time(replay.second)) UTC  price \(DecimalText.string(Int128(replay.tapePrice)))"
            + "  liquidated \(replay.tally.liquidatedAccounts)"
            + "  fund \(replay.exchange.fund.units / 100_000_000)"
            + "  vault \(replay.exchange.vaultEquity.units / 100_000_000)"
            + "  deleveraged \(replay.tally.deleveragedAccounts)"
        write(isTerminal ? "\r\u{1B}[K" + line : line + "\n")
    }

    func finish() { if isTerminal { write("\r\u{1B}[K") } }

    private func time(_ second: Int64) -> String {
        [second / 3_600 % 24, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(
            separator: ":"
        )
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
