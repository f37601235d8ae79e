import ExchangeCore

/// Executes a log from a snapshot on and compares everything that it states: the one way in which a log is
/// read, by start-up, `verify` and whoever wants to see its commands again.
final class Walk<Disk: Storage> {
    let disk: Disk
    let journal: JournalID
    /// Numbers of the segments there are, in order.
    var segments: [UInt64]

    var exchange: Exchange
    var events = EventBuffer()
    /// The commands of the last group.
    var commands: [Command] = []
    /// The chain, and the running hash of the events, up to the last command.
    var chain: ChainHash
    var running: ChainHash
    /// The chain at the end of the segment before.
    var sealed = ChainHash.zero
    /// The link of the last group, whatever segment was begun behind it.
    var lastGroup: ChainHash
    /// Commands executed.
    var executed = 0
    /// Where the next frame goes, and in which segment.
    var segment: UInt64 = 0
    var end = Layout.sector
    /// Bytes of a group that was never acknowledged, at the end.
    var torn = 0

    /// Begins at a snapshot.
    init(_ disk: Disk, from file: SnapshotFile, segments: [UInt64]) throws(JournalError) {
        self.disk = disk
        self.segments = segments
        journal = file.header.journal
        exchange = try disk.restore(file)
        chain = file.header.chain
        lastGroup = chain
        running = file.header.events
    }

    /// Reads all that follows, or up to the group that ends with a command: behind that one, which must be
    /// durable, somebody may be writing. `observe` sees each group: its frame's header and its events.
    func run(
        upTo last: UInt64 = .max,
        _ observe: (FrameHeader, borrowing Exchange, borrowing EventBuffer, [Command]) throws(JournalError) ->
            Void
    ) throws(JournalError) {
        // A directory may be taken away while its log is read.
        if segments.isEmpty { throw .absent(path: disk.place) }
        let start = exchange.nextSequence
        var index = segments.count - 1
        var bytes = try disk.segment(segments[index])
        while try firstSequence(bytes) > start {
            if index == 0 {
                throw disk.corruption(
                    bytes.name,
                    0,
                    "the log begins behind command \(start), which is needed"
                )
            }
            index -= 1
            bytes = try disk.segment(segments[index])
        }
        var reached: ChainHash?
        while true {
            let isLast = index == segments.count - 1
            try walk(bytes, follows: &reached, from: start, upTo: last, isLast: isLast, observe)
            index += 1
            if index == segments.count || exchange.nextSequence > last { return }
            if segments[index] != segments[index - 1] + 1 {
                throw disk.corruption(Files.segment(segments[index]), 0, "the segment before it is missing")
            }
            bytes = try disk.segment(segments[index])
        }
    }

    private func firstSequence(_ bytes: SegmentBytes) throws(JournalError) -> UInt64 {
        try checkedHeader(bytes).firstSequence
    }

    private func checkedHeader(_ bytes: SegmentBytes) throws(JournalError) -> SegmentHeader {
        guard let header = bytes.header else {
            throw disk.corruption(bytes.name, 0, "no header of a segment")
        }
        if header.journal != journal {
            throw disk.corruption(bytes.name, 0, "a segment of another journal")
        }
        if Files.segment(header.number) != bytes.name {
            throw disk.corruption(bytes.name, 0, "segment \(header.number) under another's name")
        }
        let version = header.version
        if version != .current {
            throw .versions(path: "\(disk.place)/\(bytes.name)", found: version)
        }
        return header
    }

    /// Goes through a segment. `link` is the chain at its end, nil before the first segment.
    private func walk(
        _ bytes: SegmentBytes,
        follows link: inout ChainHash?,
        from start: UInt64,
        upTo last: UInt64,
        isLast: Bool,
        _ observe: (FrameHeader, borrowing Exchange, borrowing EventBuffer, [Command]) throws(JournalError) ->
            Void
    ) throws(JournalError) {
        let header = try checkedHeader(bytes)
        if let link, header.previous != link {
            throw disk.corruption(bytes.name, 0, "the chain does not go on from the segment before")
        }
        var place = Layout.sector
        var here = header.link
        var next = header.firstSequence
        if next == exchange.nextSequence && header.previous == chain {
            sealed = chain
            chain = here
        }
        while true {
            switch bytes.reading(at: place) {
            case .nothing:
                try checkEnd(bytes, place, reason: nil, isLast: isLast)
            case .bad(let reason):
                try checkEnd(bytes, place, reason: reason, isLast: isLast)
            case .frame(let frame):
                try check(frame, in: bytes, number: header.number, next: next, previous: here)
                here = frame.link
                next = frame.lastSequence + 1
                place = frame.end
                if frame.header.firstSequence >= start {
                    try execute(frame, bytes)
                    try observe(frame.header, exchange, events, commands)
                } else if next > start {
                    throw disk.corruption(bytes.name, frame.offset, "a snapshot lies inside of this group")
                } else if next == start && frame.link != chain {
                    throw disk.corruption(bytes.name, frame.offset, "the snapshot is not of this chain")
                }
                if frame.lastSequence < last { continue }
            }
            break
        }
        link = here
        segment = header.number
        end = place
    }

    /// A frame must be the next one of this chain: a whole one that is not was written to a wrong place.
    private func check(
        _ frame: Frame,
        in bytes: SegmentBytes,
        number: UInt64,
        next: UInt64,
        previous: ChainHash
    ) throws(JournalError) {
        let header = frame.header
        let reason: String
        if header.journal != journal {
            reason = "a group of another journal"
        } else if header.segment != number || header.firstSequence != next {
            reason =
                "a group that begins with command \(header.firstSequence) of segment \(header.segment), "
                + "where \(next) belongs"
        } else if header.previous != previous {
            reason = "a group that does not follow the one before it"
        } else {
            return
        }
        throw disk.corruption(bytes.name, frame.offset, reason)
    }

    /// Nothing whole may follow the end of the log; what is not zero there is a group that a loss of power
    /// cut short, and was never acknowledged.
    private func checkEnd(
        _ bytes: SegmentBytes,
        _ place: Int,
        reason: String?,
        isLast: Bool
    ) throws(JournalError) {
        if let later = bytes.wholeFrame(behind: place - (reason == nil ? Layout.sector : 0), of: journal) {
            throw disk.corruption(
                bytes.name,
                place,
                "\(reason ?? "a sector of zeros"), though the group of command "
                    + "\(later.header.firstSequence) follows at byte \(later.offset)"
            )
        }
        torn = bytes.usedEnd(from: place) - place
        if !isLast && torn > 0 {
            throw disk.corruption(
                bytes.name,
                place,
                "\(reason ?? "bytes behind the end of a sealed segment")"
            )
        }
    }

    private func execute(_ frame: Frame, _ bytes: SegmentBytes) throws(JournalError) {
        var reader = ByteReader(copying: bytes.bytes.span.bytes.extracting(frame.payload))
        events.removeAll()
        commands.removeAll(keepingCapacity: true)
        if frame.header.firstSequence == exchange.nextSequence, frame.header.previous != chain {
            throw disk.corruption(bytes.name, frame.offset, "the snapshot is not of this chain")
        }
        for _ in 0..<frame.header.commands {
            var at = Timestamp(0)
            reader.visit("at", &at)
            guard let command = Command(from: &reader) else {
                throw disk.corruption(bytes.name, frame.offset, "a group that does not hold commands")
            }
            let status = exchange.apply(command, sequence: exchange.nextSequence, at: at, into: &events)
            if !status.consumesSequence {
                throw .diverged(
                    path: "\(disk.place)/\(bytes.name)",
                    sequence: exchange.nextSequence,
                    what: "the commands (\(status.term))"
                )
            }
            commands.append(command)
            executed += 1
        }
        if !reader.isAtEnd {
            throw disk.corruption(bytes.name, frame.offset, "a group that does not hold only commands")
        }
        running = events.withBytes { running.extended(by: $0) }
        if running != frame.header.events {
            throw .diverged(
                path: "\(disk.place)/\(bytes.name)",
                sequence: frame.lastSequence,
                what: "the events"
            )
        }
        chain = frame.link
        lastGroup = chain
    }
}
