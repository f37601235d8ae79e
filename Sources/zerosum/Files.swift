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
    /// What was tried.
    var action: String
    /// Why it failed.
    var reason: String

    var description: String { "\(path): cannot \(action): \(reason)" }

    /// The failure that the system has just reported.
    static func last(_ path: String, _ action: String) -> FileError {
        FileError(path: path, action: action, reason: String(cString: strerror(errno)))
    }
}

/// Says on standard error what went wrong.
func fail(_ message: String) {
    let bytes = Array("\(message)\n".utf8)
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
                return buffer[start..<end]
            }
            if isAtEnd {
                defer { start = buffer.count }
                return start < buffer.count ? buffer[start...] : nil
            }
            buffer.removeFirst(start)
            start = 0
            scanned = buffer.count
            if buffer.count > LineReader.lineLimit {
                throw FileError(
                    path: path,
                    action: "read it",
                    reason: "a line of more than \(LineReader.lineLimit) bytes"
                )
            }
            try fill()
        }
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
