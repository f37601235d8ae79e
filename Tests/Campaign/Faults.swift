import ExchangeCore
import ExchangeText
import Glibc
import TestSupport

/// Faults planted into the core: a copy of its sources that holds them all, one chosen at run time, and what
/// is tried against the chosen one (Tests/Mutants).
enum Faults {
    private struct Fault {
        var name: String
        var places: [Place] = []
    }

    /// A text that stands once in a file, and what takes its place.
    private struct Place {
        var file: String
        var text = ""
        var instead = ""
    }

    private static let list = "Tests/Mutants/core.txt"
    private static let core = "Sources/ExchangeCore"

    /// Writes the core with all faults into a folder, which must exist, and their names into `names.txt`.
    /// Returns an exit status.
    static func write(to folder: String) -> Int32 {
        let faults = read()
        if faults.isEmpty { return fail("\(list) names no fault") }
        var files: [String: String] = [:]
        for (index, fault) in faults.enumerated() {
            for place in fault.places {
                let path = "\(core)/\(place.file)"
                if files[path] == nil { files[path] = String(decoding: Files.read(path), as: UTF8.self) }
                let parts = (files[path] ?? "").split(separator: place.text, omittingEmptySubsequences: false)
                if parts.count != 2 { return fail("\(place.file) does not hold once: \(place.text)") }
                let instead = place.instead.split(separator: "MUTANT", omittingEmptySubsequences: false)
                    .joined(separator: "mutant(\(index + 1))")
                files[path] = parts[0] + instead + parts[1]
            }
        }
        for path in Files.all(under: core, suffix: ".swift") {
            let text = files[path].map { Array($0.utf8) } ?? Files.read(path)
            let name = path.dropFirst(core.count + 1).split(separator: "/").joined(separator: "-")
            if !Files.write(text, to: "\(folder)/\(name)") { return 1 }
        }
        let names = faults.map { $0.name + "\n" }.joined()
        return Files.write(Array(names.utf8), to: "\(folder)/names.txt") ? 0 : 1
    }

    private static func fail(_ what: String) -> Int32 {
        print("campaign: \(what)")
        return 1
    }

    private static func read() -> [Fault] {
        var faults: [Fault] = []
        let lines = String(decoding: Files.read(list), as: UTF8.self).split(separator: "\n")
        for line in lines where !line.hasPrefix("#") {
            if line.hasPrefix(": ") {
                faults.append(Fault(name: String(line.dropFirst(2))))
            } else if faults.isEmpty {
                continue
            } else if line.hasPrefix("- ") || line.hasPrefix("+ ") {
                let last = faults.count - 1
                let place = faults[last].places.count - 1
                if place < 0 { continue }
                if line.hasPrefix("- ") {
                    faults[last].places[place].text = String(line.dropFirst(2))
                } else {
                    faults[last].places[place].instead = String(line.dropFirst(2))
                }
            } else {
                faults[faults.count - 1].places.append(Place(file: String(line)))
            }
        }
        return faults
    }

    // MARK: What is tried

    /// Tries everything against the core as it is, with a fault chosen if it holds any: prints the first
    /// that sees something wrong. Returns 0 if nothing does, 3 if something did.
    static func attempt(worlds: UInt64) -> Int32 {
        for (name, text) in Files.scenarios {
            let lines = text.split(separator: 10, omittingEmptySubsequences: false)
            var runner = ScenarioRunner()
            var events = EventBuffer()
            for (index, line) in lines.enumerated() {
                events.removeAll()
                do {
                    try runner.run(line, line: index + 1, into: &events)
                } catch {
                    return caught("scenario \(name), line \(error.line): \(error.message)")
                }
            }
        }
        for (name, text) in Files.scenarios {
            let lines = text.split(separator: 10, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            if let difference = try? AuditedScenario.difference(in: lines) {
                return caught("auditor, scenario \(name), \(difference)")
            }
        }
        for seed in 1...(worlds * 2) {
            if let difference = runCoalition(seed: seed).difference {
                return caught("coalition, seed \(seed), \(difference)")
            }
        }
        for seed in 1...worlds {
            var options = WorldOptions()
            if seed % 4 == 3 { options.deficitShare = nil }
            let world = runWorld(
                seed: seed,
                length: 400,
                options: options,
                demandsTheorem: options.deficitShare != nil
            )
            if let difference = world.difference {
                return caught("auditor, seed \(seed), command \(world.commands.count), \(difference)")
            }
            if seed <= 60 && differsWhenContinued(world) {
                return caught("DET-1, seed \(seed): another state when continued from snapshots")
            }
        }
        return 0
    }

    /// The same for the law of coalitions alone (ADL-19): no auditor and no scenario is asked.
    static func attemptTogether(worlds: UInt64) -> Int32 {
        for seed in 1...worlds {
            if let difference = runCoalition(seed: seed, audited: false).difference {
                return caught("seed \(seed), \(difference)")
            }
        }
        return 0
    }

    /// The same for a checker of ledger lines alone, which says itself what it refuses: neither auditor nor
    /// expectation decides. Returns 0 if it accepts everything, 3 if not.
    static func attemptChecked(by command: String, worlds: UInt64) -> Int32 {
        guard let pipe = CheckerPipe(command) else { return 2 }
        for (_, text) in Files.scenarios where pipe.isOpen {
            var runner = ScenarioRunner()
            var events = EventBuffer()
            pipe.stream.begin()
            for (index, line) in text.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
                events.removeAll()
                // What comes after an expectation that does not hold is not run.
                try? runner.run(line, line: index + 1, into: &events)
                pipe.stream.take(events)
            }
        }
        for seed in 1...worlds where pipe.isOpen {
            _ = runCoalition(seed: seed, audited: false, ledger: pipe.stream)
            var options = WorldOptions()
            if seed % 4 == 3 { options.deficitShare = nil }
            options.crashes = seed % 4 == 1
            _ = runWorld(seed: seed, length: 400, options: options, ledger: pipe.stream, goesOn: true)
        }
        return pipe.close() == 0 ? 0 : 3
    }

    private static func caught(_ what: String) -> Int32 {
        print(what.prefix { $0 != "\n" }.prefix(150))
        return 3
    }
}
