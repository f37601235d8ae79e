public import ExchangeCore

/// Writes events as JSON objects, one a line (SCN-5).
///
/// Numbers of the core become what a reader knows: prices and quantities decimals of their market,
/// amounts and rates decimals, accounts and markets names, enumerations terms. What stands for "none"
/// (no order, no market, no client id, no price) is left out.
public struct EventJSON: Sendable {
    private var fields = EventFieldWriter()

    /// A writer.
    public init() {}

    /// Appends all events of `events` from byte `start` on, each with a line feed behind it.
    public mutating func append(
        _ events: borrowing EventBuffer,
        from start: Int = 0,
        names: NameTable,
        to bytes: inout [UInt8]
    ) {
        fields.names = names
        events.forEach(from: start) { event in
            fields.write(event)
            bytes.append(contentsOf: fields.json.bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        fields.names = NameTable()
    }

    /// Appends one event, without a line feed.
    public mutating func append(_ event: Event, names: NameTable, to bytes: inout [UInt8]) {
        fields.names = names
        fields.write(event)
        bytes.append(contentsOf: fields.json.bytes)
        fields.names = NameTable()
    }
}

/// Walks over an event twice: first for the market whose units its prices are in, which does not
/// always come before them, then to write.
struct EventFieldWriter: FieldVisitor {
    /// What has been written.
    var json = JSONWriter()
    /// Names and units.
    var names = NameTable()
    /// Field names that are left out.
    var omitted: [String] = []
    private var market: MarketText?
    private var isFinding = false
    private var digestLow: UInt64 = 0

    /// Writes one event over whatever was written before.
    mutating func write(_ event: Event) {
        json.removeAll()
        json.beginObject()
        json.key("event")
        json.term(event.kind.term)
        writeFields(event)
        json.endObject()
    }

    /// Writes the fields of an event into the object that is open.
    mutating func writeFields(_ event: Event) {
        market = nil
        isFinding = true
        event.fields(&self)
        isFinding = false
        event.fields(&self)
    }

    /// Writes the fields of a command into the object that is open.
    mutating func writeFields(_ command: Command) {
        market = nil
        isFinding = true
        command.fields(&self)
        isFinding = false
        command.fields(&self)
    }

    private func isWritten(_ name: StaticString) -> Bool {
        if isFinding { return false }
        return omitted.isEmpty || !omitted.contains("\(name)")
    }

    private mutating func decimal(_ name: StaticString, _ units: Int128, scale: Int = DecimalText.scale) {
        json.key(name)
        json.decimal(units, scale: scale)
    }

    private func isNamed(_ name: StaticString, _ other: StaticString) -> Bool {
        if name.utf8CodeUnitCount != other.utf8CodeUnitCount { return false }
        return name.withUTF8Buffer { bytes in other.withUTF8Buffer { bytes.elementsEqual($0) } }
    }

    mutating func visit(_ name: StaticString, _ value: inout Int64) {
        if !isWritten(name) { return }
        if isNamed(name, "tickSize") || isNamed(name, "lotSize") { return decimal(name, Int128(value)) }
        // A leverage of 64 bits is a part of a score, in 10⁻⁶ (ADL-2).
        if isNamed(name, "leverage") { return decimal(name, Int128(value), scale: 6) }
        if isNamed(name, "episode") && value == 0 { return }
        json.key(name)
        json.integer(Int128(value))
    }

    mutating func visit(_ name: StaticString, _ value: inout Int32) {
        if !isWritten(name) { return }
        json.key(name)
        json.integer(Int128(value))
    }

    mutating func visit(_ name: StaticString, _ value: inout UInt64) {
        if !isWritten(name) { return }
        // A digest has two fields in binary form and is one here.
        if isNamed(name, "digestLow") {
            digestLow = value
        } else if isNamed(name, "digestHigh") {
            json.key("digest")
            json.digest(Digest(low: digestLow, high: value))
        } else {
            json.key(name)
            json.integer(Int128(value))
        }
    }

    mutating func visit(_ name: StaticString, _ value: inout Int128) {
        if !isWritten(name) { return }
        decimal(name, value, scale: 0)
    }

    mutating func visit(_ name: StaticString, _ value: inout Bool) {
        if !isWritten(name) { return }
        json.key(name)
        json.bool(value)
    }

    mutating func visit(_ name: StaticString, _ value: inout Price) {
        if !isWritten(name) || value == .none { return }
        guard let market else { return decimal(name, Int128(value.ticks), scale: 0) }
        decimal(name, market.units(value))
    }

    mutating func visit(_ name: StaticString, _ value: inout Quantity) {
        if !isWritten(name) { return }
        guard let market else { return decimal(name, Int128(value.lots), scale: 0) }
        decimal(name, market.units(value))
    }

    mutating func visit(_ name: StaticString, _ value: inout Amount) {
        if !isWritten(name) || value == .unlimited { return }
        decimal(name, Int128(value.units))
    }

    mutating func visit(_ name: StaticString, _ value: inout Rate) {
        if !isWritten(name) { return }
        // Below zero it is left to the market's fees, which are stated themselves (WF-5).
        if value < .zero && isNamed(name, "bidLimit") { return }
        decimal(name, Int128(value.units))
    }

    mutating func visit(_ name: StaticString, _ value: inout Timestamp) {
        if !isWritten(name) || value == .never { return }
        json.key(name)
        json.integer(Int128(value.microseconds))
    }

    mutating func visit(_ name: StaticString, _ value: inout AccountID) {
        if !isWritten(name) || value == .none { return }
        json.key(name)
        json.string(names.name(of: value))
    }

    mutating func visit(_ name: StaticString, _ value: inout OwnerID) {
        if !isWritten(name) { return }
        guard let owner = names.name(of: value) else { return }
        json.key(name)
        json.string(owner)
    }

    mutating func visit(_ name: StaticString, _ value: inout MarketID) {
        if isFinding {
            // An episode's prices are those of the market that began it.
            if market == nil || (isNamed(name, "trigger") && value != .none) { market = names.market(value) }
            return
        }
        if !isWritten(name) || value == .none { return }
        json.key(name)
        json.string(names.market(value)?.symbol ?? "#\(value.raw)")
    }

    mutating func visit(_ name: StaticString, _ value: inout OrderID) {
        if !isWritten(name) || value == .none { return }
        json.key(name)
        json.integer(Int128(value.raw))
    }

    mutating func visit(_ name: StaticString, _ value: inout Symbol) {
        if !isWritten(name) { return }
        json.key(name)
        json.string(value.text)
    }

    mutating func visit(_ name: StaticString, _ value: inout ClientID) {
        if !isWritten(name) || value.isEmpty { return }
        json.key(name)
        json.string(value.text)
    }

    mutating func visit(_ name: StaticString, _ value: inout RequestKey) {
        if !isWritten(name) || value == .none { return }
        json.key(name)
        json.digest(Digest(low: value.low, high: value.high))
    }

    mutating func visit<E: CodedEnum>(_ name: StaticString, _ value: inout E) {
        if !isWritten(name) { return }
        json.key(name)
        json.term(value.term)
    }
}
