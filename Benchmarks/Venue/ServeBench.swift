import ExchangeCore
import ExchangeEdge
import ExchangeRuntime
import ExchangeServer
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Durable orders from the socket to the answer, over HTTP and over the WS-API, with streams connected:
/// signed requests against a venue of its own, and an echo on the same stack beside it.
struct ServeBench: Sendable {
    /// What was found of one wire; times in µs.
    struct Result: Sendable {
        /// Orders a second, each connection sending the next when the last is answered.
        var ordersPerSecond = 0
        /// Orders of that run.
        var orders = 0
        /// Orders of all runs that were not answered with 200.
        var refused = 0
        /// Orders a group in that run, on average.
        var ordersPerGroup = 0
        /// µs that a group took to be durable in that run, on average.
        var commit: Int64 = 0
        /// Commands whose rows the history did not have when that run ended.
        var historyBehind = 0
        /// By the clock: at half of what is to be reached, and at half of what was reached.
        var steady: [Steady] = []
    }

    /// What was found at one rate; times in µs from the moment planned for a request to its answer.
    struct Steady: Sendable {
        /// Orders a second.
        var rate = 0
        /// Half of the answers are not slower.
        var p50: Int64 = 0
        /// 99 % are not slower.
        var p99: Int64 = 0
        /// µs that a group took to be durable meanwhile, on average.
        var commit: Int64 = 0
        /// The same of an echo at that rate.
        var echoP50: Int64 = 0
        /// The same of an echo at that rate.
        var echoP99: Int64 = 0
        /// What `p99` is to be at most.
        var bound: Int64 { echoP99 + 2 * commit }
    }

    /// What was found of both wires.
    struct Results: Sendable {
        /// Over HTTP.
        var http = Result()
        /// Over the WS-API.
        var webSocket = Result()
        /// Messages that those who listened to streams got meanwhile.
        var streamMessages = 0
        /// How many of those who listened were cut off.
        var streamsLost = 0
    }

    /// Half of the orders a second that are to be reached.
    static let askedRate = 7_500

    private let count: Int
    private let connections: Int
    private let listeners: Int

    /// So many orders a run, over so many connections, while so many listen to streams.
    init(orders: Int, connections: Int, listeners: Int = 8) {
        count = orders
        self.connections = connections
        self.listeners = listeners
    }

    static let market = """
        {"do":"market","symbol":"BTCUSDT","tickSize":"0.1","lotSize":"0.001",\
        "tiers":[{"maintenance":"0.004","leverage":125}],"staleAfterSeconds":86400}
        """

    /// A venue of one market with a price, in an empty directory.
    static func startVenue(in directory: String) async throws -> Venue {
        var options = VenueOptions(directory: directory)
        options.port = 0
        options.isPlayground = true
        options.configuration = ServeBench.market
        let venue = try await Venue.start(
            options,
            log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        try await venue.apply(.price(PriceUpdate(market: MarketID(0), price: Price(500_000))))
        return venue
    }

    /// Runs it in a directory that must be empty, on the disk that is to be measured.
    func run(in directory: String) async throws -> Results {
        let venue = try await ServeBench.startVenue(in: directory)
        let key = try await venue.playgroundKey()
        let load = RequestLoad(port: venue.port, connections: connections)
        let streams = try await load.listen(paths(venue, key.name))
        var results = Results()
        var orders = OrderRequests(name: key.name, secret: key.secret)
        results.http = try await measure(venue, load, .http, &orders)
        results.webSocket = try await measure(venue, load, ServeBench.api, &orders)
        results.streamMessages = streams.messages
        results.streamsLost = streams.lost
        await load.stop()
        await venue.stop()
        try await addEcho(&results, &orders)
        return results
    }

    static let api = LoadWire.webSocket("/ws-fapi/v1")

    /// The account's own stream, and streams of the market.
    private func paths(_ venue: Venue, _ key: String) -> [String] {
        let name = venue.listenKey(of: key) ?? ""
        let market = "btcusdt@depth@100ms/btcusdt@aggTrade/btcusdt@bookTicker/btcusdt@kline_1m/!markPrice@arr"
        return (0..<listeners).map { $0 == 0 ? "/ws/\(name)" : "/stream?streams=\(market)" }
    }

    /// One wire: as fast as answers come, then by the clock.
    private func measure(
        _ venue: Venue,
        _ load: RequestLoad,
        _ wire: LoadWire,
        _ orders: inout OrderRequests
    ) async throws -> Result {
        var result = Result()
        let before = venue.counts
        let closed = try await load.run(orders.next(count, wire), over: wire, rate: nil)
        let after = venue.counts
        result.orders = count
        result.refused = closed.refused
        result.ordersPerSecond = Int(Double(count) * 1e6 / Double(max(1, closed.elapsed)))
        (result.ordersPerGroup, result.commit) = ServeBench.groups(before, after)
        result.historyBehind = venue.historyBehind
        for rate in [ServeBench.askedRate, max(1, result.ordersPerSecond / 2)] {
            // What the run before left over is not this one's.
            while venue.historyBehind > 0 {
                try await Task.sleep(for: .milliseconds(20))
            }
            let requests = orders.next(count, wire)
            let before = venue.counts
            let open = try await load.run(requests, over: wire, rate: rate)
            var steady = Steady(rate: rate)
            (steady.p50, steady.p99) = ServeBench.percentiles(open.latencies)
            (_, steady.commit) = ServeBench.groups(before, venue.counts)
            result.refused += open.refused
            result.steady.append(steady)
        }
        return result
    }

    /// Commands a group and µs a commit between two moments.
    private static func groups(_ before: SequencerCounts, _ after: SequencerCounts) -> (Int, Int64) {
        let groups = max(1, Int64(after.groups - before.groups))
        return (
            Int(Int64(after.commands - before.commands) / groups),
            (after.commitTotal - before.commitTotal) / groups
        )
    }

    /// The same requests at the same rates against a server that answers at once.
    private func addEcho(_ results: inout Results, _ orders: inout OrderRequests) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await SocketServer(
            host: "127.0.0.1",
            port: 0,
            tls: nil,
            group: group,
            responder: Echo()
        )
        let load = RequestLoad(port: server.port, connections: connections)
        func echo(_ steady: inout Steady, _ wire: LoadWire) async throws {
            let outcome = try await load.run(orders.next(count, wire), over: wire, rate: steady.rate)
            (steady.echoP50, steady.echoP99) = ServeBench.percentiles(outcome.latencies)
        }
        for index in results.http.steady.indices { try await echo(&results.http.steady[index], .http) }
        for index in results.webSocket.steady.indices {
            try await echo(&results.webSocket.steady[index], ServeBench.api)
        }
        await load.stop()
        await server.close()
        try await group.shutdownGracefully()
    }

    static func percentiles(_ latencies: [Int64]) -> (p50: Int64, p99: Int64) {
        let sorted = latencies.sorted()
        if sorted.isEmpty { return (0, 0) }
        return (sorted[sorted.count / 2], sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }
}

/// Answers at once, over either wire.
private struct Echo: HTTPResponder {
    let sockets = OpenSockets()
    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        reply(.json(Array(request.uri.utf8)))
    }

    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)? {
        EchoSession()
    }
}

private final class EchoSession: WebSocketSession {
    var isQuiet: Bool { false }
    func opened(_ connection: WebSocketConnection) {}
    func received(_ text: [UInt8], on connection: WebSocketConnection) { connection.send(text) }
    func closed(_ connection: WebSocketConnection) {}
}
