/// A JSON value as it was written: numbers keep their text, members their order.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number's text, which is never turned into floating point.
    case number(String)
    /// A string, its escapes resolved.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object; its keys are distinct.
    case object([JSONMember])

    /// What kind of value it is, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The value of member `key`, if this is an object that has it.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }
}

/// One member of a JSON object.
public struct JSONMember: Hashable, Sendable {
    /// Its name.
    public var key: String
    /// Its value.
    public var value: JSONValue
    /// A member.
    public init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}

/// Why bytes are not the JSON text that was expected, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Kind: Hashable, Sendable {
        /// The text ends in the middle of a value.
        case unexpectedEnd
        /// A byte that cannot stand there.
        case unexpectedByte(UInt8)
        /// More arrays and objects inside each other than `JSONParser.depthLimit`.
        case tooDeep
        /// A string of more than `JSONParser.stringLimit` bytes.
        case stringTooLong
        /// Bytes that are not UTF-8.
        case invalidUTF8
        /// An escape that JSON does not know, or half of a surrogate pair.
        case invalidEscape
        /// A control character inside a string.
        case controlCharacter
        /// A number that RFC 8259 does not allow, or of more than `JSONParser.stringLimit` bytes.
        case invalidNumber
        /// The same key twice in one object.
        case duplicateKey(String)
        /// Something behind the value's end.
        case trailingBytes
    }
    /// What is wrong.
    public var kind: Kind
    /// The byte at which it was noticed, from 0.
    public var offset: Int

    /// An error at byte `offset`.
    public init(kind: Kind, offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// What is wrong, as a sentence without a full stop.
    public var message: String {
        let what =
            switch kind {
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte(let byte): "unexpected \(JSONError.describe(byte))"
            case .tooDeep: "arrays and objects more than \(JSONParser.depthLimit) deep"
            case .stringTooLong: "a string of more than \(JSONParser.stringLimit) bytes"
            case .invalidUTF8: "bytes that are not UTF-8"
            case .invalidEscape: "an escape that JSON does not allow"
            case .controlCharacter: "a control character inside a string"
            case .invalidNumber: "a number that JSON does not allow"
            case .duplicateKey(let key): "the key \"\(key)\" twice"
            case .trailingBytes: "something behind the end of the value"
            }
        return "\(what) at byte \(offset)"
    }

    private static func describe(_ byte: UInt8) -> String {
        if byte > 32 && byte < 127 { return "'\(Character(UnicodeScalar(byte)))'" }
        return "byte \(byte)"
    }
}
