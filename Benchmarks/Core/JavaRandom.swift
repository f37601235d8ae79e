/// `java.util.Random`: the linear congruential generator that its documentation fixes, so that a stream
/// made in Java can be made here.
struct JavaRandom {
    private var state: UInt64

    /// Seeds as `new Random(seed)` does.
    init(seed: Int64) { state = (UInt64(bitPattern: seed) ^ 0x5_DEEC_E66D) & (1 << 48 - 1) }

    private mutating func next(_ bits: UInt64) -> Int32 {
        state = (state &* 0x5_DEEC_E66D &+ 0xB) & (1 << 48 - 1)
        return Int32(truncatingIfNeeded: state >> (48 - bits))
    }

    /// Uniform in `0 ..< bound`; the bound must be positive.
    mutating func nextInt(_ bound: Int32) -> Int32 {
        if bound & (bound - 1) == 0 {
            return Int32(truncatingIfNeeded: (Int64(bound) * Int64(next(31))) >> 31)
        }
        while true {
            let bits = next(31)
            let value = bits % bound
            // A draw from the last, incomplete stretch would favour small values.
            if bits &- value &+ (bound - 1) >= 0 { return value }
        }
    }

    /// Uniform in 0 ..< 1, of 53 bits.
    mutating func nextDouble() -> Double {
        let high = Int64(next(26)) << 27
        return Double(high + Int64(next(27))) / 9_007_199_254_740_992
    }

    /// `Objects.hash` of two integers.
    static func hash(_ a: Int32, _ b: Int32) -> Int64 { Int64((31 &+ a) &* 31 &+ b) }
}

/// The Mersenne Twister `mt19937` (Matsumoto and Nishimura, 1998), as C++'s standard library has it.
struct MersenneTwister {
    private var state: [UInt32]
    private var place = 624

    init(seed: UInt32) {
        state = [seed]
        for index in 1..<624 {
            let last = state[index - 1]
            state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(index))
        }
    }

    mutating func next() -> UInt32 {
        if place == 624 { twist() }
        var y = state[place]
        place += 1
        y ^= y >> 11
        y ^= (y << 7) & 0x9D2C_5680
        y ^= (y << 15) & 0xEFC6_0000
        return y ^ (y >> 18)
    }

    private mutating func twist() {
        for index in 0..<624 {
            let y = (state[index] & 0x8000_0000) | (state[(index + 1) % 624] & 0x7FFF_FFFF)
            state[index] = state[(index + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        place = 0
    }

    /// Uniform in 0 ..< 1 from two draws, the high one first.
    mutating func uniform() -> Double {
        let high = Double(next() >> 5)
        return (high * 67_108_864 + Double(next() >> 6)) / 9_007_199_254_740_992
    }

    /// Uniform in `low ... high`.
    mutating func integer(_ low: Int, _ high: Int) -> Int {
        low + Int(uniform() * Double(high - low + 1))
    }
}
