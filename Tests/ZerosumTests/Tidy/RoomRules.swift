/// Calls between the rooms of the core point down: a room calls its own functions and those of rooms below.
struct RoomRules {
    /// The rooms from the lowest to the highest; files beside the rooms stand above all of them.
    static let rooms = [
        "Quantities", "Storage", "Commands", "Events", "Ledger", "Margin", "Book", "Deleveraging",
        "Waterfall",
        "Funding", "Markets", "Prices", "Accounts", "Settlement", "Invariants",
    ]

    /// The rank of a file's room; nil outside of the core.
    static func rank(of path: String) -> Int? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources", parts[1] == "ExchangeCore" else { return nil }
        return parts.count == 3 ? rooms.count : rooms.firstIndex(of: String(parts[2])) ?? -1
    }

    static func name(of rank: Int) -> String { rank < rooms.count ? rooms[rank] : "the exchange" }

    /// The ranks of the rooms that declare a function of `Exchange`, by its name.
    let declared: [String: Set<Int>]

    init(_ sources: [SourceText]) {
        var declared: [String: Set<Int>] = [:]
        for source in sources {
            guard let rank = RoomRules.rank(of: source.path) else { continue }
            for (index, token) in source.tokens.enumerated()
            where token.text == "func" && index + 1 < source.tokens.count {
                declared[source.tokens[index + 1].text, default: []].insert(rank)
            }
        }
        self.declared = declared
    }

    /// Each call of a function that only a higher room declares.
    func check(_ source: SourceText) -> [Violation] {
        guard let rank = RoomRules.rank(of: source.path) else { return [] }
        if rank < 0 {
            return [Violation(path: source.path, line: 1, what: "a room without a place in the order")]
        }
        var violations: [Violation] = []
        let tokens = source.tokens
        for index in tokens.indices.dropLast() where tokens[index + 1].text == "(" {
            let before = index > 0 ? tokens[index - 1].text : ""
            if before == "func" || before == "case" || before == "init" { continue }
            // A function of another value is none of the exchange.
            if before == "." {
                let value = index > 1 ? tokens[index - 2].text : ""
                if !["self", "exchange", "$0"].contains(value) { continue }
            }
            guard let rooms = declared[tokens[index].text], let lowest = rooms.min(), lowest > rank else {
                continue
            }
            let what =
                "\(RoomRules.name(of: rank)) calls \(tokens[index].text) of "
                + "\(RoomRules.name(of: lowest)), which stands above it"
            violations.append(Violation(path: source.path, line: tokens[index].line, what: what))
        }
        return violations
    }
}
