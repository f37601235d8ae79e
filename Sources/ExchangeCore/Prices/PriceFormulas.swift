/// Formulas of prices.md as functions of values: prices in ticks, rates in 10⁻⁸, times in µs.
enum Pricing {
    /// Weighted median of the sources that are left: sorted by price, then number, the first at which the
    /// weights so far are more than half of all; where they are exactly half, the mean with the next one,
    /// rounded down to a tick; none without a source (PX-1). O(n²) for at most sixteen.
    static func median(_ sources: Span<Source>, _ isLeft: InlineArray<16, Bool>) -> Price {
        var total: Int32 = 0
        for index in 0..<16 where isLeft[index] { total += sources[index].weight }
        assert(total >= 0 && total <= 16_000, "weights add up to their bound")
        var below: Int32 = 0
        var half: Int64 = -1
        var taken = InlineArray<16, Bool>(repeating: false)
        while true {
            var next = -1
            for index in 0..<16 where isLeft[index] && !taken[index] {
                if next < 0 || sources[index].price < sources[next].price { next = index }
            }
            if next < 0 { return .none }
            assert(
                sources[next].weight > 0 && sources[next].price.ticks > 0,
                "who counts has weight and a price"
            )
            taken[next] = true
            below += sources[next].weight
            if below * 2 > total {
                let other = half < 0 ? sources[next].price.ticks : half
                return Price((other + sources[next].price.ticks) >> 1)
            }
            if below * 2 == total { half = sources[next].price.ticks }
        }
    }

    /// By what a distance from the median counts against the deviation limit: of two sources of one weight
    /// each is half of their distance away from their mean, and the limit is one on that distance (PX-1).
    static func limitParts(_ sources: Span<Source>, _ isFresh: InlineArray<16, Bool>) -> Int128 {
        var count = 0
        var weight: Int32 = 0
        for index in 0..<16 where isFresh[index] {
            count += 1
            weight = count == 1 ? sources[index].weight : weight == sources[index].weight ? weight : -1
        }
        assert(count <= 16, "a market has sixteen sources")
        assert(weight >= -1, "a weight is not negative")
        return count == 2 && weight >= 0 ? 2 : 1
    }

    /// The highest price at which an open interest is worth 2⁶¹, or the price if it is lower (PX-6).
    ///
    /// - Parameter interest: what the open interest is worth a tick.
    static func held(_ price: Price, interest: Int128) -> Price {
        assert(interest >= 0, "open interest is not negative")
        if interest * Int128(price.ticks) <= Int128(1) << 61 { return price }
        return Price(Int64(max(1, quotient(Int128(1) << 61, interest, .down))))
    }

    /// The index times the last funding rate, less the more of the interval has passed, rounded down (PX-9).
    static func fundingBasis(index: Price, rate: Rate, left: Int64, of interval: Int64) -> Int128 {
        assert(interval > 0 && left >= 0 && left <= interval, "what is left is a part of the interval")
        assert(absolute(Int128(rate.units)) <= unit, "a rate is at most one")
        let product = Int128(index.ticks) * Int128(rate.units) * Int128(left)
        return quotient(product, unit * Int128(interval), .down)
    }

    /// The index plus an average of half ticks, rounded down to a tick and within ±2³¹ of it.
    static func above(_ index: Price, _ average: Average) -> Int128 {
        assert(average.weight > 0, "an average that is there has weight")
        assert(index.ticks > 0, "a valid index is a price")
        let ticks = quotient(average.sum, 2 * average.weight, .down)
        let limit = Int128(1) << 31
        return Int128(index.ticks) + min(max(ticks, -limit), limit)
    }

    /// Binance's mark: the middle one of the index with the funding basis, the index with the average basis
    /// of the book, and the last print, as far as they are there (PX-9).
    static func binance(first: Int128, second: Int128?, last: Price) -> Price {
        var choice = MarkChoice()
        choice.add(first)
        if let second { choice.add(second) }
        if last.ticks > 0 { choice.add(Int128(last.ticks)) }
        assert(choice.count >= 1, "the index is always there")
        return choice.price
    }

    /// Hyperliquid's mark: the middle one of the index with its averaged basis, the middle of the book and
    /// other venues' perpetuals; where one of the two is missing, with the book's average in its place
    /// (PX-10).
    static func hyperliquid(first: Int128, book: Int64?, outside: Price, average: Int128?) -> Price {
        var choice = MarkChoice()
        choice.add(first)
        if let book { choice.add(Int128(book)) }
        if outside != .none { choice.add(Int128(outside.ticks)) }
        assert(choice.count >= 1 && choice.count <= 3, "the index is always there")
        if choice.count == 2, let average { choice.add(average) }
        return choice.price
    }

    /// `ticks`, or the nearer end of center·(1 ± band), the ends rounded outward (PX-11).
    static func clamped(_ ticks: Int128, to band: Rate, around center: Int128) -> Int128 {
        let width = Int128(band.units)
        let lower = scaled(center, by: unit - width, over: unit, .down)
        let upper = scaled(center, by: unit + width, over: unit, .up)
        assert(
            width >= 0 && width < unit && lower <= center && upper >= center,
            "a band lies round its centre"
        )
        return min(max(ticks, lower), upper)
    }
}
