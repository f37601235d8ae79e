/// A small seeded generator (SplitMix64; Steele, Lea and Flood, 2014): the same seed gives the same
/// population everywhere.
package struct Random {
    private var state: UInt64

    /// What a seed draws.
    package init(seed: UInt64) { state = seed }

    /// Any 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in 0 ..< 1.
    package mutating func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}

/// A distribution known by some of its quantiles; between them the logarithm is linear.
struct Quantiles {
    /// (probability, value), both rising, the first at 0 and the last at 1.
    var points: [(probability: Double, logarithm: Double)]

    init(_ points: [(Double, Double)]) {
        self.points = points.map { ($0.0, logarithm($0.1)) }
    }

    func value(at probability: Double) -> Double {
        var index = 1
        while index < points.count - 1 && points[index].probability < probability { index += 1 }
        let low = points[index - 1]
        let high = points[index]
        let part = (probability - low.probability) / (high.probability - low.probability)
        return exponential(low.logarithm + (high.logarithm - low.logarithm) * part)
    }
}
