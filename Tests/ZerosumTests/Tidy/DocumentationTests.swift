import Foundation
import Testing

/// Command lines that a page names, in backticks or in a block marked `sh`.
struct NamedCommand: Hashable {
    /// The words, without options.
    var words: [String]
    var options: [String]
}

enum CommandLines {
    /// What stands between backticks on one line, blocks aside.
    static func spans(in text: some StringProtocol) -> [String] {
        let parts = text.components(separatedBy: "`")
        return parts.indices.filter { $0 % 2 == 1 && $0 + 1 < parts.count }.map { parts[$0] }
    }

    /// `zerosum …` commands of a page; in a table's row options of their own belong to the row's command.
    static func commands(in page: String) -> [NamedCommand] {
        var found: [NamedCommand] = []
        for line in page.split(separator: "\n") {
            var current: NamedCommand?
            // Two spaces: a list of modules, not a command.
            let isCommand = line.hasPrefix("zerosum ") && !line.hasPrefix("zerosum  ")
            let pieces = isCommand ? [String(line)] : spans(in: line)
            for piece in pieces {
                let words = piece.split(whereSeparator: { " |\\=".contains($0) }).map(String.init)
                if words.first == "zerosum" {
                    if let current { found.append(current) }
                    current = NamedCommand(words: [], options: [])
                    for word in words.dropFirst() where word.allSatisfy({ $0.isLowercase && $0.isLetter }) {
                        current?.words.append(word)
                    }
                }
                if words.first == "zerosum" || words.first?.hasPrefix("--") == true {
                    current?.options += words.filter { $0.hasPrefix("--") }
                }
            }
            if let current { found.append(current) }
        }
        return found
    }

    /// Targets of `make …` in a page.
    static func targets(in page: String) -> [String] {
        var found: [String] = []
        for line in page.split(separator: "\n") {
            let pieces = line.hasPrefix("make ") ? [String(line)] : spans(in: line)
            for piece in pieces where piece.hasPrefix("make ") {
                let words = piece.prefix { $0 != "#" }.split(separator: " ").dropFirst()
                found += words.filter { !$0.contains("=") }.map(String.init)
            }
        }
        return found
    }
}

@Suite("Documentation: what the pages tell a reader to type exists")
struct DocumentationTests {
    private static let pages = Repository.readersPages

    @Test("Every zerosum command and option of the pages is in the program's own help")
    func commands() throws {
        let named = try Self.pages.flatMap { CommandLines.commands(in: try Repository.text($0)) }
        #expect(Set(named.map(\.words)).isSuperset(of: [["run"], ["replay"], ["bench", "core"]]))
        #expect(named.contains { $0.options.contains("--compare") })
        for command in named {
            let help = try BuiltProgram.run(command.words + ["--help"])
            #expect(help.status == 0, "zerosum \(command.words.joined(separator: " "))")
            // Help of a word that is no subcommand is that of its parent.
            #expect(
                help.output.contains("USAGE: zerosum " + command.words.joined(separator: " ")),
                "zerosum \(command.words.joined(separator: " "))"
            )
            let known = Set(help.output.split { !($0.isLetter || $0 == "-") }.map(String.init))
            for option in command.options { #expect(known.contains(option), "\(command)") }
        }
    }

    @Test("Every make target of the pages is in the Makefile, and .PHONY names every target")
    func targets() throws {
        let makefile = try Repository.text("Makefile").split(separator: "\n")
        let defined = makefile.compactMap { line -> String? in
            guard let colon = line.firstIndex(of: ":"), line.first?.isLowercase == true else { return nil }
            return line[..<colon].allSatisfy { $0.isLowercase || $0 == "-" } ? String(line[..<colon]) : nil
        }
        let phony = makefile.first { $0.hasPrefix(".PHONY:") }.map { $0.split(separator: " ").dropFirst() }
        #expect(Set(defined) == Set((phony ?? []).map(String.init)))
        let named = try Self.pages.flatMap { CommandLines.targets(in: try Repository.text($0)) }
        #expect(Set(named).isSuperset(of: ["run", "test", "campaign"]))
        for target in named { #expect(defined.contains(target), "make \(target)") }
    }

    @Test("Every file and folder that a page links to or names exists")
    func files() throws {
        var count = 0
        for page in Self.pages + Repository.paths(under: "Specs", suffix: ".md") {
            let folder = page.split(separator: "/").dropLast().map { $0 + "/" }.joined()
            let text = try Repository.text(page)
            let links = text.components(separatedBy: "](").dropFirst().map { String($0.prefix { $0 != ")" }) }
            for link in links where !link.contains("://") && !link.hasPrefix("#") {
                count += 1
                let target = String(link.prefix { $0 != "#" })
                #expect(exists(folder + target), "\(page): \(link)")
            }
            let spans = text.split(separator: "\n").flatMap { CommandLines.spans(in: $0) }
            for path in spans
            where ["Sources/", "Tests/", "Specs/"].contains(where: path.hasPrefix) && !path.contains("*") {
                count += 1
                #expect(exists(path), "\(page): \(path)")
            }
        }
        #expect(count > 15)
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: Repository.root.appending(path: path).path)
    }

    @Test("The scan finds commands, their options and targets, and only those")
    func scan() {
        let page = """
            | `zerosum run FILE.jsonl` | text; `--state`, `--receipts FILE` |
            | `zerosum replay` | `--mark index\\|last` | and `make run TAPE=x` or `make test`
            | library `ExchangeCore` | `--nothing` |
            make lint    # says `make nothing`
            zerosum bench core --json
            """
        #expect(
            CommandLines.commands(in: page) == [
                NamedCommand(words: ["run"], options: ["--state", "--receipts"]),
                NamedCommand(words: ["replay"], options: ["--mark"]),
                NamedCommand(words: ["bench", "core"], options: ["--json"]),
            ]
        )
        #expect(CommandLines.targets(in: page) == ["run", "test", "lint"])
    }
}
