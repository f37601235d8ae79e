/// Swift as the house writes it: four spaces, lines of at most 110 characters.
struct SwiftText {
    static let width = 110
    private(set) var text = ""

    init(of list: String) { text = "// Made by `make records` of Records/\(list); change it there.\n" }

    mutating func add(_ line: String = "") { text += line + "\n" }

    /// A comment, wrapped.
    mutating func comment(_ words: String, indent: Int = 0, mark: String = "///") {
        let margin = String(repeating: " ", count: indent) + mark
        var line = margin
        for word in words.split(separator: " ") {
            if line.count + 1 + word.count > SwiftText.width {
                add(line)
                line = margin
            }
            line += " " + word
        }
        add(line)
    }

    /// `head`, parts with commas between them, `tail`: on one line if it fits, otherwise each on its own.
    mutating func list(_ head: String, _ parts: [String], _ tail: String, indent: Int) {
        let margin = String(repeating: " ", count: indent)
        let line = margin + head + parts.joined(separator: ", ") + tail
        if line.count <= SwiftText.width { return add(line) }
        add(margin + head)
        for (index, part) in parts.enumerated() {
            add(margin + "    " + part + (index + 1 < parts.count ? "," : ""))
        }
        add(margin + tail)
    }

    /// Lines that each take as many parts as fit: `head part, part`, made by `line`.
    mutating func packed(_ parts: [String], indent: Int, line: ([String]) -> String) {
        let margin = String(repeating: " ", count: indent)
        var taken: [String] = []
        for part in parts {
            if !taken.isEmpty && (margin + line(taken + [part])).count > SwiftText.width {
                add(margin + line(taken))
                taken = []
            }
            taken.append(part)
        }
        if !taken.isEmpty { add(margin + line(taken)) }
    }
}

/// A name as a declaration writes it.
func quoted(_ name: String) -> String { reservedWords.contains(name) ? "`\(name)`" : name }
