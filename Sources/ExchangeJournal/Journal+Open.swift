public import ExchangeCore

/// Which snapshot a log is executed from.
public enum RecoveryStart: Sendable {
    /// The newest, or the oldest.
    case newest, oldest
    /// The newest of those of these commands; the oldest if none of them is there.
    case newestOf([UInt64])
}

/// What start-up found.
public struct RecoveryReport: Sendable, Hashable {
    /// The command that the snapshot it began from was taken at.
    public var snapshot: UInt64 = 0
    /// Commands executed behind it.
    public var executed = 0
    /// Bytes of a group that was never acknowledged, cut off.
    public var torn = 0
    /// Why newer snapshots were passed over.
    public var passedOver: [String] = []
}

/// An exchange as its log left it, ready to go on.
public final class Opened<Disk: Storage> {
    /// The log.
    public let journal: Journal<Disk>
    /// The exchange.
    public private(set) var exchange: Exchange
    /// What was found.
    public let report: RecoveryReport

    init(_ journal: Journal<Disk>, _ exchange: consuming Exchange, _ report: RecoveryReport) {
        self.journal = journal
        self.exchange = exchange
        self.report = report
    }

    /// Gives the exchange away; an empty one stays. Once only.
    public func take() -> Exchange {
        var taken = Exchange()
        swap(&taken, &exchange)
        return taken
    }
}

extension Journal {
    /// Begins a journal in an empty directory, with the exchange as its first snapshot.
    ///
    /// - Parameters:
    ///   - id: 16 random bytes.
    ///   - exchange: the state before the first command.
    /// - Throws: `occupied` if the directory has anything in it, `storage` if the disk fails.
    public static func create(
        on disk: Disk,
        id: JournalID,
        exchange: borrowing Exchange,
        options: JournalOptions = JournalOptions()
    ) throws(JournalError) {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        if let name = names.first(where: { !$0.hasSuffix(Files.temporarySuffix) && !isAllowed($0) }) {
            throw .occupied(path: disk.place, name: name)
        }
        do throws(StorageError) {
            var snapshot = SnapshotHeader()
            snapshot.journalLow = id.low
            snapshot.journalHigh = id.high
            try disk.keep(exchange, snapshot)
            try disk.create(Files.head, size: 2 * Layout.sector)
            try disk.sync(Files.head)
            var header = SegmentHeader()
            header.version = .current
            header.journalLow = id.low
            header.journalHigh = id.high
            header.number = 1
            header.firstSequence = exchange.nextSequence
            // Last, because a directory with a segment is one with a journal.
            try disk.start(header, size: options.segmentSize, spare: nil)
        } catch {
            throw .storage(error)
        }
    }

    /// Files that others keep in a journal's directory.
    static func isAllowed(_ name: String) -> Bool {
        name == "keys" || name == "venue.json" || name.hasPrefix("history") || name.hasPrefix("view-")
    }

    /// Whether a directory has a journal. One whose first segment was never finished has none.
    public static func exists(on disk: Disk) throws(JournalError) -> Bool {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        return names.contains { Files.segmentNumber($0) != nil }
    }

    /// Takes away what an unfinished `create` left.
    public static func clear(unfinishedOn disk: Disk) throws(JournalError) {
        if try exists(on: disk) { throw .occupied(path: disk.place, name: "a journal") }
        do throws(StorageError) {
            for name in try disk.names()
            where Files.snapshotSequence(name) != nil || name == Files.head
                || name.hasSuffix(Files.temporarySuffix)
            {
                try disk.remove(name)
            }
            try disk.syncDirectory()
        } catch {
            throw .storage(error)
        }
    }

    /// Opens a journal: starting up is recovering, whatever happened before (DUR-3).
    ///
    /// Begins at the newest snapshot that is whole, or at the one before it, executes what follows and
    /// compares all that the log states. A group at the very end that was never acknowledged is cut off.
    ///
    /// - Parameters:
    ///   - start: the newest snapshot; or the oldest, for whoever wants to see all groups there are.
    ///   - adopt: sees the exchange of that snapshot, and the chain there.
    ///   - observe: sees each group that is executed: its commands and, in one buffer, their events.
    /// - Throws: `corrupt`, `diverged` or `versions` rather than guess; `absent` without a journal.
    /// - Complexity: O(state + commands behind the snapshot).
    public static func open(
        on disk: Disk,
        options: JournalOptions = JournalOptions(),
        from start: RecoveryStart = .newest,
        adopt: (borrowing Exchange, ChainHash) -> Void = { _, _ in },
        observe: ([Command], borrowing EventBuffer) -> Void = { _, _ in }
    ) throws(JournalError) -> Opened<Disk> {
        let (segments, snapshots) = try sweep(disk)
        var report = RecoveryReport()
        var failure: JournalError?
        for sequence in order(of: snapshots, start) {
            let file: SnapshotFile
            do throws(JournalError) {
                file = try disk.snapshot(sequence, of: nil)
            } catch {
                failure = failure ?? error
                // What was written under other rules stays behind an upgrade; whoever wants all begins there.
                if !start.isNewest, case .versions = error { continue }
                // A damaged snapshot costs time, not truth: the one before it and more of the log will do.
                guard case .corrupt = error else { throw error }
                report.passedOver.append("\(error)")
                continue
            }
            report.snapshot = sequence
            let walk = try Walk(disk, from: file, segments: segments)
            adopt(walk.exchange, walk.chain)
            try walk.run { (_, _, events, commands) throws(JournalError) in observe(commands, events) }
            try checkHead(disk, try newestHead(disk), walk)
            try cutOff(disk, walk)
            report.executed = walk.executed
            report.torn = walk.torn
            let journal = Journal(disk, options, walk)
            return Opened(journal, walk.takeExchange(), report)
        }
        throw failure ?? disk.corruption(".", 0, "no snapshot")
    }

    /// Snapshots in the order in which they are tried.
    private static func order(of snapshots: [UInt64], _ start: RecoveryStart) -> [UInt64] {
        switch start {
        case .newest: snapshots.reversed()
        case .oldest: snapshots
        case .newestOf(let wanted):
            snapshots.filter { wanted.contains($0) }.reversed() + snapshots.filter { !wanted.contains($0) }
        }
    }

    /// Segments and snapshots there are, in order; takes away what was never finished.
    private static func sweep(_ disk: Disk) throws(JournalError) -> (segments: [UInt64], snapshots: [UInt64])
    {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        let segments = names.compactMap(Files.segmentNumber)
        if segments.isEmpty { throw .absent(path: disk.place) }
        do throws(StorageError) {
            for name in names where name.hasSuffix(Files.temporarySuffix) || name == Files.spare {
                try disk.remove(name)
            }
        } catch {
            throw .storage(error)
        }
        return (segments, names.compactMap(Files.snapshotSequence))
    }

    /// What was acknowledged must be there.
    static func checkHead(_ disk: Disk, _ head: HeadRecord?, _ walk: Walk<Disk>) throws(JournalError) {
        guard let head, head.journal == walk.journal else { return }
        let last = walk.exchange.nextSequence - 1
        if head.sequence > last {
            throw disk.corruption(
                Files.segment(walk.segment),
                walk.end,
                "the log ends with command \(last), but \(head.sequence) was acknowledged"
            )
        }
        if head.sequence == last && head.chain != walk.chain && head.chain != walk.sealed {
            throw disk.corruption(Files.head, 0, "another chain was acknowledged at command \(last)")
        }
    }

    /// What was acknowledged last, as far as it was noted.
    static func newestHead(_ disk: Disk) throws(JournalError) -> HeadRecord? { try readHead(disk).newest }

    /// The same, and what is wrong with the file if something is.
    static func readHead(_ disk: Disk) throws(JournalError) -> (newest: HeadRecord?, fault: HeadNote?) {
        let found = try onStorage { () throws(StorageError) -> [UInt8]? in
            try disk.names().contains(Files.head)
                ? try disk.read(Files.head, at: 0, count: 2 * Layout.sector) : nil
        }
        guard let bytes = found else { return (nil, .missing) }
        var newest: HeadRecord?
        var fault: HeadNote? = bytes.count < 2 * Layout.sector ? .damaged(offset: bytes.count) : nil
        for start in stride(from: 0, to: bytes.count, by: Layout.sector) {
            let range = start..<min(start + Layout.sector, bytes.count)
            guard let head = HeadRecord(guarded: bytes.span.bytes.extracting(range)),
                head.magic == Magic.head
            else {
                // A slot that nothing was written to yet is zeros.
                if bytes[range].contains(where: { $0 != 0 }) { fault = fault ?? .damaged(offset: start) }
                continue
            }
            if head.sequence > newest?.sequence ?? 0 { newest = head }
        }
        return (newest, fault)
    }

    /// Writes zeros over a group that was never acknowledged, so that nothing finds it later.
    private static func cutOff(_ disk: Disk, _ walk: Walk<Disk>) throws(JournalError) {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        do throws(StorageError) {
            if walk.torn > 0 {
                let zeros = [UInt8](repeating: 0, count: walk.torn)
                try disk.write(Files.segment(walk.segment), at: walk.end, zeros.span.bytes)
                try disk.sync(Files.segment(walk.segment))
            }
            if !names.contains(Files.head) {
                try disk.create(Files.head, size: 2 * Layout.sector)
                try disk.sync(Files.head)
                try disk.syncDirectory()
            }
        } catch {
            throw .storage(error)
        }
    }
}

extension RecoveryStart {
    fileprivate var isNewest: Bool {
        if case .newest = self { return true }
        return false
    }
}

extension Walk where Disk: Storage {
    /// Gives the exchange away; an empty one stays.
    func takeExchange() -> Exchange {
        var taken = Exchange()
        swap(&taken, &exchange)
        return taken
    }
}
