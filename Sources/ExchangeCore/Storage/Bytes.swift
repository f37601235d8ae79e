/// Collects the canonical binary form of records: explicit little-endian fields, no padding.
public struct ByteWriter: FieldVisitor, ~Copyable {
    var bytes: Slab<UInt8>

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 256) { bytes = Slab(capacity: capacity) }

    /// Number of bytes written.
    public var count: Int { bytes.count }
    /// The byte at `index`.
    public subscript(index: Int) -> UInt8 { bytes[index] }
    /// Forgets everything; keeps the storage.
    public mutating func removeAll() { bytes.truncate(to: 0) }

    /// Appends one byte.
    @inline(__always) public mutating func append(byte: UInt8) { bytes.append(byte) }

    @inline(__always)
    private mutating func append<I: FixedWidthInteger>(_ value: I) {
        bytes.append(littleEndian: value)
    }

    public mutating func visit(_ name: StaticString, _ value: inout Int64) { append(value) }
    public mutating func visit(_ name: StaticString, _ value: inout Int32) { append(value) }
    public mutating func visit(_ name: StaticString, _ value: inout UInt64) { append(value) }
    public mutating func visit(_ name: StaticString, _ value: inout Int128) { append(value) }
    public mutating func visit(_ name: StaticString, _ value: inout Bool) { append(byte: value ? 1 : 0) }
    public mutating func visit(_ name: StaticString, _ value: inout Price) { append(value.ticks) }
    public mutating func visit(_ name: StaticString, _ value: inout Quantity) { append(value.lots) }
    public mutating func visit(_ name: StaticString, _ value: inout Amount) { append(value.units) }
    public mutating func visit(_ name: StaticString, _ value: inout Rate) { append(value.units) }
    public mutating func visit(_ name: StaticString, _ value: inout Timestamp) { append(value.microseconds) }
    public mutating func visit(_ name: StaticString, _ value: inout AccountID) { append(value.raw) }
    public mutating func visit(_ name: StaticString, _ value: inout OwnerID) { append(value.raw) }
    public mutating func visit(_ name: StaticString, _ value: inout MarketID) { append(value.raw) }
    public mutating func visit(_ name: StaticString, _ value: inout OrderID) { append(value.raw) }
    public mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        append(value.low)
        append(value.high)
    }
    public mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        let length = smaller(value.count, 36)
        append(byte: UInt8(truncatingIfNeeded: length))
        for index in 0..<length { append(byte: value.byte(index)) }
    }
    public mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        append(value.low)
        append(value.high)
    }
    public mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        append(byte: value.rawValue)
    }
}

/// Reads the canonical binary form. A fault is remembered, never trapped on: see `failed`.
public struct ByteReader: FieldVisitor, ~Copyable {
    private var bytes: Slab<UInt8>
    private var position = 0
    /// Whether bytes were missing or a value was outside of its set.
    public private(set) var failed = false

    /// Reads from the bytes that `next` returns until it returns nil.
    public init(_ next: () -> UInt8?) {
        bytes = Slab(capacity: 256)
        while let byte = next() { bytes.append(byte) }
    }

    /// Whether all bytes have been read.
    public var isAtEnd: Bool { position == bytes.count }

    /// Starts over with the `count` bytes at `start` of `buffer`.
    mutating func load(from buffer: borrowing Slab<UInt8>, start: Int, count: Int) {
        bytes.truncate(to: 0)
        for index in start..<(start + count) { bytes.append(buffer[index]) }
        position = 0
        failed = false
    }

    /// The next byte; zero, and `failed`, behind the end.
    public mutating func byte() -> UInt8 {
        if position >= bytes.count {
            failed = true
            return 0
        }
        position += 1
        return bytes[position - 1]
    }

    private mutating func integer<I: FixedWidthInteger>() -> I {
        var value: I = 0
        var shift = 0
        while shift < I.bitWidth {
            value |= I(truncatingIfNeeded: byte()) << I(shift)
            shift += 8
        }
        return value
    }

    /// Reads a record.
    public mutating func record<R: FieldRecord>() -> R {
        var record = R()
        record.fields(&self)
        return record
    }

    /// Marks the bytes as not holding what was expected.
    public mutating func fail() { failed = true }

    public mutating func visit(_ name: StaticString, _ value: inout Int64) { value = integer() }
    public mutating func visit(_ name: StaticString, _ value: inout Int32) { value = integer() }
    public mutating func visit(_ name: StaticString, _ value: inout UInt64) { value = integer() }
    public mutating func visit(_ name: StaticString, _ value: inout Int128) { value = integer() }
    public mutating func visit(_ name: StaticString, _ value: inout Bool) {
        let code = byte()
        if code > 1 { failed = true }
        value = code == 1
    }
    public mutating func visit(_ name: StaticString, _ value: inout Price) { value = Price(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout Quantity) { value = Quantity(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout Amount) { value = Amount(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout Rate) { value = Rate(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout Timestamp) {
        value = Timestamp(integer())
    }
    public mutating func visit(_ name: StaticString, _ value: inout AccountID) {
        value = AccountID(integer())
    }
    public mutating func visit(_ name: StaticString, _ value: inout OwnerID) { value = OwnerID(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout MarketID) { value = MarketID(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout OrderID) { value = OrderID(integer()) }
    public mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        value = Symbol(low: integer(), high: integer())
    }
    public mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        let length = byte()
        value = .none
        if length > 36 {
            failed = true
            return
        }
        for _ in 0..<length where !value.append(byte()) { failed = true }
    }
    public mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        value = RequestKey(low: integer(), high: integer())
    }
    public mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        guard let decoded = E(rawValue: byte()) else {
            failed = true
            return
        }
        value = decoded
    }
}
