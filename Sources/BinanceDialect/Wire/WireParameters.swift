public import ExchangeText

/// The parameters of a request: names in any case, values as text (WIRE-1).
///
/// Of two with one name the first stands, and a query comes before a body. What is not known is ignored.
public struct WireParameters: Sendable {
    /// The most bytes of a query and of a body.
    public static let sizeLimit = 65_536
    /// The most parameters of a request.
    public static let countLimit = 128
    /// The most bytes of a string inside a WS-API frame: an RSA signature has 344.
    public static let stringLimit = 4_096

    /// Names in small letters, with their values.
    private var pairs: [(name: String, value: String)] = []

    /// No parameters.
    public init() {}

    /// The parameters of a raw query and a raw form, percent-encoded or not.
    ///
    /// - Throws: `tooLarge`, `tooManyParameters`, or -1100 for a value that is not UTF-8 text.
    public init(query: [UInt8], body: [UInt8] = []) throws(BinanceError) {
        if query.count > WireParameters.sizeLimit || body.count > WireParameters.sizeLimit {
            throw .tooLarge
        }
        try add(form: query)
        try add(form: body)
    }

    /// The members of a JSON object: texts, numbers as they are written, `true` and `false`.
    ///
    /// `null` counts as not sent. An array or object stays JSON text.
    public init(members: [JSONMember]) throws(BinanceError) {
        if members.count > WireParameters.countLimit { throw .tooManyParameters }
        for member in members {
            if let text = WireParameters.text(of: member.value) { add(member.key, text) }
        }
    }

    /// How a JSON value is written where text is wanted; nil for `null`.
    static func text(of value: JSONValue) -> String? {
        switch value {
        case .null: return nil
        case .bool(let value): return value ? "true" : "false"
        case .number(let text), .string(let text): return text
        case .array, .object:
            var writer = JSONWriter()
            writer.value(value)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    private mutating func add(form bytes: [UInt8]) throws(BinanceError) {
        for piece in bytes.split(separator: UInt8(ascii: "&")) {
            if pairs.count == WireParameters.countLimit { throw .tooManyParameters }
            let sign = piece.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            guard let name = PercentText.text(piece[..<sign], plusIsSpace: true) else {
                throw .illegalCharacters("unknown")
            }
            guard let value = PercentText.text(piece[sign...].dropFirst(), plusIsSpace: true) else {
                throw .illegalCharacters(WireParameters.shown(name))
            }
            add(name, value)
        }
    }

    /// A name that a client made up, short and printable enough to be shown to it.
    private static func shown(_ name: String) -> String {
        let bytes = name.utf8.prefix(40).map { $0 > 32 && $0 < 127 ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func add(_ name: String, _ value: String) {
        pairs.append((name.asciiLowercased, value))
    }

    /// The value of a parameter; nil if it was not sent or is empty.
    public subscript(name: String) -> String? {
        let wanted = name.asciiLowercased
        guard let value = pairs.first(where: { $0.name == wanted })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// Whether the parameter was sent with something in it.
    public func has(_ name: String) -> Bool { self[name] != nil }

    /// Whether the parameter was sent with nothing in it.
    public func isEmpty(_ name: String) -> Bool {
        let wanted = name.asciiLowercased
        return pairs.first { $0.name == wanted }?.value.isEmpty ?? false
    }
}

extension JSONWriter {
    /// Writes a JSON value as it was read.
    mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text): raw(text.utf8)
        case .string(let text): string(text)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }
}
