import Foundation

/// Reads the lists of a working copy, and writes or compares what is made of them.
public struct Outputs {
    static let core = "Sources/ExchangeCore"
    static let page = "Specs/commands.md"
    static let lists = ["commands.txt", "events.txt", "terms.txt", "statuses.txt"]

    let root: String

    public init(root: String) { self.root = root }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    /// The lists by their names.
    public func lists() throws -> [String: String] {
        var texts: [String: String] = [:]
        for list in Outputs.lists { texts[list] = try text("Records/\(list)") }
        return texts
    }

    /// What was given out before; nothing at first.
    public var given: String { (try? text("Records/\(Records.givenFile)")) ?? "" }

    /// The rules that the program states.
    public func rules() throws -> Int {
        let file = "\(Outputs.core)/Exchange+Snapshot.swift"
        let text = try text(file)
        guard let head = text.firstRange(of: "static var rules: Int32 { "),
            let rules = Int(text[head.upperBound...].prefix { $0.isNumber })
        else {
            let place = Place(file: file, line: 1)
            throw ListError(place: place, found: "no rules", expected: "static var rules: Int32 { NUMBER }")
        }
        return rules
    }

    /// Every file that is made of these lists, with its text.
    public func made(of lists: [String: String]) throws -> [String: String] {
        let records = try Records(lists, given: given, rules: rules())
        let (commands, events) = ("\(Outputs.core)/Commands/Generated", "\(Outputs.core)/Events/Generated")
        var files: [String: String] = [:]
        files = records.payloads(records.commands, in: commands, of: "commands.txt", isMadeOutside: true)
        files.merge(records.payloads(records.events, in: events, of: "events.txt", isMadeOutside: false)) {
            $1
        }
        files["\(commands)/Command.swift"] = records.kinds(
            records.commands,
            type: "Command",
            doc: ["Everything that can be done to an exchange. Nothing else changes its state."],
            of: "commands.txt"
        )
        files["\(commands)/CommandCases.swift"] = records.coding(
            records.commands,
            type: "Command",
            of: "commands.txt"
        )
        files["\(commands)/RequestKeys.swift"] = records.requestKeys()
        files["\(commands)/TermSets.swift"] = records.terms(
            records.sets.filter { $0.name != "Status" },
            of: "terms.txt",
            hasDocs: true
        )
        files["\(commands)/Status.swift"] = records.terms(
            records.sets.filter { $0.name == "Status" },
            of: "statuses.txt",
            hasDocs: false
        )
        files["\(events)/Event.swift"] = records.kinds(
            records.events,
            type: "Event",
            doc: [
                "Everything that an exchange tells. The order of events is part of its determinism (DET-1)."
            ],
            of: "events.txt"
        )
        files["\(events)/EventCases.swift"] = records.coding(records.events, type: "Event", of: "events.txt")
        files["\(Outputs.core)/Exchange+Execute.swift"] = records.execution()
        files["Tests/TestSupport/Auditor+Execute.swift"] = records.audit()
        files[Outputs.page] = try records.page(text(Outputs.page), file: Outputs.page)
        files["Records/\(Records.givenFile)"] = records.given()
        return files
    }

    /// Writes what differs; the paths of it.
    public func write() throws -> [String] {
        var written: [String] = []
        for (path, made) in try made(of: lists()).sorted(by: { $0.key < $1.key })
        where try differs(path, made) {
            let folder = "\(root)/\(path)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
            try FileManager.default.createDirectory(
                atPath: folder.joined(separator: "/"),
                withIntermediateDirectories: true
            )
            try made.write(toFile: "\(root)/\(path)", atomically: true, encoding: .utf8)
            written.append(path)
        }
        return written
    }

    private func differs(_ path: String, _ made: String) throws -> Bool { (try? text(path)) != made }

    /// Where files differ from what these lists give, one line each.
    public func differences(from lists: [String: String]) throws -> [String] {
        var found: [String] = []
        let files = try made(of: lists)
        for (path, made) in files.sorted(by: { $0.key < $1.key }) {
            guard let committed = try? text(path) else {
                found.append("\(path): is missing")
                continue
            }
            let (left, right) = (lines(committed), lines(made))
            let same = zip(left, right).prefix { $0 == $1 }.count
            if same == left.count && same == right.count { continue }
            let has = same < left.count ? left[same] : ""
            let gives = same < right.count ? right[same] : ""
            found.append("\(path):\(same + 1): found \"\(has)\", expected \"\(gives)\"")
        }
        for folder in Set(files.keys.filter { $0.contains("/Generated/") }.map(folder)).sorted() {
            let there = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
            for name in there.sorted() where files["\(folder)/\(name)"] == nil {
                found.append("\(folder)/\(name): is made of no list")
            }
        }
        return found
    }

    private func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    private func folder(_ path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
