/// Where something of a list stands.
struct Place: Hashable {
    var file: String
    var line: Int
}

/// Why a list cannot be used: where, what was found there, and what was expected.
public struct ListError: Error, CustomStringConvertible {
    var place: Place
    var found: String
    var expected: String

    public var description: String {
        "\(place.file):\(place.line): found \(found), expected \(expected)"
    }
}

/// A field of a record, in the order of its binary form.
struct Field {
    var name: String
    var type: String
    /// Swift of what it is at first; nil for the zero of its type.
    var initial: String?
    /// The rules with which it came; 1 for the first.
    var since = 1
    var doc = ""
    var place: Place
}

/// A record: a command or an event, with its payload.
struct Record {
    var number: Int
    /// The case, as `placeOrder`.
    var name: String
    /// The type of the payload, as `PlaceOrder`.
    var payload: String
    /// What texts call it, as `order`.
    var term: String
    var doc = ""
    var fields: [Field] = []
    /// Whether the payload is stored apart, so that other commands stay small.
    var isBoxed = false
    /// Whether its fields are written in line.
    var isInlined = false
    /// Whether it makes something that has a number.
    var makesNumber = false
    /// Whose request keys it carries: a field that holds an account, or `venue`; nil without.
    var keyOwner: String?
    /// The function of the exchange that carries it out.
    var function: String
    var place: Place
}

/// A part of a list, which goes into one file.
struct Section {
    var title: String
    var file: String
    var records: [Record] = []
}

/// A list of commands or of events.
struct RecordList {
    var sections: [Section] = []
    var common: [String: Field] = [:]
    /// Numbers that were given out and are used no more.
    var retired: [Int: String] = [:]

    /// All records, lowest number first.
    var records: [Record] { sections.flatMap(\.records).sorted { $0.number < $1.number } }
}

/// A word of a closed set.
struct Term {
    var number: Int
    var name: String
    var text: String
    var doc = ""
    /// The heading that it is the first under.
    var group: String?
    var place: Place
}

/// A closed set of words.
struct TermSet {
    var name: String
    var doc = ""
    var terms: [Term] = []
    var retired: [Int: String] = [:]
    var place: Place
}

/// What a field may be: the types that `FieldVisitor` visits, and records that are part of others.
enum FieldType {
    /// Swift of the zero of each type.
    static let zeros = [
        "Int64": "0", "Int32": "0", "UInt64": "0", "Int128": "0", "Bool": "false", "Price": ".none",
        "Quantity": ".zero", "Amount": ".zero", "Rate": ".zero", "Timestamp": "Timestamp(0)",
        "AccountID": ".none", "OwnerID": "OwnerID(0)", "MarketID": ".none", "OrderID": ".none",
        "Symbol": "Symbol(low: 0, high: 0)", "ClientID": ".none", "RequestKey": ".none",
        "TierTable": "TierTable()",
    ]
    /// Those that visit their own fields.
    static let parts: Set<String> = ["TierTable"]
}

/// Words of Swift that a name in a list must not be, unless it is written in backquotes.
let reservedWords: Set<String> = [
    "as", "break", "case", "catch", "class", "continue", "default", "defer", "do", "else", "enum",
    "extension", "false", "for", "func", "guard", "if", "import", "in", "init", "inout", "is", "let", "nil",
    "operator", "private", "protocol", "public", "repeat", "return", "self", "static", "struct", "super",
    "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
]
