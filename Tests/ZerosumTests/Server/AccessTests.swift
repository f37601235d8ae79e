import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

@Suite("Server: who is let in")
struct AccessServerTests {
    @Test("API-5 A playground listens on this machine alone")
    func loopback() async throws {
        for host in [
            "0.0.0.0", "::", "192.0.2.1", "127.example.org", "127.0.0.1.example.org", "example.org", "",
        ] {
            let directory = ServerVenue.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            await #expect(throws: VenueError.self, "\(host)") {
                try await ServerVenue.start(in: directory) { $0.host = host }
            }
            // Nothing was begun.
            let begun = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(begun.isEmpty)
        }
        for host in ["127.0.0.1", "localhost"] {
            try await ServerVenue.run({ $0.host = host }) { server in
                #expect(server.venue.address.hasPrefix("127.") || server.venue.address == "::1")
            }
        }
    }

    @Test("API-5 A venue that cannot have its address gives its directory back")
    func addressTaken() async throws {
        try await ServerVenue.run { server in
            let port = server.venue.port
            let directory = ServerVenue.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            await #expect(throws: (any Error).self) {
                try await ServerVenue.start(in: directory) { $0.port = port }
            }
            try await ServerVenue.run(in: directory) { again in
                let reply = try await again.send("GET", "/ready")
                #expect(reply.status == 200)
            }
        }
    }

    @Test("DET-1 A configuration is taken as a whole: with a line that is refused nothing is begun")
    func configuration() async throws {
        for line in [
            #"{"do":"market","symbol":"TUSDT","tickSize":"1","lotSize":"1","tiers":[]}"#, "{\"do\":",
            #"{"do":"deposit","account":"ann","amount":"-1"}"#,
        ] {
            let directory = ServerVenue.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            await #expect(throws: (any Error).self, "\(line)") {
                try await ServerVenue.start(in: directory) {
                    $0.configuration = ServerVenue.configuration + "\n" + line
                }
            }
            try await ServerVenue.run(in: directory) { server in
                let markets = try await server.own("/markets")
                #expect(markets["markets"]?.elements.count == 1)
                let fund = try await server.own("/fund")
                #expect(fund["balance"] == .string("5"))
            }
        }
    }

    static let foreign = [
        "Host: example.org\r\n", "Host: 127.0.0.1.example.org\r\n", "Host: 127.evil:80\r\n",
        "Host: localhost.example.org\r\n", "Host: localhost\r\nOrigin: http://example.org\r\n",
        "Host: localhost\r\nOrigin: https://127.0.0.1.example.org\r\n", "Host: localhost\r\nOrigin: null\r\n",
        "Host: localhost\r\nOrigin: http://localhost.example.org:8080\r\n",
        "Host: localhost\r\nOrigin: chrome-extension://abcdef\r\n",
    ]

    static let own = [
        "Host: localhost\r\n", "Host: LOCALHOST:8080\r\n", "Host: 127.0.0.1:1\r\n", "Host: [::1]:8080\r\n",
        "Host: demo-fapi.localhost\r\n", "Host: localhost\r\nOrigin: http://localhost:3000\r\n",
        "Host: localhost\r\nOrigin: http://127.0.0.1\r\n",
    ]

    @Test("API-5 Names and pages from elsewhere are refused, over HTTP and for WebSockets")
    func foreign() async throws {
        try await ServerVenue.run { server in
            for (headers, isOwn) in Self.foreign.map({ ($0, false) }) + Self.own.map({ ($0, true) }) {
                for path in ["/health", "/fapi/v1/time", "/zerosum/v1/status", "/metrics"] {
                    let socket = try RawSocket(port: server.venue.port)
                    try await socket.send("GET \(path) HTTP/1.1\r\n\(headers)\r\n")
                    #expect(try await socket.reply()?.status == (isOwn ? 200 : 403), "\(path) \(headers)")
                }
                for path in ["/ws", "/stream?streams=tusdt@trade", "/ws-fapi/v1", "/zerosum/v1/stream"] {
                    let socket = try RawSocket(port: server.venue.port)
                    try await socket.send(RawWebSocket.request(path, headers))
                    #expect(try await socket.reply()?.status == (isOwn ? 101 : 403), "\(path) \(headers)")
                }
            }
        }
    }

    @Test("API-5 Without a playground only pages of the same name speak to it, and nothing is given away")
    func noPlayground() async throws {
        try await ServerVenue.run({ $0.isPlayground = false }) { server in
            for (headers, status) in [
                ("Host: example.org\r\n", 200),
                ("Host: example.org\r\nOrigin: http://example.org:3000\r\n", 200),
                ("Host: example.org\r\nOrigin: http://example.com\r\n", 403),
            ] {
                let socket = try RawSocket(port: server.venue.port)
                try await socket.send("GET /health HTTP/1.1\r\n\(headers)\r\n")
                #expect(try await socket.reply()?.status == status, "\(headers)")
            }
            for path in ["/accounts", "/deposit?account=3&amount=5", "/crash"] {
                let before = try await server.own("/status")["sequence"]
                let reply = try await server.operate("POST", path)
                #expect(reply.status == 401, "\(path)")
                #expect(reply.text.contains("playground"))
                #expect(try await server.own("/status")["sequence"] == before)
            }
            // What an operator does everywhere.
            #expect(try await server.operate("POST", "/state?symbol=TUSDT&state=reduceOnly").status == 200)
            #expect(try await server.operate("POST", "/fund?amount=5").status == 200)
        }
    }

    @Test("API-5 What the operator does needs the token, and without it nothing happens")
    func token() async throws {
        try await ServerVenue.run { server in
            let before = try await server.own("/status")["sequence"]
            for route in VenueRoutes.operatorsRoutes {
                for header in ["", "X-Zerosum-Token: \r\n", "X-Zerosum-Token: \(ServerVenue.token)x\r\n"] {
                    let reply = try await server.send(route.method, "/zerosum/v1" + route.path, header)
                    #expect(reply.status == 401, "\(route.path) \(header)")
                }
            }
            #expect(try await server.own("/status")["sequence"] == before)
            // There is no demo here, so there is nothing to crash.
            #expect(try await server.operate("POST", "/crash").status == 400)
        }
    }

    @Test("API-5 A playground's demo trades, and its prices crash when the operator says so")
    func demo() async throws {
        try await ServerVenue.run({
            $0.configuration = nil
            $0.hasDemo = true
        }) { server in
            let mark = { () async throws -> Double in
                let markets = try await server.own("/markets?symbol=BTCUSDT")
                return Double(markets[path: "markets", "0", "mark"]?.text ?? "") ?? 0
            }
            try await eventually("there are prices") { try await mark() > 0 }
            let reply = try await server.operate("POST", "/crash?depth=0.5&seconds=1&symbol=BTCUSDT")
            #expect(reply.status == 200, "\(reply.text)")
            try await eventually("the price has fallen") {
                let now = try await mark()
                return now > 0 && now < 45_000
            }
            for query in ["depth=0.91", "depth=x", "seconds=0", "seconds=3601", "liquidity=101", "symbol=NO"]
            {
                #expect(try await server.operate("POST", "/crash?\(query)").status == 400, "\(query)")
            }
            #expect(try await server.own("/conservation")["missing"] == .string("0"))
        }
    }
}
