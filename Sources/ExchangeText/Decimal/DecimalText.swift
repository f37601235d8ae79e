/// What is wrong with a decimal number. Where several would apply, the first in this order is given.
public enum DecimalError: Error, Hashable, Sendable {
    /// There is no text.
    case empty
    /// Not of the form `-?(0|[1-9][0-9]*)(\.[0-9]+)?`, or a zero with a sign.
    case malformed
    /// A digit other than zero stands behind the last decimal that can be held.
    case tooPrecise(allowed: Int)
    /// More than 18 digits before the point, or not below 2⁶² units (LED-1).
    case tooLarge
    /// Not a whole number of ticks or lots, whose size in units of 10⁻⁸ is given.
    case notMultiple(of: Int64)
}

/// Decimal text to integers of a fixed scale and back, exactly: nothing passes through floating point.
///
/// One number has one sign and no ornaments: `+1`, `1e5`, `.5`, `5.`, `007` and `-0` are malformed.
/// Zeros at the end are allowed when read (`"1.50"`) and never written.
public enum DecimalText {
    /// Decimals of an `Amount` or a `Rate`, and of tick and lot sizes.
    public static let scale = 8
    /// What is read has a magnitude below this many units.
    public static let limit = Int128(1) << 62
    /// The most digits that may stand before the point.
    static let integerDigits = 18

    /// Reads `text` as a whole number of units of 10⁻ˢᶜᵃˡᵉ; `scale` is at most 18.
    public static func parse(
        _ text: some Collection<UInt8>,
        scale: Int = DecimalText.scale
    ) throws(DecimalError) -> Int64 {
        // Of known bytes: a collection of any kind is read through a call for every step.
        let read = { (bytes: UnsafeBufferPointer<UInt8>) in parsed(bytes, scale) }
        let result = text.withContiguousStorageIfAvailable(read) ?? Array(text).withUnsafeBufferPointer(read)
        return try result.get()
    }

    private static func parsed(
        _ text: UnsafeBufferPointer<UInt8>,
        _ scale: Int
    ) -> Result<Int64, DecimalError> {
        if text.isEmpty { return .failure(.empty) }
        let isNegative = text[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        var place = start
        var units: Int128 = 0
        var isTooLarge = false
        while place < text.count, let digit = digit(text[place]) {
            place += 1
            if place - start > integerDigits { isTooLarge = true } else { units = units * 10 + digit }
        }
        let count = place - start
        if count == 0 || (text[start] == UInt8(ascii: "0") && count > 1) { return .failure(.malformed) }

        var isTooPrecise = false
        var decimals = 0
        if place < text.count && text[place] == UInt8(ascii: ".") {
            place += 1
            if place == text.count { return .failure(.malformed) }
            while place < text.count, let digit = digit(text[place]) {
                place += 1
                if decimals < scale {
                    decimals += 1
                    units = units * 10 + digit
                } else if digit != 0 {
                    isTooPrecise = true
                }
            }
        }
        if place < text.count { return .failure(.malformed) }
        if isNegative && units == 0 && !isTooPrecise && !isTooLarge { return .failure(.malformed) }
        if isTooPrecise { return .failure(.tooPrecise(allowed: scale)) }
        for _ in decimals..<scale { units *= 10 }
        if isTooLarge || units >= limit { return .failure(.tooLarge) }
        return .success(Int64(isNegative ? -units : units))
    }

    /// Reads `text` as a whole number of steps of `step` units of 10⁻⁸ each: ticks or lots.
    public static func parse(
        _ text: some Collection<UInt8>,
        inStepsOf step: Int64
    ) throws(DecimalError) -> Int64 {
        let units = try parse(text, scale: scale)
        if step < 1 { throw .notMultiple(of: step) }
        let (steps, rest) = units.quotientAndRemainder(dividingBy: step)
        if rest != 0 { throw .notMultiple(of: step) }
        return steps
    }

    private static func digit(_ byte: UInt8) -> Int128? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int128(byte - UInt8(ascii: "0")) : nil
    }

    /// Appends the shortest exact decimal of `units` × 10⁻ˢᶜᵃˡᵉ; `scale` is at most 36.
    public static func append(_ units: Int128, scale: Int = DecimalText.scale, to bytes: inout [UInt8]) {
        if units < 0 { bytes.append(UInt8(ascii: "-")) }
        // Digits come out last first: they are written behind the sign and then turned round.
        let start = bytes.count
        var rest = units.magnitude
        var position = 0
        var isSignificant = scale == 0
        while rest > 0 || position <= scale {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            rest = quotient
            if position == scale && bytes.count > start { bytes.append(UInt8(ascii: ".")) }
            isSignificant = isSignificant || digit != 0 || position >= scale
            if isSignificant { bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)) }
            position += 1
        }
        bytes[start...].reverse()
    }

    /// Appends `units` × 10⁻ˢᶜᵃˡᵉ with exactly `decimals` decimals: zeros are added, further digits are cut
    /// off (toward zero). Both counts are at most 36.
    public static func append(_ units: Int128, scale: Int, decimals: Int, to bytes: inout [UInt8]) {
        var shown = units
        for _ in decimals..<max(decimals, scale) { shown /= 10 }
        if shown < 0 { bytes.append(UInt8(ascii: "-")) }
        let kept = min(scale, decimals)
        let start = bytes.count
        var rest = shown.magnitude
        for _ in kept..<decimals { bytes.append(UInt8(ascii: "0")) }
        var position = 0
        while rest > 0 || position <= kept {
            if position == kept && decimals > 0 { bytes.append(UInt8(ascii: ".")) }
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            rest = quotient
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            position += 1
        }
        bytes[start...].reverse()
    }

    /// The shortest exact decimal of `units` × 10⁻ˢᶜᵃˡᵉ.
    public static func string(_ units: Int128, scale: Int = DecimalText.scale) -> String {
        var bytes: [UInt8] = []
        append(units, scale: scale, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension DecimalError {
    /// What is wrong, as the end of a sentence that begins with the text itself.
    public var message: String {
        switch self {
        case .empty: "is empty"
        case .malformed: "is not a decimal number"
        case .tooPrecise(let allowed): "has more than \(allowed) decimals"
        case .tooLarge: "is too large"
        case .notMultiple(let step): "is not a multiple of \(DecimalText.string(Int128(step)))"
        }
    }
}
