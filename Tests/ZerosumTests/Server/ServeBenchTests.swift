import NIOCore
import Testing

@testable import Benchmarks

@Suite("The benchmark over the network")
struct ServeBenchTests {
    @Test("BM-5 Every order is answered over both wires, in groups; the echo too, and whoever listens hears")
    func small() async throws {
        let path = "\(Repository.scratch)/bench-\(UInt64.random(in: 0...UInt64.max))"
        defer { Repository.remove(path) }
        let results = try await ServeBench(orders: 300, connections: 8, listeners: 2).run(in: path)
        for result in [results.http, results.webSocket] {
            #expect(result.refused == 0 && result.orders == 300)
            #expect(result.ordersPerSecond > 0 && result.commit > 0 && result.ordersPerGroup >= 1)
            #expect(result.steady.map(\.rate) == [7_500, max(1, result.ordersPerSecond / 2)])
            for steady in result.steady {
                #expect(steady.p50 > 0 && steady.p99 >= steady.p50 && steady.commit > 0)
                #expect(steady.echoP50 > 0 && steady.echoP99 >= steady.echoP50)
                #expect(steady.bound == steady.echoP99 + 2 * steady.commit)
            }
        }
        // 1,800 orders in six runs, each told of at least when it ends.
        #expect(results.streamMessages >= 1_800)
        #expect(results.streamsLost == 0)
    }

    @Test("BM-7 The others are answered while one is refused (API-18)")
    func refusals() async throws {
        let path = "\(Repository.scratch)/bench-\(UInt64.random(in: 0...UInt64.max))"
        defer { Repository.remove(path) }
        let results = try await RefusalBench(
            rate: 200,
            seconds: 1,
            accounts: 2,
            connections: 4,
            sockets: 2
        ).run(in: path)
        for run in [results.before, results.http, results.webSocket, results.after] {
            #expect(run.refused == 0 && run.p50 > 0 && run.p99 >= run.p50 && run.highest >= run.p99)
        }
        for run in [results.http, results.webSocket] {
            #expect(run.refusalsPerSecond > 0 && run.lost == 0)
        }
        #expect(results.before.refusalsPerSecond == 0 && results.after.refusalsPerSecond == 0)
    }

    @Test(
        "BM-5 An answer in pieces is taken for one only when it is whole",
        arguments: [
            (LoadWire.http, "HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 12\r\n\r\n{\"a\":\"\\r\\n\"}", true),
            (.http, "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}", false),
            (.webSocket("/"), "\u{1}\u{16}{\"id\":7,\"status\":200,}", true),
            (.webSocket("/"), "\u{1}\u{16}{\"id\":7,\"status\":400,}", false),
        ]
    )
    func pieces(_ wire: LoadWire, _ text: String, _ isGood: Bool) throws {
        let bytes = Array(text.utf8)
        func answer(_ count: Int) -> LoadAnswer? {
            bytes.prefix(count).withUnsafeBytes { wire.answer($0) }
        }
        for count in 0..<bytes.count { #expect(answer(count) == nil) }
        let whole = try #require(answer(bytes.count))
        #expect(whole.size == bytes.count && whole.isGood == isGood && !whole.isControl)
        let more = try #require((bytes + bytes).withUnsafeBytes { wire.answer($0) })
        #expect(more.size == bytes.count)
        let frame = LoadWire.frame(String(repeating: "a", count: 126))
        #expect(frame.readableBytes == 2 + 2 + 4 + 126)
    }
}
