import ExchangeCore
import ExchangeEdge
import ExchangeRuntime
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization
import Testing

@testable import ExchangeServer

/// Everything that was logged.
private final class Noted: Sendable {
    let lines = Mutex<[String]>([])

    struct Handler: LogHandler {
        let noted: Noted
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { noted.lines.withLock { $0.append("\(event.message)") } }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(noted: self) } }
    var all: [String] { lines.withLock { $0 } }
}

/// A market that gets its prices from one feed.
private struct FedVenue {
    let venue: Venue
    let noted: Noted

    static let configuration = """
        {"do":"market","symbol":"TUSDT","tickSize":"0.1","lotSize":"1",\
        "tiers":[{"maintenance":"0.01","leverage":20}],"staleAfterSeconds":1}
        """

    static func run(
        _ feed: String,
        tape: PriceTape = PriceTape(),
        _ change: (inout VenueOptions) -> Void = { _ in },
        _ body: (FedVenue) async throws -> Void
    ) async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = VenueOptions(directory: directory)
        options.port = 0
        options.configuration = configuration
        options.feeds = [try PriceFeedOptions(feed) { _ in tape }]
        options.streamTiming.firstPause = .milliseconds(50)
        change(&options)
        let noted = Noted()
        let venue = try await Venue.start(options, log: noted.logger)
        do {
            try await body(FedVenue(venue: venue, noted: noted))
            await venue.stop()
        } catch {
            await venue.stop()
            throw error
        }
    }

    func view() async throws -> MarketView {
        try await venue.perform([]) { exchange, _ in exchange.marketView(MarketID(0)) ?? MarketView() }.answer
    }

    func reaches(_ mark: Int64, from place: SourceLocation = #_sourceLocation) async throws {
        try await eventually("the mark is \(mark)", from: place) { try await view().mark == Price(mark) }
    }
}

/// Whoever speaks on the other end, as a test tells it to.
private final class Speaker: HTTPResponder {
    let sockets = OpenSockets()
    struct State {
        var connections: [WebSocketConnection] = []
        var received: [String] = []
        var opened = 0
        var isRefusing = false
    }
    let state = Mutex(State())

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        reply(.text("no stream", status: 404))
    }

    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)? {
        state.withLock { $0.isRefusing } || head.uri != "/prices?of=t" ? nil : Session(self)
    }

    private final class Session: WebSocketSession {
        let speaker: Speaker
        init(_ speaker: Speaker) { self.speaker = speaker }
        func opened(_ connection: WebSocketConnection) {
            speaker.state.withLock {
                $0.connections.append(connection)
                $0.opened += 1
            }
        }
        func received(_ text: [UInt8], on connection: WebSocketConnection) {
            speaker.state.withLock { $0.received.append(String(decoding: text, as: UTF8.self)) }
        }
        func closed(_ connection: WebSocketConnection) {
            speaker.state.withLock { $0.connections.removeAll { $0.id == connection.id } }
        }
    }

    var opened: Int { state.withLock { $0.opened } }

    /// Says it once somebody listens.
    func say(_ text: String) async throws {
        try await eventually("somebody listens") { state.withLock { !$0.connections.isEmpty } }
        for connection in state.withLock({ $0.connections }) { connection.send(Array(text.utf8)) }
    }

    func hangUp() {
        for connection in state.withLock({ $0.connections }) { connection.close(.goingAway, "enough") }
    }

    static func run(tls: TLSOption = .none, _ body: (Speaker, Int) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let speaker = Speaker()
        let server = try await SocketServer(
            host: "127.0.0.1",
            port: 0,
            tls: try TLSContext.make(tls),
            group: group,
            responder: speaker
        )
        let result: Result<Void, any Error>
        do { result = .success(try await body(speaker, server.port)) } catch { result = .failure(error) }
        await server.close()
        try await group.shutdownGracefully()
        try result.get()
    }
}

@Suite("Prices from a tape and from a stream")
struct PriceStreamTests {
    private static func tape(_ text: String) throws -> PriceTape {
        var tape = PriceTape()
        for line in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
            try tape.add(Array(line)[...])
        }
        return tape
    }

    @Test("RUN-9 A tape is times and prices; names in the first line and empty lines are passed over")
    func lines() throws {
        let tape = try Self.tape("time,price\r\n100.25,60000.5\n\n100.25,1\n101,0.00000001\n")
        #expect(tape.rows.map(\.at) == [0, 0, 750_000])
        #expect(tape.rows.map(\.price) == [6_000_050_000_000, 100_000_000, 1])
        #expect(try Self.tape("").isEmpty)
    }

    @Test(
        "RUN-9 A bad line is named with what was expected",
        arguments: [
            ("1,2\n1", "line 2: 1 fields"), ("1,2\n\n1,2,3", "line 3: 3 fields"),
            ("1,2\nx,2", "line 2: no time"),
            ("1,2\n-1,2", "line 2: no time"), ("1,2\n2,0", "line 2: no price"),
            ("1,2\n2,-1", "line 2: no price"),
            ("1,2\n2,1e3", "line 2: no price"), ("1,2\n0.9,2", "line 2: a time before the last one"),
            ("1760130000000,2", "line 1: no time"), ("1,2\n1,", "line 2: no price"),
        ]
    )
    func badLines(text: String, expected: String) {
        let error = #expect(throws: VenueError.self) { _ = try Self.tape(text) }
        #expect(error?.description.hasPrefix(expected + "; SECONDS,PRICE is expected") == true)
    }

    @Test("RUN-9 A tape is played with the time between its prices, and at its end the source goes stale")
    func played() async throws {
        // Ten times as fast: 0, 0.1 and 0.6 s.
        let tape = try Self.tape("1000,50\n1001,51.25\n1006,40")
        // Before the tape begins, so that it holds however late this goes on.
        let start = ContinuousClock.now
        try await FedVenue.run("TUSDT,0,tape:any,10", tape: tape) { fed in
            try await fed.reaches(400)
            #expect(ContinuousClock.now - start >= .milliseconds(600))
            try await eventually("stale") { try await fed.view().validity != .valid }
            #expect(try await fed.view().mark == Price(400))
            let ends = fed.noted.all.filter { $0.contains("the tape has ended") }
            #expect(ends == ["TUSDT source 0: the tape has ended: no more prices"])
        }
    }

    @Test("RUN-9 Every price that is due is handed in, in order, also when many are due at once")
    func burst() async throws {
        let rows = (1...200).map { "0,\($0)" } + ["0.01,507"]
        try await FedVenue.run("TUSDT,0,tape:any", tape: try Self.tape(rows.joined(separator: "\n"))) { fed in
            try await fed.reaches(5_070)
            #expect(fed.venue.sequencer.progress.commands >= 201)
        }
    }

    @Test("RUN-9 A file is read, unpacked if its name says so, before the venue begins; a fault is told")
    func files() throws {
        let folder = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func serve(_ feed: String) throws -> BuiltProgram.Finished {
            try BuiltProgram.run([
                "serve", "--data", folder + "/venue", "--listen", "127.0.0.1:0", "--feed", feed,
            ])
        }
        try Data("1,50000\n2,x\n".utf8).write(to: URL(filePath: folder + "/bad.csv"))
        let bad = try serve("BTCUSDT,0,tape:\(folder)/bad.csv")
        #expect(bad.status == 2)
        #expect(bad.errors.contains("bad.csv, line 2: no price; SECONDS,PRICE is expected"), "\(bad.errors)")
        try Data("time,price\n".utf8).write(to: URL(filePath: folder + "/empty.csv"))
        #expect(try serve("BTCUSDT,0,tape:\(folder)/empty.csv").errors.contains("has no prices"))
        #expect(try serve("BTCUSDT,0,tape:\(folder)/none.csv").status == 2)
        try Data("no gzip".utf8).write(to: URL(filePath: folder + "/broken.csv.gz"))
        #expect(try serve("BTCUSDT,0,tape:\(folder)/broken.csv.gz").errors.contains("gzip"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/venue"))
    }

    @Test("RUN-10 The number in each message becomes the mark; others are passed over")
    func stream() async throws {
        try await Speaker.run { speaker, port in
            let subscribe = #"{"method":"subscribe","of":["t"]}"#
            let feed = "TUSDT,0,ws://127.0.0.1:\(port)/prices?of=t,data.0.p,\(subscribe)"
            try await FedVenue.run(feed) { fed in
                try await speaker.say(#"{"data":[{"p":"50.06"}]}"#)
                try await fed.reaches(500)
                #expect(speaker.state.withLock { $0.received } == [subscribe])
                for text in [#"{"result":null}"#, "nothing", #"{"data":[{"p":"x"}]}"#, ""] {
                    try await speaker.say(text)
                }
                try await speaker.say(#"{"data":[{"p":61}]}"#)
                try await fed.reaches(610)
                #expect(speaker.opened == 1)
            }
        }
    }

    @Test("RUN-10 A stream that is lost is connected to again, and so is one that was refused at first")
    func lost() async throws {
        try await Speaker.run { speaker, port in
            speaker.state.withLock { $0.isRefusing = true }
            try await FedVenue.run("TUSDT,0,ws://127.0.0.1:\(port)/prices?of=t,p") { fed in
                try await eventually("it is told") { !fed.noted.all.isEmpty }
                speaker.state.withLock { $0.isRefusing = false }
                try await speaker.say(#"{"p":50}"#)
                try await fed.reaches(500)
                speaker.hangUp()
                try await eventually("it comes back") { speaker.opened == 2 }
                try await speaker.say(#"{"p":51}"#)
                try await fed.reaches(510)
                try await eventually("all of it is told") { fed.noted.all.count >= 4 }
                let faults = fed.noted.all.map { $0.hasSuffix("prices again") }
                #expect(faults.prefix(4) == [false, true, false, true], "\(fed.noted.all)")
            }
        }
    }

    @Test("RUN-10 Silence counts as lost, and so does a message that is too long")
    func silence() async throws {
        try await Speaker.run { speaker, port in
            let feed = "TUSDT,0,ws://127.0.0.1:\(port)/prices?of=t,p"
            try await FedVenue.run(feed, { $0.streamTiming.silence = .milliseconds(300) }) { fed in
                // A connection that was silent for too long hears nothing more: then the next one does.
                try await eventually("the mark is 500") {
                    try await speaker.say(#"{"p":50}"#)
                    return try await fed.view().mark == Price(500)
                }
                try await eventually("it comes back") { speaker.opened >= 3 }
            }
        }
        try await Speaker.run { speaker, port in
            try await FedVenue.run("TUSDT,0,ws://127.0.0.1:\(port)/prices?of=t,p") { fed in
                try await speaker.say("{\"p\":50,\"q\":\"" + String(repeating: "0", count: 1 << 16) + "\"}")
                try await eventually("it comes back") { speaker.opened == 2 }
                #expect(try await fed.view().mark == .none)
            }
        }
    }

    @Test("RUN-10 Pauses between attempts grow to a bound, and a certificate that nobody signed is refused")
    func refused() async throws {
        try await Speaker.run(tls: .selfSigned) { speaker, port in
            let feed = "TUSDT,0,wss://localhost:\(port)/prices?of=t,p"
            try await FedVenue.run(
                feed,
                {
                    $0.streamTiming.firstPause = .milliseconds(100)
                    $0.streamTiming.longestPause = .milliseconds(400)
                }
            ) { fed in
                try await eventually("it was tried") { fed.noted.all.count > 0 }
                // It is tried again meanwhile, or later on a slow machine: that is said no second time.
                try await Task.sleep(for: .seconds(1))
                #expect(speaker.opened == 0)
                #expect(try await fed.view().mark == .none)
                #expect(fed.noted.all.count == 1)
            }
        }
    }
}
