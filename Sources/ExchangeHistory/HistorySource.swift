public import ReadModel

/// A place in a log: a command, and the chain behind it.
public struct HistoryMark: Sendable, Hashable {
    /// The command.
    public var sequence: UInt64
    /// The chain, as text.
    public var chain: String
    /// A place.
    public init(sequence: UInt64, chain: String) {
        self.sequence = sequence
        self.chain = chain
    }
}

/// What tells the history of one log from another's.
public struct HistoryIdentity: Sendable, Hashable {
    /// The log, as text.
    public var journal: String
    /// The command behind which whoever makes the rows began to count.
    public var origin: UInt64
    /// The layout of the records.
    public var format: Int
    /// A log's identity.
    public init(journal: String, origin: UInt64, format: Int) {
        self.journal = journal
        self.origin = origin
        self.format = format
    }
}

/// What a group of commands added.
public struct HistoryBatch: Sendable {
    /// Its first command.
    public var first: UInt64
    /// Its last command.
    public var mark: HistoryMark
    /// Its rows.
    public var rows: any HistoryRows
    /// What clients are shown behind it, where that is to be kept.
    public var view: HistoryView?

    /// A group's rows.
    public init(first: UInt64, mark: HistoryMark, rows: any HistoryRows, view: HistoryView? = nil) {
        self.first = first
        self.mark = mark
        self.rows = rows
        self.view = view
    }
}

/// What clients are shown behind a command, as bytes that are made by the thread that writes them.
public struct HistoryView: Sendable {
    /// The command.
    public var mark: HistoryMark
    /// Makes the bytes.
    public var encode: @Sendable () -> [UInt8]
    /// What is shown behind a command.
    public init(mark: HistoryMark, encode: @escaping @Sendable () -> [UInt8]) {
        self.mark = mark
        self.encode = encode
    }
}

/// Why something of a history does not work.
public struct HistoryError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public var description: String
    /// Whether the database cannot go on with this log, and has to be made anew.
    public var needsNew: Bool
    /// An error.
    public init(_ description: String, needsNew: Bool = false) {
        self.description = description
        self.needsNew = needsNew
    }
}

/// Where rows come from besides those that are handed in: the log.
public protocol HistorySource: Sendable {
    /// Whether the log begins with its first command, so that everything can be made anew.
    var isWhole: Bool { get }
    /// Begins to read at a command or before it; without one where the most can be had.
    ///
    /// - Throws: an error that `needsNew` if the log no longer has what follows the command.
    func reader(behind mark: HistoryMark?) throws(HistoryError) -> any HistoryReader
}

/// Reads a log. Used by one thread.
public protocol HistoryReader: AnyObject {
    /// Where it begins.
    var start: HistoryMark { get }
    /// Rows of before, which a new database begins with.
    var earlier: any HistoryRows { get }
    /// Reads on up to the group that ends with a command, which is durable, or until `body` returns false.
    func read(upTo last: UInt64, _ body: (HistoryBatch) throws(HistoryError) -> Bool) throws(HistoryError)
}
