/// Writes closed sets of words.
extension Records {
    /// - Parameter hasDocs: whether each case has its doc comment in Swift, too.
    func terms(_ sets: [TermSet], of list: String, hasDocs: Bool) -> String {
        var swift = SwiftText(of: list)
        for set in sets {
            swift.add()
            swift.comment(set.doc)
            swift.add("@frozen public enum \(set.name): UInt8, CodedEnum {")
            cases(set.terms, hasDocs: hasDocs, to: &swift)
            swift.add("    public static var zero: \(set.name) { .\(set.terms[0].name) }")
            term(set.terms.map { ($0.name, $0.text) }, to: &swift)
            swift.add("}")
        }
        return swift.text
    }

    /// Cases on as few lines as may be; one with a doc comment stands alone under it.
    private func cases(_ terms: [Term], hasDocs: Bool, to swift: inout SwiftText) {
        var last = -1
        var open: [String] = []
        func close(_ swift: inout SwiftText) {
            swift.packed(open, indent: 4) { "case " + $0.joined(separator: ", ") }
            open = []
        }
        for term in terms {
            if let group = term.group {
                close(&swift)
                swift.add()
                swift.comment(group, indent: 4, mark: "//")
            }
            let name = quoted(term.name) + (term.number == last + 1 ? "" : " = \(term.number)")
            if !hasDocs || term.doc.isEmpty {
                open.append(name)
            } else {
                close(&swift)
                swift.comment(term.doc, indent: 4)
                swift.add("    case \(name)")
            }
            last = term.number
        }
        close(&swift)
        if terms.contains(where: { $0.group != nil }) { swift.add() }
    }

    /// What texts call each case.
    func term(_ words: [(name: String, text: String)], to swift: inout SwiftText) {
        if words.count == 2 {
            let choice = "self == .\(words[0].name) ? \"\(words[0].text)\" : \"\(words[1].text)\""
            let line = "    public var term: StaticString { \(choice) }"
            if line.count <= SwiftText.width { return swift.add(line) }
        }
        swift.add("    public var term: StaticString {")
        swift.add("        switch self {")
        for word in words { swift.add("        case .\(word.name): \"\(word.text)\"") }
        swift.add("        }")
        swift.add("    }")
    }
}
