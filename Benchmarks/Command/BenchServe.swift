import ArgumentParser
import Foundation

/// `zerosum bench serve`.
struct BenchServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Durable orders over HTTP and the WS-API, against an echo on the same stack."
    )

    @Option(help: "Orders of each run, 100 to 1,000,000.") var orders = 100_000
    @Option(help: "Connections, 1 to 1,000.") var connections = 64
    @Option(help: "WebSockets that listen to streams, 0 to 1,000.") var listeners = 8
    @Option(help: "An empty directory on the disk to be measured, for the venue; by default a temporary one.")
    var data: String?
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if orders < 100 || orders > 1_000_000 {
            throw ValidationError("--orders is \(orders); expected 100 to 1,000,000")
        }
        if connections < 1 || connections > 1_000 {
            throw ValidationError("--connections is \(connections); expected 1 to 1,000")
        }
        if listeners < 0 || listeners > 1_000 {
            throw ValidationError("--listeners is \(listeners); expected 0 to 1,000")
        }
    }

    func run() async throws {
        let bench = ServeBench(orders: orders, connections: connections, listeners: listeners)
        let results = try await BenchData.use(data) { try await bench.run(in: $0) }
        var report = BenchReport(
            "serve",
            measured:
                "signed limit orders, each durable before its answer, over \(connections) connections on "
                + "loopback, HTTP first and then the WS-API, while \(listeners) WebSockets listen to the "
                + "account and the market; client, sockets, core, history and disk on the same machine; "
                + "then by the clock, once the history is complete, at \(ServeBench.askedRate) a second and "
                + "at half of what was reached, each from the moment planned for it; and an echo on the same "
                + "stack at the same rates; at most: its p99 and two group commits of that run",
            leftOut: "a real network, TLS, fills (orders are cancelled at once), more than one account"
        )
        add(results.http, "", to: &report)
        add(results.webSocket, "ws", to: &report)
        report.add("streamMessages", results.streamMessages)
        report.add("streamsLost", results.streamsLost)
        output.show(report)
    }

    private func add(_ result: ServeBench.Result, _ wire: String, to report: inout BenchReport) {
        func name(_ text: String) -> String {
            wire.isEmpty ? text : wire + text.prefix(1).uppercased() + text.dropFirst()
        }
        report.add(name("ordersPerSecond"), result.ordersPerSecond)
        report.add(name("orders"), result.orders)
        report.add(name("refused"), result.refused)
        report.add(name("ordersPerGroup"), result.ordersPerGroup)
        report.add(name("groupCommit"), Double(result.commit), "us")
        report.add(name("historyBehind"), result.historyBehind, "commands")
        for (steady, at) in zip(result.steady, ["At\(ServeBench.askedRate)", "AtHalf"]) {
            report.add(name("rate\(at)"), steady.rate, "orders/s")
            for (text, time) in [
                ("p50", steady.p50), ("p99", steady.p99), ("groupCommit", steady.commit),
                ("echoP50", steady.echoP50), ("echoP99", steady.echoP99), ("atMost", steady.bound),
            ] { report.add(name(text + at), Double(time), "us") }
        }
    }
}
