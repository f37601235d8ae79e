import ExchangeCore
import ExchangeText
import Foundation
import Synchronization
import Testing

@testable import ExchangeServer

@Suite("Server: nothing is half done")
struct HalfDoneServerTests {
    /// What was answered while the log was being recovered.
    private final class Told: Sendable {
        let replies = Mutex<[String: RawReply]>([:])
        let hadSocket = Mutex<Bool?>(nil)
    }

    private static func ask(_ port: Int, _ path: String) async throws -> RawReply? {
        let socket = try RawSocket(port: port)
        try await socket.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try await socket.reply()
    }

    @Test("API-10 While the log is recovered it answers: alive, not ready, and nothing else yet")
    func starting() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        for _ in 0..<2 {
            let told = Told()
            try await ServerVenue.run(
                in: directory,
                {
                    $0.whenListening = { port in
                        for path in ["/health", "/ready", "/fapi/v1/time", "/zerosum/v1/status", "/"] {
                            let reply = try? await Self.ask(port, path)
                            told.replies.withLock { $0[path] = reply }
                        }
                        let socket = try? await RawWebSocket(port: port, path: "/ws")
                        told.hadSocket.withLock { $0 = socket != nil }
                    }
                }
            ) { server in
                let replies = told.replies.withLock { $0 }
                #expect(told.hadSocket.withLock { $0 } == false)
                #expect(replies["/health"]?.status == 200)
                #expect(replies["/ready"]?.status == 503)
                #expect(replies["/ready"]?.text == "starting\n")
                for path in ["/fapi/v1/time", "/zerosum/v1/status", "/"] {
                    #expect(replies[path]?.status == 503)
                    let busy = path.hasPrefix("/zerosum") ? "\"status\":\"busy\"," : "\"code\":-1008,"
                    #expect(replies[path]?.text.contains(busy) == true)
                    #expect(replies[path]?.header("retry-after") == "1")
                }
                let (ready, time) = (
                    try await server.send("GET", "/ready"), try await server.send("GET", "/fapi/v1/time")
                )
                #expect(ready.status == 200 && time.status == 200)
            }
        }
    }

    @Test("API-10 A port that is taken is told, and leaves the directory free")
    func taken() async throws {
        try await ServerVenue.run { server in
            let other = ServerVenue.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: other) }
            await #expect(throws: (any Error).self) {
                try await ServerVenue.run(in: other, { $0.port = server.venue.port }) { _ in }
            }
            try await ServerVenue.run(in: other) { second in
                let ready = try await second.send("GET", "/ready")
                #expect(ready.status == 200)
            }
        }
    }

    @Test("API-5, LED-1 A first deposit that is refused leaves no account behind, and no key")
    func refusedDeposit() async throws {
        try await ServerVenue.run { server in
            func there() async throws -> [Int] {
                let accounts = try await server.venue.perform([]) { exchange, _ in exchange.accountCount }
                return [Int(accounts.answer), server.venue.keys.count]
            }
            _ = try await server.account(1_000)
            let before = try await there()
            // As much as fits, until no more does.
            var reply = try await server.operate("POST", "/accounts?deposit=4000000000")
            var opened = 0
            while reply.status == 200 && opened < 100 {
                opened += 1
                reply = try await server.operate("POST", "/accounts?deposit=4000000000")
            }
            #expect(reply.status == 400)
            #expect(try JSONParser.parse(reply.body)["status"] == .string("pileLimit"), "\(reply.text)")
            #expect(try await there() == before.map { $0 + opened })
            // None at all is an account without money.
            #expect(try await server.operate("POST", "/accounts?deposit=0").status == 200)
            #expect(try await there() == before.map { $0 + opened + 1 })
        }
    }

    @Test("API-9 An order behind a frame that closes is not placed")
    func orderBehindTheEnd() async throws {
        try await ServerVenue.run { server in
            let key = try await server.account()
            try await server.price(100)
            func order(_ name: String) -> [UInt8] {
                let pairs: [(name: String, value: String)] = [
                    ("apiKey", key.name), ("newClientOrderId", name), ("price", "90"), ("quantity", "1"),
                    ("recvWindow", "60000"), ("side", "BUY"), ("symbol", "TUSDT"), ("timeInForce", "GTC"),
                    ("timestamp", "\(server.now)"), ("type", "LIMIT"),
                ]
                let payload = pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                let signature = ServerVenue.hmac(payload, key.secret)
                let all = pairs + [("signature", signature)]
                let members = all.map { "\"\($0.name)\":\"\($0.value)\"" }.joined(separator: ",")
                let text = "{\"id\":\"\(name)\",\"method\":\"order.place\",\"params\":{\(members)}}"
                return RawWebSocket.frame(0x81, Array(text.utf8))
            }
            let socket = try await RawWebSocket(port: server.venue.port, path: "/ws-fapi/v1")
            try await socket.socket.send(order("first"))
            let answer = try await socket.message() ?? ""
            #expect(answer.contains("\"status\":200"), "\(answer)")
            try await socket.socket.send(RawWebSocket.frame(0x82, [1]) + order("behind"))
            #expect(try await socket.closing()?.code == 1003)
            let reply = try await server.call("GET", "/fapi/v1/openOrders", "symbol=TUSDT", key)
            let open = try JSONParser.parse(reply.body).elements
            #expect(open.map { $0["clientOrderId"]?.text } == ["first"])
        }
    }
}
