/// Whole ticks of a market. Orders carry `1 ... Price.highest`; a price command may carry anything,
/// and a price that is not positive is then not valid (PX-1).
@frozen
public struct Price: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Number of ticks.
    public var ticks: Int64
    /// A price of `ticks` ticks.
    @inline(__always) public init(_ ticks: Int64) { self.ticks = ticks }
    /// No price.
    public static let none = Price(0)
    /// The highest price that an order or a valid mark may have: 2³⁰ − 1 ticks.
    public static let highest = Price(1 << 30 - 1)
    @inline(__always) public static func < (a: Price, b: Price) -> Bool { a.ticks < b.ticks }
}

/// Whole lots of a market, signed where it is the size of a position: positive is long.
@frozen
public struct Quantity: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Number of lots.
    public var lots: Int64
    /// A quantity of `lots` lots.
    @inline(__always) public init(_ lots: Int64) { self.lots = lots }
    /// Nothing.
    public static let zero = Quantity(0)
    /// The largest quantity of an order: 2⁵⁰ − 1 lots.
    public static let highest = Quantity(1 << 50 - 1)
    /// The same without its sign.
    @inline(__always) public var magnitude: Quantity { Quantity(lots < 0 ? -lots : lots) }
    @inline(__always) public static func < (a: Quantity, b: Quantity) -> Bool { a.lots < b.lots }
    @inline(__always) public static func + (a: Quantity, b: Quantity) -> Quantity {
        Quantity(a.lots + b.lots)
    }
    @inline(__always) public static func - (a: Quantity, b: Quantity) -> Quantity {
        Quantity(a.lots - b.lots)
    }
    @inline(__always) public static func += (a: inout Quantity, b: Quantity) { a.lots += b.lots }
    @inline(__always) public static func -= (a: inout Quantity, b: Quantity) { a.lots -= b.lots }
    @inline(__always) public static prefix func - (a: Quantity) -> Quantity { Quantity(-a.lots) }
}

/// Quote currency in units of 10⁻⁸, signed (LED-1).
@frozen
public struct Amount: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Number of units of 10⁻⁸.
    public var units: Int64
    /// An amount of `units` × 10⁻⁸.
    @inline(__always) public init(_ units: Int64) { self.units = units }
    /// An amount for a report: the nearest that fits.
    @inline(__always) init(reporting units: Int128) { self.units = Int64(clamping: units) }
    /// Nothing.
    public static let zero = Amount(0)
    /// The most cash that a margin account may have or owe: ±2⁶² units (LED-1).
    static var cashLimit: Int128 { 1 << 62 }
    /// No limit, where an amount is a limit.
    public static let unlimited = Amount(Int64.max)
    /// The most that may be deposited altogether: 2⁶⁰ units, about 11.5 billion (LED-1).
    public static let pileLimit = Amount(1 << 60)
    @inline(__always) public static func < (a: Amount, b: Amount) -> Bool { a.units < b.units }
    @inline(__always) public static func + (a: Amount, b: Amount) -> Amount { Amount(a.units + b.units) }
    @inline(__always) public static func - (a: Amount, b: Amount) -> Amount { Amount(a.units - b.units) }
    @inline(__always) public static func += (a: inout Amount, b: Amount) { a.units += b.units }
    @inline(__always) public static func -= (a: inout Amount, b: Amount) { a.units -= b.units }
    @inline(__always) public static prefix func - (a: Amount) -> Amount { Amount(-a.units) }
}

/// A ratio in units of 10⁻⁸: 0.0005 is `Rate(50_000)`.
@frozen
public struct Rate: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Number of units of 10⁻⁸.
    public var units: Int64
    /// A rate of `units` × 10⁻⁸.
    @inline(__always) public init(_ units: Int64) { self.units = units }
    /// Nothing.
    public static let zero = Rate(0)
    /// One: 100 %.
    public static let one = Rate(100_000_000)
    @inline(__always) public static func < (a: Rate, b: Rate) -> Bool { a.units < b.units }
}

/// Microseconds since 1970. Time enters the core only inside commands (DET-1).
@frozen
public struct Timestamp: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// Number of microseconds.
    public var microseconds: Int64
    /// `microseconds` µs since 1970.
    @inline(__always) public init(_ microseconds: Int64) { self.microseconds = microseconds }
    /// Never: later than any command.
    public static let never = Timestamp(Int64.max)
    /// The latest moment that a command may carry: 2⁵⁶ µs, in the year 4253.
    public static let latest = Timestamp(1 << 56)
    @inline(__always) public static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.microseconds < b.microseconds
    }
}
