/// Which way a quotient that is not whole goes.
@frozen
public enum Rounding: UInt8, BitwiseCopyable, Sendable {
    /// Toward minus infinity.
    case down
    /// Toward plus infinity.
    case up
    /// Toward zero.
    case towardZero
}

/// `numerator / denominator`, rounded as told. The denominator must be positive.
@inline(__always)
public func quotient(_ numerator: Int128, _ denominator: Int128, _ rounding: Rounding) -> Int128 {
    precondition(denominator > 0)
    let (whole, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    if rest == 0 { return whole }
    switch rounding {
    case .down: return rest < 0 ? whole - 1 : whole
    case .up: return rest > 0 ? whole + 1 : whole
    case .towardZero: return whole
    }
}

/// `a · b / denominator`, exact in between (256 bits), rounded as told.
///
/// `b` must not be negative and `denominator` must be positive. A result outside ±2¹²⁶ comes back as
/// ±2¹²⁶: callers compare it with a bound that is far smaller.
public func scaled(_ a: Int128, by b: Int128, over denominator: Int128, _ rounding: Rounding) -> Int128 {
    precondition(b >= 0 && denominator > 0)
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    if !overflow { return quotient(product, denominator, rounding) }
    let limit = Int128(1) << 126
    let wide = a.magnitude.multipliedFullWidth(by: b.magnitude)
    if wide.high >= denominator.magnitude { return a < 0 ? -limit : limit }
    let (whole, rest) = denominator.magnitude.dividingFullWidth(wide)
    if whole >= limit.magnitude { return a < 0 ? -limit : limit }
    let magnitude = Int128(whole)
    switch rounding {
    case .towardZero: return a < 0 ? -magnitude : magnitude
    case .down: return a < 0 ? -(magnitude + (rest == 0 ? 0 : 1)) : magnitude
    case .up: return a < 0 ? -magnitude : magnitude + (rest == 0 ? 0 : 1)
    }
}

/// Whether `a/b < c/d` for positive `b` and `d`, worked out by cross-multiplication (MG-4).
@inline(__always)
public func isLess(_ a: Int128, over b: Int128, _ c: Int128, over d: Int128) -> Bool {
    let (left, leftOverflow) = a.multipliedReportingOverflow(by: d)
    let (right, rightOverflow) = c.multipliedReportingOverflow(by: b)
    if !leftOverflow && !rightOverflow { return left < right }
    if (a < 0) != (c < 0) { return a < 0 }
    let x = a.magnitude.multipliedFullWidth(by: d.magnitude)
    let y = c.magnitude.multipliedFullWidth(by: b.magnitude)
    let less = x.high != y.high ? x.high < y.high : x.low < y.low
    let equal = x.high == y.high && x.low == y.low
    return a < 0 ? !less && !equal : less
}

/// The scale of rates and amounts: 10⁸.
@inline(__always) public var unit: Int128 { 100_000_000 }

/// The largest of two.
@inline(__always) func larger<T: Comparable>(_ a: T, _ b: T) -> T { a < b ? b : a }
/// The smallest of two.
@inline(__always) func smaller<T: Comparable>(_ a: T, _ b: T) -> T { b < a ? b : a }
