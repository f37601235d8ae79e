import Testing

@testable import ExchangeCore

@Suite("Prices: formulas of prices.md")
struct PriceFormulaTests {
    /// Sources with a price and a weight each; what is left out of sixteen is unknown.
    private func reading(_ parts: [(price: Int64, weight: Int32)]) -> (Price, Int128) {
        var sources = InlineArray<16, Source>(repeating: Source())
        var isLeft = InlineArray<16, Bool>(repeating: false)
        for (index, part) in parts.enumerated() {
            sources[index].price = Price(part.price)
            sources[index].weight = part.weight
            isLeft[index] = true
        }
        return (Pricing.median(sources.span, isLeft), Pricing.limitParts(sources.span, isLeft))
    }

    @Test("PX-1 The median of sources, by their weights; of two in the middle their mean, rounded down")
    func median() {
        #expect(reading([]).0 == .none)
        #expect(reading([(100, 1)]).0 == Price(100))
        #expect(reading([(102, 1), (100, 1), (101, 1)]).0 == Price(101))
        #expect(reading([(100, 1), (103, 1)]).0 == Price(101))
        #expect(reading([(1, 1), (2, 1), (3, 1), (4, 1)]).0 == Price(2))
        #expect(reading([(200, 1), (100, 3)]).0 == Price(100))
        #expect(reading([(100, 2), (200, 1), (300, 1)]).0 == Price(150))
    }

    @Test("PX-1 The limit is one on the distance of two sources only, and only if their weights are the same")
    func limitParts() {
        #expect(reading([(100, 1), (103, 1)]).1 == 2)
        #expect(reading([(100, 1), (103, 2)]).1 == 1)
        #expect(reading([(100, 1), (103, 1), (104, 1)]).1 == 1)
        #expect(reading([(100, 1)]).1 == 1)
    }

    @Test(
        "PX-6 A price is held where the open interest is worth 2⁶¹",
        arguments: [
            Row(5_000, 0, gives: 5_000), Row(1_000, 1 << 31, gives: 1_000),
            Row(1 << 29, 1 << 40, gives: 1 << 21), Row(1 << 21, 1 << 40, gives: 1 << 21),
            Row(7, 1 << 62, gives: 1),
        ]
    )
    func held(_ row: Row) {
        let price = Pricing.held(Price(Int64(row.input[0])), interest: row.input[1])
        #expect(Int128(price.ticks) == row.output)
    }

    @Test(
        "PX-9 The funding basis: index, rate, what is left of an interval of 8",
        arguments: [
            Row(100_000, 10_000, 4, gives: 5), Row(100_000, -10_000, 4, gives: -5),
            Row(100_000, 10_000, 0, gives: 0), Row(1, 1, 8, gives: 0), Row(1, -1, 8, gives: -1),
        ]
    )
    func fundingBasis(_ row: Row) {
        let index = Price(Int64(row.input[0]))
        let rate = Rate(Int64(row.input[1]))
        #expect(
            Pricing.fundingBasis(index: index, rate: rate, left: Int64(row.input[2]), of: 8) == row.output
        )
    }

    @Test(
        "PX-8 The index plus an average of half ticks: sum, weight",
        arguments: [Row(30, 5, gives: 103), Row(-31, 5, gives: 96), Row(0, 1, gives: 100)]
    )
    func above(_ row: Row) {
        var average = Average()
        (average.sum, average.weight) = (row.input[0], row.input[1])
        #expect(Pricing.above(Price(100), average) == row.output)
    }

    @Test("PX-9 Binance's mark: the middle one of three, the mean of two, or the one there is")
    func binance() {
        #expect(Pricing.binance(first: 100, second: 103, last: Price(110)) == Price(103))
        #expect(Pricing.binance(first: 100, second: 90, last: Price(110)) == Price(100))
        #expect(Pricing.binance(first: 100, second: nil, last: Price(105)) == Price(102))
        #expect(Pricing.binance(first: 100, second: nil, last: .none) == Price(100))
        #expect(Pricing.binance(first: -5, second: nil, last: .none) == Price(1))
    }

    @Test("PX-10 Hyperliquid's mark: three prices, with the book's average where one of two is missing")
    func hyperliquid() {
        #expect(Pricing.hyperliquid(first: 100, book: 104, outside: Price(102), average: nil) == Price(102))
        #expect(Pricing.hyperliquid(first: 100, book: 104, outside: .none, average: 90) == Price(100))
        #expect(Pricing.hyperliquid(first: 100, book: 104, outside: .none, average: nil) == Price(102))
        #expect(Pricing.hyperliquid(first: 100, book: nil, outside: Price(96), average: 99) == Price(99))
        #expect(Pricing.hyperliquid(first: 100, book: nil, outside: .none, average: 50) == Price(100))
    }

    @Test(
        "PX-11 A band of a tenth: a mark outside goes to its nearer end, which is rounded outward",
        arguments: [
            Row(120, 100, gives: 110), Row(80, 100, gives: 90), Row(105, 100, gives: 105),
            Row(200, 105, gives: 116), Row(1, 105, gives: 94),
        ]
    )
    func clamped(_ row: Row) {
        let band = Rate(10_000_000)
        #expect(Pricing.clamped(row.input[0], to: band, around: row.input[1]) == row.output)
    }
}
