public import ExchangeCore
import ExchangeText

/// What the file `head` says, by which the end of a log that was acknowledged is told from one that was
/// cut off.
public enum HeadNote: Sendable, Hashable, CustomStringConvertible {
    /// Up to that command it was acknowledged, and is there.
    case acknowledged(UInt64)
    /// Nothing was acknowledged yet.
    case empty
    /// There is no such file.
    case missing
    /// What begins at that byte was not written there so.
    case damaged(offset: Int)
    /// It is of another journal.
    case foreign

    public var description: String {
        switch self {
        case .acknowledged(let sequence): "acknowledged up to command \(sequence)"
        case .empty: "nothing was acknowledged yet"
        case .missing: "there is no file \(Files.head)" + HeadNote.expected
        case .damaged(let offset): "\(Files.head) is damaged at byte \(offset)" + HeadNote.expected
        case .foreign: "\(Files.head) is of another journal" + HeadNote.expected
        }
    }

    private static let expected =
        "; expected what was acknowledged last: that nothing is missing at the end cannot be told"
}

/// What a log says of itself, executed again.
public struct Verification: Sendable, Hashable {
    /// The command that it began behind: 0 if the log is whole.
    public var from: UInt64 = 0
    /// The last command.
    public var last: UInt64 = 0
    /// Commands executed.
    public var executed = 0
    /// Groups whose events were compared.
    public var groups = 0
    /// Snapshots whose state was compared.
    public var snapshots: [UInt64] = []
    /// Segments taken away before, whose last links are kept.
    public var seals: [Seal] = []
    /// The chain at the end, as text.
    public var chain = ""
    /// The state hash at the end, as text.
    public var stateHash = ""
    /// Bytes of an unfinished group at the end.
    public var torn = 0
    /// What was acknowledged, as far as it was noted.
    public var head = HeadNote.empty
    /// Deposits − withdrawals − what all accounts have at the end; 0 (LED-4).
    public var missing: Int128 = 0
}

extension Journal {
    /// Executes a log from its oldest snapshot to its end, changing nothing, and compares the hash of
    /// every group's events and of every snapshot's state.
    ///
    /// - Parameters:
    ///   - isDeep: whether all invariants of the state are looked at behind each group (DET-6).
    ///   - progress: called after each group with the number of its last command.
    /// - Throws: as `open`, at the first thing that is not as stated.
    /// - Complexity: O(log), and O(state) for each group if it is deep.
    public static func verify(
        on disk: Disk,
        isDeep: Bool = false,
        progress: (UInt64) -> Void = { _ in }
    ) throws(JournalError) -> Verification {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        let segments = names.compactMap(Files.segmentNumber)
        let snapshots = names.compactMap(Files.snapshotSequence)
        if segments.isEmpty { throw .absent(path: disk.place) }
        // Before the log, which may grow meanwhile: what was acknowledged by now must be in it.
        var (head, fault) = try readHead(disk)
        // A venue may have been writing it at that moment.
        for _ in 0..<9 where fault != nil { (head, fault) = try readHead(disk) }
        let oldest = try oldestReadable(disk, snapshots)
        var result = Verification()
        result.from = oldest
        result.seals = try onStorage { () throws(StorageError) in try disk.seals() }
        try checkSeals(disk, result.seals, segments)
        var pending = snapshots.filter { $0 > oldest }
        var groups = 0
        var compared = [oldest]
        let walk = try Walk(disk, from: try disk.snapshot(oldest, of: nil), segments: segments)
        try walk.run { (header, exchange, _, _) throws(JournalError) in
            groups += 1
            let last = exchange.nextSequence - 1
            if isDeep, let fault = exchange.checkInvariants() {
                throw disk.corruption(".", 0, "the state behind command \(last): \(fault.text)")
            }
            while let sequence = pending.first, sequence <= last {
                try compare(disk, sequence, exchange, header, from: oldest)
                compared.append(sequence)
                pending.removeFirst()
            }
            progress(last)
        }
        if let sequence = pending.first {
            throw disk.corruption(Files.snapshot(sequence), 0, "a snapshot behind the end of the log")
        }
        try checkHead(disk, head, walk)
        result.head =
            fault
            ?? head.map { $0.journal == walk.journal ? .acknowledged($0.sequence) : .foreign } ?? .empty
        result.last = walk.exchange.nextSequence - 1
        result.executed = walk.executed
        result.groups = groups
        result.snapshots = compared
        result.chain = walk.chain.description
        result.stateHash = walk.exchange.stateHash().text
        result.torn = walk.torn
        result.missing = walk.exchange.missingFromThePile
        return result
    }

    /// The oldest snapshot of this program's version: older ones stay behind an upgrade.
    private static func oldestReadable(_ disk: Disk, _ snapshots: [UInt64]) throws(JournalError) -> UInt64 {
        for sequence in snapshots {
            let header = try disk.anySnapshot(sequence, of: nil).header
            if header.version == .current { return sequence }
        }
        guard let newest = snapshots.last else { throw disk.corruption(".", 0, "no snapshot") }
        _ = try disk.snapshot(newest, of: nil)
        return newest
    }

    /// Executes a log from its oldest snapshot to its end, changing nothing, for whoever wants to see it.
    ///
    /// - Parameters:
    ///   - adopt: sees the exchange of that snapshot.
    ///   - observe: sees each group: its commands and, in one buffer, their events.
    /// - Throws: as `open`.
    public static func read(
        on disk: Disk,
        adopt: (borrowing Exchange) -> Void = { _ in },
        observe: ([Command], borrowing EventBuffer) -> Void
    ) throws(JournalError) {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        let segments = names.compactMap(Files.segmentNumber)
        if segments.isEmpty { throw .absent(path: disk.place) }
        let oldest = try oldestReadable(disk, names.compactMap(Files.snapshotSequence))
        let walk = try Walk(disk, from: try disk.snapshot(oldest, of: nil), segments: segments)
        adopt(walk.exchange)
        try walk.run { (_, _, events, commands) throws(JournalError) in observe(commands, events) }
    }

    /// A snapshot must be the state at its command.
    private static func compare(
        _ disk: Disk,
        _ sequence: UInt64,
        _ exchange: borrowing Exchange,
        _ header: FrameHeader,
        from oldest: UInt64
    ) throws(JournalError) {
        let file = try disk.snapshot(sequence, of: header.journal)
        let name = Files.snapshot(sequence)
        if exchange.nextSequence - 1 != sequence {
            throw disk.corruption(name, 0, "a snapshot inside of a group")
        }
        if exchange.stateHash() != file.header.state || header.events != file.header.events {
            throw .diverged(
                path: "\(disk.place)/\(name)",
                sequence: sequence,
                what: "the state or the events"
            )
        }
    }

    /// The oldest segment must follow the last seal.
    private static func checkSeals(
        _ disk: Disk,
        _ seals: [Seal],
        _ segments: [UInt64]
    ) throws(JournalError) {
        guard let seal = seals.last(where: { $0.segment < segments[0] }) else {
            if segments[0] > 1 {
                throw disk.corruption(Files.segment(segments[0]), 0, "no seal of the one before")
            }
            return
        }
        let header = try disk.segment(segments[0]).header
        if seal.segment + 1 != segments[0] || header?.previous.description != seal.chain {
            throw disk.corruption(
                Files.segment(segments[0]),
                0,
                "does not follow the seal of segment \(seal.segment)"
            )
        }
    }
}

extension Exchange {
    /// Deposits − withdrawals − Σ cash − Σ quote (LED-4): 0, or value was made or lost.
    public var missingFromThePile: Int128 {
        var held: Int128 = 0
        for raw in 0..<accountCount {
            let account = AccountID(raw)
            held += Int128(accountView(account)?.cash.units ?? 0)
            forEachPosition(of: account) { held += Int128($0.isolatedCash.units) + Int128($0.quote.units) }
        }
        return Int128(deposits.units) - Int128(withdrawals.units) - held
    }
}
