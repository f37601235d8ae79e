import ExchangeCore
import Foundation
import ReadModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files beside the log that hold what clients were shown behind a command, the newest three (HIST-5): a
/// venue begins with one of them and the exchange's snapshot of the same command.
///
/// A file: "ZSVW", the identity and the mark as text lines, the record's bytes, and a digest over all of it.
public struct ViewFiles: Sendable {
    private let directory: String
    private static let magic = "zerosum view 1"
    private static let kept = 3

    /// The files of a directory.
    public init(directory: String) { self.directory = directory }

    private func path(_ sequence: UInt64) -> String {
        let digits = String(sequence)
        return "\(directory)/view-\(String(repeating: "0", count: 20 - digits.count))\(digits)"
    }

    /// The commands that there are files of, newest first.
    public var sequences: [UInt64] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasPrefix("view-") && $0.utf8.count == 25 }
            .compactMap { UInt64($0.dropFirst(5)) }.sorted(by: >)
    }

    /// A file's bytes and whose they are.
    public struct View: Sendable {
        /// Of which log, counted from where.
        public var identity: HistoryIdentity
        /// Behind which command.
        public var mark: HistoryMark
        /// What clients were shown.
        public var bytes: [UInt8]
    }

    /// Reads a file; nil if there is none or it is not what was written.
    public func read(_ sequence: UInt64) -> View? {
        guard let data = FileManager.default.contents(atPath: path(sequence)), data.count > 16 else {
            return nil
        }
        let all = Array(data)
        let content = Array(all.dropLast(16))
        var hash = Hash128()
        hash.add(all: content)
        var guarded: [UInt8] = []
        for word in [hash.digest.low, hash.digest.high] { guarded += ViewFiles.bytes(of: word) }
        if !all.suffix(16).elementsEqual(guarded) { return nil }
        var lines: [String] = []
        var start = content.startIndex
        while lines.count < 6 {
            guard let end = content[start...].firstIndex(of: 10) else { return nil }
            lines.append(String(decoding: content[start..<end], as: UTF8.self))
            start = end + 1
        }
        guard lines[0] == ViewFiles.magic, let origin = UInt64(lines[2]), let format = Int(lines[3]),
            let number = UInt64(lines[4]), number == sequence
        else { return nil }
        return View(
            identity: HistoryIdentity(journal: lines[1], origin: origin, format: format),
            mark: HistoryMark(sequence: number, chain: lines[5]),
            bytes: Array(content[start...])
        )
    }

    /// Writes a file, whole or not at all, and takes away all but the newest three: the newest may belong
    /// to a snapshot that is never finished.
    public func write(_ bytes: [UInt8], _ identity: HistoryIdentity, _ mark: HistoryMark) throws(HistoryError)
    {
        let head = [
            ViewFiles.magic, identity.journal, String(identity.origin), String(identity.format),
            String(mark.sequence), mark.chain, "",
        ].joined(separator: "\n")
        var content = Array(head.utf8)
        content += bytes
        var hash = Hash128()
        hash.add(all: content)
        for word in [hash.digest.low, hash.digest.high] { content += ViewFiles.bytes(of: word) }
        let name = path(mark.sequence)
        let temporary = name + ".tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        if file < 0 { throw ViewFiles.failure("make", temporary) }
        defer { close(file) }
        var written = 0
        while written < content.count {
            let done = content.withUnsafeBytes { buffer in
                Self.write(file, buffer.baseAddress.map { $0 + written }, buffer.count - written)
            }
            if done < 0 && errno == EINTR { continue }
            if done <= 0 { throw ViewFiles.failure("write", temporary) }
            written += done
        }
        if fsync(file) != 0 || rename(temporary, name) != 0 { throw ViewFiles.failure("write", name) }
        for old in sequences.dropFirst(ViewFiles.kept) {
            try? FileManager.default.removeItem(atPath: path(old))
        }
    }

    private static func write(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(file, bytes, count)
        #elseif canImport(Musl)
            Musl.write(file, bytes, count)
        #else
            Darwin.write(file, bytes, count)
        #endif
    }

    private static func failure(_ action: String, _ path: String) -> HistoryError {
        HistoryError("\(path): cannot \(action) it: \(String(cString: strerror(errno)))")
    }

    private static func bytes(of word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
    }
}
