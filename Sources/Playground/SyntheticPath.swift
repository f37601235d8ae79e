public import ExchangeCore

/// Numbers drawn from a seed, the same everywhere.
struct SeededNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        // SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 up to `bound` − 1.
    mutating func below(_ bound: Int64) -> Int64 { bound < 2 ? 0 : Int64(next() % UInt64(bound)) }

    /// −bound up to bound, both included, more often near 0: the sum of four draws.
    mutating func around(_ bound: Int64) -> Int64 {
        (0..<4).reduce(0) { sum, _ in sum + below(bound + 1) } / 2 - bound
    }
}

/// A shock that a playground adds to its made-up prices.
public struct Crash: Sendable, Hashable {
    /// How far the price goes, in millionths of it: 200,000 is a fall by a fifth; negative is a rise.
    public var depth: Int64
    /// µs that it takes.
    public var duration: Int64
    /// What makers leave of their quotes meanwhile, in per cent.
    public var liquidity: Int64

    /// A shock; depth is kept within a fall by 90 % and a rise to tenfold, duration within a day.
    public init(depth: Int64, duration: Int64, liquidity: Int64) {
        self.depth = min(max(depth, -9_000_000), 900_000)
        self.duration = min(max(duration, 1), 86_400_000_000)
        self.liquidity = min(max(liquidity, 0), 100)
    }
}

/// A price that wanders as a seed draws it, through calm, busy and trending times.
///
/// Whole numbers throughout, so that a seed gives the same path everywhere.
public struct SyntheticPath: Sendable {
    private var numbers: SeededNumbers
    /// Ticks · 2¹⁶.
    private var price: Int64
    private var left: Int64 = 0
    /// Millionths a second: how far it wanders, and where to.
    private var swing: Int64 = 0
    private var drift: Int64 = 0
    private var crash: (Crash, started: Int64)?
    private var time: Int64 = 0

    /// A path from a price on.
    public init(seed: UInt64, from start: Price) {
        numbers = SeededNumbers(seed: seed)
        price = start.ticks << 16
    }

    /// What makers leave of their quotes now, in per cent.
    public var liquidity: Int64 { crash.map { $0.0.liquidity } ?? 100 }

    /// Begins a shock; one that is under way ends where it is.
    public mutating func begin(_ shock: Crash) {
        settle()
        crash = (shock, time)
    }

    /// The price a second later.
    public mutating func step() -> Price {
        time += 1_000_000
        if left == 0 { drawRegime() }
        left -= 1
        let move = numbers.around(2 * swing) + drift
        price = max(1 << 16, min(Price.highest.ticks << 16, price + price / 1_000_000 * move))
        if let (shock, started) = crash, time - started > shock.duration + 30_000_000 { settle() }
        return now
    }

    /// The price with the shock in it.
    public var now: Price {
        var ticks = price >> 16
        if let (shock, started) = crash {
            let part = min(shock.duration, time - started)
            let depth = Int128(shock.depth) * Int128(part) / Int128(shock.duration)
            ticks = Int64(clamping: Int128(ticks) * (1_000_000 - depth) / 1_000_000)
        }
        return Price(min(max(1, ticks), Price.highest.ticks))
    }

    /// The shock becomes the path's own price.
    private mutating func settle() {
        price = now.ticks << 16
        crash = nil
    }

    private mutating func drawRegime() {
        left = 20 + numbers.below(100)
        switch numbers.below(10) {
        case 0: (swing, drift) = (400, numbers.around(60))
        case 1, 2: (swing, drift) = (120, numbers.around(40))
        default: (swing, drift) = (60, numbers.around(6))
        }
    }
}
