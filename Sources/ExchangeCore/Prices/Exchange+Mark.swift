/// Marks that follow from more than the index (PX-7 to PX-11).
extension Exchange {
    /// A mark with what it was made of, before anything of it is kept.
    struct MarkReading: BitwiseCopyable {
        var mark = Price.none
        var memory = MarkMemory()
        var parts = MarkFormed()
    }

    /// The mark that follows from an index in a market that remembers; kept for `keepFormed`, as the
    /// price may yet be refused.
    @inline(never)
    mutating func formMark(_ market: Int32, _ index: IndexReading) -> Price {
        assert(markets[market].memory >= 0, "a mark that is made of more remembers")
        formed = readMark(market, index.index, isValid: index.validity == .valid)
        assert(index.validity != .valid || formed.mark.ticks > 0, "a valid index makes a mark")
        return formed.mark
    }

    /// Keeps what a mark method remembers, and tells what the mark was made of (PX-8, PX-12).
    @inline(never)
    mutating func keepFormed(_ market: Int32, isValid: Bool, _ events: inout EventBuffer) {
        assert(formed.memory.lastLook == clock, "what was read now is kept")
        assert(markets[market].memory >= 0, "a mark that is made of more remembers")
        memories[markets[market].memory] = formed.memory
        if isValid { events.append(.markFormed, formed.parts) }
    }

    /// What the market's method makes of an index at the present time; nothing is changed.
    ///
    /// - Parameter isValid: whether the index may set a mark; if not, the averages only grow older.
    private func readMark(_ market: Int32, _ index: Price, isValid: Bool) -> MarkReading {
        let specification = markets[market].specification
        var reading = MarkReading()
        reading.mark = index
        reading.parts.market = MarketID(market)
        reading.memory = memories[markets[market].memory]
        let elapsed = look(&reading.memory, specification.averageTime)
        assert(elapsed >= 0, "time does not go back")
        if !isValid { return reading }
        let middle = middleOfBook(market)
        switch specification.mark {
        case .index, .last: break
        case .binance: readBinance(market, index, elapsed, &reading)
        case .hyperliquid: readHyperliquid(market, index, middle, elapsed, &reading)
        }
        reading.mark = inBands(reading.mark, index, specification, &reading)
        reading.memory.mark.add(Int128(reading.mark.ticks), elapsed, over: specification.averageTime)
        assert(reading.mark.ticks >= 1 && reading.mark <= .highest, "a mark is a price")
        reading.parts.mark = reading.mark
        return reading
    }

    /// Ages all averages; returns for how long the sample of now stands: 1 s if it is the first.
    private func look(_ memory: inout MarkMemory, _ averageTime: Int64) -> Int64 {
        let elapsed = memory.hasLook ? clock.microseconds - memory.lastLook.microseconds : 1_000_000
        assert(elapsed >= 0, "time does not go back")
        assert(averageTime >= 1_000_000, "an average has a time")
        memory.hasLook = true
        memory.lastLook = clock
        memory.basis.age(elapsed, over: MarkMemory.basisTime)
        memory.book.age(elapsed, over: MarkMemory.bookTime)
        memory.mark.age(elapsed, over: averageTime)
        return elapsed
    }

    /// Twice the mid less twice the index; nil if a side of the book is empty.
    private func basis(_ market: Int32, _ index: Price) -> Int128? {
        let bid = markets[market].roots.bestBid
        let ask = markets[market].roots.bestAsk
        if bid < 0 || ask < 0 { return nil }
        assert(book.levels[bid].price < book.levels[ask].price, "the book is not crossed")
        assert(index.ticks > 0, "a valid index is a price")
        return Int128(book.levels[bid].price) + Int128(book.levels[ask].price) - 2 * Int128(index.ticks)
    }

    /// The middle one of best bid, best ask and last print; nil if one of them is not there.
    private func middleOfBook(_ market: Int32) -> Int64? {
        let bid = markets[market].roots.bestBid
        let ask = markets[market].roots.bestAsk
        let last = markets[market].lastOrderPrice.ticks
        if bid < 0 || ask < 0 || last == 0 { return nil }
        assert(book.levels[bid].price < book.levels[ask].price, "the book is not crossed")
        assert(last > 0, "a print has a price")
        return max(book.levels[bid].price, min(book.levels[ask].price, last))
    }

    // MARK: binance (PX-9)

    private func readBinance(
        _ market: Int32,
        _ index: Price,
        _ elapsed: Int64,
        _ reading: inout MarkReading
    ) {
        if let sample = basis(market, index) {
            reading.memory.window.add(sample, elapsed, at: clock)
        }
        assert(index.ticks > 0 && elapsed >= 0, "a valid index is a price")
        let first = Int128(index.ticks) + fundingBasis(market, index)
        reading.parts.first = Price(Int64(first))
        let total = reading.memory.window.total(at: clock)
        let second = total.weight > 0 ? Pricing.above(index, total) : nil
        if let second { reading.parts.second = Price(Int64(second)) }
        let last = markets[market].lastOrderPrice
        if last.ticks > 0 { reading.parts.third = last }
        reading.mark = Pricing.binance(first: first, second: second, last: last)
    }

    /// The index times the last funding rate, less the more of the interval has passed.
    private func fundingBasis(_ market: Int32, _ index: Price) -> Int128 {
        let interval = markets[market].specification.fundingInterval
        if markets[market].funding < 0 || interval == 0 { return 0 }
        let due = deadlines.time(of: markets[market].funding).microseconds
        assert(due >= clock.microseconds, "a payment that is due has been made")
        let left = min(max(0, due - clock.microseconds), interval)
        return Pricing.fundingBasis(index: index, rate: markets[market].lastFunding, left: left, of: interval)
    }

    // MARK: hyperliquid (PX-10)

    private func readHyperliquid(
        _ market: Int32,
        _ index: Price,
        _ middle: Int64?,
        _ elapsed: Int64,
        _ reading: inout MarkReading
    ) {
        if let sample = basis(market, index) {
            reading.memory.basis.add(sample, elapsed, over: MarkMemory.basisTime)
        }
        if let middle { reading.memory.book.add(Int128(middle), elapsed, over: MarkMemory.bookTime) }
        let basis = reading.memory.basis
        assert(index.ticks > 0 && elapsed >= 0, "a valid index is a price")
        let first = basis.isThere ? Pricing.above(index, basis) : Int128(index.ticks)
        reading.parts.first = Price(Int64(first))
        if let middle { reading.parts.second = Price(middle) }
        let outside = outsidePerps(market)
        if outside != .none { reading.parts.third = outside }
        var average: Int128?
        if reading.memory.book.isThere && (middle == nil) != (outside == .none) {
            let fourth = quotient(reading.memory.book.sum, reading.memory.book.weight, .down)
            reading.parts.fourth = Price(Int64(min(fourth, Int128(1) << 31)))
            average = fourth
        }
        reading.mark = Pricing.hyperliquid(first: first, book: middle, outside: outside, average: average)
    }

    /// Weighted median of the fresh sources of other venues' perpetuals; none without one (PX-7).
    private func outsidePerps(_ market: Int32) -> Price {
        let all = markets[market].sources
        let sources = all.span
        var isLeft = InlineArray<16, Bool>(repeating: false)
        let after = markets[market].specification.staleAfter
        for index in 0..<16 {
            let source = sources[index]
            if !source.isKnown || source.weight == 0 || source.kind != .perp { continue }
            let age = clock.microseconds - source.at.microseconds
            assert(age >= 0, "a source has spoken before")
            isLeft[index] = source.price.ticks > 0 && age <= after
        }
        assert(markets[market].specification.mark == .hyperliquid, "only one mark listens to perpetuals")
        return Pricing.median(sources, isLeft)
    }

    // MARK: Bands (PX-11)

    private func inBands(
        _ mark: Price,
        _ index: Price,
        _ specification: MarketSpecification,
        _ reading: inout MarkReading
    ) -> Price {
        assert(mark.ticks > 0 && index.ticks > 0, "a valid index makes a mark")
        var ticks = Int128(mark.ticks)
        let average = reading.memory.mark
        if specification.averageBand.units > 0 && average.isThere {
            // To the nearest tick, as the last bits of the sums are cut off.
            let center = quotient(2 * average.sum + average.weight, 2 * average.weight, .down)
            ticks = Pricing.clamped(ticks, to: specification.averageBand, around: center)
        }
        if specification.indexBand.units > 0 {
            ticks = Pricing.clamped(ticks, to: specification.indexBand, around: Int128(index.ticks))
        }
        ticks = min(max(ticks, 1), Int128(Price.highest.ticks))
        assert(ticks >= 1 && ticks <= Int128(Price.highest.ticks), "a mark is a price")
        reading.parts.isClamped = ticks != Int128(mark.ticks)
        return Price(Int64(ticks))
    }

    /// Whether a market's method or band remembers anything.
    static func needsMemory(_ it: MarketSpecification) -> Bool {
        it.mark == .binance || it.mark == .hyperliquid || it.averageBand.units > 0
    }
}

/// Up to three prices and the middle one of them (PX-9, PX-10).
struct MarkChoice: BitwiseCopyable {
    var count = 0
    private var lowest: Int128 = 0
    private var middle: Int128 = 0
    private var highest: Int128 = 0

    init() {}

    mutating func add(_ value: Int128) {
        assert(count >= 0, "prices are counted from 0")
        if count == 0 {
            lowest = value
            highest = value
        } else if count == 1 {
            lowest = min(highest, value)
            highest = max(highest, value)
        } else {
            middle = min(max(lowest, value), highest)
        }
        assert(count <= 3, "a mark is made of three prices at most")
        count += 1
    }

    /// The one there is, the mean of two rounded down, or the median of three.
    var price: Price {
        assert(count >= 1 && lowest <= highest, "a choice is one of something")
        let ticks = count == 3 ? middle : (lowest + highest) >> 1
        let bounded = min(max(ticks, 1), Int128(Price.highest.ticks))
        return Price(Int64(bounded))
    }
}
