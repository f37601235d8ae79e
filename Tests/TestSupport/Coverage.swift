/// How often something rare happened, so that a campaign shows that it was really tried.
public struct Coverage: Sendable {
    private var names: [String] = []
    private var counts: [Int] = []
    public init() {}

    /// Counts one more of `name`.
    public mutating func mark(_ name: String, _ count: Int = 1) {
        if let index = names.firstIndex(of: name) {
            counts[index] += count
        } else {
            names.append(name)
            counts.append(count)
        }
    }

    /// How often `name` was marked.
    public func count(_ name: String) -> Int {
        names.firstIndex(of: name).map { counts[$0] } ?? 0
    }

    /// Takes in what another run counted.
    public mutating func add(_ other: Coverage) {
        for (index, name) in other.names.enumerated() { mark(name, other.counts[index]) }
    }

    /// Marks whose name begins with `prefix`, one a line without it.
    public func text(of prefix: String) -> String {
        names.indices.filter { names[$0].hasPrefix(prefix) }.sorted { names[$0] < names[$1] }
            .map { "  \(names[$0].dropFirst(prefix.count)): \(counts[$0])" }.joined(separator: "\n")
    }

    /// All marks by name, one a line.
    public var text: String {
        names.indices.sorted { names[$0] < names[$1] }
            .map { "  \(names[$0]): \(counts[$0])" }.joined(separator: "\n")
    }
}
