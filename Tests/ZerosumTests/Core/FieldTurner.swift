@testable import ExchangeCore

/// Writes a state with one field turned into something else.
struct FieldTurner: FieldVisitor, ~Copyable {
    var writer = ByteWriter(capacity: 1 << 14)
    /// The field to turn, counted from 0; -1 for none.
    var target = -1
    /// The place in the list of turns.
    var turn = 0
    /// Names of all fields, in order.
    var names: [String] = []

    /// How many turns there are.
    static let turns = 8

    private mutating func add<I: FixedWidthInteger>(_ name: StaticString, _ value: I) {
        writer.append(littleEndian: isTarget(name) ? turned(value) : value)
    }

    private mutating func isTarget(_ name: StaticString) -> Bool {
        names.append("\(name)")
        return names.count - 1 == target
    }

    private func turned<I: FixedWidthInteger>(_ value: I) -> I {
        switch turn {
        case 0: value &+ 1
        case 1: value &- 1
        case 2: I.min
        case 3: I.max
        case 4: 0 &- value
        case 5: I(truncatingIfNeeded: -2)
        case 6: 0
        default: value ^ (1 << (I.bitWidth / 2))
        }
    }

    mutating func visit(_ name: StaticString, _ value: inout Int64) { add(name, value) }
    mutating func visit(_ name: StaticString, _ value: inout Int32) { add(name, value) }
    mutating func visit(_ name: StaticString, _ value: inout UInt64) { add(name, value) }
    mutating func visit(_ name: StaticString, _ value: inout Int128) { add(name, value) }
    mutating func visit(_ name: StaticString, _ value: inout Bool) { add(name, UInt8(value ? 1 : 0)) }
    mutating func visit(_ name: StaticString, _ value: inout Price) { add(name, value.ticks) }
    mutating func visit(_ name: StaticString, _ value: inout Quantity) { add(name, value.lots) }
    mutating func visit(_ name: StaticString, _ value: inout Amount) { add(name, value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Rate) { add(name, value.units) }
    mutating func visit(_ name: StaticString, _ value: inout Timestamp) { add(name, value.microseconds) }
    mutating func visit(_ name: StaticString, _ value: inout AccountID) { add(name, value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout OwnerID) { add(name, value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout MarketID) { add(name, value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout OrderID) { add(name, value.raw) }
    mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        let isTarget = isTarget(name)
        writer.append(littleEndian: isTarget ? turned(value.low) : value.low)
        writer.append(littleEndian: isTarget ? turned(value.high) : value.high)
    }
    mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        if isTarget(name) {
            writer.append(byte: 200)
        } else {
            writer.append(byte: UInt8(value.count))
            for index in 0..<value.count { writer.append(byte: value.byte(index)) }
        }
    }
    mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        let isTarget = isTarget(name)
        // A key of nothing is none.
        writer.append(littleEndian: isTarget ? 0 : value.low)
        writer.append(littleEndian: isTarget ? 0 : value.high)
    }
    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) { add(name, value.rawValue) }
}
