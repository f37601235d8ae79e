import ExchangeCore

/// What the journal needs of a disk: a flat directory of files (DUR-2). The real one and the simulated one
/// run the same journal.
///
/// A name is that of a file in the directory. What was written is durable only after `sync` of that file,
/// and that a file exists under a name only after `syncDirectory`.
public protocol Storage: AnyObject, SendableMetatype {
    /// Where it is, for messages.
    var place: String { get }
    /// All names, in byte order.
    func names() throws(StorageError) -> [String]
    /// The size of a file in bytes.
    func size(of name: String) throws(StorageError) -> Int
    /// At most `count` bytes from `offset` on; fewer only at the end of the file.
    func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8]
    /// Makes a file of `size` zero bytes, all of them written, so that later writes allocate nothing.
    func create(_ name: String, size: Int) throws(StorageError)
    /// Writes all bytes at `offset`.
    func write(_ name: String, at offset: Int, _ bytes: RawSpan) throws(StorageError)
    /// Lets the disk begin with bytes that were written, so that a later sync has less to do. Says nothing
    /// of what is durable.
    func startWriting(_ name: String, at offset: Int, count: Int)
    /// Makes what was written to a file durable.
    func sync(_ name: String) throws(StorageError)
    /// Gives a file another name; replaces one that has it.
    func rename(_ name: String, to other: String) throws(StorageError)
    /// Takes a file away.
    func remove(_ name: String) throws(StorageError)
    /// Makes names durable.
    func syncDirectory() throws(StorageError)
    /// Throws if these files do not lie under their names, where they are looked for after a restart.
    func check(_ names: [String]) throws(StorageError)
}

extension Storage {
    /// Nothing: a disk that cannot be told has all to do when it is asked to sync.
    public func startWriting(_ name: String, at offset: Int, count: Int) {}

    /// Nothing: a disk whose files cannot be taken away.
    public func check(_ names: [String]) throws(StorageError) {}

    /// Writes all that was collected at `offset`.
    func write(_ name: String, at offset: Int, _ collected: borrowing ByteWriter) throws(StorageError) {
        let result = collected.withBytes { bytes -> Result<Void, StorageError> in
            do throws(StorageError) {
                return .success(try write(name, at: offset, bytes))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Makes a file with these bytes that is there whole or not at all, also after a loss of power: it is
    /// written and synced under another name first.
    func replace(_ name: String, with collected: borrowing ByteWriter) throws(StorageError) {
        let temporary = name + Files.temporarySuffix
        try create(temporary, size: 0)
        try write(temporary, at: 0, collected)
        try sync(temporary)
        try rename(temporary, to: name)
        try syncDirectory()
    }
}

/// What a disk would not do.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// The file, with its directory.
    public var path: String
    /// What was tried, as a verb: "sync it".
    public var action: String
    /// Why it failed.
    public var reason: String

    /// A failure.
    public init(path: String, action: String, reason: String) {
        self.path = path
        self.action = action
        self.reason = reason
    }

    public var description: String { "\(path): cannot \(action): \(reason)" }
}

/// Names of the files of a journal.
enum Files {
    static let temporarySuffix = ".tmp"
    static let head = "head"
    static let seals = "seals"
    static let spare = "spare"

    /// Twenty digits, so that names sort as numbers do.
    private static func digits(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: 20 - text.count) + text
    }

    static func segment(_ number: UInt64) -> String { "log-" + digits(number) }
    static func snapshot(_ sequence: UInt64) -> String { "snapshot-" + digits(sequence) }

    /// The number in a segment's name.
    static func segmentNumber(_ name: String) -> UInt64? { number(name, behind: "log-") }
    /// The sequence in a snapshot's name.
    static func snapshotSequence(_ name: String) -> UInt64? { number(name, behind: "snapshot-") }

    private static func number(_ name: String, behind prefix: String) -> UInt64? {
        if !name.hasPrefix(prefix) { return nil }
        let digits = name.dropFirst(prefix.count)
        return digits.count == 20 ? UInt64(digits) : nil
    }
}
