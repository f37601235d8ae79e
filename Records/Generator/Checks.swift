/// All lists together, checked: what the writers write from.
public struct Records {
    var commands: RecordList
    var events: RecordList
    var sets: [TermSet]
    /// The rules of the program, which no field may be younger than.
    let rules: Int

    /// Swift of the zero of each type that a field may have.
    private(set) var zeros = FieldType.zeros

    /// Reads the lists and checks them against each other and against what was given out before.
    public init(_ texts: [String: String], given: String, rules: Int) throws(ListError) {
        self.rules = rules
        var commandParser = RecordParser(kind: "command")
        commands = try commandParser.parse(texts["commands.txt"] ?? "", file: "commands.txt")
        var eventParser = RecordParser(kind: "event")
        events = try eventParser.parse(texts["events.txt"] ?? "", file: "events.txt")
        sets = try termSets(texts["terms.txt"] ?? "", file: "terms.txt")
        sets += try termSets(texts["statuses.txt"] ?? "", file: "statuses.txt")
        try checkSets()
        for set in sets { zeros[set.name] = ".\(set.terms[0].name)" }
        if let first = commands.records.first { zeros["CommandKind"] = ".\(first.name)" }
        if let first = events.records.first { zeros["EventKind"] = ".\(first.name)" }
        try check(commands, "command")
        try check(events, "event")
        try checkOnce(
            "the type",
            (commands.records + events.records).map { ($0.payload, $0.place) }
                + sets.map { ($0.name, $0.place) }
        )
        for record in commands.records { try checkKey(of: record) }
        try checkGiven(given)
    }

    private func checkOnce(_ what: String, _ all: [(String, Place)]) throws(ListError) {
        var seen: [String: Place] = [:]
        for (name, place) in all {
            if let first = seen[name] {
                throw ListError(
                    place: place,
                    found: "\(what) \(name) again",
                    expected: "another than that of \(first.file):\(first.line)"
                )
            }
            seen[name] = place
        }
    }

    private func checkSets() throws(ListError) {
        for set in sets {
            try checkOnce("the name", set.terms.map { ($0.name, $0.place) })
            try checkOnce("the term", set.terms.map { ($0.text, $0.place) })
            var last = -1
            for term in set.terms {
                if let name = set.retired[term.number] {
                    throw ListError(
                        place: term.place,
                        found: "the number \(term.number), which was \(name)'s",
                        expected: "a number that was never used"
                    )
                }
                if term.number <= last {
                    throw ListError(
                        place: term.place,
                        found: "the number \(term.number) behind \(last)",
                        expected: "rising numbers"
                    )
                }
                last = term.number
            }
        }
    }

    private func check(_ list: RecordList, _ kind: String) throws(ListError) {
        let records = list.records
        try checkOnce("the number", records.map { ("\($0.number)", $0.place) })
        try checkOnce("the name", records.map { ($0.name, $0.place) })
        try checkOnce("the term", records.map { ($0.term, $0.place) })
        var next = 1
        for record in records {
            if let name = list.retired[record.number] {
                throw ListError(
                    place: record.place,
                    found: "the number \(record.number), which was \(name)'s",
                    expected: "a number that was never used"
                )
            }
            while list.retired[next] != nil { next += 1 }
            if record.number != next {
                throw ListError(
                    place: record.place,
                    found: "the number \(record.number)",
                    expected: "\(next), or a line \"retired \(next) NAME\""
                )
            }
            next += 1
            for field in record.fields { try check(field, of: record) }
        }
    }

    private func check(_ field: Field, of record: Record) throws(ListError) {
        if zeros[field.type] == nil {
            let all = zeros.keys.sorted().joined(separator: ", ")
            throw ListError(place: field.place, found: "the type \(field.type)", expected: "one of \(all)")
        }
        if field.since < 1 || field.since > rules {
            throw ListError(
                place: field.place,
                found: "since \(field.since)",
                expected: "1 to \(rules), the rules of this program"
            )
        }
    }

    /// A keyed command has a key and an account whose it is; the others have none.
    private func checkKey(of record: Record) throws(ListError) {
        let hasKey = record.fields.contains { $0.type == "RequestKey" && $0.name == "key" }
        guard let owner = record.keyOwner else {
            if hasKey {
                throw ListError(
                    place: record.place,
                    found: "a field key",
                    expected: "a line \"keyed by FIELD\" or \"keyed by venue\" in \(record.name)"
                )
            }
            return
        }
        if !hasKey {
            let expected = "one, as \(record.name) is keyed"
            throw ListError(place: record.place, found: "no field key", expected: expected)
        }
        let isAccount = record.fields.contains { $0.name == owner && $0.type == "AccountID" }
        if owner != "venue" && !isAccount {
            throw ListError(
                place: record.place,
                found: "keyed by \(owner)",
                expected: "venue, or a field of \(record.name) that is an AccountID"
            )
        }
    }
}
