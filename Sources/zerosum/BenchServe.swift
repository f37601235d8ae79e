import ArgumentParser
import ExchangeServer
import Foundation
import StressLab

/// `zerosum bench serve`.
struct BenchServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Durable orders over HTTP, against an echo on the same stack."
    )

    @Option(help: "Orders of each run, 100 to 1,000,000.") var orders = 100_000
    @Option(help: "Connections, 1 to 1,000.") var connections = 64
    @Option(help: "Where the venue's log is put, on the disk to be measured; a temporary one if left out.")
    var data: String?
    @OptionGroup var output: BenchOutput

    func validate() throws {
        if orders < 100 || orders > 1_000_000 {
            throw ValidationError("--orders is \(orders); expected 100 to 1,000,000")
        }
        if connections < 1 || connections > 1_000 {
            throw ValidationError("--connections is \(connections); expected 1 to 1,000")
        }
    }

    func run() async throws {
        let directory =
            data ?? FileManager.default.temporaryDirectory.path
            + "/zerosum-bench-\(UInt64.random(in: 0...UInt64.max))"
        defer { if data == nil { try? FileManager.default.removeItem(atPath: directory) } }
        let result = try await ServeBench(orders: orders, connections: connections).run(in: directory)
        var report = BenchReport(
            "serve",
            measured:
                "signed POST /fapi/v1/order over \(connections) connections on loopback, each order durable "
                + "before its answer; client, sockets, core and disk on the same machine; then at half that "
                + "rate by the clock, and an echo on the same stack at the same rate",
            leftOut: "a real network, TLS, fills (orders are cancelled at once), more than one account"
        )
        report.add("ordersPerSecond", result.ordersPerSecond)
        report.add("orders", result.orders)
        report.add("refused", result.refused)
        report.add("ordersPerGroup", result.ordersPerGroup)
        report.add("groupCommit", Double(result.commit), "us")
        report.add("rate", result.rate, "orders/s")
        report.add("p50", Double(result.p50), "us")
        report.add("p99", Double(result.p99), "us")
        report.add("echoP50", Double(result.echoP50), "us")
        report.add("echoP99", Double(result.echoP99), "us")
        report.add("echoP99AndTwoCommits", Double(result.echoP99 + 2 * result.commit), "us")
        output.show(report)
    }
}
