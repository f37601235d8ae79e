import ExchangeCore
import ExchangeText
import Testing

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test(
        "Good texts",
        arguments: [
            ("null", JSONValue.null), (" true ", .bool(true)), ("\t\r\nfalse\n", .bool(false)),
            ("0", .number("0")), ("-0", .number("-0")), ("10.50", .number("10.50")),
            ("1e5", .number("1e5")), ("1E+5", .number("1E+5")), ("-1.5e-10", .number("-1.5e-10")),
            ("123456789012345678901234567890", .number("123456789012345678901234567890")),
            ("\"\"", .string("")), ("\"abc\"", .string("abc")), ("\"ü€😀\"", .string("ü€😀")),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", .string("\"\\/\u{8}\u{C}\n\r\t")),
            ("\"\\u0041\\u00e9\\u20AC\"", .string("Aé€")), ("\"\\ud83d\\ude00\"", .string("😀")),
            ("\"\\u0000\"", .string("\u{0}")), ("[]", .array([])), ("[ ]", .array([])), ("{}", .object([])),
            ("{ }", .object([])), ("[1,2]", .array([.number("1"), .number("2")])),
            ("[ 1 , [ ] ]", .array([.number("1"), .array([])])),
            ("{\"a\":1}", .object([JSONMember(key: "a", value: .number("1"))])),
            (
                "{ \"b\" : [ ] , \"a\" : { } }",
                .object([JSONMember(key: "b", value: .array([])), JSONMember(key: "a", value: .object([]))])
            ),
        ]
    )
    func good(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "Bad texts",
        arguments: [
            ("", JSONError.Kind.unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("nul", .unexpectedEnd, 3),
            ("nulL", .unexpectedByte(UInt8(ascii: "L")), 3), ("True", .unexpectedByte(UInt8(ascii: "T")), 0),
            ("1 2", .trailingBytes, 2), ("{}x", .trailingBytes, 2), ("nullnull", .trailingBytes, 4),
            ("01", .invalidNumber, 0), ("-", .invalidNumber, 0), ("-a", .invalidNumber, 0),
            ("1.", .invalidNumber, 0), ("1.e5", .invalidNumber, 0), ("[1e]", .invalidNumber, 1),
            ("1e+", .invalidNumber, 0), ("+1", .unexpectedByte(UInt8(ascii: "+")), 0),
            (".5", .unexpectedByte(UInt8(ascii: ".")), 0), ("NaN", .unexpectedByte(UInt8(ascii: "N")), 0),
            ("'a'", .unexpectedByte(UInt8(ascii: "'")), 0), ("\"a", .unexpectedEnd, 2),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\u{1}\"", .controlCharacter, 1),
            ("\"\\x\"", .invalidEscape, 1), ("\"\\u12\"", .invalidEscape, 1),
            ("\"\\u12g4\"", .invalidEscape, 1),
            ("\"\\ud800\"", .invalidEscape, 1), ("\"\\ud800\\u0041\"", .invalidEscape, 1),
            ("\"\\udc00\"", .invalidEscape, 1), ("\"\\", .unexpectedEnd, 2), ("\"\\u00", .unexpectedEnd, 5),
            ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,]", .unexpectedByte(UInt8(ascii: "]")), 3),
            ("[,1]", .unexpectedByte(UInt8(ascii: ",")), 1), ("[1 2]", .unexpectedByte(UInt8(ascii: "2")), 3),
            ("[1}", .unexpectedByte(UInt8(ascii: "}")), 2), ("{", .unexpectedEnd, 1),
            ("{a:1}", .unexpectedByte(UInt8(ascii: "a")), 1),
            ("{1:1}", .unexpectedByte(UInt8(ascii: "1")), 1),
            ("{\"a\"}", .unexpectedByte(UInt8(ascii: "}")), 4),
            ("{\"a\":}", .unexpectedByte(UInt8(ascii: "}")), 5),
            ("{\"a\":1,}", .unexpectedByte(UInt8(ascii: "}")), 7),
            ("{\"a\" 1}", .unexpectedByte(UInt8(ascii: "1")), 5),
            ("{\"a\":1 \"b\":2}", .unexpectedByte(UInt8(ascii: "\"")), 7),
            ("{\"a\":1,\"a\":2}", .duplicateKey("a"), 7), ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a"), 7),
            ("// x", .unexpectedByte(UInt8(ascii: "/")), 0), ("\u{FEFF}1", .unexpectedByte(0xEF), 0),
        ]
    )
    func bad(text: String, kind: JSONError.Kind, offset: Int) {
        #expect(throws: JSONError(kind: kind, offset: offset)) { try parse(text) }
    }

    @Test(
        "Bytes that are not UTF-8",
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: JSONError(kind: .invalidUTF8, offset: 0)) {
            try JSONParser.parse([quote] + bytes + [quote])
        }
    }

    @Test("Limits: depth and length")
    func limits() throws {
        let deep = { (depth: Int) in
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try parse(deep(16)) }
        #expect(throws: JSONError(kind: .tooDeep, offset: 16)) { try parse(deep(17)) }
        #expect(throws: JSONError(kind: .tooDeep, offset: 16)) { try parse(deep(100_000)) }
        let long = { (count: Int) in "\"" + String(repeating: "x", count: count) + "\"" }
        #expect(throws: Never.self) { try parse(long(256)) }
        #expect(throws: JSONError(kind: .stringTooLong, offset: 0)) { try parse(long(257)) }
        #expect(throws: Never.self) { try parse(String(repeating: "1", count: 256)) }
        #expect(throws: JSONError(kind: .invalidNumber, offset: 0)) {
            try parse(String(repeating: "1", count: 257))
        }
    }

    @Test("No bytes trap: every prefix and every changed byte of a text is read or refused")
    func noTrap() {
        let text = Array("{\"a\":[1.5e3,\"\\u00e9\\ud83d\\ude00é\",true,null,{\"b\":-0}],\"c\":{}}".utf8)
        for end in 0...text.count { _ = try? JSONParser.parse(text[..<end]) }
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                _ = try? JSONParser.parse(changed)
            }
        }
    }

    @Test("A slice is read from its own start, and offsets count from there")
    func slices() throws {
        let bytes = Array("xx[1]yy".utf8)
        #expect(try JSONParser.parse(bytes[2..<5]) == .array([.number("1")]))
        #expect(throws: JSONError(kind: .trailingBytes, offset: 3)) { try JSONParser.parse(bytes[2...]) }
    }

    @Test("The writer's text is read as what was written")
    func writer() throws {
        var json = JSONWriter()
        json.beginObject()
        json.key("text")
        json.string("a\"b\\c\n\u{1}é😀")
        json.key("list")
        json.beginArray()
        json.integer(-5)
        json.bool(true)
        json.null()
        json.beginObject()
        json.endObject()
        json.beginArray()
        json.endArray()
        json.endArray()
        json.key(String("né\""))
        json.decimal(150_000_000)
        json.key("digest")
        json.digest(Digest(low: 0x0807_0605_0403_0201, high: 0xFF))
        json.endObject()
        let text = String(decoding: json.bytes, as: UTF8.self)
        let expected =
            "{\"text\":\"a\\\"b\\\\c\\u000a\\u0001é😀\",\"list\":[-5,true,null,{},[]],"
            + "\"né\\\"\":\"1.5\",\"digest\":\"0102030405060708ff00000000000000\"}"
        #expect(text == expected)
        let value = try JSONParser.parse(json.bytes)
        #expect(value["text"] == .string("a\"b\\c\n\u{1}é😀"))
        #expect(value["né\""] == .string("1.5"))
        json.removeAll()
        #expect(json.bytes.isEmpty)
    }
}
