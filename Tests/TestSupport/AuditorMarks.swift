import ExchangeCore

// Marks that are made of more than the index (PX-7 to PX-11), kept the plain way: all samples in a list.

/// A sample of mid less index, and for how long it stands.
struct BasisSample {
    var at: Whole
    var halfTicks: Whole
    var time: Whole
}

/// Σ sample·weight and Σ weight in 2⁻²⁴ µs (PX-8).
struct AuditedAverage {
    var sum: Whole = 0
    var weight: Whole = 0

    mutating func age(_ elapsed: Whole, _ time: Whole) {
        let d = Self.decay(elapsed, time)
        let up = floorOf(abs(sum), d, over: Self.whole)
        sum = sum < 0 ? -up : up
        weight = floorOf(weight, d, over: Self.whole)
    }

    mutating func add(_ sample: Whole, _ elapsed: Whole, _ time: Whole) {
        let w = min(elapsed, time) * 16_777_216
        sum += sample * w
        weight += w
    }

    var counts: Bool { weight >= 16_777_216 }

    static let whole: Whole = 1_152_921_504_606_846_976

    /// e^(−elapsed/time) in 2⁻⁶⁰, by the steps of PX-8.
    static func decay(_ elapsed: Whole, _ time: Whole) -> Whole {
        let n = elapsed / time
        if n >= 42 { return 0 }
        var d = series(floorOf(elapsed % time, whole, over: time))
        for _ in 0..<n { d = floorOf(d, series(whole), over: whole) }
        return d
    }

    private static func series(_ x: Whole) -> Whole {
        var terms = [whole]
        for k in 1...20 { terms.append(floorOf(terms[k - 1], x, over: whole * Whole(k))) }
        var sum: Whole = 0
        for (k, term) in terms.enumerated() { sum += k % 2 == 0 ? term : -term }
        return sum
    }
}

/// What a market's mark method remembers (PX-8).
struct AuditedMemory {
    var looked: Whole?
    var basis = AuditedAverage()
    var book = AuditedAverage()
    var mark = AuditedAverage()
    var samples: [BasisSample] = []
}

extension Auditor {
    /// The mark that follows from an index; the market's memory goes on whether or not it is valid.
    func makeMark(_ market: Int, _ m: inout AuditedMarket, _ index: Whole?, valid: Bool) -> Whole? {
        let rules = m.rules
        let remembers = rules.mark == .binance || rules.mark == .hyperliquid || rules.averageBand > .zero
        if !remembers {
            guard let index, valid else { return index }
            return rules.mark == .last ? index : banded(index, index, m)
        }
        let elapsed = m.memory.looked.map { now - $0 } ?? 1_000_000
        m.memory.looked = now
        m.memory.basis.age(elapsed, 150_000_000)
        m.memory.book.age(elapsed, 30_000_000)
        m.memory.mark.age(elapsed, Whole(rules.averageTime))
        guard let index, valid else { return index }
        var mark = index
        if rules.mark == .binance { mark = binance(market, &m, index, elapsed) }
        if rules.mark == .hyperliquid { mark = hyperliquid(market, &m, index, elapsed) }
        mark = banded(max(1, min(mark, Whole(1) << 30 - 1)), index, m)
        m.memory.mark.add(mark, elapsed, Whole(rules.averageTime))
        return mark
    }

    private func best(_ market: Int, bids: Bool) -> Whole? {
        var best: Whole?
        for order in s.orders where order.market == market && order.resting && order.buy == bids {
            best = best.map { bids ? max($0, order.price) : min($0, order.price) } ?? order.price
        }
        return best
    }

    /// The one, the mean of two rounded down, the middle of three.
    private func choose(_ parts: [Whole]) -> Whole {
        let sorted = parts.sorted()
        switch sorted.count {
        case 1: return sorted[0]
        case 2: return floorOf(sorted[0] + sorted[1], 1, over: 2)
        default: return sorted[1]
        }
    }

    private func binance(_ market: Int, _ m: inout AuditedMarket, _ index: Whole, _ elapsed: Whole) -> Whole {
        if let bid = best(market, bids: true), let ask = best(market, bids: false) {
            let time = min(elapsed, 150_000_000)
            m.memory.samples.append(BasisSample(at: now, halfTicks: bid + ask - 2 * index, time: time))
        }
        var parts: [Whole] = []
        var first = index
        if let due = m.nextFunding, m.rules.fundingInterval > 0 {
            let interval = Whole(m.rules.fundingInterval)
            first += floorOf(index * m.lastFunding, min(due - now, interval), over: one * interval)
        }
        parts.append(first)
        let slot = now / 5_000_000
        m.memory.samples.removeAll { $0.at / 5_000_000 < slot - 29 }
        var sum: Whole = 0
        var time: Whole = 0
        for sample in m.memory.samples {
            sum += sample.halfTicks * sample.time
            time += sample.time
        }
        if time > 0 { parts.append(index + floorOf(sum, 1, over: 2 * time)) }
        if m.lastOfUsers > 0 { parts.append(m.lastOfUsers) }
        return choose(parts)
    }

    private func hyperliquid(
        _ market: Int,
        _ m: inout AuditedMarket,
        _ index: Whole,
        _ elapsed: Whole
    ) -> Whole {
        let bid = best(market, bids: true)
        let ask = best(market, bids: false)
        var parts: [Whole] = []
        if let bid, let ask { m.memory.basis.add(bid + ask - 2 * index, elapsed, 150_000_000) }
        let basis = m.memory.basis
        parts.append(basis.counts ? index + floorOf(basis.sum, 1, over: 2 * basis.weight) : index)
        if let bid, let ask, m.lastOfUsers > 0 {
            let middle = [bid, ask, m.lastOfUsers].sorted()[1]
            m.memory.book.add(middle, elapsed, 30_000_000)
            parts.append(middle)
        }
        let perps = m.sources.indices.filter {
            let source = m.sources[$0]
            return source.known && source.perp && source.weight > 0 && source.price > 0
                && now - source.at <= Whole(m.rules.staleAfter)
        }
        if !perps.isEmpty { parts.append(median(m, perps)) }
        if parts.count == 2 && m.memory.book.counts {
            parts.append(floorOf(m.memory.book.sum, 1, over: m.memory.book.weight))
        }
        return choose(parts)
    }

    /// PX-11: first the band of the average, then that of the index, ends rounded outward.
    private func banded(_ mark: Whole, _ index: Whole, _ m: AuditedMarket) -> Whole {
        var mark = mark
        let average = m.memory.mark
        let wide = Whole(m.rules.averageBand.units)
        if wide > 0 && average.counts {
            let near = floorOf(2 * average.sum + average.weight, 1, over: 2 * average.weight)
            let low = floorOf(near, one - wide, over: one)
            let high = ceilingOf(near, one + wide, over: one)
            mark = max(low, min(high, mark))
        }
        let near = Whole(m.rules.indexBand.units)
        if near > 0 {
            mark = max(
                floorOf(index, one - near, over: one),
                min(ceilingOf(index, one + near, over: one), mark)
            )
        }
        return max(1, min(mark, Whole(1) << 30 - 1))
    }
}
