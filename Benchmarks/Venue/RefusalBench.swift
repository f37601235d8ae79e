import ExchangeCore
import ExchangeServer
import NIOCore

/// What one account that is refused all the time, from several sockets, does to the answers of all others
/// (API-18): the same orders with and without it, one after the other in one venue.
struct RefusalBench: Sendable {
    /// What was found of one run; times in µs from the moment planned for a request to its answer.
    struct Run: Sendable {
        /// Half of the others' answers are not slower.
        var p50: Int64 = 0
        /// 99 % are not slower.
        var p99: Int64 = 0
        /// The same without the answers of the first second, in which the one's burst is still refused.
        var settledP99: Int64 = 0
        /// The slowest.
        var highest: Int64 = 0
        /// Orders of the others that were not answered with 200.
        var refused = 0
        /// Cancels of the one that were refused, a second.
        var refusalsPerSecond = 0
        /// Cancels of the one that were not looked at (429), a second.
        var turnedAwayPerSecond = 0
        /// Its connections that the venue closed.
        var lost = 0
    }

    /// What was found.
    struct Results: Sendable {
        /// Without it, before.
        var before = Run()
        /// With it, over HTTP.
        var http = Run()
        /// With it, over the WS-API.
        var webSocket = Run()
        /// Without it, behind that.
        var after = Run()
    }

    private let rate: Int
    private let seconds: Int
    private let accounts: Int
    private let connections: Int
    private let sockets: Int
    /// How many requests a socket has unanswered at any time.
    private static let unanswered = 32
    /// Cancels that are laid out; behind the last the first are sent again, and are refused as well.
    private static let cancels = 40_000

    /// So many orders a second by the clock, of so many accounts over so many connections, for so long; and
    /// so many sockets of the one.
    init(rate: Int, seconds: Int, accounts: Int, connections: Int, sockets: Int) {
        self.rate = rate
        self.seconds = seconds
        self.accounts = accounts
        self.connections = connections
        self.sockets = sockets
    }

    /// Runs it in a directory that must be empty, on the disk that is to be measured.
    func run(in directory: String) async throws -> Results {
        let venue = try await ServeBench.startVenue(in: directory)
        var others: [OrderRequests] = []
        for _ in 0..<accounts { others.append(try await newcomer(venue)) }
        let load = RequestLoad(port: venue.port, connections: connections)
        // What only the first requests of a venue cost is nobody's.
        _ = try await measure(venue, load, &others, beside: nil)
        var results = Results()
        results.before = try await measure(venue, load, &others, beside: nil)
        results.http = try await measure(venue, load, &others, beside: .http)
        results.webSocket = try await measure(venue, load, &others, beside: ServeBench.api)
        results.after = try await measure(venue, load, &others, beside: nil)
        await load.stop()
        await venue.stop()
        return results
    }

    /// An account of its own with a key and money.
    private func newcomer(_ venue: Venue) async throws -> OrderRequests {
        let key = try await venue.newKey(deposit: Amount(10_000_00000000), label: "bench")
        return OrderRequests(name: key.name, secret: key.secret)
    }

    /// The others' orders by the clock, and over `wire` an account of its own that is refused meanwhile.
    private func measure(
        _ venue: Venue,
        _ load: RequestLoad,
        _ others: inout [OrderRequests],
        beside wire: LoadWire?
    ) async throws -> Run {
        while venue.historyBehind > 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        var orders: [ByteBuffer] = []
        for index in others.indices { orders += others[index].next(rate * seconds / accounts, .http) }
        let each = orders.count / accounts
        // In turn of each account, as the connections take them.
        orders = (0..<orders.count).map { orders[$0 % accounts * each + $0 / accounts] }
        let flood = RequestFlood()
        if let wire {
            var wrong = try await newcomer(venue)
            try await flood.start(
                wrong.nextRefused(RefusalBench.cancels, wire),
                over: wire,
                port: venue.port,
                connections: sockets,
                unanswered: RefusalBench.unanswered
            )
        }
        let outcome = try await load.run(orders, over: .http, rate: rate)
        let count = await flood.stop()
        var run = Run()
        (run.p50, run.p99) = ServeBench.percentiles(outcome.latencies)
        (_, run.settledP99) = ServeBench.percentiles(Array(outcome.latencies.dropFirst(rate)))
        run.highest = outcome.latencies.max() ?? 0
        run.refused = outcome.refused
        let elapsed = max(1, Int(outcome.elapsed))
        run.refusalsPerSecond = count.refused * 1_000_000 / elapsed
        run.turnedAwayPerSecond = count.turnedAway * 1_000_000 / elapsed
        run.lost = count.lost
        return run
    }
}
