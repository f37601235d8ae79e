import ExchangeCore
import ExchangeText
import Testing

/// A scenario kept in a file or in a block of a page.
struct StoredScenario: CustomTestStringConvertible {
    /// Where it is: a path, for a block with the line of its fence.
    var name: String
    var lines: [String]
    var testDescription: String { name }

    /// Every file of `Tests/Scenarios`.
    static let files: [StoredScenario] = {
        Repository.paths(under: "Tests/Scenarios", suffix: ".jsonl").map { path in
            StoredScenario(path: path, text: (try? Repository.text(path)) ?? "{")
        }
    }()

    /// Every block marked `jsonl` of the pages that a reader meets: the front page, how it is built, how it
    /// is used, the specification.
    static let blocks: [StoredScenario] = {
        let pages = Repository.readersPages + Repository.paths(under: "Specs", suffix: ".md")
        return pages.flatMap { blocks(of: (try? Repository.text($0)) ?? "", path: $0) }
    }()

    init(name: String, lines: [String]) {
        self.name = name
        self.lines = lines
    }

    init(path: String, text: String) {
        name = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    static func blocks(of page: String, path: String) -> [StoredScenario] {
        var blocks: [StoredScenario] = []
        var open: StoredScenario?
        for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line == "```jsonl" {
                open = StoredScenario(name: "\(path):\(index + 1)", lines: [])
            } else if line == "```", let block = open {
                blocks.append(block)
                open = nil
            } else {
                open?.lines.append(String(line))
            }
        }
        return blocks
    }

    /// Runs it on a fresh exchange.
    func run(limits: Limits = Limits()) throws(ScenarioError) {
        var runner = ScenarioRunner(limits: limits)
        var events = EventBuffer()
        for (index, line) in lines.enumerated() {
            events.removeAll()
            try runner.run(Array(line.utf8)[...], line: index + 1, into: &events)
        }
    }
}

@Suite("Scenarios: what the files and the pages expect holds (SCN-3)")
struct ScenarioFileTests {
    @Test("A file's expectations hold", arguments: StoredScenario.files)
    func file(_ scenario: StoredScenario) throws {
        #expect(scenario.lines.contains { $0.contains("\"do\":\"expect\"") }, "it expects nothing")
        do {
            try scenario.run()
        } catch {
            Issue.record("\(scenario.name):\(error)")
        }
    }

    @Test("A page's expectations hold", arguments: StoredScenario.blocks)
    func block(_ scenario: StoredScenario) throws {
        do {
            try scenario.run()
        } catch {
            Issue.record("\(scenario.name):\(error)")
        }
    }

    @Test("There are scenarios and blocks to run")
    func enough() {
        #expect(StoredScenario.files.count >= 40)
        #expect(StoredScenario.blocks.count >= 4)
        // What the front page shows must not be the one thing that nobody runs.
        #expect(StoredScenario.blocks.count { $0.name.hasPrefix("README.md:") } == 1)
        #expect(StoredScenario.blocks.contains { $0.name.hasPrefix("docs/receipts.md:") })
    }

    @Test("Blocks are found, and only those marked")
    func blocks() {
        let page = "a\n```jsonl\n1\n2\n```\n```\n3\n```\n```jsonl\n4\n```\n"
        let found = StoredScenario.blocks(of: page, path: "P")
        #expect(found.map(\.name) == ["P:2", "P:9"])
        #expect(found.map(\.lines) == [["1", "2"], ["4"]])
    }
}
