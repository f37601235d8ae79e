import ExchangeText
import Foundation
import Testing

@testable import ExchangeServer

@Suite("Server: fills of the waterfall by number")
struct FillServerTests {
    private static func fills(_ server: ServerVenue, _ query: String = "") async throws -> [JSONValue] {
        try await server.own("/fills?limit=1000" + query)["fills"]?.elements ?? []
    }

    private static func numbers(_ fills: [JSONValue]) -> [Int] {
        fills.compactMap { Int($0["number"]?.text ?? "") }
    }

    @Test("API-4 Numbers are without gaps, the same after a restart, and a stream resumes at any of them")
    func numbers() async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let told = try await ServerVenue.run(in: directory) { server in
            let live = try await RawWebSocket(port: server.venue.port, path: "/zerosum/v1/stream")
            try await eventually("it listens") { server.venue.publisher.listeners == 1 }
            try await server.cascade()
            let told = try await Self.fills(server)
            #expect(told.count >= 2)
            #expect(Self.numbers(told) == Array(1...told.count))
            #expect(Self.numbers(try await Self.fills(server, "&from=2")) == Array(2...told.count))
            for fill in told {
                #expect(try JSONParser.parse(Array((try await live.message() ?? "").utf8)) == fill)
            }
            return told
        }
        try await ServerVenue.run(in: directory) { server in
            #expect(try await Self.fills(server) == told)
            for from in 1...told.count {
                let path = "/zerosum/v1/stream?from=\(from)"
                let socket = try await RawWebSocket(port: server.venue.port, path: path)
                for fill in told.dropFirst(from - 1) {
                    #expect(try JSONParser.parse(Array((try await socket.message() ?? "").utf8)) == fill)
                }
            }
            // One that has everything waits for what comes next.
            let next = try await RawWebSocket(
                port: server.venue.port,
                path: "/zerosum/v1/stream?from=\(told.count + 1)"
            )
            try await eventually("it listens") { server.venue.publisher.listeners >= 1 }
            try await server.cascade()
            let first = try JSONParser.parse(Array((try await next.message() ?? "").utf8))
            #expect(first["number"] == .number("\(told.count + 1)"))
        }
    }

    @Test("API-4, API-9 Whoever resumes far behind gets everything in portions, not the slow reader's end")
    func portions() async throws {
        try await ServerVenue.run({ $0.unreadLimit = 1_500 }) { server in
            for _ in 0..<5 { try await server.cascade() }
            let told = try await Self.fills(server)
            let size = told.reduce(0) { $0 + "\($1)".utf8.count }
            #expect(size > 3_000)
            let socket = try await RawWebSocket(port: server.venue.port, path: "/zerosum/v1/stream?from=1")
            for fill in told {
                #expect(try JSONParser.parse(Array((try await socket.message() ?? "").utf8)) == fill)
            }
            try await eventually("it listens") { server.venue.publisher.listeners == 1 }
        }
    }

    @Test("API-4 A number that is no longer kept, or none, closes the stream and says why")
    func tooOld() async throws {
        let change: (inout VenueOptions) -> Void = {
            $0.kept = 2
            $0.keepsHistory = false
        }
        try await ServerVenue.run(change) { server in
            for _ in 0..<2 { try await server.cascade() }
            let told = Self.numbers(try await Self.fills(server))
            #expect(told.count == 2)
            let oldest = told.first ?? 0
            #expect(oldest > 1)
            for from in ["0", "1", "\(oldest - 1)"] {
                let path = "/zerosum/v1/stream?from=\(from)"
                let socket = try await RawWebSocket(port: server.venue.port, path: path)
                let closing = try await socket.closing()
                #expect(closing?.code == 1008)
                #expect(closing?.reason == "too low: the oldest number kept is \(oldest)", "\(from)")
            }
            for from in ["x", "-1", "1.5", "99999999999999999999"] {
                let path = "/zerosum/v1/stream?from=\(from)"
                let socket = try await RawWebSocket(port: server.venue.port, path: path)
                let closing = try await socket.closing()
                #expect(closing?.reason == "from: a number is expected", "\(from)")
            }
            let socket = try await RawWebSocket(
                port: server.venue.port,
                path: "/zerosum/v1/stream?from=\(oldest)"
            )
            #expect(try await socket.message()?.hasPrefix("{\"number\":\(oldest),") == true)
            try await socket.send("hello")
            #expect(try await socket.closing()?.code == 1008)
        }
    }
}
