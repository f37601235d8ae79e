import ExchangeText

/// What a benchmark found: figures in their order, with what was measured and what is left out.
struct BenchReport: Sendable {
    /// One figure.
    struct Figure: Sendable {
        /// What it is, as a JSON name.
        var name: String
        /// Its value, whole or with three decimals.
        var value: Double
        /// Its unit; empty for a count.
        var unit: String
    }

    /// The benchmark's name.
    var name: String
    /// On what, in words.
    var measured: String
    /// What the figures leave out.
    var leftOut: String
    /// The figures.
    var figures: [Figure] = []
    /// Digests and other texts, with what they should be if that is known.
    var texts: [(name: String, text: String)] = []

    /// A report without figures.
    init(_ name: String, measured: String, leftOut: String) {
        self.name = name
        self.measured = measured
        self.leftOut = leftOut
    }

    /// Adds a figure.
    mutating func add(_ name: String, _ value: Double, _ unit: String = "") {
        figures.append(Figure(name: name, value: value, unit: unit))
    }

    /// Adds a count.
    mutating func add(_ name: String, _ value: Int, _ unit: String = "") {
        add(name, Double(value), unit)
    }

    private static func decimal(_ value: Double) -> String {
        if value == value.rounded() && abs(value) < 1e15 { return String(Int(value)) }
        let thousandths = Int((abs(value) * 1_000).rounded())
        let rest = String(thousandths % 1_000 + 1_000).dropFirst()
        return (value < 0 ? "-" : "") + "\(thousandths / 1_000).\(rest)"
    }

    /// The report in lines for people.
    var text: String {
        var lines = [name]
        for figure in figures {
            let value = BenchReport.decimal(figure.value)
            lines.append("  \(figure.name): \(value)\(figure.unit.isEmpty ? "" : " " + figure.unit)")
        }
        for text in texts { lines.append("  \(text.name): \(text.text)") }
        lines.append("  measured: \(measured)")
        lines.append("  left out: \(leftOut)")
        return lines.joined(separator: "\n")
    }

    /// The report as one JSON object.
    var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, text) in [("bench", name), ("measured", measured), ("leftOut", leftOut)] + texts {
            writer.key(name)
            writer.string(text)
        }
        for figure in figures {
            writer.key(figure.name)
            writer.string(BenchReport.decimal(figure.value) + (figure.unit.isEmpty ? "" : " " + figure.unit))
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
