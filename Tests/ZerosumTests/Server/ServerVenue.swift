import BinanceDialect
import Crypto
import ExchangeCore
import ExchangeJournal
import ExchangeRuntime
import ExchangeText
import Foundation
import Logging
import Synchronization
import Testing

@testable import ExchangeServer

/// A key that a test signs with.
struct TestKey: Sendable {
    var account: Int32
    var name: String
    var secret: String
}

/// A venue that a test starts on a free port of this machine, in a directory of its own.
struct ServerVenue: Sendable {
    let venue: Venue
    let directory: String

    static let token = "the-operators-token"

    /// One market whose price two sources must agree on, good for longer than any test takes, a fund and a
    /// vault too small for what comes, and three people.
    static let configuration = """
        {"do":"market","symbol":"TUSDT","tickSize":"1","lotSize":"1",\
        "tiers":[{"maintenance":"0.01","leverage":20}],"quorum":2,"staleAfterSeconds":3600}
        {"do":"source","symbol":"TUSDT","source":"north"}
        {"do":"source","symbol":"TUSDT","source":"east"}
        {"do":"fund","amount":"5"}
        """

    /// Runs a venue for as long as `body` takes; the directory goes with it.
    static func run<R>(
        _ change: (inout VenueOptions) -> Void = { _ in },
        _ body: (ServerVenue) async throws -> R
    ) async throws -> R {
        let directory = temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        return try await run(in: directory, change, body)
    }

    /// The same in a directory that stays.
    static func run<R>(
        in directory: String,
        _ change: (inout VenueOptions) -> Void = { _ in },
        _ body: (ServerVenue) async throws -> R
    ) async throws -> R {
        let venue = try await start(in: directory, change)
        do {
            let result = try await body(ServerVenue(venue: venue, directory: directory))
            await venue.stop()
            return result
        } catch {
            await venue.stop()
            throw error
        }
    }

    static func start(in directory: String, _ change: (inout VenueOptions) -> Void = { _ in }) async throws
        -> Venue
    {
        var options = VenueOptions(directory: directory)
        options.port = 0
        options.isPlayground = true
        options.operatorToken = token
        options.configuration = configuration
        options.segmentSize = 1 << 20
        change(&options)
        var log = Logger(label: "test")
        log.logLevel = .critical
        return try await Venue.start(options, log: log)
    }

    static func temporaryDirectory() -> String {
        let path = NSTemporaryDirectory() + "zerosum-server-\(UInt64.random(in: 0...UInt64.max))"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    // MARK: Asking

    /// One request on a connection of its own.
    func send(_ method: String, _ target: String, _ headers: String = "") async throws -> RawReply {
        let socket = try RawSocket(port: venue.port)
        try await socket.send("\(method) \(target) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n")
        guard let reply = try await socket.reply(toHead: method == "HEAD") else {
            throw RawSocket.Failure(what: "no reply to \(method) \(target)")
        }
        return reply
    }

    /// The JSON that a path of the venue's own interface answers with 200.
    func own(_ path: String, from place: SourceLocation = #_sourceLocation) async throws -> JSONValue {
        let reply = try await send("GET", "/zerosum/v1" + path)
        #expect(reply.status == 200, "\(reply.text)", sourceLocation: place)
        return try JSONParser.parse(reply.body)
    }

    func operate(_ method: String, _ path: String) async throws -> RawReply {
        try await send(method, "/zerosum/v1" + path, "X-Zerosum-Token: \(ServerVenue.token)\r\n")
    }

    /// ms, as the venue sees it.
    var now: Int64 { venue.clock.now().microseconds / 1_000 }

    /// A query with a timestamp and its signature.
    func signed(_ query: String, _ key: TestKey, at: Int64? = nil) -> String {
        // With the longest window, because a machine may be slow.
        let window = at == nil && !query.contains("recvWindow") ? "recvWindow=60000&" : ""
        let payload = (query.isEmpty ? "" : query + "&") + window + "timestamp=\(at ?? now)"
        return payload + "&signature=" + ServerVenue.hmac(payload, key.secret)
    }

    static func hmac(_ payload: String, _ secret: String) -> String {
        HMAC<SHA256>.authenticationCode(
            for: Array(payload.utf8),
            using: SymmetricKey(data: Array(secret.utf8))
        ).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    func call(_ method: String, _ path: String, _ query: String, _ key: TestKey) async throws -> RawReply {
        try await send(method, "\(path)?\(signed(query, key))", "X-MBX-APIKEY: \(key.name)\r\n")
    }

    /// An order, as a client of the Binance wire gives it.
    func order(_ query: String, _ key: TestKey) async throws -> RawReply {
        try await call("POST", "/fapi/v1/order", "symbol=TUSDT&" + query, key)
    }

    // MARK: What happens

    /// An account with money and a key.
    func account(_ deposit: Int = 100_000) async throws -> TestKey {
        let reply = try await operate("POST", "/accounts?deposit=\(deposit)")
        let json = try JSONParser.parse(reply.body)
        return TestKey(
            account: Int32(json["account"]?.text ?? "") ?? -1,
            name: json["apiKey"]?.text ?? "",
            secret: json["secret"]?.text ?? ""
        )
    }

    /// What both sources say.
    func price(_ ticks: Int64, sources: [Int32] = [0, 1]) async throws {
        let commands = sources.map { source in
            return Command.price(PriceUpdate(market: MarketID(0), source: source, price: Price(ticks)))
        }
        try await venue.perform(all: commands)
    }

    /// Somebody has bought more than a fall to 80 leaves paid for: three orders of the waterfall follow.
    func cascade() async throws {
        let rich = try await account(1_000_000)
        let poor = try await account(300)
        let poorer = try await account(60)
        try await price(100)
        for (key, quantity) in [(poor, 50), (poorer, 10)] {
            // For a second after a restart orders are refused: they might have been here before (API-8).
            try await eventually("it is sold") {
                let query = "side=SELL&type=LIMIT&timeInForce=GTC&quantity=\(quantity)&price=100"
                return try await order(query, rich).status == 200
            }
            let bought = try await order("side=BUY&type=MARKET&quantity=\(quantity)", key)
            #expect(bought.status == 200, "\(bought.text)")
        }
        try await price(80)
    }
}

/// Waits until something is so: the bound is generous, because a machine may be slow.
func eventually(
    _ what: String,
    seconds: Int = 60,
    from place: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    for _ in 0..<(seconds * 50) {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("never: \(what)", sourceLocation: place)
}

extension ServerVenue {
    /// Somebody sells and somebody buys one lot, so many times; every other time the other way round.
    func trade(_ one: Int32, _ other: Int32, at price: Int64, times: Int) async throws {
        var commands: [Command] = []
        for index in 0..<(2 * times) {
            var order = PlaceOrder()
            order.account = AccountID(index % 2 == 0 ? one : other)
            order.market = MarketID(0)
            order.side = (index / 2 + index) % 2 == 0 ? .sell : .buy
            order.price = Price(price)
            order.quantity = Quantity(1)
            commands.append(.placeOrder(order))
        }
        try await venue.perform(all: commands)
    }
}

/// The state hash at the end of a log, executed again.
func verified(_ directory: String) throws -> String {
    let disk = try DirectoryStorage(path: directory)
    return try Journal.verify(on: disk).stateHash
}

/// A count that several tasks change.
final class SharedCount: Sendable {
    private let count = Atomic<Int>(0)
    var now: Int { count.load(ordering: .sequentiallyConsistent) }
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
}
