/// Shares that are worked out before anybody is closed: capped pro rata and least overshoot (ADL-16, ADL-17).
extension Exchange {
    /// Water-filling: one level of lots a unit of weight, under which each gives up what it can bear.
    /// O(n·log n).
    mutating func fillToLevel(_ remainder: Int64) {
        shares.sort {
            if isLess(Int128($0.cap), over: $0.weight, Int128($1.cap), over: $1.weight) { return true }
            if isLess(Int128($1.cap), over: $1.weight, Int128($0.cap), over: $0.weight) { return false }
            return $0.place < $1.place
        }
        assert(remainder > 0, "what is shared is something")
        var left = Int128(remainder)
        var weight: Int128 = 0
        for index in 0..<shares.count { weight += shares[index].weight }
        var index = 0
        // Those that the level would ask for more than they can bear are full, least able first.
        while index < shares.count {
            let share = shares[index]
            if isLess(left, over: weight, Int128(share.cap), over: share.weight) { break }
            assert(share.cap > 0 && share.weight >= 0, "who shares can bear a lot")
            shares[index].lots = share.cap
            left -= Int128(share.cap)
            weight -= share.weight
            index += 1
        }
        while index < shares.count {
            assert(left >= 0 && weight > 0, "what is left is shared by weight")
            shares[index].lots = Int64(scaled(left, by: shares[index].weight, over: weight, .down))
            index += 1
        }
    }

    /// Whole lots as near to the exact shares as can be: the largest overshoot is as small as possible,
    /// then the next largest, and so on. O(n·(log n + 62)).
    mutating func spreadEvenly(_ remainder: Int64) {
        assert(remainder > 0, "what is shared is something")
        var weight: Int128 = 0
        for index in 0..<shares.count { weight += shares[index].weight }
        for index in 0..<shares.count {
            // r·w < 2¹²⁴: a remainder and a profit lie below 2⁶² (LED-1).
            let part = Int128(remainder) * shares[index].weight
            let whole = quotient(part, weight, .down)
            assert(part >= 0 && whole >= 0 && whole <= Int128(remainder), "a part is no more than the whole")
            shares[index].base = Int64(whole)
            shares[index].rest = part - whole * weight
        }
        let level = bisect(remainder) { lots in lotsAt(level: lots) <= Int128(remainder) }
        for index in 0..<shares.count { shares[index].lots = shares[index].lots(at: level) }
        var left = Int128(remainder) - lotsAt(level: level)
        precondition(left >= 0, "no more is shared than there is")
        assert(level >= 0, "a level is not negative")
        shares.sort { $0.rest != $1.rest ? $0.rest > $1.rest : $0.place < $1.place }
        var index = 0
        while index < shares.count && left > 0 {
            if shares[index].lots < shares[index].cap {
                shares[index].lots += 1
                left -= 1
            }
            index += 1
        }
    }

    private func lotsAt(level: Int64) -> Int128 {
        var sum: Int128 = 0
        for index in 0..<shares.count { sum += Int128(shares[index].lots(at: level)) }
        assert(sum >= 0, "shares are not negative")
        assert(level >= 0, "a level is not negative")
        return sum
    }
}

/// A candidate's share of a remainder while it is worked out.
struct Share: BitwiseCopyable {
    var place = nowhere
    var weight: Int128 = 0
    /// The most lots that it can bear.
    var cap: Int64 = 0
    /// The exact share is `base` lots and `rest` over the sum of all weights.
    var base: Int64 = 0
    var rest: Int128 = 0
    /// What it gives up.
    var lots: Int64 = 0

    /// A weight's part of a remainder in whole lots, rounded down: `⌊remainder·weight/sum⌋` (ADL-15).
    static func part(of remainder: Int128, weight: Int128, sum: Int128) -> Int128 {
        assert(remainder >= 0 && weight >= 0 && weight <= sum, "a part is no more than the whole")
        return scaled(remainder, by: weight, over: sum, .down)
    }

    /// So many lots above the whole lots of its share, as far as it can bear them.
    func lots(at level: Int64) -> Int64 {
        assert(base >= 0 && cap >= 0 && level >= 0, "parts of a share are not negative")
        let lots = level >= cap ? cap : min(cap, base + level)
        assert(lots >= 0 && lots <= cap, "a share is no more than what is borne")
        return lots
    }
}
