public import ExchangeCore

/// Writes JSON into bytes, without spaces; commas are its own business.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// A writer that has written nothing.
    public init() {}

    /// Forgets everything; keeps the storage.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Begins an object.
    public mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    /// Ends an object.
    public mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// Begins an array.
    public mutating func beginArray() {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
    }

    /// Ends an array.
    public mutating func endArray() {
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// Writes the name of an object's next member, a word that needs no escapes.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes the name of an object's next member.
    public mutating func key(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        append("null")
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// Writes a whole number.
    public mutating func integer(_ value: Int128) {
        separate()
        DecimalText.append(value, scale: 0, to: &bytes)
    }

    /// Writes `units` × 10⁻ˢᶜᵃˡᵉ as a decimal string.
    public mutating func decimal(_ units: Int128, scale: Int = DecimalText.scale) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        DecimalText.append(units, scale: scale, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes `units` × 10⁻ˢᶜᵃˡᵉ as a string with exactly `decimals` decimals, further ones cut off.
    public mutating func fixed(_ units: Int128, scale: Int = DecimalText.scale, decimals: Int) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        DecimalText.append(units, scale: scale, decimals: decimals, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes `units` × 10⁻ˢᶜᵃˡᵉ as a number, without quotes.
    public mutating func number(_ units: Int128, scale: Int = DecimalText.scale) {
        separate()
        DecimalText.append(units, scale: scale, to: &bytes)
    }

    /// Writes bytes that are one JSON value already.
    public mutating func raw(_ value: some Collection<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
    }

    /// Writes an amount as a decimal string.
    public mutating func amount(_ amount: Amount) { decimal(Int128(amount.units)) }

    /// Writes a word that needs no escapes as a string.
    public mutating func term(_ word: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(word)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a digest as a string of 32 hexadecimal digits, byte 0 first.
    public mutating func digest(_ digest: Digest) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for word in [digest.low, digest.high] {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                let byte = UInt8(truncatingIfNeeded: word >> shift)
                append(hexadecimal: byte >> 4)
                append(hexadecimal: byte & 15)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a string.
    public mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<32:
                append("\\u00")
                append(hexadecimal: byte >> 4)
                append(hexadecimal: byte & 15)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(hexadecimal digit: UInt8) {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    private mutating func append(_ word: StaticString) {
        word.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }
}
