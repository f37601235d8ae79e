import ExchangeCore

/// What an upgrade did.
public struct UpgradeReport: Sendable, Hashable {
    /// The version before; the same as now if there was nothing to do.
    public var from: LogVersion
    /// The version now.
    public var to: LogVersion
    /// The last command under the old version.
    public var sequence: UInt64
}

extension Journal {
    /// Lets a log that an older program wrote go on under this one's rules and form of states (DET-2).
    ///
    /// The old program must have left a snapshot at the end, as it does when a venue is stopped. A segment of
    /// this program's version begins behind it, a link of the same chain, and the snapshot is written again.
    /// Old segments stay, for whoever verifies them with the old program. Done twice, it is done once.
    ///
    /// - Throws: `versions` for a format that this program does not read, `unfinished` without such a
    ///   snapshot, `corrupt` as `open`.
    public static func upgrade(
        on disk: Disk,
        options: JournalOptions = JournalOptions()
    ) throws(JournalError) -> UpgradeReport {
        let names = try onStorage { () throws(StorageError) in try disk.names() }
        guard let last = names.compactMap(Files.segmentNumber).last else { throw .absent(path: disk.place) }
        guard let newest = names.compactMap(Files.snapshotSequence).last else {
            throw disk.corruption(".", 0, "no snapshot")
        }
        let file = try disk.anySnapshot(newest, of: nil)
        let bytes = try disk.segment(last)
        guard let header = bytes.header, header.journal == file.header.journal else {
            throw disk.corruption(bytes.name, 0, "no header of a segment of this journal")
        }
        let isLogNew = header.version == .current
        let isSnapshotNew = file.header.version == .current
        // Interrupted, an upgrade leaves the one new and the other old.
        let before = isLogNew ? file.header.version : header.version
        let report = UpgradeReport(from: before, to: .current, sequence: newest)
        if isLogNew && isSnapshotNew { return report }
        if !before.isReadable {
            throw .versions(path: "\(disk.place)/\(bytes.name)", found: before)
        }
        let exchange = try disk.restore(file)
        let end = try chainEnd(disk, bytes, header)
        if end.next != newest + 1 || (end.link != file.header.chain && header.previous != file.header.chain) {
            throw .unfinished(path: "\(disk.place)/\(bytes.name)", snapshot: newest, version: before)
        }
        do throws(StorageError) {
            if !isLogNew {
                var begun = header
                begun.version = .current
                begun.number = last + 1
                begun.firstSequence = newest + 1
                begun.previous = end.link
                begun.events = file.header.events
                try disk.start(begun, size: options.segmentSize, spare: nil)
            }
            if !isSnapshotNew {
                var again = file.header
                // The chain at the end of the old segment is what the new one states.
                again.chain = isLogNew ? header.previous : end.link
                try disk.keep(exchange, again)
            }
        } catch {
            throw .storage(error)
        }
        return report
    }

    /// The chain at a segment's end, and the number of the command that comes next; nothing is executed.
    private static func chainEnd(
        _ disk: Disk,
        _ bytes: SegmentBytes,
        _ header: SegmentHeader
    ) throws(JournalError) -> (link: ChainHash, next: UInt64) {
        var link = header.link
        var next = header.firstSequence
        var place = Layout.sector
        while case .frame(let frame) = bytes.reading(at: place) {
            if frame.header.previous != link || frame.header.firstSequence != next {
                throw disk.corruption(bytes.name, place, "a group that does not follow the one before it")
            }
            (link, next, place) = (frame.link, frame.lastSequence + 1, frame.end)
        }
        if bytes.usedEnd(from: place) > place {
            throw disk.corruption(bytes.name, place, "something behind the last whole group")
        }
        return (link, next)
    }
}
