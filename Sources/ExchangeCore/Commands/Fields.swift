/// What walks over the fields of a record: the binary encoder and decoder, the hash, and outside of
/// the core the JSON writer. A record lists its fields once, in their canonical order, for all of them.
public protocol FieldVisitor: ~Copyable {
    /// The rules under which the record is, or was, written (DET-2): fields that came later are left out.
    var rules: Int32 { get }
    /// The form in which a state is, or was, written.
    var format: Int32 { get }
    mutating func visit(_ name: StaticString, _ value: inout Int64)
    mutating func visit(_ name: StaticString, _ value: inout Int32)
    mutating func visit(_ name: StaticString, _ value: inout UInt64)
    mutating func visit(_ name: StaticString, _ value: inout Int128)
    mutating func visit(_ name: StaticString, _ value: inout Bool)
    mutating func visit(_ name: StaticString, _ value: inout Price)
    mutating func visit(_ name: StaticString, _ value: inout Quantity)
    mutating func visit(_ name: StaticString, _ value: inout Amount)
    mutating func visit(_ name: StaticString, _ value: inout Rate)
    mutating func visit(_ name: StaticString, _ value: inout Timestamp)
    mutating func visit(_ name: StaticString, _ value: inout AccountID)
    mutating func visit(_ name: StaticString, _ value: inout OwnerID)
    mutating func visit(_ name: StaticString, _ value: inout MarketID)
    mutating func visit(_ name: StaticString, _ value: inout OrderID)
    mutating func visit(_ name: StaticString, _ value: inout Symbol)
    mutating func visit(_ name: StaticString, _ value: inout ClientID)
    mutating func visit(_ name: StaticString, _ value: inout RequestKey)
    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E)
}

extension FieldVisitor where Self: ~Copyable {
    /// Those of this program.
    @inlinable public var rules: Int32 { Exchange.rules }
    /// That of this program.
    @inlinable public var format: Int32 { Exchange.format }
}

/// An enumeration of a closed set, one byte in binary form.
///
/// Raw values are written in logs: they are never reused and never change their meaning.
public protocol CodedEnum: RawRepresentable, BitwiseCopyable, Sendable where RawValue == UInt8 {
    /// The value that a decoder starts from.
    static var zero: Self { get }
    /// The term that texts use, as the field writes it.
    var term: StaticString { get }
}

/// A record of named fields with a canonical order.
public protocol FieldRecord: BitwiseCopyable, Sendable {
    /// The record that a decoder starts from.
    static var zero: Self { get }
    /// Presents each field to `visitor`, in canonical order.
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V)
}
