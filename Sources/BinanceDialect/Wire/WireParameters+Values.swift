import ExchangeCore
import ExchangeText

/// Reading a parameter as what it must be (WIRE-3). A parameter that is there but malformed is never
/// taken as not sent.
extension WireParameters {
    /// Text that must be there.
    public func required(_ name: String) throws(BinanceError) -> String {
        guard let value = self[name] else { throw .mandatory(name) }
        return value
    }

    /// A whole number; nil if it was not sent.
    ///
    /// - Throws: -1130 if it is not one, or outside of `range`.
    public func integer(
        _ name: String,
        in range: ClosedRange<Int64> = 0...Int64.max
    ) throws(BinanceError) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let value = WireParameters.integer(text), range.contains(value) else { throw .invalid(name) }
        return value
    }

    /// A whole number that must be there.
    public func requiredInteger(
        _ name: String,
        in range: ClosedRange<Int64> = 0...Int64.max
    ) throws(BinanceError) -> Int64 {
        guard let text = self[name], let value = WireParameters.integer(text) else { throw .mandatory(name) }
        if !range.contains(value) { throw .invalid(name) }
        return value
    }

    /// A whole number without ornaments, at most 19 digits; a JSON client may write `5.0`.
    static func integer(_ text: String) -> Int64? {
        var digits = Substring(text)
        if digits.hasSuffix(".0") { digits = digits.dropLast(2) }
        let unsigned = digits.hasPrefix("-") ? digits.dropFirst() : digits
        if unsigned.isEmpty || unsigned.utf8.count > 19 { return nil }
        for byte in unsigned.utf8 where byte < 48 || byte > 57 { return nil }
        if unsigned.utf8.count > 1 && unsigned.first == "0" { return nil }
        if unsigned == "0" && unsigned.startIndex != digits.startIndex { return nil }
        return Int64(digits)
    }

    /// `true` or `false`, in any case; nil if it was not sent.
    public func bool(_ name: String) throws(BinanceError) -> Bool? {
        guard let text = self[name] else { return nil }
        switch text.asciiLowercased {
        case "true": return true
        case "false": return false
        default: throw .invalid(name)
        }
    }

    /// A decimal in units of 10⁻⁸; nil if it was not sent.
    ///
    /// - Parameter tooLarge: what to say of a number that cannot be held; -1130 if nothing else.
    /// - Throws: -1111 for more decimals than 8, -1102 if it is malformed.
    public func decimal(
        _ name: String,
        tooLarge: BinanceError? = nil
    ) throws(BinanceError) -> Int64? {
        guard let text = self[name] else { return nil }
        do {
            return try DecimalText.parse(text.utf8)
        } catch {
            switch error {
            case .empty, .malformed: throw .mandatory(name)
            case .tooPrecise: throw .precision
            case .tooLarge, .notMultiple: throw tooLarge ?? .invalid(name)
            }
        }
    }

    /// How many rows are asked for: `fallback` if nothing is said, at most `most`.
    func limit(_ fallback: Int64, most: Int64) throws(BinanceError) -> Int {
        let value = try integer("limit", in: 1...Int64.max) ?? fallback
        return Int(min(value, most))
    }

    /// The span of time asked for, in ms, both ends included.
    func span() throws(BinanceError) -> TimeSpan {
        let start = try integer("startTime")
        let end = try integer("endTime")
        if let start, let end, start > end {
            throw BinanceError(-4090, "startTime should be less than endTime.")
        }
        // Beyond the latest moment of any command there is nothing, and arithmetic has an end.
        let latest = Timestamp.latest.microseconds / 1_000
        return TimeSpan(start: start.map { min($0, latest) }, end: end.map { min($0, latest) })
    }
}

/// A span of time in ms; an end that is nil is open.
public struct TimeSpan: Hashable, Sendable {
    /// The first ms.
    public var start: Int64?
    /// The last ms.
    public var end: Int64?

    /// Whether a moment lies in it.
    func contains(_ time: Int64) -> Bool { time >= (start ?? 0) && time <= (end ?? Int64.max) }
}
