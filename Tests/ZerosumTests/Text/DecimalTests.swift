import ExchangeText
import Testing

/// One literal, the scale it is read at, and what comes of it.
struct DecimalCase: CustomTestStringConvertible {
    var text: String
    var scale: Int
    var units: Int64?
    var error: DecimalError?
    /// The shortest text of the same number; as the literal if nil.
    var shortest: String?
    var testDescription: String { "\"\(text)\" at scale \(scale)" }

    static func good(_ text: String, _ units: Int64, _ shortest: String? = nil, scale: Int = 8) -> DecimalCase
    {
        DecimalCase(text: text, scale: scale, units: units, shortest: shortest)
    }

    static func bad(_ text: String, _ error: DecimalError, scale: Int = 8) -> DecimalCase {
        DecimalCase(text: text, scale: scale, error: error)
    }
}

@Suite("Decimals (SCN-6, LED-1)")
struct DecimalTests {
    static let good: [DecimalCase] = [
        .good("0", 0), .good("1", 100_000_000), .good("9", 900_000_000), .good("10", 1_000_000_000),
        .good("0.1", 10_000_000), .good("0.01", 1_000_000), .good("0.001", 100_000),
        .good("0.0001", 10_000), .good("0.00001", 1_000), .good("0.000001", 100),
        .good("0.0000001", 10), .good("0.00000001", 1), .good("0.00000009", 9),
        .good("0.12345678", 12_345_678), .good("0.10000001", 10_000_001), .good("0.99999999", 99_999_999),
        .good("1.00000001", 100_000_001), .good("1.5", 150_000_000), .good("3.25", 325_000_000),
        .good("42", 4_200_000_000), .good("100", 10_000_000_000), .good("101.01", 10_101_000_000),
        .good("1000", 100_000_000_000), .good("5000", 500_000_000_000), .good("50000", 5_000_000_000_000),
        .good("50000.1", 5_000_010_000_000), .good("47490", 4_749_000_000_000),
        .good("123456.78901234", 12_345_678_901_234), .good("1000000", 100_000_000_000_000),
        .good("11529215046.06846976", 1_152_921_504_606_846_976),
        .good("46116860184.27387903", 4_611_686_018_427_387_903),
        .good("-1", -100_000_000), .good("-0.1", -10_000_000), .good("-0.00000001", -1),
        .good("-3.25", -325_000_000), .good("-50000", -5_000_000_000_000),
        .good("-10.01", -1_001_000_000), .good("-46116860184.27387903", -4_611_686_018_427_387_903),
        .good("0.0", 0, "0"), .good("0.00000000", 0, "0"), .good("0.000000000000", 0, "0"),
        .good("1.0", 100_000_000, "1"), .good("1.50", 150_000_000, "1.5"),
        .good("0.10", 10_000_000, "0.1"), .good("0.100000000000000000", 10_000_000, "0.1"),
        .good("100.00", 10_000_000_000, "100"), .good("-1.0", -100_000_000, "-1"),
        .good("-0.50", -50_000_000, "-0.5"), .good("0.123456780", 12_345_678, "0.12345678"),
        .good("2.000000000000", 200_000_000, "2"),
        .good("0", 0, scale: 0), .good("1", 1, scale: 0), .good("-1", -1, scale: 0),
        .good("1.0", 1, "1", scale: 0), .good("7.000", 7, "7", scale: 0), .good("10", 10, scale: 0),
        .good("999999999999999999", 999_999_999_999_999_999, scale: 0),
        .good("-999999999999999999", -999_999_999_999_999_999, scale: 0),
        .good("0.5", 5, scale: 1), .good("12.3", 123, scale: 1), .good("0.05", 5, scale: 2),
        .good("1.000001", 1_000_001, scale: 6), .good("0.000001", 1, scale: 6),
        .good("4.611686018427387903", 4_611_686_018_427_387_903, scale: 18),
        .good("0.000000000000000001", 1, scale: 18), .good("-0.000000000000000001", -1, scale: 18),
    ]

    static let malformed: [String] = [
        "+1", "+0", "1e5", "1E5", "1e-5", "0x10", ".5", "5.", "-.5", "-5.", ".", "-", "--1", "-+1", "+-1",
        "007", "00", "01", "00.5", "-01", "-007.5", "-00", "-0", "-0.0", "-0.00000000", "- 1", " 1", "1 ",
        "1 0", "\t1", "1\n", "1\r", "\u{0}", "1\u{0}", "1,000", "1_000", "1'000", "1.2.3", "1..2", "..1",
        "1.-2", "1-2", "1-", "a", "1a", "a1", "NaN", "nan", "inf", "Infinity", "-inf", "null", "true", "½",
        "١", "１", "0１", "1٫5", "−1", "–1", "1%", "$1", "1/2", "1.5f", "0b1", "0o7", "1.0e0", "\"1\"", "e",
        "E5", "1.e5", "0.1-", "0.+1", "0.1 ", "1.a", "1.½", "é", "1234567890123456789x", "0.000000001x",
    ]

    static let others: [DecimalCase] = [
        .bad("", .empty), .bad("0.000000001", .tooPrecise(allowed: 8)),
        .bad("1.123456789", .tooPrecise(allowed: 8)), .bad("-0.000000001", .tooPrecise(allowed: 8)),
        .bad("0.1000000001", .tooPrecise(allowed: 8)), .bad("0.5", .tooPrecise(allowed: 0), scale: 0),
        .bad("0.01", .tooPrecise(allowed: 1), scale: 1), .bad("1.0001", .tooPrecise(allowed: 3), scale: 3),
        .bad("1234567890123456789.000000001", .tooPrecise(allowed: 8)),
        .bad("46116860184.27387904", .tooLarge), .bad("-46116860184.27387904", .tooLarge),
        .bad("46116860185", .tooLarge), .bad("92233720368.54775807", .tooLarge),
        .bad("100000000000", .tooLarge), .bad("999999999999999999", .tooLarge),
        .bad("1000000000000000000", .tooLarge), .bad("1234567890123456789", .tooLarge),
        .bad("-1234567890123456789", .tooLarge), .bad("99999999999999999999999999999999999999999", .tooLarge),
        .bad("4611686018427387903", .tooLarge, scale: 0), .bad("1000000000000000000", .tooLarge, scale: 0),
        .bad("5", .tooLarge, scale: 18),
        .bad("4.611686018427387904", .tooLarge, scale: 18),
    ]

    static var cases: [DecimalCase] { good + others + malformed.map { .bad($0, .malformed) } }

    @Test("There are at least 150 literals")
    func enough() { #expect(Self.cases.count >= 150) }

    @Test("Each literal is read as its number or refused with its reason", arguments: cases)
    func read(_ item: DecimalCase) throws {
        if let error = item.error {
            #expect(throws: error) { try DecimalText.parse(item.text.utf8, scale: item.scale) }
        } else {
            let units = try DecimalText.parse(item.text.utf8, scale: item.scale)
            #expect(units == item.units)
            #expect(DecimalText.string(Int128(units), scale: item.scale) == item.shortest ?? item.text)
        }
    }

    @Test("What is written is read as the same number, at every scale")
    func roundTrip() throws {
        var seed: UInt64 = 0x5EED
        for round in 0..<20_000 {
            // Numbers of all lengths: the shift decides how many bits are left.
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = Int64(truncatingIfNeeded: seed >> 2) >> Int64(round % 62)
            let units = round % 2 == 0 ? bits : -bits
            let scale = round % 19
            let text = DecimalText.string(Int128(units), scale: scale)
            let digits = text.split(separator: ".")[0].drop { $0 == "-" }
            if digits.count > 18 {
                #expect(throws: DecimalError.tooLarge) { try DecimalText.parse(text.utf8, scale: scale) }
            } else {
                #expect(try DecimalText.parse(text.utf8, scale: scale) == units, "\(text) at \(scale)")
            }
        }
    }

    @Test("Whole steps: ticks and lots")
    func steps() throws {
        #expect(try DecimalText.parse("50000.1".utf8, inStepsOf: 10_000_000) == 500_001)
        #expect(try DecimalText.parse("0.068".utf8, inStepsOf: 100_000) == 68)
        #expect(try DecimalText.parse("-5".utf8, inStepsOf: 100_000_000) == -5)
        #expect(try DecimalText.parse("0.00000003".utf8, inStepsOf: 1) == 3)
        #expect(try DecimalText.parse("0".utf8, inStepsOf: 250_000_000) == 0)
        #expect(throws: DecimalError.notMultiple(of: 10_000_000)) {
            try DecimalText.parse("50000.15".utf8, inStepsOf: 10_000_000)
        }
        #expect(throws: DecimalError.notMultiple(of: 250_000_000)) {
            try DecimalText.parse("3".utf8, inStepsOf: 250_000_000)
        }
        #expect(throws: DecimalError.notMultiple(of: 0)) { try DecimalText.parse("1".utf8, inStepsOf: 0) }
        #expect(throws: DecimalError.tooPrecise(allowed: 8)) {
            try DecimalText.parse("0.000000001".utf8, inStepsOf: 10_000_000)
        }
        let error = DecimalError.notMultiple(of: 10_000_000)
        #expect(error.message == "is not a multiple of 0.1")
    }

    @Test(
        "128 bits are written exactly",
        arguments: [
            (Int128.max, 0, "170141183460469231731687303715884105727"),
            (Int128.min, 0, "-170141183460469231731687303715884105728"),
            (Int128.max, 8, "1701411834604692317316873037158.84105727"),
            (Int128.min, 36, "-170.141183460469231731687303715884105728"),
            (Int128(Int64.min), 8, "-92233720368.54775808"), (0, 36, "0"), (1, 36, "0." + zeros(35) + "1"),
        ]
    )
    func wide(units: Int128, scale: Int, text: String) {
        #expect(DecimalText.string(units, scale: scale) == text)
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
}
