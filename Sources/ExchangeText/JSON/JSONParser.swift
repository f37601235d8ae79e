/// A strict reader of JSON (RFC 8259) over bytes: one value, nothing behind it, every limit stated.
///
/// Stricter than the standard where the standard leaves a choice: keys are distinct, text is UTF-8
/// without a byte order mark, and depth and length of strings are bounded, so that no input can use
/// more stack or memory than its own length.
public struct JSONParser {
    /// The most arrays and objects inside each other.
    public static let depthLimit = 16
    /// The most bytes of a string, escapes resolved, or of a number, unless the caller states another.
    public static let stringLimit = 256

    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var depth = 0
    private let longest: Int

    private init(_ bytes: ArraySlice<UInt8>, _ longest: Int) {
        self.bytes = bytes
        self.longest = longest
        position = bytes.startIndex
    }

    /// Reads the one value that `bytes` hold.
    ///
    /// - Parameter stringLimit: the most bytes of a string, escapes resolved, or of a number.
    public static func parse(
        _ bytes: ArraySlice<UInt8>,
        stringLimit: Int = JSONParser.stringLimit
    ) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes, stringLimit)
        parser.skipSpace()
        let value = try parser.value()
        parser.skipSpace()
        if parser.peek != nil { throw parser.error(.trailingBytes) }
        return value
    }

    /// Reads the one value that `bytes` hold.
    public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue { try parse(bytes[...]) }

    private var peek: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func error(_ kind: JSONError.Kind, at place: Int? = nil) -> JSONError {
        JSONError(kind: kind, offset: (place ?? position) - bytes.startIndex)
    }

    private var unexpected: JSONError {
        if let byte = peek { return error(.unexpectedByte(byte)) }
        return error(.unexpectedEnd)
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        if peek != byte { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        guard let byte = peek else { throw error(.unexpectedEnd) }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        default: throw unexpected
        }
    }

    private mutating func literal(_ word: String) throws(JSONError) {
        for byte in word.utf8 where !take(byte) { throw unexpected }
    }

    private mutating func enter() throws(JSONError) {
        if depth == JSONParser.depthLimit { throw error(.tooDeep) }
        depth += 1
        position += 1
        skipSpace()
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        try enter()
        defer { depth -= 1 }
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return values }
        while true {
            values.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return values }
            if !take(UInt8(ascii: ",")) { throw unexpected }
            skipSpace()
        }
    }

    private mutating func object() throws(JSONError) -> [JSONMember] {
        try enter()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        var keys: Set<String> = []
        if take(UInt8(ascii: "}")) { return members }
        while true {
            let start = position
            if peek != UInt8(ascii: "\"") { throw unexpected }
            let key = try string()
            if !keys.insert(key).inserted { throw error(.duplicateKey(key), at: start) }
            skipSpace()
            if !take(UInt8(ascii: ":")) { throw unexpected }
            skipSpace()
            members.append(JSONMember(key: key, value: try value()))
            skipSpace()
            if take(UInt8(ascii: "}")) { return members }
            if !take(UInt8(ascii: ",")) { throw unexpected }
            skipSpace()
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let startsWithZero = peek == UInt8(ascii: "0")
        let count = digits()
        if count == 0 || (startsWithZero && count > 1) { throw error(.invalidNumber, at: start) }
        if take(UInt8(ascii: ".")) && digits() == 0 { throw error(.invalidNumber, at: start) }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw error(.invalidNumber, at: start) }
        }
        if position - start > longest { throw error(.invalidNumber, at: start) }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var content: [UInt8] = []
        while true {
            guard let byte = peek else { throw error(.unexpectedEnd) }
            if byte < 32 { throw error(.controlCharacter) }
            position += 1
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { try escape(into: &content) } else { content.append(byte) }
            if content.count > longest { throw error(.stringTooLong, at: start) }
        }
        guard let string = String(validating: content, as: UTF8.self) else {
            throw error(.invalidUTF8, at: start)
        }
        return string
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw error(.unexpectedEnd) }
        let start = position - 1
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(8)
        case UInt8(ascii: "f"): content.append(12)
        case UInt8(ascii: "n"): content.append(10)
        case UInt8(ascii: "r"): content.append(13)
        case UInt8(ascii: "t"): content.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal(start)
            if code >= 0xD800 && code < 0xDC00 {
                if !take(UInt8(ascii: "\\")) || !take(UInt8(ascii: "u")) {
                    throw error(.invalidEscape, at: start)
                }
                let low = try hexadecimal(start)
                if low < 0xDC00 || low > 0xDFFF { throw error(.invalidEscape, at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw error(.invalidEscape, at: start) }
            content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw error(.invalidEscape, at: start)
        }
    }

    private mutating func hexadecimal(_ start: Int) throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else { throw error(.unexpectedEnd) }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw error(.invalidEscape, at: start)
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
