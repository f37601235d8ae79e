#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file that cannot be opened, read or written.
struct FileError: Error, CustomStringConvertible {
    var path: String
    /// The line that is the reason, if one is.
    var line: Int?
    /// What was tried.
    var action: String
    /// Why it failed.
    var reason: String

    var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): cannot \(action): \(reason)" }

    /// The failure that the system has just reported.
    static func last(_ path: String, _ action: String) -> FileError {
        FileError(path: path, action: action, reason: String(cString: strerror(errno)))
    }
}

/// Text in which nothing moves a cursor, begins a line or turns the direction of writing: names in a file
/// are whatever somebody wrote there.
func visible(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            let hex = String(scalar.value, radix: 16)
            result += "\\u{\(hex)}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// Says on standard error what went wrong, in one line.
func fail(_ message: String) {
    let bytes = Array("\(visible(message))\n".utf8)
    // If standard error is gone there is nobody left to tell.
    _ = bytes.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// Reads a file line by line, without holding more of it than one line and one block.
struct LineReader: ~Copyable {
    /// The most bytes of a line.
    static let lineLimit = 1 << 20

    private let path: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    /// The lines that were handed out.
    private var lines = 0
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    private var block = [UInt8](repeating: 0, count: 1 << 16)

    /// Opens `path`; `-` is standard input.
    init(path: String) throws(FileError) {
        self.path = path
        let opened = path == "-" ? 0 : open(path, O_RDONLY)
        if opened < 0 { throw FileError.last(path, "open it") }
        descriptor = opened
        ownsDescriptor = opened > 0
    }

    /// Reads from a descriptor that somebody else closes.
    init(descriptor: Int32, named path: String) {
        self.path = path
        self.descriptor = descriptor
        ownsDescriptor = false
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    /// Whether the next line is there already, so that nothing has to be read for it.
    var holdsLine: Bool { buffer[start...].contains(UInt8(ascii: "\n")) }

    /// The next line without its line feed; nil behind the last.
    mutating func next() throws(FileError) -> ArraySlice<UInt8>? {
        var scanned = start
        while true {
            if let end = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return try line(upTo: end)
            }
            if isAtEnd {
                defer { start = buffer.count }
                return start < buffer.count ? try line(upTo: buffer.count) : nil
            }
            buffer.removeFirst(start)
            start = 0
            scanned = buffer.count
            if scanned > LineReader.lineLimit { _ = try line(upTo: scanned) }
            try fill()
        }
    }

    /// What lies before `end`; as long as it may be, however it came.
    private mutating func line(upTo end: Int) throws(FileError) -> ArraySlice<UInt8> {
        lines += 1
        if end - start > LineReader.lineLimit {
            let reason = "the line is too long; expected at most \(LineReader.lineLimit) bytes"
            throw FileError(path: path, line: lines, action: "read it", reason: reason)
        }
        return buffer[start..<end]
    }

    private mutating func fill() throws(FileError) {
        while true {
            let count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 { throw FileError.last(path, "read it") }
            isAtEnd = count == 0
            buffer.append(contentsOf: block[..<count])
            return
        }
    }
}

/// Collects bytes and writes them to a file in large pieces.
final class OutputFile {
    /// What has not been written yet.
    var bytes: [UInt8] = []
    private let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    /// Opens `path` for writing, emptying it; `-` is standard output.
    convenience init(path: String) throws(FileError) {
        let opened = path == "-" ? 1 : open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        if opened < 0 { throw FileError.last(path, "write it") }
        self.init(path: path, descriptor: opened)
    }

    /// Standard output.
    static var standardOutput: OutputFile { OutputFile(path: "standard output", descriptor: 1) }

    deinit { if descriptor > 2 { close(descriptor) } }

    /// Writes everything if it has become much.
    func flushIfLarge() throws(FileError) {
        if bytes.count >= 1 << 16 { try flush() }
    }

    /// Writes everything.
    func flush() throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw FileError.last(path, "write it") }
            written += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
