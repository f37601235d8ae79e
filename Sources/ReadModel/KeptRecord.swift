package import ExchangeCore

/// A record that a history keeps and a view holds: its fields are listed once, for writing
/// and for reading (HIST-3).
package protocol KeptRecord: Sendable {
    /// The record that reading begins with.
    init()
    /// Visits each field.
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V)
}

extension KeptRecord {
    /// The bytes of the record.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 256)
        var copy = self
        copy.fields(&writer)
        return writer.withBytes { span in span.withUnsafeBytes { Array($0) } }
    }

    /// Reads a record; nil if the bytes are not those of one.
    package init?(bytes: [UInt8]) {
        var reader = ByteReader(copying: bytes.span.bytes)
        self.init()
        fields(&reader)
        if reader.failed || !reader.isAtEnd { return nil }
    }
}

extension FieldVisitor where Self: ~Copyable {
    /// Visits one of a closed set by its place; a place that there is not leaves the value as it is.
    package mutating func visit<E: CaseIterable & Equatable>(_ name: StaticString, place value: inout E)
    where E.AllCases.Index == Int {
        var place = Int32(truncatingIfNeeded: E.allCases.firstIndex(of: value) ?? 0)
        visit(name, &place)
        if place >= 0 && Int(place) < E.allCases.count { value = E.allCases[Int(place)] }
    }

    /// Visits a count.
    package mutating func visit(_ name: StaticString, count value: inout Int) {
        var wide = Int64(value)
        visit(name, &wide)
        value = Int(clamping: wide)
    }
}
