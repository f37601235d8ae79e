import Testing

@testable import Benchmarks

/// The streams that figures are measured with are the published ones, drawn anew.
@Suite("Benchmarks: streams and what comes out of them")
struct BenchTests {
    @Test("The book's reports have the published digests (BM-1)", arguments: BookScenario.all.prefix(3))
    func digest(_ scenario: BookScenario) {
        let bench = BookBench(scenario)
        #expect(bench.messages.count == 1_996_097)
        #expect(bench.digest() == scenario.publishedDigest)
    }

    @Test("exchange-core's stream has the trades and levels that it has there (BM-2)")
    func stream() {
        var stream = OrderStream(symbol: 0, target: 1_000, users: 1_000, seed: 101_572_685)
        let made = stream.make(target: 1_000, count: 3_000_000)
        #expect(stream.trades == 122_704)
        #expect(stream.book.levels == (261, 241))
        // After the orders and after each thousand commands a price, which is ours (BM-2).
        #expect(made.fill.count == 1_001 && made.commands.count == 3_003_000)
    }

    @Test("The core's book trades the stream as the plain one does; the text has its lines (BM-2, BM-3)")
    func book() {
        let bench = StreamBench(markets: 1, users: 100, target: 200, count: 20_000)
        #expect(bench.runBook(runs: 1).trades == bench.drawnTrades)
        #expect(bench.lines.count { $0 == UInt8(ascii: "\n") } == 20_200)
    }

    @Test("The whole core takes nearly every command of the streams of many markets (BM-4)")
    func core() {
        let bench = StreamBench(markets: 8, users: 240, target: 240, count: 10_000)
        let result = bench.runCore(runs: 1)
        // What self-trade prevention changes, and what follows from it.
        #expect(result.accepted * 100 > result.commands * 97)
        #expect(result.trades > 0 && result.resting > 0)
    }

    @Test("BM-6 Every stop of a storm is triggered, 4,096 a price at most; those that hold something sell it")
    func stops() {
        let cancelled = StopBench.storm(stops: 9_001, .cancelled)
        #expect(cancelled.triggered == 9_001 && cancelled.prices == 3 && cancelled.sold == 0)
        let traded = StopBench.storm(stops: 5_000, .traded)
        #expect(traded.triggered == 5_000 && traded.prices == 2 && traded.sold == 5_000)
        let walked = StopBench.storm(stops: 5_000, .walked)
        #expect(walked.triggered == 5_000 && walked.prices == 2 && walked.sold == 5_000)
        #expect(traded.longest <= traded.nanoseconds && traded.eventBytes > cancelled.eventBytes / 2)
    }
}
