import Crypto
import ExchangeCore
import ExchangeRuntime
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix

/// Durable orders over HTTP, from the socket to the answer: signed requests against a venue of its own, and
/// an echo on the same stack beside it.
public struct ServeBench: Sendable {
    /// What was found; times in µs.
    public struct Result: Sendable {
        /// Orders a second, each connection sending the next when the last is answered.
        public var ordersPerSecond = 0
        /// Orders of that run, and how many were refused.
        public var orders = 0
        /// Orders that were not answered with 200.
        public var refused = 0
        /// Orders a group, on average, and how long a group took to be durable.
        public var ordersPerGroup = 0
        /// µs that a group took to be durable, on average.
        public var commit: Int64 = 0
        /// The rate of the second run: half of the first one's.
        public var rate = 0
        /// Half of the answers are not slower.
        public var p50: Int64 = 0
        /// 99 % are not slower.
        public var p99: Int64 = 0
        /// The same of an echo at that rate.
        public var echoP50: Int64 = 0
        /// The same of an echo at that rate.
        public var echoP99: Int64 = 0
    }

    private let count: Int
    private let connections: Int

    /// So many orders a run, over so many connections.
    public init(orders: Int, connections: Int) {
        count = orders
        self.connections = connections
    }

    private static let market = """
        {"do":"market","symbol":"BTCUSDT","tickSize":"0.1","lotSize":"0.001",\
        "tiers":[{"maintenance":"0.004","leverage":125}],"staleAfterSeconds":86400}
        """

    /// Runs it in a directory that must be empty, on the disk that is to be measured.
    public func run(in directory: String) async throws -> Result {
        var options = VenueOptions(directory: directory)
        options.port = 0
        options.isPlayground = true
        options.configuration = ServeBench.market
        options.segmentSize = 64 << 20
        let venue = try await Venue.start(
            options,
            log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        )
        var price = PriceUpdate()
        price.market = MarketID(0)
        price.price = Price(500_000)
        try await venue.perform(all: [.price(price)])
        let key = try await venue.playgroundKey()
        let load = HTTPLoad(port: venue.port, connections: connections)
        var result = Result()
        let before = venue.sequencer.progress
        let closed = try await load.run(requests(key, from: 0), rate: nil)
        let after = venue.sequencer.progress
        result.orders = count
        result.refused = closed.refused
        result.ordersPerSecond = Int(Double(count) * 1e6 / Double(max(1, closed.elapsed)))
        let groups = max(1, Int64(after.groups - before.groups))
        result.ordersPerGroup = Int(Int64(after.commands - before.commands) / groups)
        result.commit = (after.commitTotal - before.commitTotal) / groups
        result.rate = max(1, result.ordersPerSecond / 2)
        let open = try await load.run(requests(key, from: count), rate: result.rate)
        (result.p50, result.p99) = ServeBench.percentiles(open.latencies)
        await load.stop()
        await venue.stop()
        (result.echoP50, result.echoP99) = try await echo(key, rate: result.rate)
        return result
    }

    /// The same requests at the same rate against a server that answers at once.
    private func echo(_ key: (account: Int32, name: String, secret: String), rate: Int) async throws -> (
        Int64, Int64
    ) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await SocketServer(
            host: "127.0.0.1",
            port: 0,
            tls: nil,
            group: group,
            responder: Echo()
        )
        let load = HTTPLoad(port: server.port, connections: connections)
        let outcome = try await load.run(requests(key, from: 2 * count), rate: rate)
        await load.stop()
        await server.close()
        try await group.shutdownGracefully()
        return ServeBench.percentiles(outcome.latencies)
    }

    private static func percentiles(_ latencies: [Int64]) -> (p50: Int64, p99: Int64) {
        let sorted = latencies.sorted()
        if sorted.isEmpty { return (0, 0) }
        return (sorted[sorted.count / 2], sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }

    /// Signed orders that rest nowhere: limit orders that are cancelled at once, far from the market.
    private func requests(_ key: (account: Int32, name: String, secret: String), from first: Int) -> [[UInt8]]
    {
        let secret = SymmetricKey(data: Array(key.secret.utf8))
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        return (first..<first + count).map { number in
            let query =
                "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.001&price=40000"
                + "&newClientOrderId=b\(number)&recvWindow=60000&timestamp=\(now)"
            let code = HMAC<SHA256>.authenticationCode(for: Array(query.utf8), using: secret)
            let signature = code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            return Array(
                ("POST /fapi/v1/order?\(query)&signature=\(signature) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "X-MBX-APIKEY: \(key.name)\r\nContent-Length: 0\r\n\r\n").utf8
            )
        }
    }
}

/// Answers at once.
private struct Echo: HTTPResponder {
    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        reply(.json(Array(request.uri.utf8)))
    }

    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)? { nil }
}
