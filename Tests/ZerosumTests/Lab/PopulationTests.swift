import Testing

@testable import StressLab

@Suite("Depth curves")
struct DepthCurveTests {
    private func curve(_ text: String) throws(TapeError) -> DepthCurve {
        try DepthCurve(lines: text.split(separator: "\n").map { Array($0.utf8)[...] })
    }

    @Test("Linear between points, flat outside")
    func interpolation() throws {
        let curve = try curve("100,0.5\n200,0.1\n201,2")
        let expected: [(Int64, Double)] = [
            (0, 0.5), (100, 0.5), (125, 0.4), (150, 0.3), (200, 0.1), (201, 2), (9_999, 2),
        ]
        for (second, multiplier) in expected {
            #expect(abs(curve.multiplier(at: second) - multiplier) < 1e-12, "at \(second)")
        }
        #expect(try self.curve("5,1").multiplier(at: 4) == 1)
    }

    @Test(
        "A bad line is named",
        arguments: [
            "1,1\n2", "1,1\nx,1", "1,1\n2,y", "1,1\n1,1", "1,1\n0,1", "1,1\n2,-0.1", "1,1\n2,10.1",
            "1,1\n2,nan",
            "1,1\n2,1,1", "1,1\n100000000001,1",
        ]
    )
    func badLine(text: String) {
        let line = text.split(separator: "\n")[1]
        let error = TapeError(
            line: 2,
            message: "\"\(line)\" is no point of a depth curve",
            expected: "second,multiplier with rising seconds and a multiplier of 0 to 10"
        )
        #expect(throws: error) { try curve(text) }
    }

    @Test("A time before 1970 and a curve without points are refused")
    func edges() {
        #expect(throws: TapeError.self) { try curve("-1,1") }
        let empty = TapeError(
            line: 0,
            message: "the depth curve has no point",
            expected: "second,multiplier"
        )
        #expect(throws: empty) { try curve("") }
    }

    @Test("The measured curve falls to a tenth at the worst and comes back")
    func october10() {
        let curve = DepthCurve.october10
        // 20:50:00, 21:20:30, 21:45:00 UTC.
        #expect(curve.multiplier(at: 1_760_129_400) == 0.6)
        #expect(curve.multiplier(at: 1_760_131_230) == 0.1)
        #expect(curve.multiplier(at: 1_760_132_700) == 0.22)
    }
}

@Suite("Populations: drawn from published marginals")
struct PopulationTests {
    private static let flat = [Population.Bracket(upTo: .infinity, leverage: 45)]

    @Test("A published quantile is hit at its probability, and nothing lies between the wrong two")
    func quantiles() {
        let published: [(Quantiles, [(Double, Double)])] = [
            (
                Population.leverage,
                [
                    (0.10, 0.05), (0.25, 0.16), (0.50, 0.43), (0.75, 0.99), (0.90, 3.24), (0.95, 6.5),
                    (0.99, 135),
                ]
            ),
            (
                Population.equity,
                [
                    (0.25, 279), (0.50, 941), (0.75, 6_000), (0.90, 43_700), (0.99, 1_670_000),
                    (0.999, 26_000_000),
                ]
            ),
        ]
        for (distribution, points) in published {
            for (probability, value) in points {
                let found = distribution.value(at: probability)
                #expect(abs(found / value - 1) < 1e-9, "at \(probability): \(found), not \(value)")
            }
        }
        // Halfway in probability is the geometric mean.
        let middle = Quantiles([(0, 1), (0.5, 4), (1, 100)]).value(at: 0.25)
        #expect(abs(middle - 2) < 1e-12)
        let last = Quantiles([(0, 1), (0.5, 4), (1, 100)]).value(at: 0.75)
        #expect(abs(last - 20) < 1e-9)
    }

    @Test("What is drawn has the published quantiles")
    func drawn() {
        let holders = Population(count: 20_000, seed: 3, brackets: Self.flat).holders
        let leverages = holders.map(\.leverage).sorted()
        let equities = holders.map(\.equity).sorted()
        // 20,000 draws: at the median and the quartile the error is a few per cent.
        #expect(abs(leverages[10_000] / 0.43 - 1) < 0.1)
        #expect(abs(leverages[18_000] / 3.24 - 1) < 0.2)
        #expect(abs(equities[10_000] / 941 - 1) < 0.1)
        #expect(abs(equities[15_000] / 6_000 - 1) < 0.2)
        #expect(leverages.last == 45)
    }

    private func drawnNumbers(_ seed: UInt64) -> [Double] {
        Population(count: 500, seed: seed, brackets: Self.flat).holders.flatMap {
            [$0.equity, $0.leverage, $0.isLong ? 1 : 0]
        }
    }

    @Test("The seed decides everything")
    func seed() {
        #expect(drawnNumbers(1) == drawnNumbers(1))
        #expect(drawnNumbers(1) != drawnNumbers(2))
    }

    @Test("A position is cut off at what the market allows at its size")
    func brackets() {
        let brackets = [
            Population.Bracket(upTo: 1_000, leverage: 40), Population.Bracket(upTo: 10_000, leverage: 10),
            Population.Bracket(upTo: .infinity, leverage: 5),
        ]
        // (account value, drawn leverage, notional that is left)
        let expected: [(Double, Double, Double)] = [
            (10, 2, 20), (10, 60, 400), (25, 60, 1_000), (50, 60, 1_000), (100, 60, 1_000), (200, 60, 2_000),
            (200, 3, 600), (200, 8, 1_600), (1_000, 60, 10_000), (1_500, 60, 10_000), (3_000, 60, 15_000),
            (3_000, 2, 6_000), (30_000, 1, 30_000),
        ]
        for (equity, drawn, notional) in expected {
            let held = equity * Population.allowed(drawn, equity: equity, brackets)
            #expect(abs(held - notional) < 1e-6, "\(equity) × \(drawn): \(held)")
        }
    }

    @Test("The generator is SplitMix64: its first numbers for the seed 1234567")
    func generator() {
        var random = Random(seed: 1_234_567)
        #expect(random.next() == 6_457_827_717_110_365_317)
        #expect(random.next() == 3_203_168_211_198_807_973)
        for _ in 0..<1_000 {
            let drawn = random.uniform()
            #expect(drawn >= 0 && drawn < 1)
        }
    }

    @Test(
        "Longs and shorts nearly balance: the rest is less than the largest holder has",
        arguments: [1, 2, 3]
    )
    func balance(seed: UInt64) {
        let population = Population(count: 1_000, seed: seed, brackets: Self.flat)
        let all = population.holders.reduce(0) { $0 + $1.notional }
        let longs = population.longNotional
        let largest = population.holders.map(\.notional).max() ?? 0
        #expect(abs(2 * longs - all) <= largest)
        #expect(longs > 0 && longs < all)
    }
}

@Suite("The published facts as a tape")
struct PublishedFactsTests {
    @Test("Five markets, each with its perpetual and its spot: four facts each, twenty in all")
    func facts() throws {
        #expect(PublishedFacts.facts.count == 5)
        let made = PublishedFacts.tape
        #expect(made.series.count == 10)
        var count = 0
        for fact in PublishedFacts.facts {
            let perpetual = try made.perpetual(of: fact.market)
            #expect(perpetual.symbol == fact.market + "_PERP")
            let index = try made.index(of: fact.market, from: [], besides: perpetual)
            #expect(index.map(\.symbol) == [fact.market + "-SPOT"])
            for (series, before, low) in [
                (perpetual, fact.perpetualBefore, fact.perpetualLow),
                (try #require(index.first), fact.spotBefore, fact.spotLow),
            ] {
                #expect(series.bars.first?.open == before)
                #expect(series.bars.first { $0.second == PublishedFacts.fall }?.close == before)
                #expect(series.bars.first { $0.second == fact.second }?.close == low)
                #expect(series.bars.map(\.low).min() == low)
                count += 2
            }
        }
        #expect(count == 20)
    }

    @Test("AVAX: the perpetual printed 6.02 while spot never went under 17.00")
    func avax() throws {
        let made = PublishedFacts.tape
        let perpetual = try made.perpetual(of: "AVAX")
        let spot = try made.index(of: "AVAX", from: [], besides: perpetual)
        #expect(perpetual.bars.map(\.low).min() == 602_000_000)
        #expect(spot.flatMap(\.bars).map(\.low).min() == 1_700_000_000)
    }

    @Test("A bar a second, each beginning where the last ended, none outside of its extremes")
    func path() {
        for series in PublishedFacts.tape.series {
            for (bar, next) in zip(series.bars, series.bars.dropFirst()) {
                #expect(next.second == bar.second + 1)
                #expect(next.open == bar.close)
                #expect(next.low == min(next.open, next.close) && next.high == max(next.open, next.close))
            }
        }
    }

    @Test("A falling second visits its high first, a rising one its low")
    func order() {
        #expect(Bar(second: 1, open: 5, high: 7, low: 2, close: 3).path == [5, 7, 2, 3])
        #expect(Bar(second: 1, open: 3, high: 7, low: 2, close: 5).path == [3, 2, 7, 5])
    }
}
