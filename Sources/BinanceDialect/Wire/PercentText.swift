/// Percent-encoding as forms and queries have it.
enum PercentText {
    /// The text that bytes stand for; nil if it is no UTF-8, or not well encoded.
    static func text(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) -> String? {
        // Most is letters and digits that stand for themselves.
        let isPlain = bytes.allSatisfy { $0 < 128 && $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "+") }
        if isPlain { return String(decoding: bytes, as: UTF8.self) }
        return decoded(bytes, plusIsSpace: plusIsSpace).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The bytes with every `%XX` resolved; nil where a percent sign is not followed by two digits.
    ///
    /// - Parameter plusIsSpace: whether `+` stands for a space, as in forms.
    static func decoded(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else {
                    return nil
                }
                result.append(high << 4 | low)
            } else if byte == UInt8(ascii: "+") && plusIsSpace {
                result.append(32)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension String {
    /// The text with `A` to `Z` made small; everything else as it is.
    var asciiLowercased: String {
        if !utf8.contains(where: { $0 >= 65 && $0 <= 90 }) { return self }
        return String(decoding: utf8.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }, as: UTF8.self)
    }

    /// The text with `a` to `z` made large; everything else as it is.
    var asciiUppercased: String {
        if !utf8.contains(where: { $0 >= 97 && $0 <= 122 }) { return self }
        return String(decoding: utf8.map { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 }, as: UTF8.self)
    }
}
