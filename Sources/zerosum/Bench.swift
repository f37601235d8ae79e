import ArgumentParser
import ExchangeText
import StressLab

/// `zerosum bench`: figures, each with what was measured and what is left out.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure.",
        subcommands: [BenchCore.self]
    )
}

/// `zerosum bench core`.
struct BenchCore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "core",
        abstract: "Commands per second of the whole core on one thread, margin and ledger on.",
        discussion: """
            Limit orders (about half), cancels, market orders (8 %) and price commands (1 %), refused ones
            included; events are written. Left out: journal, network, making and decoding of commands,
            client ids.
            """
    )

    @Option(help: "Markets, 1 to 16,384.") var markets = 1
    @Option(help: "User accounts, 2 to 4,000,000.") var users = 1_000
    @Option(help: "Commands that count.") var commands = 2_000_000
    @Option(help: "Commands before them that do not.") var warmUp = 500_000
    @Option(help: "Seed of the stream.") var seed: UInt64 = 1
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        if markets < 1 || markets > 16_384 {
            throw ValidationError("--markets is \(markets); expected 1 to 16,384")
        }
        if users < 2 || users > 4_000_000 {
            throw ValidationError("--users is \(users); expected 2 to 4,000,000")
        }
        if commands < 1 || warmUp < 0 {
            throw ValidationError("--commands must be at least 1, --warm-up not negative")
        }
    }

    func run() throws {
        let bench = CoreBench(markets: markets, users: users, seed: seed)
        let result = bench.run(commands: commands, warmUp: warmUp)
        if json {
            var writer = JSONWriter()
            writer.beginObject()
            let fields: [(String, Int)] = [
                ("markets", result.markets), ("users", result.users), ("commands", result.commands),
                ("accepted", result.accepted), ("trades", result.trades), ("resting", result.resting),
                ("nanoseconds", Int(result.seconds * 1e9)), ("commandsPerSecond", Int(result.rate)),
                ("eventBytes", result.eventBytes),
            ]
            for (name, value) in fields {
                writer.key(name)
                writer.integer(Int128(value))
            }
            writer.endObject()
            print(String(decoding: writer.bytes, as: UTF8.self))
            return
        }
        print(
            """
            \(Int(result.rate)) commands a second: \
            \(result.commands) commands in \(Int(result.seconds * 1e3)) ms, \
            \(result.accepted * 100 / max(1, result.commands)) % accepted, \(result.trades) trades, \
            \(result.eventBytes / max(1, result.commands)) bytes of events a command
            whole core, margin and ledger on, one thread, \(result.markets) markets, \(result.users) users, \
            \(result.resting) orders resting at the end
            left out: journal, network, making and decoding commands, client ids
            """
        )
    }
}
