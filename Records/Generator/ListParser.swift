/// A line of a list that says something.
struct ListLine {
    var place: Place
    var indent: Int
    /// What stands before ` -- `.
    var text: String
    /// What stands behind it, with the lines that go on with it.
    var doc: String?
    /// How far in that begins: a line that goes on with it begins there, too.
    var docIndent = 0

    func error(_ found: String, _ expected: String) -> ListError {
        ListError(place: place, found: found, expected: expected)
    }
}

/// Reads lines: a heading at the margin, what belongs to it two spaces in; behind `--` stands a doc comment,
/// and lines that begin under its first word go on with it.
func lines(of text: String, file: String) throws(ListError) -> [ListLine] {
    var found: [ListLine] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let place = Place(file: file, line: index + 1)
        let indent = line.prefix { $0 == " " }.count
        var rest = line.dropFirst(indent)
        while rest.last == " " { rest.removeLast() }
        if rest.isEmpty || rest.first == "#" { continue }
        if rest.contains("\t") {
            throw ListError(place: place, found: "a tab", expected: "spaces")
        }
        if indent > 2 {
            guard let last = found.last, let doc = last.doc, indent == last.docIndent,
                !rest.contains(" -- ")
            else {
                throw ListError(
                    place: place,
                    found: "\(indent) spaces before \"\(rest)\"",
                    expected: "none, or two, or as many as a doc comment above that goes on"
                )
            }
            found[found.count - 1].doc = doc + " " + rest
            continue
        }
        if indent == 1 {
            throw ListError(place: place, found: "one space before \"\(rest)\"", expected: "none, or two")
        }
        var line = ListLine(place: place, indent: indent, text: String(rest))
        if rest.hasPrefix("-- ") {
            (line.text, line.doc) = ("", String(rest.dropFirst(3)))
            line.docIndent = indent + 3
        } else if let split = rest.firstRange(of: " -- ") {
            var text = rest[..<split.lowerBound]
            while text.last == " " { text.removeLast() }
            line.text = String(text)
            line.doc = String(rest[split.upperBound...])
            line.docIndent = indent + rest.distance(from: rest.startIndex, to: split.upperBound)
        }
        found.append(line)
    }
    return found
}

extension ListLine {
    var words: [String] { text.split(separator: " ").map(String.init) }

    /// A name as Swift spells it, with a small first letter or a capital one.
    func name(_ text: String, capital: Bool) throws(ListError) -> String {
        let letters = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
        guard let first = text.first, letters, first.isLetter, first.isUppercase == capital else {
            throw error("\"\(text)\"", capital ? "a name like PlaceOrder" : "a name like placeOrder")
        }
        return text
    }

    /// The last word in quotes, if there is one: what texts say.
    func term(_ word: String) throws(ListError) -> String {
        guard word.count > 2, word.first == "\"", word.last == "\"" else {
            throw error(word, "a term in quotes")
        }
        return String(word.dropFirst().dropLast())
    }

    func number(_ word: String) throws(ListError) -> Int {
        guard let number = Int(word), (0...255).contains(number) else {
            throw error("\"\(word)\"", "a number from 0 to 255")
        }
        return number
    }
}

/// Reads a list of commands or of events.
struct RecordParser {
    /// `command` or `event`.
    let kind: String
    var list = RecordList()
    private var isCommon = false

    init(kind: String) { self.kind = kind }

    mutating func parse(_ text: String, file: String) throws(ListError) -> RecordList {
        for line in try lines(of: text, file: file) {
            if line.indent == 0 { try heading(line) } else { try entry(line) }
        }
        for record in list.records where record.doc.isEmpty {
            throw ListError(
                place: record.place,
                found: "no doc comment",
                expected: "a line \"  -- …\" that says what \(record.name) is"
            )
        }
        return list
    }

    private mutating func heading(_ line: ListLine) throws(ListError) {
        let words = line.words
        isCommon = false
        switch words.first {
        case "common" where words.count == 1: isCommon = true
        case "section" where words.count == 4 && words[2] == "in" && words[3].hasSuffix(".swift"):
            list.sections.append(Section(title: words[1], file: words[3]))
        case "retired" where words.count == 3:
            list.retired[try line.number(words[1])] = words[2]
        case kind where (4...5).contains(words.count):
            if list.sections.isEmpty {
                throw line.error("a \(kind)", "a line \"section NAME in FILE.swift\" first")
            }
            let name = try line.name(words[2], capital: false)
            let record = Record(
                number: try line.number(words[1]),
                name: name,
                payload: try line.name(words[3], capital: true),
                term: words.count == 5 ? try line.term(words[4]) : name,
                function: name,
                place: line.place
            )
            list.sections[list.sections.count - 1].records.append(record)
        default:
            throw line.error(
                "\"\(line.text)\"",
                "common, section NAME in FILE.swift, retired NUMBER NAME, "
                    + "or \(kind) NUMBER NAME PAYLOAD \"TERM\""
            )
        }
    }

    private mutating func entry(_ line: ListLine) throws(ListError) {
        if isCommon {
            let field = try field(line)
            list.common[field.name] = field
            return
        }
        guard let last = list.sections.indices.last, var record = list.sections[last].records.last else {
            throw line.error("\"\(line.text)\"", "a \(kind) that it belongs to")
        }
        if line.text.isEmpty {
            if !record.doc.isEmpty { throw line.error("a second doc comment", "a property or a field") }
            record.doc = line.doc ?? ""
        } else if try !property(line, of: &record) {
            let field = try field(line)
            if record.fields.contains(where: { $0.name == field.name }) {
                throw line.error("a second field \(field.name)", "a name that \(record.name) has not yet")
            }
            record.fields.append(field)
        }
        list.sections[last].records[list.sections[last].records.count - 1] = record
    }

    /// Takes a line that says something of the record as a whole.
    private func property(_ line: ListLine, of record: inout Record) throws(ListError) -> Bool {
        let words = line.words
        switch (words[0], kind) {
        case ("inlined", _) where words.count == 1: record.isInlined = true
        case ("boxed", "command") where words.count == 1: record.isBoxed = true
        case ("makes", "command") where words == ["makes", "a", "number"]: record.makesNumber = true
        case ("keyed", "command") where words.count == 3 && words[1] == "by": record.keyOwner = words[2]
        case ("runs", "command") where words.count == 2:
            record.function = try line.name(words[1], capital: false)
        default: return false
        }
        if !record.fields.isEmpty {
            throw line.error("\"\(line.text)\" behind a field", "it before the fields")
        }
        return true
    }

    /// A field: `name: Type = initial since RULES -- doc`, or the name of a common one alone.
    private func field(_ line: ListLine) throws(ListError) -> Field {
        guard let colon = line.text.firstIndex(of: ":") else {
            guard let field = list.common[line.text], line.doc == nil else {
                let all = list.common.keys.sorted().joined(separator: ", ")
                throw line.error("\"\(line.text)\"", "NAME: TYPE, a property, or a common field (\(all))")
            }
            return field
        }
        let name = try line.name(String(line.text[..<colon]), capital: false)
        if reservedWords.contains(name) { throw line.error("a field \(name)", "no word of Swift") }
        var words = line.text[line.text.index(after: colon)...].split(separator: " ").map(String.init)
        guard let type = words.first else { throw line.error("no type", "NAME: TYPE") }
        words.removeFirst()
        var field = Field(name: name, type: try line.name(type, capital: true), place: line.place)
        if words.count >= 2, words[words.count - 2] == "since" {
            field.since = try line.number(words[words.count - 1])
            words.removeLast(2)
        }
        if words.first == "=", words.count > 1 {
            field.initial = words.dropFirst().joined(separator: " ")
        } else if !words.isEmpty {
            let found = "\"\(words.joined(separator: " "))\""
            throw line.error(found, "= INITIAL, since RULES, or -- and a doc comment")
        }
        guard let doc = line.doc else {
            throw line.error("no doc comment", "-- and what \(name) is")
        }
        field.doc = doc
        return field
    }
}

private func term(_ line: ListLine, _ group: String?) throws(ListError) -> Term {
    let words = line.words
    guard (2...3).contains(words.count) else {
        throw line.error("\"\(line.text)\"", "NUMBER NAME \"TERM\" -- doc")
    }
    let name = try line.name(words[1], capital: false)
    return Term(
        number: try line.number(words[0]),
        name: name,
        text: words.count == 3 ? try line.term(words[2]) : name,
        doc: line.doc ?? "",
        group: group,
        place: line.place
    )
}

/// Reads a list of closed sets of words.
func termSets(_ text: String, file: String) throws(ListError) -> [TermSet] {
    var sets: [TermSet] = []
    var group: String?
    for line in try lines(of: text, file: file) {
        let words = line.words
        if line.indent == 0 {
            guard words.count == 2, words[0] == "terms" else {
                throw line.error("\"\(line.text)\"", "terms NAME")
            }
            sets.append(TermSet(name: try line.name(words[1], capital: true), place: line.place))
            group = nil
            continue
        }
        guard var set = sets.last else { throw line.error("\"\(line.text)\"", "a line \"terms NAME\" first") }
        switch words.first {
        case nil:
            if !set.terms.isEmpty || !set.doc.isEmpty {
                throw line.error("a second doc comment", "NUMBER NAME")
            }
            set.doc = line.doc ?? ""
        case "group": group = words.dropFirst().joined(separator: " ")
        case "retired" where words.count == 3: set.retired[try line.number(words[1])] = words[2]
        default:
            set.terms.append(try term(line, group))
            group = nil
        }
        sets[sets.count - 1] = set
    }
    for set in sets where set.doc.isEmpty || set.terms.isEmpty {
        let found = set.doc.isEmpty ? "no doc comment" : "no term"
        throw ListError(place: set.place, found: found, expected: "what \(set.name) is, and its terms")
    }
    return sets
}
