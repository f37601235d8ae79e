/// Writes payloads: a structure each, with its fields, its initialisers and the list that visitors walk over.
extension Records {
    /// A file a section. What is made outside of the core has an initialiser for everybody; for the rest the
    /// compiler's own, which is the core's alone, suffices.
    func payloads(
        _ list: RecordList,
        in folder: String,
        of name: String,
        isMadeOutside: Bool
    ) -> [String: String] {
        var files: [String: String] = [:]
        for section in list.sections {
            var swift = SwiftText(of: name)
            for record in section.records { write(record, isMadeOutside: isMadeOutside, to: &swift) }
            files["\(folder)/\(section.file)"] = swift.text
        }
        return files
    }

    private func write(_ record: Record, isMadeOutside: Bool, to swift: inout SwiftText) {
        swift.add()
        swift.comment(record.doc)
        swift.add("@frozen public struct \(record.payload): FieldRecord {")
        for field in record.fields {
            swift.comment(field.doc, indent: 4)
            swift.add("    public var \(field.name): \(field.type) = \(initial(of: field))")
        }
        swift.add("    public static var zero: \(record.payload) { \(record.payload)() }")
        if isMadeOutside { initializer(of: record, to: &swift) }
        let inlined = record.isInlined ? "@inline(__always) " : ""
        let visitors = "fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V)"
        swift.add("    \(inlined)public mutating func \(visitors) {")
        visits(of: record, to: &swift)
        swift.add("    }")
        swift.add("}")
    }

    private func initial(of field: Field) -> String { field.initial ?? zeros[field.type] ?? "" }

    private func initializer(of record: Record, to swift: inout SwiftText) {
        let parameters = record.fields.map { "\($0.name): \($0.type) = \(initial(of: $0))" }
        swift.list("public init(", parameters, ") {", indent: 4)
        swift.packed(record.fields.map(\.name), indent: 8) { names in
            if names.count == 1 { return "self.\(names[0]) = \(names[0])" }
            let left = names.map { "self.\($0)" }.joined(separator: ", ")
            return "(\(left)) = (\(names.joined(separator: ", ")))"
        }
        swift.add("    }")
    }

    /// A visit of each field; those that came later together, behind the question for the rules.
    private func visits(of record: Record, to swift: inout SwiftText) {
        var index = 0
        while index < record.fields.count {
            let since = record.fields[index].since
            var visits: [String] = []
            while index < record.fields.count && record.fields[index].since == since {
                let field = record.fields[index]
                visits.append(
                    FieldType.parts.contains(field.type)
                        ? "\(field.name).fields(&visitor)"
                        : "visitor.visit(\"\(field.name)\", &\(field.name))"
                )
                index += 1
            }
            if since == 1 {
                for visit in visits { swift.add("        " + visit) }
            } else if visits.count == 1 {
                swift.add("        if visitor.rules >= \(since) { \(visits[0]) }")
            } else {
                swift.add("        if visitor.rules >= \(since) {")
                for visit in visits { swift.add("            " + visit) }
                swift.add("        }")
            }
        }
    }
}
