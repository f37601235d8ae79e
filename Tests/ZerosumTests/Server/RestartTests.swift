import Dispatch
import ExchangeCore
import ExchangeJournal
import ExchangeRuntime
import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

@Suite("Server: restarts, and more than it can take")
struct RestartServerTests {
    /// What must not change: taken at one moment, with nothing accepted.
    private struct Moment: Hashable, Sendable {
        var sequence: UInt64
        var hash: Digest
        var deadline: Int64
    }

    private static func moment(_ venue: Venue) async throws -> Moment {
        try await venue.perform([]) { exchange, _ in
            Moment(
                sequence: exchange.nextSequence - 1,
                hash: exchange.stateHash(),
                deadline: exchange.nextDeadline.microseconds
            )
        }.answer
    }

    /// A copy as a backup makes it while the venue runs: what says how far the log goes comes first.
    private static func copy(_ directory: String, to other: String) throws {
        let files = FileManager.default
        let names = try files.contentsOfDirectory(atPath: directory)
        let order = ["head", "seals"] + names.filter { $0.hasPrefix("snapshot-") }.sorted()
        let rest = names.filter { !order.contains($0) && $0 != "lock" }.sorted()
        for name in order + rest where names.contains(name) {
            try files.copyItem(atPath: directory + "/" + name, toPath: other + "/" + name)
        }
    }

    private static func receipts(_ server: ServerVenue) async throws -> [JSONValue] {
        try await server.own("/receipts?limit=1000")["receipts"]?.elements.reversed() ?? []
    }

    /// All of a stream's bytes so far.
    private static func stream(_ server: ServerVenue, _ count: Int) async throws -> [String] {
        let socket = try await RawWebSocket(port: server.venue.port, path: "/zerosum/v1/stream?from=1")
        var texts: [String] = []
        for _ in 0..<count { texts.append(try await socket.message() ?? "") }
        return texts
    }

    @Test(
        "INC-PARADEX, DUR-3 After a restart the state and its deadlines are what they were, before anything"
    )
    func sameState() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (before, hash) = try await ServerVenue.run(in: directory) { server in
            try await server.cascade()
            let told = try await server.own("/conservation")["stateHash"]?.text
            return (try await Self.moment(server.venue), told)
        }
        #expect(try verified(directory) == hash)
        for _ in 0..<2 {
            let after = try await ServerVenue.run(in: directory) { server in
                let after = try await Self.moment(server.venue)
                let told = try await server.own("/conservation")
                #expect(told["stateHash"]?.text == hash)
                return after
            }
            #expect(after == before)
            #expect(after.deadline < Int64.max)
        }
    }

    @Test("RUN-2, DUR-3 Copied in the middle of cascades and recovered, it tells the same receipts and fills")
    func copied() async throws {
        try await ServerVenue.run { server in
            let others = (0..<4).map { _ in ServerVenue.temporaryDirectory() }
            defer { for other in others { try? FileManager.default.removeItem(atPath: other) } }
            let cascades = Task {
                for _ in 0..<6 { try await server.cascade() }
            }
            for other in others {
                try await Task.sleep(for: .milliseconds(60))
                try Self.copy(server.directory, to: other)
            }
            try await cascades.value
            let (receipts, fills) = (
                try await Self.receipts(server), try await server.own("/fills?limit=1000")["fills"]
            )
            #expect(receipts.count >= 12)
            for other in others {
                try await ServerVenue.run(in: other) { copy in
                    let copied = try await Self.receipts(copy)
                    #expect(copied == Array(receipts.prefix(copied.count)))
                    let some = try await copy.own("/fills?limit=1000")["fills"]?.elements ?? []
                    #expect(some == Array((fills?.elements ?? []).prefix(some.count)))
                    #expect(try await copy.own("/conservation")["missing"] == .string("0"))
                    // It goes on from there.
                    try await copy.cascade()
                    #expect(try await Self.receipts(copy).count > copied.count)
                }
            }
        }
    }

    @Test("DET-1, API-4 Two venues with the same log have the same state and tell the same bytes")
    func twoVenues() async throws {
        try await ServerVenue.run { server in
            try await server.cascade()
            let other = ServerVenue.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: other) }
            try Self.copy(server.directory, to: other)
            try await ServerVenue.run(in: other) { twin in
                #expect(try await Self.moment(twin.venue) == (try await Self.moment(server.venue)))
                for path in [
                    "/zerosum/v1/receipts", "/zerosum/v1/fills", "/zerosum/v1/fund", "/zerosum/v1/vault",
                    "/zerosum/v1/parameters/history", "/zerosum/v1/conservation", "/zerosum/v1/markets",
                    "/fapi/v1/trades?symbol=TUSDT", "/fapi/v1/depth?symbol=TUSDT&limit=5",
                ] {
                    let (one, two) = (try await server.send("GET", path), try await twin.send("GET", path))
                    #expect(one.status == 200)
                    // When the book was asked for is the only thing that differs.
                    #expect(Self.timeless(one.text) == Self.timeless(two.text), "\(path)")
                }
                let count = try await server.own("/fills")["fills"]?.elements.count ?? 0
                #expect(count >= 2)
                #expect(try await Self.stream(server, count) == (try await Self.stream(twin, count)))
            }
        }
    }

    private static func timeless(_ text: String) -> String {
        text.replacing(#/"[ET]":[0-9]+/#, with: "")
    }

    @Test("INC-STALE-RESTART, PX-4 With old prices nobody is liquidated until a fresh quorum says so")
    func staleRestart() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let soon = ServerVenue.configuration.replacing(
            #""staleAfterSeconds":3600"#,
            with: #""staleAfterSeconds":1"#
        )
        let key = try await ServerVenue.run(in: directory, { $0.configuration = soon }) { server in
            let (rich, poor) = (try await server.account(1_000_000), try await server.account(300))
            // Prices are good for a second: on a slow machine they may be over before an order comes.
            for (side, key) in [
                ("SELL&type=LIMIT&timeInForce=GTC&price=100", rich), ("BUY&type=MARKET", poor),
            ] {
                try await eventually("\(side) is taken") {
                    try await server.price(100)
                    return try await server.order("quantity=50&side=\(side)", key).status == 200
                }
            }
            return poor
        }
        try await Task.sleep(for: .milliseconds(1_200))
        try await ServerVenue.run(in: directory) { server in
            func size() async throws -> String? {
                let reply = try await server.call("GET", "/fapi/v2/positionRisk", "symbol=TUSDT", key)
                return try JSONParser.parse(reply.body)[path: "0", "positionAmt"]?.text
            }
            let market = try await server.own("/markets")[path: "markets", "0"]
            #expect(market?["validity"] != .string("valid"))
            #expect(try await size() == "50")
            // One source alone, however low.
            for _ in 0..<3 { try await server.price(80, sources: [0]) }
            #expect(try await server.own("/receipts")["receipts"] == .array([]))
            #expect(try await size() == "50")
            // A fresh quorum that says nothing happened.
            try await server.price(100)
            #expect(try await server.own("/receipts")["receipts"] == .array([]))
            #expect(try await size() == "50")
            try await server.price(80)
            #expect(try await server.own("/receipts")["receipts"]?.elements.isEmpty == false)
            #expect(try await size() != "50")
        }
    }

    /// Holds the core until it is let go.
    private static func hold(_ server: ServerVenue) async throws -> DispatchSemaphore {
        let gate = DispatchSemaphore(value: 0)
        let held = SharedCount()
        try server.venue.sequencer.submit(
            Job(
                [],
                read: { _, _ in
                    held.add()
                    gate.wait()
                    return true
                },
                finish: { _ in }
            )
        )
        try await eventually("the core is held") { held.now == 1 }
        return gate
    }

    /// What happened is not looked up either, and says so instead of never answering.
    private static func expectBusy(_ server: ServerVenue) async throws {
        #expect(try await server.send("GET", "/zerosum/v1/fills").status == 503)
        #expect(try await server.send("GET", "/zerosum/v1/fund").status == 503)
        #expect(try await server.send("GET", "/health").status == 200)
        let stream = try await RawWebSocket(port: server.venue.port, path: "/zerosum/v1/stream?from=1")
        #expect(try await stream.closing()?.code == 1013)
    }

    @Test(
        "INC-LIGHTER, RUN-3, WIRE-4 Ten times what the queue holds: refused as such, cancels go on, then all"
    )
    func burst() async throws {
        let capacity = 16
        try await ServerVenue.run({ $0.queueCapacity = capacity }) { server in
            let key = try await server.account()
            try await server.price(100)
            let gate = try await Self.hold(server)
            let order = "symbol=TUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=90"
            let refused = SharedCount()
            let statuses = try await withThrowingTaskGroup(of: (String, RawReply).self) { group in
                for index in 0..<(10 * capacity) {
                    group.addTask {
                        let query = "newClientOrderId=b\(index)&" + order
                        let reply = try await server.call("POST", "/fapi/v1/order", query, key)
                        if reply.status == 503 { refused.add() }
                        return ("order", reply)
                    }
                }
                try await eventually("what is too much is refused") {
                    // The venue's own question about funding, once a second, may have a place already.
                    refused.now == 9 * capacity || refused.now == 9 * capacity + 1
                }
                // The queue of orders is full; cancels have their own.
                for index in 0..<4 {
                    group.addTask {
                        let path = "/fapi/v1/allOpenOrders"
                        // Identical ones of one moment would be one and its replays (API-8).
                        let query = "symbol=TUSDT&recvWindow=\(59_000 + index)"
                        return ("cancel", try await server.call("DELETE", path, query, key))
                    }
                }
                try await eventually("cancels wait") {
                    server.venue.sequencer.progress.waiting == capacity + 4
                }
                try await Self.expectBusy(server)
                gate.signal()
                return try await group.reduce(into: [String: Int]()) { counts, answer in
                    let (kind, reply) = answer
                    if reply.status == 503 {
                        #expect(reply.text.contains("\"code\":-1008,"))
                        #expect(reply.header("retry-after") != nil)
                    }
                    counts["\(kind) \(reply.status)", default: 0] += 1
                }
            }
            let taken = statuses["order 200"] ?? 0
            #expect(taken == capacity || taken == capacity - 1)
            #expect(statuses == ["order 200": taken, "order 503": 10 * capacity - taken, "cancel 200": 4])
            // Cancels went first, so all that was taken is there; and the venue goes on.
            let open = try await server.call("GET", "/fapi/v1/openOrders", "symbol=TUSDT", key)
            #expect(try JSONParser.parse(open.body).elements.count == taken)
            #expect(
                try await server.order("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=91", key).status
                    == 200
            )
            #expect(try await server.own("/status")["overloaded"] != .number("0"))
            #expect(try await server.own("/conservation")["missing"] == .string("0"))
        }
    }
}
