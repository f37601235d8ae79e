public import ExchangeCore

/// Writes what moves money as lines of whole numbers, for a checker that shares nothing with this program
/// (proofs.md).
///
/// A line is the number of an event's kind and its fields, in the order in which the event has them, with a
/// space between two. Names, which decide nothing, are left out. Events that move no money are left out too,
/// but for the outcome that ends each command.
public struct LedgerLines: Sendable {
    private var fields = NumberFieldWriter()

    /// A writer.
    public init() {}

    /// The line that a world begins with: whoever reads forgets what was before.
    public static func begin(in bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Appends the events of `events`, a line each.
    public mutating func append(_ events: borrowing EventBuffer, to bytes: inout [UInt8]) {
        swap(&fields.bytes, &bytes)
        events.forEach { event in
            if !LedgerLines.isWritten(event.kind) { return }
            fields.begin(event.kind.rawValue)
            event.fields(&fields)
            fields.bytes.append(UInt8(ascii: "\n"))
        }
        swap(&fields.bytes, &bytes)
    }

    /// Orders, offers, switches and choices move nothing; what a fill of theirs does is an event of its own.
    private static func isWritten(_ kind: EventKind) -> Bool {
        switch kind {
        case .orderAccepted, .orderCanceled, .orderAmended, .orderTriggered, .orderRested, .offerChanged,
            .countdownArmed, .marketStateChanged, .killSwitched, .rulesChanged, .markFormed, .hedgeMarked:
            false
        default: true
        }
    }
}

/// Writes fields as whole numbers: a price in ticks, a quantity in lots, an amount in 10⁻⁸, a term as the
/// number that a log has for it.
private struct NumberFieldWriter: FieldVisitor {
    var bytes: [UInt8] = []
    private var digits = InlineArray<40, UInt8>(repeating: 0)

    mutating func begin(_ kind: UInt8) { number(UInt64(kind), isNegative: false) }

    private mutating func put(_ value: Int64) {
        bytes.append(UInt8(ascii: " "))
        number(value.magnitude, isNegative: value < 0)
    }

    private mutating func number<U: UnsignedInteger>(_ magnitude: U, isNegative: Bool) {
        if isNegative { bytes.append(UInt8(ascii: "-")) }
        var rest = magnitude
        var count = 0
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[count] = UInt8(ascii: "0") + UInt8(digit)
            count += 1
            rest = quotient
        } while rest > 0
        while count > 0 {
            count -= 1
            bytes.append(digits[count])
        }
    }

    mutating func visit(_ name: StaticString, _ value: inout Int64) { put(value) }
    mutating func visit(_ name: StaticString, _ value: inout Int32) { put(Int64(value)) }

    mutating func visit(_ name: StaticString, _ value: inout UInt64) {
        bytes.append(UInt8(ascii: " "))
        number(value, isNegative: false)
    }

    mutating func visit(_ name: StaticString, _ value: inout Int128) {
        bytes.append(UInt8(ascii: " "))
        number(value.magnitude, isNegative: value < 0)
    }

    mutating func visit(_ name: StaticString, _ value: inout Bool) { put(value ? 1 : 0) }
    mutating func visit(_ name: StaticString, _ value: inout Price) { put(value.ticks) }
    mutating func visit(_ name: StaticString, _ value: inout Quantity) { put(value.lots) }
    mutating func visit(_ name: StaticString, _ value: inout Amount) { put(value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Rate) { put(value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Timestamp) { put(value.microseconds) }
    mutating func visit(_ name: StaticString, _ value: inout AccountID) { put(Int64(value.raw)) }
    mutating func visit(_ name: StaticString, _ value: inout OwnerID) { put(Int64(value.raw)) }
    mutating func visit(_ name: StaticString, _ value: inout MarketID) { put(Int64(value.raw)) }
    mutating func visit(_ name: StaticString, _ value: inout OrderID) { put(value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout Symbol) {}
    mutating func visit(_ name: StaticString, _ value: inout ClientID) {}
    mutating func visit(_ name: StaticString, _ value: inout RequestKey) {}
    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) { put(Int64(value.rawValue)) }
}
