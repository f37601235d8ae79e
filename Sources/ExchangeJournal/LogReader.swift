public import ExchangeCore

/// Reads a log that another thread or process writes: from a snapshot on, as far as it is told that the
/// log is durable, and later on from there.
///
/// It changes nothing and compares everything that the log states, as start-up does.
public final class LogReader<Disk: Storage> {
    private let walk: Walk<Disk>
    /// The command behind which it began.
    public let start: UInt64

    /// Begins at the snapshot of a command.
    ///
    /// - Parameter adopt: sees the exchange there.
    /// - Throws: `absent` without a log, `corrupt` or `versions` if the snapshot is not whole or another
    ///   program's, `storage` if it is not there.
    /// - Complexity: O(state).
    public init(
        on disk: Disk,
        from snapshot: UInt64,
        adopt: (borrowing Exchange) -> Void = { _ in }
    ) throws(JournalError) {
        let segments = try LogReader.numbers(on: disk, Files.segmentNumber)
        if segments.isEmpty { throw .absent(path: disk.place) }
        walk = try Walk(disk, from: try disk.snapshot(snapshot, of: nil), segments: segments)
        start = snapshot
        adopt(walk.exchange)
    }

    /// The last command that was read.
    public var sequence: UInt64 { walk.exchange.nextSequence - 1 }
    /// The link of the last group that was read.
    public var chain: ChainHash { walk.lastGroup }
    /// Which log it is.
    public var journal: JournalID { walk.journal }

    /// Reads on, up to the group that ends with a command, which must be durable.
    ///
    /// - Parameter observe: sees each group: its commands, their events in one buffer, its last command and
    ///   the chain there. What it throws ends the reading; nothing more can be read then.
    /// - Throws: `corrupt` or `diverged` as start-up does.
    public func read(
        upTo last: UInt64,
        _ observe: ([Command], borrowing EventBuffer, UInt64, ChainHash) throws(JournalError) -> Void
    ) throws(JournalError) {
        if sequence >= last { return }
        walk.segments = try LogReader.numbers(on: walk.disk, Files.segmentNumber)
        try walk.run(upTo: last) { (_, exchange, events, commands) throws(JournalError) in
            try observe(commands, events, exchange.nextSequence - 1, walk.lastGroup)
        }
    }

    /// The commands that there are snapshots of, in order.
    public static func snapshots(on disk: Disk) throws(JournalError) -> [UInt64] {
        try numbers(on: disk, Files.snapshotSequence)
    }

    private static func numbers(
        on disk: Disk,
        _ number: (String) -> UInt64?
    ) throws(JournalError) -> [UInt64] {
        try onStorage { () throws(StorageError) in try disk.names() }.compactMap(number)
    }
}
