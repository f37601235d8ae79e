import ArgumentParser
import Foundation

/// `zerosum bench refusals`.
struct BenchRefusals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refusals",
        abstract: "What others' answers take while one account sends refused cancels as quickly as it can."
    )

    @Option(help: "Orders a second of the others, by the clock, 100 to 50,000.") var rate = 2_000
    @Option(help: "Seconds of each run, 2 to 600.") var seconds = 10
    @Option(help: "The others' accounts, 1 to 100.") var accounts = 4
    @Option(help: "The others' connections, 1 to 1,000.") var connections = 16
    @Option(help: "Sockets of the one, 1 to 100.") var sockets = 8
    @Option(help: "An empty directory on the disk to be measured, for the venue; by default a temporary one.")
    var data: String?
    @OptionGroup var output: BenchOutput

    func validate() throws {
        func within(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            if range.contains(value) { return }
            let (least, most) = (range.lowerBound, range.upperBound)
            throw ValidationError("--\(name) is \(value); expected \(least) to \(most)")
        }
        try within("rate", rate, 100...50_000)
        try within("seconds", seconds, 2...600)
        try within("accounts", accounts, 1...100)
        try within("connections", connections, 1...1_000)
        try within("sockets", sockets, 1...100)
    }

    func run() async throws {
        let bench = RefusalBench(
            rate: rate,
            seconds: seconds,
            accounts: accounts,
            connections: connections,
            sockets: sockets
        )
        let results = try await BenchData.use(data) { try await bench.run(in: $0) }
        var report = BenchReport(
            "refusals",
            measured:
                "signed limit orders of \(accounts) accounts over HTTP, \(rate) a second by the clock over "
                + "\(connections) connections, each durable before its answer and counted from the moment "
                + "planned for it; beside them \(sockets) sockets of one other key that cancel orders which "
                + "are not there as quickly as they can, over HTTP and then over the WS-API, from the first "
                + "moment on; settled: without the first second, in which a burst of them is still refused "
                + "one by one; before and after: without them, in the same venue; clients and venue on the "
                + "same machine",
            leftOut: "a real network, TLS, fills (orders are cancelled at once)"
        )
        let runs = [
            ("before", results.before), ("http", results.http), ("ws", results.webSocket),
            ("after", results.after),
        ]
        for (name, run) in runs {
            for (text, time) in [
                ("P50", run.p50), ("P99", run.p99), ("SettledP99", run.settledP99), ("Highest", run.highest),
            ] { report.add(name + text, Double(time), "us") }
            report.add(name + "OthersRefused", run.refused)
        }
        for (name, run) in runs[1...2] {
            report.add(name + "Refusals", run.refusalsPerSecond, "1/s")
            report.add(name + "TurnedAway", run.turnedAwayPerSecond, "1/s")
            report.add(name + "Closed", run.lost)
        }
        output.show(report)
    }
}
