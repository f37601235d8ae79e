/// What was given out: every number with its name, and the fields of every record in their order. Logs are
/// written in it, so the lists may add to it and change nothing of it.
extension Records {
    static let givenFile = "given.txt"

    /// The text of the page, from the lists as they are.
    func given() -> String {
        var text = """
            # Numbers and forms that logs are written in, noted by `make records`, which refuses a list that
            # would change one of them.

            """
        for (kind, list) in [("command", commands), ("event", events)] {
            var lines = list.records.map { record in
                (record.number, ([record.name] + record.fields.map(Records.form)).joined(separator: " "))
            }
            lines += list.retired.map { ($0.key, "\($0.value) retired") }
            for (number, rest) in lines.sorted(by: { $0.0 < $1.0 }) { text += "\(kind) \(number) \(rest)\n" }
        }
        for set in sets {
            var lines = set.terms.map { ($0.number, $0.name) }
            lines += set.retired.map { ($0.key, "\($0.value) retired") }
            for (number, rest) in lines.sorted(by: { $0.0 < $1.0 }) {
                text += "\(set.name) \(number) \(rest)\n"
            }
        }
        return text
    }

    /// A field as the page names it.
    private static func form(_ field: Field) -> String {
        "\(field.name):\(field.type)" + (field.since > 1 ? "@\(field.since)" : "")
    }

    /// Compares what was given out with the lists.
    func checkGiven(_ text: String) throws(ListError) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(separator: " ").map(String.init)
            if words.isEmpty || words[0] == "#" { continue }
            let place = Place(file: Records.givenFile, line: index + 1)
            guard words.count >= 3, let number = Int(words[1]) else {
                let expected = "a line that make records wrote"
                throw ListError(place: place, found: "\"\(line)\"", expected: expected)
            }
            let forms = words.last == "retired" ? nil : Array(words.dropFirst(3))
            switch words[0] {
            case "command": try check(commands, number, words[2], forms, place)
            case "event": try check(events, number, words[2], forms, place)
            default: try check(sets.first { $0.name == words[0] }, number, words[2], place)
            }
        }
    }

    private func check(
        _ list: RecordList,
        _ number: Int,
        _ name: String,
        _ forms: [String]?,
        _ place: Place
    ) throws(ListError) {
        if list.retired[number] == name { return }
        guard let forms, let record = list.records.first(where: { $0.number == number }) else {
            throw ListError(
                place: place,
                found: "the number \(number) given out to \(name) and not in the list",
                expected: "\(name), or a line \"retired \(number) \(name)\""
            )
        }
        if record.name != name {
            throw ListError(
                place: record.place,
                found: "\(record.name) with the number \(number), which was given out to \(name)",
                expected: "a number that was never used"
            )
        }
        var left = forms[...]
        for field in record.fields {
            if Records.form(field) == left.first {
                left.removeFirst()
            } else if forms.contains(where: { $0.hasPrefix(field.name + ":") }) {
                throw ListError(
                    place: field.place,
                    found: "\(Records.form(field)) of \(name)",
                    expected: "\(left.first ?? "nothing"), as logs have it there"
                )
            } else if field.since != rules {
                throw ListError(
                    place: field.place,
                    found: "a new field \(field.name) of \(name)",
                    expected: "\"since \(rules)\", as logs of older rules do not have it"
                )
            }
        }
        if let missing = left.first {
            let found = "\(name) without \(missing)"
            throw ListError(place: record.place, found: found, expected: "it, as logs have it")
        }
    }

    private func check(
        _ set: TermSet?,
        _ number: Int,
        _ name: String,
        _ place: Place
    ) throws(ListError) {
        if set?.retired[number] == name { return }
        guard let term = set?.terms.first(where: { $0.number == number }) else {
            throw ListError(
                place: place,
                found: "the number \(number) given out to \(name) and not in the list",
                expected: "\(name), or a line \"retired \(number) \(name)\""
            )
        }
        if term.name != name {
            throw ListError(
                place: term.place,
                found: "\(term.name) with the number \(number), which was given out to \(name)",
                expected: "a number that was never used"
            )
        }
    }
}
