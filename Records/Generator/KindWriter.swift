/// Writes what is one line a record: the enumeration, its kinds, and the ways from one to the other.
extension Records {
    func kinds(_ list: RecordList, type: String, doc: [String], of name: String) -> String {
        let records = list.records
        var swift = SwiftText(of: name)
        swift.add()
        for line in doc { swift.comment(line) }
        swift.add("public enum \(type): Sendable {")
        for record in records {
            let boxed = record.isBoxed ? "indirect " : ""
            swift.add("    \(boxed)case \(quoted(record.name))(\(record.payload))")
        }
        swift.add("}")
        swift.add()
        let what = type == "Event" ? "an event" : "a command"
        swift.comment("The number that the binary form of \(what) begins with.")
        swift.add("@frozen public enum \(type)Kind: UInt8, CodedEnum {")
        var last = 0
        let cases = records.map { record in
            defer { last = record.number }
            let isNext = record.number == last + 1 && last > 0
            return quoted(record.name) + (isNext ? "" : " = \(record.number)")
        }
        swift.packed(cases, indent: 4) { "case " + $0.joined(separator: ", ") }
        swift.add("    public static var zero: \(type)Kind { .\(records[0].name) }")
        term(records.map { ($0.name, $0.term) }, to: &swift)
        swift.add("}")
        return swift.text
    }

    /// Kind, fields and decoding of `type`.
    func coding(_ list: RecordList, type: String, of name: String) -> String {
        let records = list.records
        var swift = SwiftText(of: name)
        swift.add()
        swift.add("extension \(type) {")
        swift.comment("The \(type == "Event" ? "event" : "command")'s kind.", indent: 4)
        swift.add("    public var kind: \(type)Kind {")
        swift.add("        switch self {")
        for record in records { swift.add("        case .\(record.name): .\(record.name)") }
        swift.add("        }")
        swift.add("    }")
        swift.add()
        swift.comment("Presents the fields of the payload to `visitor`.", indent: 4)
        swift.add("    public func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {")
        swift.add("        switch self {")
        for record in records {
            swift.add("        case .\(record.name)(var payload): payload.fields(&visitor)")
        }
        swift.add("        }")
        swift.add("    }")
        swift.add()
        swift.comment("Reads a payload of `kind`; nil if the bytes do not hold one.", indent: 4)
        swift.add("    init?(kind: \(type)Kind, from reader: inout ByteReader) {")
        swift.add("        switch kind {")
        for record in records {
            swift.add("        case .\(record.name): self = .\(record.name)(reader.record())")
        }
        swift.add("        }")
        swift.add("        if reader.failed { return nil }")
        swift.add("    }")
        swift.add("}")
        return swift.text
    }

    /// Request keys: which kinds carry one, and whose it is (DET-3).
    func requestKeys() -> String {
        let records = commands.records
        var swift = SwiftText(of: "commands.txt")
        swift.add()
        swift.comment("Request keys (DET-3): which commands carry one, and whose it is.")
        swift.add("extension Command {")
        swift.comment(
            "The key that it carries and the account that it is remembered for; nil for the venue's, and "
                + "none of a kind without keys.",
            indent: 4
        )
        swift.add("    var requestKey: (RequestKey, of: AccountID?) {")
        swift.add("        switch self {")
        for record in records {
            guard let owner = record.keyOwner else { continue }
            let account = owner == "venue" ? "nil" : "it.\(owner)"
            swift.add("        case .\(record.name)(let it): (it.key, \(account))")
        }
        unkeyed(records, "(.none, nil)", to: &swift)
        swift.add("        }")
        swift.add("    }")
        swift.add("}")
        swift.add()
        swift.add("extension CommandKind {")
        swift.comment(
            "Whether commands of this kind may carry a request key: those that move money or are an admin's.",
            indent: 4
        )
        swift.add("    @inline(__always)")
        swift.add("    var isKeyed: Bool {")
        swift.add("        switch self {")
        unkeyed(records, "false", to: &swift)
        swift.add("        default: true")
        swift.add("        }")
        swift.add("    }")
        swift.add("}")
        return swift.text
    }

    /// One case for all kinds without keys.
    private func unkeyed(_ records: [Record], _ value: String, to swift: inout SwiftText) {
        let names = records.filter { $0.keyOwner == nil }.map { ".\($0.name)" }
        var lines: [[String]] = [[]]
        for name in names {
            let last = lines[lines.count - 1]
            let head = lines.count == 1 ? "        case " : "            "
            if !last.isEmpty && (head + (last + [name]).joined(separator: ", ")).count + 1 > SwiftText.width {
                lines.append([name])
            } else {
                lines[lines.count - 1].append(name)
            }
        }
        for (index, line) in lines.enumerated() {
            let head = index == 0 ? "        case " : "            "
            swift.add(head + line.joined(separator: ", ") + (index + 1 < lines.count ? "," : ":"))
        }
        swift.add("            \(value)")
    }

    /// The function of a room for each kind of command.
    func execution() -> String {
        var swift = SwiftText(of: "commands.txt")
        swift.add()
        swift.comment("The function that carries a command out, in the room that it belongs to.")
        swift.add("extension Exchange {")
        swift.comment(
            "Each validates in documented order, and changes nothing unless it succeeds. The result is the "
                + "number of what was made, or 0.",
            indent: 4
        )
        swift.add("    mutating func execute(")
        swift.add("        _ command: Command,")
        swift.add("        _ events: inout EventBuffer")
        swift.add("    ) -> (Status, result: Int64) {")
        swift.add("        let status: Status")
        swift.add("        switch command {")
        for section in commands.sections {
            swift.add("        // \(section.title)")
            for record in section.records {
                let result = record.makesNumber ? "return" : "status ="
                swift.add("        case .\(record.name)(let it): \(result) \(record.function)(it, &events)")
            }
        }
        swift.add("        }")
        swift.add("        return (status, 0)")
        swift.add("    }")
        swift.add("}")
        return swift.text
    }

    /// The auditor's function for each kind of command, which has the command's own name.
    func audit() -> String {
        var swift = SwiftText(of: "commands.txt")
        swift.add()
        swift.add("internal import ExchangeCore")
        swift.add()
        swift.add("extension Auditor {")
        swift.comment("Carries a command out by the auditor's function of its name.", indent: 4)
        swift.add("    func execute(_ command: Command) -> Status {")
        swift.add("        switch command {")
        for record in commands.records {
            swift.add("        case .\(record.name)(let it): self.\(record.name)(it)")
        }
        swift.add("        }")
        swift.add("    }")
        swift.add("}")
        return swift.text
    }
}
