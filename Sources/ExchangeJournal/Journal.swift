public import ExchangeCore

/// How a journal is kept.
public struct JournalOptions: Sendable {
    /// Bytes of a segment, at least 2 MiB.
    public var segmentSize = 64 << 20
    /// Whether segments and snapshots that start-up no longer needs are kept: then anybody can verify
    /// everything from the first command.
    public var keepsAll = true
    /// What headers state; another than the program's own only in tests of an upgrade.
    var version = LogVersion.current
    /// The usual ones.
    public init() {}
}

/// The durable log of an exchange's commands: groups in a SHA-256 chain, in segments of zeros (DUR-1).
///
/// One thread adds commands as they are applied and commits them as a group; when `commit` returns, the
/// group survives a loss of power, and its outputs may leave the process. After any error it takes nothing
/// more.
public final class Journal<Disk: Storage> {
    private let disk: Disk
    private let options: JournalOptions
    /// Which journal this is.
    public let id: JournalID
    /// The chain up to the last group.
    public private(set) var chain: ChainHash
    /// The link of the last group that was there when it was opened, whatever segment was begun behind it.
    public let recovered: ChainHash
    /// The running hash of all events up to the last group.
    public private(set) var events: ChainHash
    /// Of the next command to be added.
    public private(set) var nextSequence: UInt64
    /// The last command that is durable.
    public private(set) var durable: UInt64
    private var segment: UInt64
    private var offset: Int
    private var hasSpare = false
    private var hasFailed = false

    private var payload = ByteWriter(capacity: 1 << 16)
    private var frame = ByteWriter(capacity: 1 << 17)
    private var count: Int32 = 0
    private var headSlot = 0

    init(_ disk: Disk, _ options: JournalOptions, _ walk: Walk<Disk>) {
        self.disk = disk
        self.options = options
        id = walk.journal
        chain = walk.chain
        recovered = walk.lastGroup
        events = walk.running
        nextSequence = walk.exchange.nextSequence
        durable = nextSequence - 1
        segment = walk.segment
        offset = walk.end
    }

    /// Whether the group is large enough to be committed before more is added.
    public var isFull: Bool { payload.count >= 1 << 18 }
    /// Whether nothing was added since the last commit.
    public var isEmpty: Bool { count == 0 }

    /// Adds a command that was applied with the next sequence number.
    public func add(_ command: Command, at: Timestamp) {
        payload.append(littleEndian: at.microseconds)
        command.encode(into: &payload)
        count += 1
        nextSequence += 1
    }

    /// Makes what was added durable, with all events that it gave.
    ///
    /// - Throws: `storage` if the disk fails, `failed` ever after: what is on the disk is not known then.
    public func commit(_ groupEvents: borrowing EventBuffer) throws(JournalError) {
        if hasFailed { throw .failed }
        if count == 0 { return }
        do throws(StorageError) {
            try commitGroup(groupEvents)
        } catch {
            hasFailed = true
            throw .storage(error)
        }
    }

    /// Whether what was written lies where it is looked for after a restart.
    ///
    /// - Throws: `storage` if the directory or a file was taken away: then nothing more is taken.
    public func check() throws(JournalError) {
        if hasFailed { throw .failed }
        do throws(StorageError) {
            try disk.check([Files.segment(segment), Files.head])
        } catch {
            hasFailed = true
            throw .storage(error)
        }
    }

    private func commitGroup(_ groupEvents: borrowing EventBuffer) throws(StorageError) {
        let size = Layout.frameHeader + payload.count + ChainHash.size
        if offset + Layout.rounded(size) > options.segmentSize { try rotate() }
        let running = groupEvents.withBytes { events.extended(by: $0) }
        let link = layOut(running)
        while frame.count % Layout.sector != 0 { frame.append(byte: 0) }
        let name = Files.segment(segment)
        try disk.write(name, at: offset, frame)
        try disk.sync(name)
        // Durable is what is found again: a file that was taken away while it was written is not.
        try disk.check([name, Files.head])
        offset += frame.count
        chain = link
        events = running
        durable = nextSequence - 1
        payload.removeAll()
        count = 0
        try writeHead()
    }

    /// Lays out the group and returns its link.
    private func layOut(_ running: ChainHash) -> ChainHash {
        var header = FrameHeader()
        header.journalLow = id.low
        header.journalHigh = id.high
        header.segment = segment
        header.firstSequence = nextSequence - UInt64(count)
        header.commands = count
        header.length = Int32(truncatingIfNeeded: payload.count)
        header.previous = chain
        header.events = running
        frame.removeAll()
        header.appendGuarded(to: &frame)
        payload.withBytes { frame.append(copying: $0) }
        let link = frame.withBytes { ChainHash.of($0) }
        for byte in link.bytes { frame.append(byte: byte) }
        return link
    }

    /// Notes what was acknowledged, without waiting for it: the note is never ahead of the log, and tells
    /// an acknowledged group that was damaged from one that was never finished (DUR-4).
    private func writeHead() throws(StorageError) {
        var record = HeadRecord()
        record.journalLow = id.low
        record.journalHigh = id.high
        record.sequence = durable
        record.chain = chain
        frame.removeAll()
        record.appendGuarded(to: &frame)
        headSlot = 1 - headSlot
        try disk.write(Files.head, at: headSlot * Layout.sector, frame)
    }

    // MARK: Segments

    /// Whether a file for the next segment should be made ready: `makeSpare`, on any thread, then
    /// `takeSpare`.
    public var needsSpare: Bool { !hasSpare && offset > options.segmentSize / 4 }

    /// Whether the segment is nearly full: the file for the next one is then wanted at once.
    public var isSpareUrgent: Bool { !hasSpare && offset > options.segmentSize / 4 * 3 }

    /// Makes a file of zeros, ready to become a segment. May be called while another thread commits.
    ///
    /// - Parameter pause: called between pieces: groups that are committed meanwhile wait for what the disk
    ///   has yet to write, so it gets a little at a time.
    public func makeSpare(pause: () -> Void = {}) throws(JournalError) {
        try onStorage { () throws(StorageError) in
            try disk.create(Files.spare, size: 0)
            let zeros = [UInt8](repeating: 0, count: Layout.spareStep)
            var offset = 0
            while offset < options.segmentSize {
                if offset > 0 { pause() }
                let part = min(zeros.count, options.segmentSize - offset)
                try disk.write(Files.spare, at: offset, zeros.span.bytes.extracting(first: part))
                disk.startWriting(Files.spare, at: offset, count: part)
                offset += part
            }
            try disk.sync(Files.spare)
        }
    }

    /// Says that the spare is there.
    public func takeSpare() { hasSpare = true }

    private func rotate() throws(StorageError) {
        var header = SegmentHeader()
        header.version = options.version
        header.journalLow = id.low
        header.journalHigh = id.high
        header.number = segment + 1
        header.firstSequence = nextSequence - UInt64(count)
        header.previous = chain
        header.events = events
        try disk.start(header, size: options.segmentSize, spare: hasSpare ? Files.spare : nil)
        hasSpare = false
        segment += 1
        offset = Layout.sector
        chain = header.link
    }

    // MARK: Snapshots

    /// Copies the state, which must be that after the last group, to be kept with `keep`.
    ///
    /// - Complexity: O(state), on the calling thread; no disk is touched.
    public func copyState(of exchange: borrowing Exchange) -> StateCopy {
        precondition(count == 0 && exchange.nextSequence == nextSequence, "a snapshot inside of a group")
        var header = SnapshotHeader()
        header.journalLow = id.low
        header.journalHigh = id.high
        header.chain = chain
        header.events = events
        return StateCopy(of: exchange, header, segment: segment)
    }

    /// Keeps a copied state, and drops what is no longer needed. May be called while another thread commits.
    ///
    /// - Throws: `storage` if the disk fails: then the journal must not be used any more.
    public func keep(_ copy: StateCopy) throws(JournalError) {
        try onStorage { () throws(StorageError) in
            try disk.keep(copy)
            if !options.keepsAll { try disk.dropOld(behind: copy.segment) }
        }
    }

    /// Copies and keeps the state on the calling thread.
    public func snapshot(_ exchange: borrowing Exchange) throws(JournalError) {
        if hasFailed { throw .failed }
        do throws(JournalError) {
            try keep(copyState(of: exchange))
        } catch {
            hasFailed = true
            throw error
        }
    }
}

/// A state of the exchange on its way to the disk. Used by one thread at a time.
public final class StateCopy: @unchecked Sendable {
    var header: SnapshotHeader
    let state: ByteWriter
    /// The segment that was written to when it was made.
    let segment: UInt64

    init(of exchange: borrowing Exchange, _ partial: SnapshotHeader, segment: UInt64) {
        var writer = ByteWriter(capacity: 1 << 16)
        exchange.snapshot(into: &writer)
        header = partial
        header.version = .current
        header.sequence = exchange.nextSequence - 1
        header.length = Int64(writer.count)
        state = writer
        self.segment = segment
    }
}

extension Storage {
    /// Makes a segment with its header, whole or not at all.
    func start(_ header: SegmentHeader, size: Int, spare: String?) throws(StorageError) {
        let name = Files.segment(header.number)
        let made = spare ?? name + Files.temporarySuffix
        if spare == nil { try create(made, size: size) }
        var writer = ByteWriter()
        header.appendGuarded(to: &writer)
        try write(made, at: 0, writer)
        try sync(made)
        try rename(made, to: name)
        try syncDirectory()
    }

    /// Writes a snapshot of the exchange.
    func keep(_ exchange: borrowing Exchange, _ partial: SnapshotHeader) throws(StorageError) {
        try keep(StateCopy(of: exchange, partial, segment: 0))
    }

    /// Writes a copied state with its hash.
    func keep(_ copy: StateCopy) throws(StorageError) {
        var header = copy.header
        let digest = copy.state.withBytes { Digest.of($0) }
        header.stateLow = digest.low
        header.stateHigh = digest.high
        let file = SnapshotFile.layOut(header, state: copy.state)
        try replace(Files.snapshot(header.sequence), with: file)
    }

    /// Takes away all snapshots but the newest two, and the segments behind the older of them, whose last
    /// links stay in a file of seals.
    func dropOld(behind current: UInt64) throws(StorageError) {
        let names = try names()
        let snapshots = names.compactMap(Files.snapshotSequence)
        if snapshots.count < 2 { return }
        let needed = snapshots[snapshots.count - 2] + 1
        var seals = try self.seals()
        var gone: [UInt64] = []
        // A segment can go if the one behind it begins no later than what is needed.
        let segments = names.compactMap(Files.segmentNumber).filter { $0 <= current }
        for (number, next) in zip(segments, segments.dropFirst()) {
            let bytes = try read(Files.segment(next), at: 0, count: Layout.sector)
            guard let header = SegmentHeader(guarded: bytes.span.bytes), header.firstSequence <= needed else {
                break
            }
            gone.append(number)
            seals.append(
                Seal(segment: number, lastSequence: header.firstSequence - 1, chain: header.previous)
            )
        }
        if !gone.isEmpty {
            var lines = ByteWriter()
            for seal in seals { for byte in seal.line.utf8 { lines.append(byte: byte) } }
            try replace(Files.seals, with: lines)
        }
        for sequence in snapshots.dropLast(2) { try remove(Files.snapshot(sequence)) }
        for number in gone { try remove(Files.segment(number)) }
        try syncDirectory()
    }

    /// What is left of the segments that were taken away; oldest first, each once.
    func seals() throws(StorageError) -> [Seal] {
        if !(try names().contains(Files.seals)) { return [] }
        let bytes = try read(Files.seals, at: 0, count: try size(of: Files.seals))
        var seals: [Seal] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let seal = Seal(line: String(decoding: line, as: UTF8.self)) else {
                throw StorageError(
                    path: "\(place)/\(Files.seals)",
                    action: "read it",
                    reason: "a line that is no seal"
                )
            }
            if seal.segment > seals.last?.segment ?? 0 { seals.append(seal) }
        }
        return seals
    }
}

/// What stays of a segment that was taken away: a line of text, so that anybody can keep and compare it.
public struct Seal: Hashable, Sendable {
    /// The segment.
    public var segment: UInt64
    /// Its last command.
    public var lastSequence: UInt64
    /// The chain at its end, as text.
    public var chain: String

    init(segment: UInt64, lastSequence: UInt64, chain: ChainHash) {
        self.segment = segment
        self.lastSequence = lastSequence
        self.chain = chain.description
    }

    init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count == 3, let segment = UInt64(words[0]), let last = UInt64(words[1]),
            words[2].utf8.count == 2 * ChainHash.size
        else { return nil }
        self.segment = segment
        lastSequence = last
        chain = String(words[2])
    }

    var line: String { "\(segment) \(lastSequence) \(chain)\n" }
}
