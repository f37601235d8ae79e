import Foundation

/// Recorded prices in a file, unpacked if its name ends in `.gz`.
enum TapeFile {
    /// Hands the file's lines out one by one.
    static func forEachLine(of path: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        if !path.hasSuffix(".gz") {
            var reader = try LineReader(path: path)
            while let line = try reader.next() { try body(line) }
            return
        }
        let unpacker = try Unpacker(path: path)
        var reader = LineReader(descriptor: unpacker.descriptor, named: path)
        do {
            while let line = try reader.next() { try body(line) }
        } catch {
            // A file that breaks off ends in half a line: that gzip failed is the reason.
            try unpacker.finish()
            throw error
        }
        try unpacker.finish()
    }
}

/// `gzip -dc` on a file: every Debian has it, and it is better at its work than anything of ours.
private final class Unpacker {
    private let process = Process()
    private let pipe = Pipe()
    private let path: String

    init(path: String) throws {
        self.path = path
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", "--", path]
        // Whoever started this program may ignore broken pipes, and gzip would inherit that.
        signal(SIGPIPE, SIG_DFL)
        process.standardOutput = pipe
        do {
            try process.run()
        } catch {
            throw FileError(path: path, action: "unpack it", reason: "gzip cannot be started: \(error)")
        }
    }

    var descriptor: Int32 { pipe.fileHandleForReading.fileDescriptor }

    /// Ends the unpacking. A signal, as when nobody wants to read on, is no failure of gzip's.
    func finish() throws {
        try? pipe.fileHandleForReading.close()
        process.waitUntilExit()
        if process.terminationReason == .exit && process.terminationStatus != 0 {
            throw FileError(
                path: path,
                action: "unpack it",
                reason: "gzip ended with status \(process.terminationStatus)"
            )
        }
    }
}
