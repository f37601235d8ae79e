import Testing

/// Codes of rules, such as those that the specification's lists begin with.
enum RuleCodes {
    static let families = [
        "LED", "BK", "MG", "PX", "FUND", "WF", "ADL", "RCP", "DET", "DUR", "CMD", "LIM", "CON", "LQ", "VLT",
        "BM", "HIST", "RUN", "WIRE", "API", "SCN", "ST",
    ]

    /// The codes that a page defines: those that begin a list item or a line in bold.
    static func defined(in page: String) -> [String] {
        page.split(separator: "\n").compactMap { line in
            var rest = line[...]
            if rest.hasPrefix("- ") { rest = rest.dropFirst(2) }
            if !rest.hasPrefix("**") { return nil }
            return code(at: rest.dropFirst(2))?.code
        }
    }

    /// All codes that a text mentions.
    static func cited(in text: String) -> Set<String> {
        var codes: Set<String> = []
        var rest = Substring(text)
        var isAtBoundary = true
        while let first = rest.first {
            if isAtBoundary, let found = code(at: rest) {
                codes.insert(found.code)
                rest = rest.dropFirst(found.code.count)
                isAtBoundary = false
            } else {
                isAtBoundary = !(first.isLetter || first.isNumber || first == "_" || first == "-")
                rest = rest.dropFirst()
            }
        }
        return codes
    }

    /// An incident: INC and a name of capitals, digits and hyphens.
    private static func incident(at text: Substring) -> (code: String, end: Substring.Index)? {
        if !text.hasPrefix("INC-") { return nil }
        let name = text.dropFirst(4).prefix { ($0.isASCII && ($0.isUppercase || $0.isNumber)) || $0 == "-" }
        let end = text.index(text.startIndex, offsetBy: 4 + name.count)
        let isWhole = end == text.endIndex || !(text[end].isLetter || text[end] == "_")
        return name.count > 2 && name.last != "-" && isWhole ? ("INC-\(name)", end) : nil
    }

    private static func code(at text: Substring) -> (code: String, end: Substring.Index)? {
        guard let first = text.first, first.isUppercase else { return nil }
        if let found = incident(at: text) { return found }
        for family in families where text.hasPrefix(family + "-") {
            var rest = text.dropFirst(family.count + 1)
            let digits = rest.prefix { $0.isNumber }
            if digits.isEmpty { continue }
            rest = rest.dropFirst(digits.count)
            var code = "\(family)-\(digits)"
            if let letter = rest.first, letter.isLowercase, letter.isASCII {
                rest = rest.dropFirst()
                code.append(letter)
            }
            if let next = rest.first, next.isLetter || next.isNumber || next == "_" { continue }
            return (code, rest.startIndex)
        }
        return nil
    }
}

@Suite("Tidy: the specification's codes")
struct SpecificationTests {
    private func defined() throws -> [String: String] {
        var defined: [String: String] = [:]
        for path in Repository.paths(under: "Specs", suffix: ".md") {
            for code in RuleCodes.defined(in: try Repository.text(path)) {
                #expect(defined[code] == nil, "\(code) is defined in \(path) and \(defined[code] ?? "")")
                defined[code] = path
            }
        }
        return defined
    }

    private func cited(_ folders: [String]) throws -> [String: String] {
        var cited: [String: String] = [:]
        for folder in folders {
            for suffix in [".swift", ".jsonl"] {
                for path in Repository.paths(under: folder, suffix: suffix) {
                    for code in RuleCodes.cited(in: try Repository.text(path)) { cited[code] = path }
                }
            }
        }
        return cited
    }

    @Test("Every rule is cited by a test or a scenario")
    func everyRuleIsTested() throws {
        let defined = try defined()
        let cited = try cited(["Tests"])
        #expect(defined.count > 100)
        for (code, path) in defined.sorted(by: { $0.key < $1.key }) where cited[code] == nil {
            Issue.record("\(path): no test or scenario cites \(code)")
        }
    }

    @Test("Every citation has a rule")
    func everyCitationIsDefined() throws {
        let defined = try defined()
        var cited = try cited(["Tests", "Sources"])
        for page in Repository.readersPages {
            for code in RuleCodes.cited(in: try Repository.text(page)) { cited[code] = page }
        }
        #expect(cited.count > 50)
        for (code, path) in cited.sorted(by: { $0.key < $1.key }) where defined[code] == nil {
            Issue.record("\(path): \(code) is not defined in Specs")
        }
    }

    @Test("The scan finds codes, and only codes")
    func scan() {
        // Put together here so that the scan of this file does not find them.
        let code = { (family: String, rest: String) in family + "-" + rest }
        let page =
            "- **\(code("BK", "1"))** A\n- **\(code("MG", "5a")) B.**\nsee **x**\n**\(code("LED", "12"))** c"
        #expect(RuleCodes.defined(in: page) == [code("BK", "1"), code("MG", "5a"), code("LED", "12")])
        let text =
            "(\(code("WF", "3"))): \(code("ADL", "10b")), X\(code("BK", "9")) \(code("BK", "x")) "
            + "\(code("BK", "7bc")) \(code("ZZ", "1")) \(code("PX", "4")). "
            + "\(code("INC", "SOME-9")), \(code("INC", "-"))"
        let found: Set = [code("WF", "3"), code("ADL", "10b"), code("PX", "4"), code("INC", "SOME-9")]
        #expect(RuleCodes.cited(in: text) == found)
    }
}
