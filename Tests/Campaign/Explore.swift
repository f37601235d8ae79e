import ExchangeCore
import Glibc
import TestSupport

extension ExplorerOptions {
    /// Takes one argument; false if there is none of that name.
    fileprivate mutating func take(_ name: String, _ value: Int) -> Bool {
        switch name {
        case "--states": states = value
        case "--depth": depth = value
        case "--merge":
            guard let known = Merging(rawValue: value) else { return false }
            merging = known
        case "--audit": isAudited = value != 0
        case "--laws": looksAtLaws = value != 0
        default: return false
        }
        return true
    }
}

/// `campaign --explore`: every state that small worlds can reach, and a row a world.
struct Exploration {
    private var options = ExplorerOptions()
    private var files: [String] = []
    /// The only world of the files that is explored.
    private var only: String?
    /// Where counterexamples go; printed without one.
    private var folder: String?
    private var isList = false
    /// Whether the first world in which a law does not hold is the last.
    private var isFirstEnough = false

    /// Explores what the arguments say. Returns an exit status: 1 if a law does not hold, 2 if something is
    /// not understood.
    static func run(_ arguments: [String]) -> Int32 {
        var exploration = Exploration()
        if let refusal = exploration.take(arguments) { return refuse(refusal) }
        if exploration.files.isEmpty { return refuse("no file; expected worlds to explore") }
        var status: Int32 = 0
        for file in exploration.files {
            let bytes = Files.read(file)
            if bytes.isEmpty { return refuse("\(file) cannot be read or is empty") }
            let last = String(file.split(separator: "/").last ?? "")
            let name = last.split(separator: ".").first.map(String.init) ?? last
            do throws(ExploredWorld.Failure) {
                for world in try ExploredWorld.read(name, String(decoding: bytes, as: UTF8.self)) {
                    if let only = exploration.only, world.name != only { continue }
                    if exploration.isList {
                        print(world.name)
                    } else {
                        status |= try exploration.explore(world)
                    }
                    if status != 0 && exploration.isFirstEnough { return status }
                }
            } catch {
                return refuse(error.text)
            }
        }
        return status
    }

    private static func refuse(_ text: String) -> Int32 {
        print("explore: \(text)")
        return 2
    }

    private mutating func take(_ arguments: [String]) -> String? {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            if !name.hasPrefix("--") {
                files.append(name)
                continue
            }
            if name == "--list" || name == "--first" {
                if name == "--list" { isList = true } else { isFirstEnough = true }
                continue
            }
            guard let word = rest.popFirst() else { return "\(name) needs a value" }
            switch name {
            case "--out": folder = word
            case "--only": only = word
            #if MUTANTS
                case "--planted": plantedMutant = Int32(word) ?? 0
            #endif
            default:
                guard let value = Int(word), value >= 0, options.take(name, value) else {
                    return "\(name) \(word) is not understood"
                }
            }
        }
        return nil
    }

    private func explore(_ world: ExploredWorld) throws(ExploredWorld.Failure) -> Int32 {
        let explorer = try Explorer(world, options)
        let start = ContinuousClock().now
        explorer.run()
        let elapsed = (ContinuousClock().now - start).components
        let milliseconds = elapsed.seconds * 1_000 + elapsed.attoseconds / 1_000_000_000_000_000
        let depth = explorer.isExhausted ? "all" : "\(explorer.completeDepth)"
        print(
            "world \(world.name): \(explorer.stateCount) states, \(explorer.identityCount) different, "
                + "\(explorer.steps) steps, \(explorer.refused) refused, depth \(depth), \(milliseconds) ms, "
                + "\(Int64(explorer.steps) * 1_000 / max(1, milliseconds)) steps/s"
        )
        let seen = explorer.seen.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        print("  " + (seen.isEmpty ? "nothing happened" : seen.joined(separator: ", ")))
        guard let violation = explorer.violation else { return 0 }
        print("  \(violation.law.code) DOES NOT HOLD: \(violation.law.text): \(violation.text)")
        if let text = explorer.counterexample() { keep(text, of: world.name) }
        return 1
    }

    /// Keeps a counterexample as a scenario file, or prints it.
    private func keep(_ text: String, of world: String) {
        guard let folder else { return print(text) }
        let path = "\(folder)/\(world.split(separator: "/").joined(separator: "-")).jsonl"
        if Files.write(Array(text.utf8), to: path) { print("  the shortest way there: \(path)") }
    }
}
