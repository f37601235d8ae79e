// The auditor's own arithmetic: whole numbers of 128 bits, products of 256. Nothing here is shared
// with the core (LED-1, MG-4).

/// A whole number wide enough for every total.
public typealias Whole = Int128

/// A magnitude of 256 bits with a sign: what a product of two whole numbers can be.
struct WideProduct {
    var negative: Bool
    var high: UInt128
    var low: UInt128

    init(_ a: Whole, _ b: Whole) {
        let parts = a.magnitude.multipliedFullWidth(by: b.magnitude)
        high = parts.high
        low = parts.low
        negative = (a < 0) != (b < 0) && !(high == 0 && low == 0)
    }

    static func < (x: WideProduct, y: WideProduct) -> Bool {
        if x.negative != y.negative { return x.negative }
        let smaller = x.high != y.high ? x.high < y.high : x.low < y.low
        let same = x.high == y.high && x.low == y.low
        return x.negative ? !smaller && !same : smaller
    }
}

/// Whether `a·b < c·d`, exactly (MG-4).
func productBelow(_ a: Whole, _ b: Whole, _ c: Whole, _ d: Whole) -> Bool {
    let (left, leftOver) = a.multipliedReportingOverflow(by: b)
    let (right, rightOver) = c.multipliedReportingOverflow(by: d)
    if !leftOver && !rightOver { return left < right }
    return WideProduct(a, b) < WideProduct(c, d)
}

/// `a·b / c` rounded toward minus infinity; saturates where the result has no place.
func floorOf(_ a: Whole, _ b: Whole, over c: Whole) -> Whole {
    if c < 0 { return floorOf(-a, b, over: -c) }
    let (product, over) = a.multipliedReportingOverflow(by: b)
    if !over {
        let (q, r) = product.quotientAndRemainder(dividingBy: c)
        return r < 0 ? q - 1 : q
    }
    let wide = WideProduct(a, b)
    let divisor = c.magnitude
    if wide.high >= divisor { return wide.negative ? .min : .max }
    let (q, r) = divisor.dividingFullWidth((wide.high, wide.low))
    if q > Whole.max.magnitude - 1 { return wide.negative ? .min : .max }
    let magnitude = Whole(q)
    return wide.negative ? -magnitude - (r == 0 ? 0 : 1) : magnitude
}

/// `a·b / c` rounded toward plus infinity.
func ceilingOf(_ a: Whole, _ b: Whole, over c: Whole) -> Whole {
    let below = floorOf(-a, b, over: c)
    return below == .min ? .max : -below
}

/// `a / c` rounded up.
func ceilingOf(_ a: Whole, over c: Whole) -> Whole { ceilingOf(a, 1, over: c) }

/// `a` if it is positive, else nothing.
func positivePart(_ a: Whole) -> Whole { a > 0 ? a : 0 }

/// One, in the units of rates.
let one: Whole = 100_000_000
/// No limit, where an amount is a limit.
let noLimit = Whole(Int64.max)

/// A part of a whole, kept as two numbers (MG-6).
struct Fraction {
    var part: Whole
    var whole: Whole
}

/// What MG-6 fixes when a step begins for a leg: equity and share of the bucket, size of the leg.
struct Terms {
    var equity: Whole
    var share: Fraction
    var size: Whole

    /// To the other side for `q` lots besides the mark: ⌊⌋ of a surplus, minus ⌈⌉ of a deficit.
    func adjustment(_ q: Whole) -> Whole {
        let scale = share.whole * size
        if equity >= 0 { return floorOf(share.part * equity, q, over: scale) }
        return -ceilingOf(share.part * -equity, q, over: scale)
    }
}

/// The bisection that the specification states: the rule even where `fits` is not monotone.
func largest(upTo bound: Whole, _ fits: (Whole) -> Bool) -> Whole {
    if bound <= 0 { return 0 }
    if fits(bound) { return bound }
    if !fits(0) { return 0 }
    var low: Whole = 0
    var high = bound - 1
    while low < high {
        let middle = (low + high + 1) / 2
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    return low
}
