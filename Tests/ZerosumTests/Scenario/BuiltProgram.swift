import Foundation

/// The program that was built beside the tests.
enum BuiltProgram {
    /// How a run ended.
    struct Finished {
        var status: Int32
        var output: String
        var errors: String
        /// Other files that the program wrote, by name.
        var files: [String: Data] = [:]
    }

    /// Runs `zerosum` in a fresh folder that holds `in.jsonl`, which is also its standard input, and `files`.
    static func run(
        _ arguments: [String],
        input: Data = Data(),
        files: [String: Data] = [:]
    ) throws -> Finished {
        let tests = URL(filePath: CommandLine.arguments[0]).standardizedFileURL
        let program = tests.deletingLastPathComponent().appending(path: "zerosum")
        return try run(program, arguments, input: input, files: files)
    }

    /// Runs any program that way.
    static func run(
        _ program: URL,
        _ arguments: [String],
        input: Data = Data(),
        files: [String: Data] = [:]
    ) throws -> Finished {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zerosum-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try input.write(to: folder.appending(path: "in.jsonl"))
        for (name, content) in files { try content.write(to: folder.appending(path: name)) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        // Files, not pipes: a full pipe that nobody reads would stop the program.
        let output = folder.appending(path: "out")
        let errors = folder.appending(path: "err")
        for file in [output, errors] { try Data().write(to: file) }
        process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in.jsonl"))
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        var finished = Finished(
            status: process.terminationStatus,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8)
        )
        let known = files.keys + ["in.jsonl", "out", "err"]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where !known.contains(name) {
            finished.files[name] = try Data(contentsOf: folder.appending(path: name))
        }
        return finished
    }
}
