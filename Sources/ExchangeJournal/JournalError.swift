/// Why a journal cannot be opened, read or written.
public enum JournalError: Error, Sendable, CustomStringConvertible {
    /// The disk failed.
    case storage(StorageError)
    /// Bytes are not what was written: nothing is guessed (DUR-4).
    case corrupt(Corruption)
    /// The files are of another format or other rules.
    case versions(path: String, found: LogVersion)
    /// The directory has no journal.
    case absent(path: String)
    /// The directory has a journal already, or something else.
    case occupied(path: String, name: String)
    /// The commands of the log give other events, or another state, than they gave when they were written.
    case diverged(path: String, sequence: UInt64, what: String)
    /// The log goes on behind its newest snapshot, and only the program that wrote it can execute that.
    case unfinished(path: String, snapshot: UInt64, version: LogVersion)
    /// A write or a sync failed before: nothing more is taken (DUR-5).
    case failed

    /// Where a file does not hold what it should.
    public struct Corruption: Sendable, Hashable {
        /// The file, with its directory.
        public var path: String
        /// The byte at which the faulty piece begins.
        public var offset: Int
        /// What is wrong.
        public var reason: String
    }

    public var description: String {
        switch self {
        case .storage(let error): "\(error)"
        case .corrupt(let fault): "\(fault.path): byte \(fault.offset): \(fault.reason)"
        case .versions(let path, let found):
            "\(path): written with \(found); this program has \(LogVersion.current)"
        case .absent(let path):
            "\(path): no journal here; expected a venue's directory, with a log that begins in "
                + "\(Files.segment(1)) or, if it forgets, a later one"
        case .occupied(let path, let name):
            "\(path): a new journal needs an empty directory; there is \(name)"
        case .diverged(let path, let sequence, let what):
            "\(path): at command \(sequence) \(what) differ from those that the log states"
        case .unfinished(let path, let snapshot, let version):
            "\(path): goes on behind the snapshot of command \(snapshot); start and stop the venue once with "
                + "the program of \(version), which takes a snapshot at the end"
        case .failed: "the journal failed before and takes nothing more"
        }
    }
}

/// Runs what a disk does, and wraps its error.
@inline(__always)
func onStorage<R>(_ body: () throws(StorageError) -> R) throws(JournalError) -> R {
    do throws(StorageError) { return try body() } catch { throw .storage(error) }
}
