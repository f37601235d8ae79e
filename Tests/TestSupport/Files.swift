import Glibc

/// Files by their paths from where the program was started.
public enum Files {
    /// Names and bytes of the scenario files, by name.
    public static let scenarios: [(name: String, text: [UInt8])] = all(
        under: "Tests/Scenarios",
        suffix: ".jsonl"
    )
    .map { path in
        (String(path.split(separator: "/").last ?? ""), read(path))
    }

    /// Paths of all files under a folder that end with a suffix, sorted.
    public static func all(under folder: String, suffix: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var paths: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(".") { continue }
            let path = "\(folder)/\(name)"
            if name.hasSuffix(suffix) {
                paths.append(path)
            } else {
                paths += all(under: path, suffix: suffix)
            }
        }
        return paths.sorted()
    }

    public static func read(_ path: String) -> [UInt8] {
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

    public static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "wb") else {
            print("\(path) cannot be written")
            return false
        }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }
}
