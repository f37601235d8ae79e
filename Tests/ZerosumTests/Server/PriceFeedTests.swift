import ExchangeCore
import ExchangeEdge
import ExchangeText
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import ExchangeServer

/// Answers every request with the body that is set.
private final class Quoter: HTTPResponder {
    let sockets = OpenSockets()
    let reply = Mutex(HTTPReply.text("", status: 500))
    let asked = SharedCount()

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        asked.add()
        reply(self.reply.withLock { $0 })
    }

    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)? { nil }

    func say(_ text: String, status: Int = 200) {
        reply.withLock { $0 = HTTPReply(status: status, body: Array(text.utf8)) }
    }
}

@Suite("Prices from an address")
struct PriceFeedTests {
    @Test(
        "RUN-8 The number at the end of a path, exactly; anything else is no price",
        arguments: [
            (#"{"price":"60000.5"}"#, "price", 6_000_050_000_000 as Int64?),
            (#"{"a":[{"b":1},{"b":2.25}]}"#, "a.1.b", 225_000_000),
            (#"{"p":"0.123456789"}"#, "p", 12_345_678),
            (#"{"p":"60000"}"#, "q", nil), (#"{"p":"abc"}"#, "p", nil), (#"{"p":null}"#, "p", nil),
            (#"[1]"#, "5", nil), (#"[1]"#, "-1", nil), ("not json", "p", nil), (#"{"p":1e400}"#, "p", nil),
            (#"{"p":"99999999999999999999"}"#, "p", nil), ("", "p", nil),
        ]
    )
    func path(text: String, path: String, expected: Int64?) {
        #expect(PriceFeed.price(Array(text.utf8), at: path) == expected)
    }

    @Test(
        "RUN-8 A feed is four parts",
        arguments: [
            "BTCUSDT,0,http://a", "BTCUSDT,16,http://a,p", "B,0,ftp://a,p", "", "B,0", "B,0,http://a,p,q",
            "B,0,ws://a", "B,0,ws://a,", "B,0,ws://,p", "B,0,tape:", "B,0,tape:f,0", "B,0,tape:f,1001",
            "B,0,tape:f,x",
        ]
    )
    func options(text: String) {
        #expect(throws: VenueError.self) { try PriceFeedOptions(text) { _ in PriceTape() } }
    }

    @Test("RUN-8 What an address says becomes the mark, and silence changes nothing")
    func feed() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let quoter = Quoter()
        let server = try await SocketServer(
            host: "127.0.0.1",
            port: 0,
            tls: nil,
            group: group,
            responder: quoter
        )
        quoter.say(#"{"result":{"price":"61234.56"}}"#)
        let path = "\(Repository.scratch)/feed-\(UInt64.random(in: 0...UInt64.max))"
        defer { Repository.remove(path) }
        var options = VenueOptions(directory: path)
        options.port = 0
        options.configuration = """
            {"do":"market","symbol":"BTCUSDT","tickSize":"0.1","lotSize":"0.001",\
            "tiers":[{"maintenance":"0.004","leverage":125}]}
            """
        options.feeds = [
            try PriceFeedOptions("BTCUSDT,0,http://127.0.0.1:\(server.port)/,result.price") { _ in PriceTape()
            }
        ]
        options.feedInterval = 100
        let venue = try await Venue.start(
            options,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        func mark() async throws -> Price {
            try await venue.perform([]) { exchange, _ in exchange.marketView(MarketID(0))?.mark ?? .none }
                .answer
        }
        func reaches(_ price: Price) async throws {
            try await eventually("the mark is \(price)") { try await mark() == price }
        }
        try await reaches(Price(612_345))
        quoter.say("busy", status: 503)
        // The answer to one question is taken in before the next is asked.
        let before = quoter.asked.now
        try await eventually("it is asked again, and again") { quoter.asked.now >= before + 3 }
        #expect(try await mark() == Price(612_345))
        quoter.say(#"{"result":{"price":50000}}"#)
        try await reaches(Price(500_000))
        await venue.stop()
        await server.close()
        try await group.shutdownGracefully()
    }
}
