/// Takes the canonical binary form of records: explicit little-endian fields, no padding.
public protocol ByteSink: FieldVisitor, ~Copyable {
    /// Takes the bytes of an integer, lowest first.
    mutating func append<I: FixedWidthInteger>(littleEndian value: I)
}

extension ByteSink where Self: ~Copyable {
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Int64) {
        append(littleEndian: value)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Int32) {
        append(littleEndian: value)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout UInt64) {
        append(littleEndian: value)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Int128) {
        append(littleEndian: value)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Bool) {
        append(littleEndian: UInt8(value ? 1 : 0))
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Price) {
        append(littleEndian: value.ticks)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Quantity) {
        append(littleEndian: value.lots)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Amount) {
        append(littleEndian: value.units)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Rate) {
        append(littleEndian: value.units)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Timestamp) {
        append(littleEndian: value.microseconds)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout AccountID) {
        append(littleEndian: value.raw)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout OwnerID) {
        append(littleEndian: value.raw)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout MarketID) {
        append(littleEndian: value.raw)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout OrderID) {
        append(littleEndian: value.raw)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        append(littleEndian: value.low)
        append(littleEndian: value.high)
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        let length = min(value.count, 36)
        append(littleEndian: UInt8(truncatingIfNeeded: length))
        for index in 0..<length { append(littleEndian: value.byte(index)) }
    }
    @inline(__always) public mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        append(littleEndian: value.low)
        append(littleEndian: value.high)
    }
    @inline(__always) public mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        append(littleEndian: value.rawValue)
    }
}

extension ByteCursor: ByteSink {}

/// Collects the canonical binary form of records, of any length.
public struct ByteWriter: ByteSink, ~Copyable {
    var bytes: Slab<UInt8>
    /// The rules as which records are written.
    public var rules = Exchange.rules
    /// The format in which a state is written.
    public var format = Exchange.format

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

    /// Appends bytes as they are.
    public mutating func append(copying span: RawSpan) { bytes.append(copying: span) }

    /// Lends all bytes, in one piece.
    public func withBytes<R>(_ body: (RawSpan) -> R) -> R {
        bytes.withBytes(from: 0, to: bytes.count, body)
    }

    /// Appends the bytes of an integer, lowest first.
    @inline(__always)
    public mutating func append<I: FixedWidthInteger>(littleEndian value: I) {
        bytes.append(littleEndian: value)
    }
}

/// Compares the canonical binary form of records with bytes that are there already.
struct ByteComparison: ByteSink, ~Copyable {
    fileprivate var bytes = Slab<UInt8>()
    /// Number of bytes compared.
    fileprivate var position: Int
    /// Whether nothing differed so far.
    fileprivate var isEqual = true

    /// The rules of what is compared.
    let rules: Int32

    fileprivate init(at start: Int, rules: Int32) {
        position = start
        self.rules = rules
    }

    @inline(__always)
    mutating func append<I: FixedWidthInteger>(littleEndian value: I) {
        let end = position + I.bitWidth >> 3
        if end > bytes.count || bytes.littleEndian(at: position, as: I.self) != value { isEqual = false }
        position = end
    }
}

/// Reads the canonical binary form. A fault is remembered, never trapped on: see `failed`.
public struct ByteReader: FieldVisitor, ~Copyable {
    private var bytes: Slab<UInt8>
    /// The rules under which the bytes were written.
    public var rules = Exchange.rules
    /// The format in which the bytes were written.
    public var format = Exchange.format
    /// How many bytes have been read.
    private(set) var position = 0
    /// Whether bytes were missing or a value was outside of its set.
    public private(set) var failed = false
    /// The field at which it failed first, and whether bytes were missing there.
    private(set) var failedField: StaticString = ""
    private(set) var isShort = false

    /// Reads from the bytes that `next` returns until it returns nil.
    public init(_ next: () -> UInt8?) {
        bytes = Slab(capacity: 256)
        while let byte = next() { bytes.append(byte) }
    }

    /// Reads from a copy of `span`.
    public init(copying span: RawSpan) {
        bytes = Slab(capacity: span.byteCount)
        bytes.append(copying: span)
    }

    /// Whether all bytes have been read.
    public var isAtEnd: Bool { position == bytes.count }

    /// Starts over with the `count` bytes at `start` of `buffer`.
    mutating func load(from buffer: borrowing Slab<UInt8>, start: Int, count: Int) {
        bytes.truncate(to: 0)
        bytes.append(from: buffer, start: start, count: count)
        position = 0
        failed = false
        isShort = false
        failedField = ""
    }

    /// The next byte; zero, and `failed`, behind the end.
    public mutating func byte() -> UInt8 {
        if position >= bytes.count {
            failed = true
            isShort = true
            return 0
        }
        position += 1
        return bytes[position - 1]
    }

    private mutating func integer<I: FixedWidthInteger>(_ name: StaticString) -> I {
        let end = position + I.bitWidth >> 3
        if end > bytes.count {
            fail(at: name)
            isShort = true
            position = bytes.count
            return 0
        }
        defer { position = end }
        return bytes.littleEndian(at: position, as: I.self)
    }

    /// Reads a record.
    public mutating func record<R: FieldRecord>() -> R {
        var record = R.zero
        record.fields(&self)
        return record
    }

    /// Whether what was read from `start` on is, byte for byte, what `write` makes.
    ///
    /// A state has one form (DET-2): whatever a reader would overlook, as a number too many or lists in
    /// another order, is found here.
    mutating func isReading(from start: Int, _ write: (inout ByteComparison) -> Void) -> Bool {
        var comparison = ByteComparison(at: start, rules: rules)
        swap(&comparison.bytes, &bytes)
        write(&comparison)
        swap(&comparison.bytes, &bytes)
        return comparison.isEqual && comparison.position == position
    }

    /// Marks the bytes as not holding what was expected.
    public mutating func fail() { failed = true }

    /// Notes the first field that is not what its type allows.
    private mutating func fail(at name: StaticString) {
        if failedField.utf8CodeUnitCount == 0 { failedField = name }
        failed = true
    }

    public mutating func visit(_ name: StaticString, _ value: inout Int64) { value = integer(name) }
    public mutating func visit(_ name: StaticString, _ value: inout Int32) { value = integer(name) }
    public mutating func visit(_ name: StaticString, _ value: inout UInt64) { value = integer(name) }
    public mutating func visit(_ name: StaticString, _ value: inout Int128) { value = integer(name) }
    public mutating func visit(_ name: StaticString, _ value: inout Bool) {
        let code = byte()
        if failed || code > 1 { fail(at: name) }
        value = code == 1
    }
    public mutating func visit(_ name: StaticString, _ value: inout Price) { value = Price(integer(name)) }
    public mutating func visit(_ name: StaticString, _ value: inout Quantity) {
        value = Quantity(integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout Amount) { value = Amount(integer(name)) }
    public mutating func visit(_ name: StaticString, _ value: inout Rate) { value = Rate(integer(name)) }
    public mutating func visit(_ name: StaticString, _ value: inout Timestamp) {
        value = Timestamp(integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout AccountID) {
        value = AccountID(integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout OwnerID) {
        value = OwnerID(integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout MarketID) {
        value = MarketID(integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout OrderID) {
        value = OrderID(integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        value = Symbol(low: integer(name), high: integer(name))
    }
    public mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        let length = byte()
        value = .none
        if failed || length > 36 { return fail(at: name) }
        for _ in 0..<length where !value.append(byte()) || failed { fail(at: name) }
    }
    public mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        value = RequestKey(low: integer(name), high: integer(name))
    }
    public mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        guard let decoded = E(rawValue: byte()), !failed else { return fail(at: name) }
        value = decoded
    }
}
