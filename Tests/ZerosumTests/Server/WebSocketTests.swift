import Dispatch
import ExchangeEdge
import ExchangeRuntime
import Testing

@testable import ExchangeServer

@Suite("Server: what comes over WebSockets")
struct WebSocketServerTests {
    /// Something that is sent, and the code that the connection is closed with.
    struct Case: Sendable {
        var name: String
        var bytes: [UInt8]
        var codes: [Int]
    }

    private static func frame(_ first: UInt8, _ payload: [UInt8] = []) -> [UInt8] {
        RawWebSocket.frame(first, payload)
    }

    private static let zeros = [UInt8](repeating: 48, count: 70_000)

    static let cases: [Case] = [
        Case(
            name: "not masked",
            bytes: RawWebSocket.frame(0x81, [123, 125], isMasked: false),
            codes: [1002]
        ),
        Case(name: "reserved bit 1", bytes: frame(0xC1, [123, 125]), codes: [1002]),
        Case(name: "reserved bit 2", bytes: frame(0xA1, [123, 125]), codes: [1002]),
        Case(name: "reserved bit 3", bytes: frame(0x91, [123, 125]), codes: [1002]),
        Case(name: "opcode 3", bytes: frame(0x83, [1]), codes: [1002]),
        Case(name: "opcode 11", bytes: frame(0x8B, [1]), codes: [1002]),
        Case(name: "a ping in fragments", bytes: frame(0x09, [1]), codes: [1002]),
        Case(name: "a long ping", bytes: frame(0x89, Array(zeros.prefix(126))), codes: [1002]),
        Case(name: "a long close", bytes: frame(0x88, Array(zeros.prefix(126))), codes: [1002]),
        Case(name: "a message too long", bytes: frame(0x81, zeros), codes: [1009]),
        Case(name: "2^62 bytes", bytes: [0x81, 0xFF, 0x40, 0, 0, 0, 0, 0, 0, 0], codes: [1009]),
        Case(
            name: "2^64 - 1 bytes",
            bytes: [0x81, 0xFF] + [UInt8](repeating: 255, count: 8) + [1, 2, 3, 4],
            codes: [1002, 1009]
        ),
        Case(name: "no UTF-8", bytes: frame(0x81, [0xC3, 0x28]), codes: [1007]),
        Case(name: "half a letter", bytes: frame(0x81, [0xE2, 0x82]), codes: [1007]),
        Case(name: "half of a pair", bytes: frame(0x81, [0xED, 0xA0, 0x80]), codes: [1007]),
        Case(name: "binary", bytes: frame(0x82, [123, 125]), codes: [1003]),
        Case(name: "a continuation of nothing", bytes: frame(0x80, [123, 125]), codes: [1002]),
        Case(name: "a message in a message", bytes: frame(0x01, [123]) + frame(0x81, [125]), codes: [1002]),
        Case(
            name: "fragments too long",
            bytes: frame(0x01, Array(zeros.prefix(40_000))) + frame(0x00, Array(zeros.prefix(40_000))),
            codes: [1009]
        ),
        Case(
            name: "a flood of pings",
            bytes: Array([[UInt8]](repeating: frame(0x89), count: 500).joined()),
            codes: [1008]
        ),
        Case(
            name: "a flood of fragments",
            bytes: frame(0x01) + Array([[UInt8]](repeating: frame(0x00), count: 500).joined()),
            codes: [1008]
        ),
        Case(name: "a proper close", bytes: frame(0x88, [3, 232]), codes: [1000]),
        Case(name: "a close of one byte", bytes: frame(0x88, [3]), codes: [1000, 1002]),
        Case(name: "a close of none", bytes: frame(0x88), codes: [1000]),
    ]

    @Test("API-9 A frame that breaks the rules closes its connection with the code for it, and no other")
    func malformed() async throws {
        try await ServerVenue.run { server in
            for path in ["/ws", "/ws-fapi/v1", "/zerosum/v1/stream"] {
                for made in WebSocketServerTests.cases {
                    let socket = try await RawWebSocket(port: server.venue.port, path: path)
                    try await socket.socket.send(made.bytes)
                    let code = try await socket.closing()?.code ?? 0
                    #expect(made.codes.contains(code), "\(path), \(made.name): \(code)")
                }
            }
            #expect(try await server.send("GET", "/ready").status == 200)
            try await eventually("everybody is forgotten") { server.venue.publisher.listeners == 0 }
        }
    }

    @Test("API-9 What is no request gets an answer, and the connection stays")
    func texts() async throws {
        try await ServerVenue.run { server in
            for path in ["/ws", "/stream", "/ws-fapi/v1"] {
                let socket = try await RawWebSocket(port: server.venue.port, path: path)
                let deep = String(repeating: "[", count: 40)
                for text in [
                    "", "nothing", "null", "[]", "{\"id\":{}}", "{\"a\":1,\"a\":2}", deep, "{\"id\":1e9}",
                ] {
                    try await socket.send(text)
                    #expect(try await socket.message()?.contains("\"error\"") == true, "\(path): \(text)")
                }
                // In fragments, with a ping in between, as is allowed.
                try await socket.socket.send(RawWebSocket.frame(0x01, Array("noth".utf8)))
                try await socket.socket.send(RawWebSocket.frame(0x89, [7]))
                try await socket.socket.send(RawWebSocket.frame(0x80, Array("ing".utf8)))
                let pong = try await socket.next()
                #expect(pong?.opcode == 10)
                #expect(pong?.payload == [7])
                #expect(try await socket.message()?.contains("\"error\"") == true)
            }
        }
    }

    @Test("API-9 What stands behind a frame that closes is not done")
    func behindTheEnd() async throws {
        try await ServerVenue.run { server in
            let socket = try await RawWebSocket(port: server.venue.port, path: "/ws-fapi/v1")
            let ping = Array("{\"id\":1,\"method\":\"ping\"}".utf8)
            try await socket.socket.send(
                RawWebSocket.frame(0x81, ping) + RawWebSocket.frame(0x82, [1])
                    + RawWebSocket.frame(0x81, ping)
            )
            #expect(try await socket.next()?.opcode == 1)
            #expect(try await socket.next()?.opcode == 8)
            #expect(try await socket.next() == nil)
        }
    }

    @Test("API-9 Who trades may say more than ten things a second; who listens may not")
    func messages() async throws {
        try await ServerVenue.run { server in
            let trader = try await RawWebSocket(port: server.venue.port, path: "/ws-fapi/v1")
            for number in 0..<300 {
                try await trader.send("{\"id\":\(number),\"method\":\"ping\"}")
                #expect(try await trader.message()?.contains("\"id\":\(number),\"status\":200") == true)
            }
            let listener = try await RawWebSocket(port: server.venue.port, path: "/ws")
            let list = RawWebSocket.frame(0x81, Array("{\"id\":1,\"method\":\"LIST_SUBSCRIPTIONS\"}".utf8))
            try await listener.socket.send(Array([[UInt8]](repeating: list, count: 300).joined()))
            #expect(try await listener.closing()?.code == 1008)
        }
    }

    @Test("API-9 Of 300 requests that the core has not answered 44 are refused, and each is answered once")
    func unanswered() async throws {
        try await ServerVenue.run { server in
            _ = try await server.account()
            let stopped = DispatchSemaphore(value: 0)
            try server.venue.sequencer.submit(Job([], read: { _, _ in stopped.wait() }, finish: { _ in }))
            let socket = try await RawWebSocket(port: server.venue.port, path: "/ws-fapi/v1")
            for number in 0..<300 {
                let parameters = "{\"symbol\":\"TUSDT\"}"
                try await socket.send("{\"id\":\(number),\"method\":\"depth\",\"params\":\(parameters)}")
            }
            var answers: [String] = []
            for _ in 0..<44 { answers.append(try await socket.message() ?? "") }
            #expect(answers.allSatisfy { $0.contains("-1008") })
            stopped.signal()
            for _ in 0..<256 { answers.append(try await socket.message() ?? "") }
            #expect(answers.suffix(256).allSatisfy { $0.contains("\"status\":200") })
            let numbers = answers.compactMap { $0.split(separator: ",").first.map(String.init) }
            #expect(Set(numbers).count == 300)
        }
    }

    @Test("API-9 A WebSocket that is refused leaves a connection that ends, not one that waits")
    func refused() async throws {
        try await ServerVenue.run { server in
            let socket = try RawSocket(port: server.venue.port)
            try await socket.send(RawWebSocket.request("/no/such/socket"))
            let reply = try await socket.reply()
            #expect(reply?.status == 404)
            #expect(reply?.header("connection") == "close")
            #expect(try await socket.rest() == [])
        }
    }

    @Test("API-9, RUN-3 Fifty that never read are cut off; one that reads gets everything")
    func slowConsumers() async throws {
        try await ServerVenue.run({ $0.unreadLimit = 1 << 16 }) { server in
            let streams = "tusdt@trade/tusdt@aggTrade/tusdt@bookTicker/tusdt@depth@0ms"
            let path = "/stream?streams=" + streams
            let reader = try await RawWebSocket(port: server.venue.port, path: path)
            var idle: [RawWebSocket] = []
            for _ in 0..<50 {
                idle.append(
                    try await RawWebSocket(port: server.venue.port, path: path, receiveBuffer: 4_096)
                )
            }
            try await eventually("all listen") { server.venue.publisher.listeners == 51 * 4 }
            let (maker, taker) = (try await server.account(1_000_000), try await server.account(1_000_000))
            try await server.price(100)
            var made = 0
            while server.venue.publisher.listeners > 4 && made < 60_000 {
                try await server.trade(maker.account, taker.account, at: 100, times: 20)
                made += 20
                // Whoever reads has got all of it before there is more: the venue itself waits for nobody.
                var seen = 0
                while seen < 20, let text = try await reader.message() {
                    if text.contains("\"e\":\"trade\"") { seen += 1 }
                }
                #expect(seen == 20)
                if seen < 20 { break }
            }
            #expect(server.venue.publisher.listeners == 4)
            #expect(idle.count == 50)
        }
    }
}
