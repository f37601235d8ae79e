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
        try run(program, arguments, input: input, files: files)
    }

    /// Where it is.
    static var program: URL {
        let tests = URL(filePath: CommandLine.arguments[0]).standardizedFileURL
        return tests.deletingLastPathComponent().appending(path: "zerosum")
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

/// The program with pipes on both sides, asked and heard in turn.
struct TalkingProgram {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: [String]) throws {
        process.executableURL = BuiltProgram.program
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// What comes back at once for some lines; nil if nothing does within so many seconds.
    func ask(_ lines: String, seconds: Int32 = 20) throws -> String? {
        try input.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
        let descriptor = output.fileHandleForReading.fileDescriptor
        var wanted = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        if poll(&wanted, 1, seconds * 1_000) != 1 { return nil }
        return String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }

    /// Its exit status behind the last line.
    func finish() -> Int32 {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Ends it if it has not ended.
    func end() { if process.isRunning { process.terminate() } }
}
