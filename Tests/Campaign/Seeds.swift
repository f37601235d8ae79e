import Glibc
import TestSupport

/// Writes what a fuzzer begins with: a folder a target, a file a scenario.
enum Seeds {
    /// Returns an exit status.
    static func write(to folder: String) -> Int32 {
        for (name, text) in Files.scenarios {
            let lines = text.split(separator: 10, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard let seeds = FuzzSeeds(lines: lines) else {
                print("campaign: \(name) does not run")
                return 1
            }
            let contents = [("lines", text), ("commands", seeds.commands), ("snapshots", seeds.snapshot)]
            for (target, bytes) in contents {
                mkdir("\(folder)/\(target)", 0o755)
                if !Files.write(bytes, to: "\(folder)/\(target)/\(name)") { return 1 }
            }
        }
        print("\(Files.scenarios.count) scenarios as first inputs")
        return Files.scenarios.isEmpty ? 1 : 0
    }
}
