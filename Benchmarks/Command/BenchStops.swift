import ArgumentParser

/// `zerosum bench stops`.
struct BenchStops: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stops",
        abstract: "Trailing stops that fall due at one price, until none waits."
    )

    @Option(help: "How many stops, 1 to 1,000,000; several numbers show whether the time grows with them.")
    var stops: [Int] = [10_000, 20_000, 40_000, 80_000]
    @Option(help: "Runs, at least 1; the median counts.") var runs = 5
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if let stops = stops.first(where: { $0 < 1 || $0 > 1_000_000 }) {
            throw ValidationError("--stops is \(stops); expected 1 to 1,000,000")
        }
        if runs < 1 { throw ValidationError("--runs is \(runs); expected at least 1") }
    }

    func run() throws {
        var report = BenchReport(
            "stops",
            measured:
                "trailing stops of 200 an account, all due at one mark, at most 4,096 made active by a price "
                + "command, so that prices follow until none waits: all commands together and the longest; "
                + "cancelled: nobody holds a position; traded: each sells a lot into bids of 200 prices; "
                + "walked: each sells one at a price of its own; "
                + "one thread, median run",
            leftOut: "journal, network, publishing; liquidations, which nobody is near"
        )
        for (ending, name) in [
            (StopBench.Ending.cancelled, "cancelled"), (.traded, "traded"), (.walked, "walked"),
        ] {
            for count in stops {
                let storms = (0..<runs).map { _ in StopBench.storm(stops: count, ending) }
                    .sorted { $0.nanoseconds < $1.nanoseconds }
                let storm = storms[runs / 2]
                report.add("\(name)\(count)", Double(storm.nanoseconds) / 1e6, "ms")
                report.add("\(name)\(count)longest", Double(storm.longest) / 1e6, "ms")
                report.add("\(name)\(count)prices", storm.prices)
            }
        }
        output.show(report)
    }
}
