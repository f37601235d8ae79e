public import ArgumentParser
import Foundation

/// `zerosum bench`: figures, each with what was measured and what is left out.
public struct Bench: AsyncParsableCommand {
    /// Its name, and what it measures.
    public static let configuration = CommandConfiguration(
        abstract: "Measure.",
        discussion: "Times are those of the working thread (CPU), but for latency, which is by the clock.",
        subcommands: [
            BenchBook.self, BenchStream.self, BenchCore.self, BenchRisk.self, BenchLatency.self,
            BenchMemory.self, BenchStops.self, BenchServe.self, BenchRefusals.self,
        ]
    )

    /// A command that names none of them.
    public init() {}
}

/// Writes what a benchmark plays to a file; `-` is standard output.
private func write(_ bytes: [UInt8], to path: String) throws {
    if path == "-" {
        try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } else {
        try Data(bytes).write(to: URL(filePath: path))
    }
}

/// What every benchmark takes.
struct BenchOutput: ParsableArguments {
    @Flag(help: "Print one JSON object.") var json = false

    func show(_ report: BenchReport) { print(json ? report.json : report.text) }
}

/// `zerosum bench book`.
struct BenchBook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "book",
        abstract: "Messages per second of the book alone, over a published workload."
    )

    @Option(help: "static, normal, swing-25, swing-40 or flash-crash.") var scenario = "normal"
    @Option(help: "Seed of the workload; digests are published for 23.") var seed: UInt32 = 23
    @Option(help: "Orders, 2 to 10,000,000; digests are published for 1,000,000.") var orders = 1_000_000
    @Option(help: "Runs, at least 1; the median counts.") var runs = 9
    @Flag(help: "Print the SHA-256 of the report stream beside the published one.") var hash = false
    @Option(help: "Write the messages to this file (Specs/benchmarks.md) and measure nothing.") var write:
        String?
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if !BookScenario.all.contains(where: { $0.name == scenario }) {
            let names = BookScenario.all.map(\.name).joined(separator: ", ")
            throw ValidationError("--scenario is \"\(scenario)\"; expected one of \(names)")
        }
        if orders < 2 || orders > 10_000_000 {
            throw ValidationError("--orders is \(orders); expected 2 to 10,000,000")
        }
        if runs < 1 { throw ValidationError("--runs is \(runs); expected at least 1") }
    }

    func run() throws {
        guard let chosen = BookScenario.all.first(where: { $0.name == scenario }) else { return }
        let bench = BookBench(chosen, orders: orders, seed: seed)
        if let write {
            return try Benchmarks.write(bench.lines, to: write)
        }
        let result = bench.run(runs: runs)
        var report = BenchReport(
            "book \(scenario)",
            measured: "price-time matching in process, reports written to memory, one thread, median run",
            leftOut: "accounts, margin, journal, network, transport between threads"
        )
        report.add("messagesPerSecond", Int(result.rate))
        report.add("best", Int(Double(result.messages) * 1e9 / Double(result.nanoseconds.min() ?? 1)))
        report.add("messages", result.messages)
        report.add("trades", result.trades)
        report.add("reports", result.reports)
        report.add("restingAtMost", result.peak)
        if hash {
            report.texts.append(("digest", bench.digest()))
            if seed == 23, orders == 1_000_000, let published = chosen.publishedDigest {
                report.texts.append(("published", published))
            }
        }
        output.show(report)
    }
}

/// `zerosum bench stream`.
struct BenchStream: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream",
        abstract: "exchange-core's stream for one symbol: the book alone, and the whole core with margin on."
    )

    @Option(help: "Commands behind the first orders, 1 to 50,000,000.") var commands = 3_000_000
    @Option(help: "Orders that the book is to hold, 2 to 5,000,000.") var orders = 1_000
    @Option(help: "Users, 2 to 4,000,000.") var users = 1_000
    @Option(help: "Runs, at least 1; the median counts.") var runs = 5
    @Option(help: "Write the stream to this file (Specs/benchmarks.md) and measure nothing.") var write:
        String?
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if commands < 1 || commands > 50_000_000 {
            throw ValidationError("--commands is \(commands); expected 1 to 50,000,000")
        }
        if orders < 2 || orders > 5_000_000 {
            throw ValidationError("--orders is \(orders); expected 2 to 5,000,000")
        }
        if users < 2 || users > 4_000_000 {
            throw ValidationError("--users is \(users); expected 2 to 4,000,000")
        }
        if runs < 1 { throw ValidationError("--runs is \(runs); expected at least 1") }
    }

    func run() throws {
        let bench = StreamBench(markets: 1, users: users, target: orders, count: commands)
        if let write {
            return try Benchmarks.write(bench.lines, to: write)
        }
        let book = bench.runBook(runs: runs)
        let core = bench.runCore(runs: runs)
        var report = BenchReport(
            "stream",
            measured: "exchange-core's generator, seed 101572685, one symbol; one thread, median run",
            leftOut:
                "journal, network, making and decoding commands, client ids; book alone: accounts, margin"
        )
        report.add("bookCommandsPerSecond", Int(book.rate))
        report.add("coreCommandsPerSecond", Int(core.rate))
        report.add("commands", book.commands)
        report.add("drawnTrades", bench.drawnTrades)
        report.add("bookTrades", book.trades)
        report.add("coreTrades", core.trades)
        report.add("coreAccepted", core.accepted)
        report.add("eventBytesPerCommand", core.eventBytes / max(1, core.commands))
        output.show(report)
    }
}

/// `zerosum bench core`.
struct BenchCore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "core",
        abstract: "Commands per second of the whole core on one thread, margin and ledger on.",
        discussion: "exchange-core's stream shared out over markets by a Pareto law; four markets a user."
    )

    @Option(help: "Markets: 1, or a multiple of 4 up to 16,384.") var markets = 1
    @Option(help: "User accounts, up to 4,000,000; by default 1,000, 3,000 or 1,000,000.") var users: Int?
    @Option(help: "Orders that the books are to hold, at least 2; by default as many as users.")
    var orders: Int?
    @Option(help: "Commands that count, at least 1.") var commands = 3_000_000
    @Option(help: "Runs, at least 1; the median counts.") var runs = 3
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if markets < 1 || markets > 16_384 || (markets > 1 && markets % 4 != 0) {
            throw ValidationError("--markets is \(markets); expected 1 or a multiple of 4 up to 16,384")
        }
        if let users, users < max(2, markets) || users > 4_000_000 {
            throw ValidationError("--users is \(users); expected \(max(2, markets)) to 4,000,000")
        }
        let bounds = [("commands", commands, 1), ("runs", runs, 1), ("orders", orders ?? 2, 2)]
        for (name, value, least) in bounds where value < least {
            throw ValidationError("--\(name) is \(value); expected at least \(least)")
        }
    }

    func run() throws {
        let users = self.users ?? (markets == 1 ? 1_000 : markets <= 1_000 ? 30 * markets : 100 * markets)
        let orders = self.orders ?? users
        let bench = StreamBench(markets: markets, users: users, target: orders, count: commands)
        let result = bench.runCore(runs: runs)
        var report = BenchReport(
            "core \(markets)",
            measured: "whole core, margin, ledger and events on, one thread, batches of 1,024, median run",
            leftOut: "journal, network, making and decoding commands, client ids"
        )
        report.add("commandsPerSecond", Int(result.rate))
        report.add("markets", markets)
        report.add("users", users)
        report.add("commands", result.commands)
        report.add("accepted", result.accepted)
        report.add("trades", result.trades)
        report.add("resting", result.resting)
        report.add("eventBytesPerCommand", result.eventBytes / max(1, result.commands))
        output.show(report)
    }
}

/// `zerosum bench risk`.
struct BenchRisk: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risk",
        abstract: "Prices over accounts with three positions, a burst of liquidations, snapshot, replay."
    )

    @Option(help: "Accounts, an even number, 2 to 4,000,000.") var accounts = 1_000_000
    @Option(help: "Markets, 3 to 1,000.") var markets = 50
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if accounts < 2 || accounts > 4_000_000 || accounts % 2 != 0 {
            throw ValidationError("--accounts is \(accounts); expected an even number, 2 to 4,000,000")
        }
        if markets < 3 || markets > 1_000 {
            throw ValidationError("--markets is \(markets); expected 3 to 1,000")
        }
    }

    func run() throws {
        var report = BenchReport(
            "risk",
            measured: "accounts of three positions at leverages 2 to 20, one thread; the burst with receipts",
            leftOut: "journal, network; lights: handing the copy to another thread"
        )
        report.add("accounts", accounts)
        report.add("markets", markets)
        let burst = RiskBench.burst(markets: 44, liquidations: 11_279)
        report.add("burstMilliseconds", Double(burst.nanoseconds) / 1e6, "ms")
        report.add("burstLiquidations", burst.liquidated)
        report.add("burstDeleveragings", burst.deleveraged)
        report.add("burstEventBytes", burst.eventBytes)
        let lights = RiskBench.lights(positions: accounts)
        report.add("lightsPositions", lights.lit)
        report.add("lightsCopyMilliseconds", Double(lights.copy) / 1e6, "ms")
        report.add("lightsMilliseconds", Double(lights.workOut) / 1e6, "ms")
        var bench = RiskBench(markets: markets, accounts: accounts)
        let snapshot = bench.snapshot()
        report.add("snapshotMilliseconds", Double(snapshot.write) / 1e6, "ms")
        report.add("restoreMilliseconds", Double(snapshot.read) / 1e6, "ms")
        report.add("snapshotBytes", snapshot.bytes)
        let replay = bench.replay()
        report.add("replayCommandsPerSecond", Int(Double(replay.commands) * 1e9 / Double(replay.nanoseconds)))
        for (move, count) in [(1, 100_000), (10, 10_000), (100, 1_000)] {
            let prices = bench.prices(basisPoints: move, count: count)
            report.add("price\(move)bp", prices.nanoseconds / 1e3, "µs")
            report.add("liquidatedAt\(move)bp", prices.liquidated)
        }
        output.show(report)
    }
}

/// `zerosum bench latency`.
struct BenchLatency: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Latency of a command by rate, in an open loop with planned times."
    )

    @Option(help: "Commands at each rate, 1,000 to 10,000,000.") var commands = 500_000
    @Option(help: "Rates, 1 to 50,000,000 commands a second.")
    var rates: [Int] = [200_000, 500_000, 1_000_000, 2_000_000]
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if commands < 1_000 || commands > 10_000_000 {
            throw ValidationError("--commands is \(commands); expected 1,000 to 10,000,000")
        }
        if let rate = rates.first(where: { $0 < 1 || $0 > 50_000_000 }) {
            throw ValidationError("--rates is \(rate); expected 1 to 50,000,000 commands a second")
        }
    }

    func run() throws {
        let bench = LatencyBench(commands: commands)
        var report = BenchReport(
            "latency",
            measured: "exchange-core's stream, one market, 1,000 users, margin on; planned time to done",
            leftOut: "journal, network, decoding; the machine is shared: its pauses are in the tails"
        )
        for rate in rates {
            let result = bench.run(rate: rate)
            let name = "at\(rate)"
            report.add(name + "p50", result.p50, "ns")
            report.add(name + "p90", result.p90, "ns")
            report.add(name + "p99", result.p99, "ns")
            report.add(name + "p99.9", result.p999, "ns")
            report.add(name + "p99.99", result.p9999, "ns")
            report.add(name + "highest", result.highest, "ns")
        }
        output.show(report)
    }
}

/// `zerosum bench memory`.
struct BenchMemory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Resident bytes an account with one position, and a resting order."
    )

    @Option(help: "Accounts, an even number, 10,000 to 4,000,000.") var accounts = 1_000_000
    @Option(help: "Resting orders an account, 1 to 20.") var orders = 2
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if accounts < 10_000 || accounts > 4_000_000 || accounts % 2 != 0 {
            throw ValidationError("--accounts is \(accounts); expected an even number, 10,000 to 4,000,000")
        }
        if orders < 1 || orders > 20 { throw ValidationError("--orders is \(orders); expected 1 to 20") }
    }

    func run() throws {
        let bytes = MemoryBench.run(accounts: accounts, orders: orders)
        var report = BenchReport(
            "memory",
            measured: "growth of resident memory by /proc/self/statm, tables and indices included",
            leftOut: "client ids, request keys"
        )
        report.add("accounts", accounts)
        report.add("bytesPerAccountWithPosition", bytes.account, "B")
        report.add("bytesPerRestingOrder", bytes.order, "B")
        output.show(report)
    }
}
