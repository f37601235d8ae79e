import Glibc
import TestSupport

/// Writes what a fuzzer begins with: a folder a target, a file a scenario.
enum Seeds {
    /// Returns an exit status.
    static func write(to folder: String) -> Int32 {
        var count = 0
        let files = scenarios(in: "Tests/Scenarios")
        for (name, text) in files {
            let lines = text.split(separator: 10, omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard let seeds = FuzzSeeds(lines: lines) else {
                print("campaign: \(name) does not run")
                return 1
            }
            let contents = [("lines", text), ("commands", seeds.commands), ("snapshots", seeds.snapshot)]
            for (target, bytes) in contents {
                mkdir("\(folder)/\(target)", 0o755)
                if !write(bytes, to: "\(folder)/\(target)/\(name)") { return 1 }
            }
            count += 1
        }
        print("\(count) scenarios as first inputs")
        return count > 0 ? 0 : 1
    }

    /// Names and bytes of the scenario files of a folder, by name.
    static func scenarios(in folder: String) -> [(name: String, text: [UInt8])] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".jsonl") { names.append(name) }
        }
        return names.sorted().map { ($0, read("\(folder)/\($0)")) }
    }

    private static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "wb") else {
            print("campaign: \(path) cannot be written")
            return false
        }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }
}
