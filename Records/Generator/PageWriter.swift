/// Writes tables into a page of the specification, between two lines that mark their place.
extension Records {
    /// The page with its tables made again.
    func page(_ text: String, file: String) throws(ListError) -> String {
        var text = text
        text = try replace("commands", by: commandTable(), in: text, file: file)
        return try replace("statuses", by: statusTable(), in: text, file: file)
    }

    private func replace(
        _ name: String,
        by table: String,
        in text: String,
        file: String
    ) throws(ListError) -> String {
        let (begin, end) = ("<!-- records: \(name) -->\n", "<!-- end -->\n")
        guard let first = text.firstRange(of: begin),
            let last = text[first.upperBound...].firstRange(of: end)
        else {
            let found = "no place for the table of \(name)"
            throw ListError(
                place: Place(file: file, line: 1),
                found: found,
                expected: "the lines \(begin.dropLast()) and \(end.dropLast())"
            )
        }
        return text[..<first.upperBound] + table + text[last.lowerBound...]
    }

    private func commandTable() -> String {
        var text = "\n| number | command | what it does | fields | key of |\n|---:|---|---|---|---|\n"
        for record in commands.records {
            let fields = record.fields.map { field in
                "`\(field.name)`" + (field.since > 1 ? " (since rules \(field.since))" : "")
            }
            let owner = record.keyOwner.map { $0 == "venue" ? "the venue" : "`\($0)`" } ?? ""
            text += "| \(record.number) | `\(record.term)` | \(record.doc) "
            text += "| \(fields.joined(separator: ", ")) | \(owner) |\n"
        }
        return text + "\n"
    }

    private func statusTable() -> String {
        var text = "\n| number | status | what it says |\n|---:|---|---|\n"
        for set in sets where set.name == "Status" {
            for term in set.terms {
                if let group = term.group { text += "| | | *\(group)* |\n" }
                text += "| \(term.number) | `\(term.text)` | \(term.doc) |\n"
            }
        }
        return text + "\n"
    }
}
