import ExchangeCore

/// What an upgrade did.
public struct UpgradeReport: Sendable, Hashable {
    /// The rules before; the same as now if there was nothing to do.
    public var from: Int32
    /// The rules now.
    public var to: Int32
    /// The last command under the old rules.
    public var sequence: UInt64
}

extension Journal {
    /// Lets a log that was written under older rules go on under this program's (DET-2).
    ///
    /// The old program must have left a snapshot at the end, as it does when a venue is stopped. A segment
    /// begins behind it under the new rules, a link of the same chain, and the snapshot is written anew. Old
    /// segments stay, for whoever verifies them with the old program. Done twice, it is done once.
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
        var report = UpgradeReport(from: header.rules, to: LogVersion.current.rules, sequence: newest)
        let isSnapshotNew = file.header.rules == LogVersion.current.rules
        if header.rules == LogVersion.current.rules && isSnapshotNew { return report }
        if header.format != LogVersion.current.format {
            throw .versions(path: "\(disk.place)/\(bytes.name)", format: header.format, rules: header.rules)
        }
        report.from = min(header.rules, file.header.rules)
        let exchange = try disk.restore(file)
        let end = try chainEnd(disk, bytes, header)
        if end.next != newest + 1 || (end.link != file.header.chain && header.previous != file.header.chain) {
            throw .unfinished(path: "\(disk.place)/\(bytes.name)", snapshot: newest, rules: report.from)
        }
        do throws(StorageError) {
            if header.rules != LogVersion.current.rules {
                var begun = header
                begun.rules = LogVersion.current.rules
                begun.number = last + 1
                begun.firstSequence = newest + 1
                begun.previous = end.link
                begun.events = file.header.events
                try disk.start(begun, size: options.segmentSize, spare: nil)
            }
            if !isSnapshotNew {
                var again = file.header
                // The chain at the end of the old segment is what the new one states.
                again.chain = header.rules == LogVersion.current.rules ? header.previous : end.link
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
