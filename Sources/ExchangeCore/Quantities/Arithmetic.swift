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
    // Nearly all quotients of an order fit into words, where division is an instruction.
    if let divisor = UInt64(exactly: denominator), numerator.magnitude >> 64 < divisor {
        let high = UInt64(truncatingIfNeeded: numerator.magnitude >> 64)
        let low = UInt64(truncatingIfNeeded: numerator.magnitude)
        let (whole, rest) =
            high == 0 ? low.quotientAndRemainder(dividingBy: divisor) : divisor.dividingFullWidth((high, low))
        return rounded(whole, rest != 0, isNegative: numerator < 0, rounding)
    }
    let (whole, rest) = numerator.magnitude.quotientAndRemainder(dividingBy: denominator.magnitude)
    return rounded(whole, rest != 0, isNegative: numerator < 0, rounding)
}

/// `numerator / 10⁸`, rounded as told: `quotient` by a divisor that is known, so without a division.
@inline(__always)
func overUnit(_ numerator: Int128, _ rounding: Rounding) -> Int128 {
    guard let low = UInt64(exactly: numerator.magnitude) else { return quotient(numerator, unit, rounding) }
    let (whole, rest) = low.quotientAndRemainder(dividingBy: 100_000_000)
    return rounded(whole, rest != 0, isNegative: numerator < 0, rounding)
}

/// `⌈numerator / divisor⌉` of a numerator that is not negative: a word's division, nearly always.
@inline(__always)
func quotientUp(_ numerator: Int128, _ divisor: Int64) -> Int128 {
    guard let word = UInt64(exactly: numerator), let small = UInt64(exactly: divisor), small > 0 else {
        return quotient(numerator, Int128(divisor), .up)
    }
    let (whole, rest) = word.quotientAndRemainder(dividingBy: small)
    return Int128(whole) + (rest == 0 ? 0 : 1)
}

/// `a · b`; exact without a check where `a` fits into a word, as nearly always.
@inline(__always)
func product(_ a: Int128, _ b: Int64) -> Int128 {
    guard let word = Int64(exactly: a) else { return a * Int128(b) }
    let (high, low) = word.multipliedFullWidth(by: b)
    return Int128(high) << 64 | Int128(low)
}

/// The worth of lots at a price: `lots · ticks · u` (LED-1), signed like `lots`.
@inline(__always)
func worth(_ lots: Int64, _ ticks: Int64, _ u: Int64) -> Int128 {
    let (part, overflow) = lots.multipliedReportingOverflow(by: ticks)
    return overflow ? Int128(lots) * Int128(ticks) * Int128(u) : product(Int128(part), u)
}

/// The quotient whose magnitude is `whole` and a rest, as told.
@inline(__always)
private func rounded<U: UnsignedInteger>(
    _ whole: U,
    _ hasRest: Bool,
    isNegative: Bool,
    _ rounding: Rounding
) -> Int128 {
    let isAway = hasRest && (isNegative ? rounding == .down : rounding == .up)
    let magnitude = Int128(whole) + (isAway ? 1 : 0)
    return isNegative ? -magnitude : magnitude
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

/// The value, or ±2⁶² if it lies beyond: for running totals that are only compared with a limit (LED-1).
func clampedToRange(_ value: Int128) -> Int64 {
    let limit = Int128(1) << 62
    return Int64(min(max(value, -limit), limit))
}

/// The scale of rates and amounts: 10⁸.
@inline(__always) public var unit: Int128 { 100_000_000 }

/// `|a|` for values far from the ends of the range, as all that are summed up here.
@inline(__always) func absolute(_ a: Int128) -> Int128 { a < 0 ? -a : a }

/// Bisection as the specification defines it (README): the largest q up to a bound that passes.
func bisect(_ bound: Int64, _ allows: (Int64) -> Bool) -> Int64 {
    assert(bound >= 0, "a bound is not negative")
    if allows(bound) { return bound }
    if !allows(0) { return 0 }
    var low: Int64 = 0
    var high = bound - 1
    while low < high {
        let middle = (low + high + 1) >> 1
        if allows(middle) { low = middle } else { high = middle - 1 }
    }
    assert(low >= 0 && low < bound, "what is allowed lies within the bound")
    return low
}
