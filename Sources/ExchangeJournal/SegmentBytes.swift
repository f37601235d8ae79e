import ExchangeCore

/// Sizes that the files are laid out by.
enum Layout {
    /// A frame begins at a multiple of this, so that no write touches a sector with an acknowledged frame.
    static let sector = 512
    /// No group is larger: header, commands, link.
    static let longestFrame = 1 << 20
    /// A spare segment is written in pieces of this.
    static let spareStep = 1 << 14
    static let frameHeader = FrameHeader.guardedSize

    static func rounded(_ size: Int) -> Int { (size + sector - 1) / sector * sector }
}

/// A frame that is whole: its digest, its link and its padding are right.
struct Frame {
    var header: FrameHeader
    /// Where it begins.
    var offset: Int
    /// Where its commands lie.
    var payload: Range<Int>
    /// Where the next one begins.
    var end: Int
    var link: ChainHash

    var lastSequence: UInt64 { header.firstSequence + UInt64(header.commands) - 1 }
}

/// What lies at a place where a frame may begin.
enum FrameReading {
    case frame(Frame)
    /// A sector of zeros, or the end of the file.
    case nothing
    /// Something else.
    case bad(String)
}

/// A segment of the log, read whole.
struct SegmentBytes {
    let name: String
    let bytes: [UInt8]

    /// The header; nil if the first sector does not hold one.
    var header: SegmentHeader? {
        guard bytes.count >= Layout.sector,
            let header = SegmentHeader(guarded: bytes.span.bytes.extracting(first: Layout.sector)),
            header.magic == Magic.segment,
            isZero(SegmentHeader.guardedSize..<Layout.sector)
        else { return nil }
        return header
    }

    private func isZero(_ range: Range<Int>) -> Bool {
        bytes[range].allSatisfy { $0 == 0 }
    }

    /// What begins at `offset`.
    func reading(at offset: Int) -> FrameReading {
        if offset + Layout.sector > bytes.count {
            return isZero(min(offset, bytes.count)..<bytes.count) ? .nothing : .bad("less than a sector")
        }
        if isZero(offset..<offset + Layout.sector) { return .nothing }
        let rest = bytes.span.bytes.extracting(offset..<bytes.count)
        guard let header = FrameHeader(guarded: rest), header.magic == Magic.frame else {
            return .bad("no header of a group")
        }
        let size = Layout.frameHeader + Int(header.length) + ChainHash.size
        let end = offset + Layout.rounded(size)
        if header.length < 1 || header.commands < 1 || size > Layout.longestFrame || end > bytes.count {
            return .bad("a group of impossible size")
        }
        let payload = offset + Layout.frameHeader..<offset + size - ChainHash.size
        let link = ChainHash.of(rest.extracting(first: size - ChainHash.size))
        if !bytes[payload.upperBound..<payload.upperBound + ChainHash.size].elementsEqual(link.bytes) {
            return .bad("a group whose hash is not that of its bytes")
        }
        if !isZero(offset + size..<end) { return .bad("padding of a group that is not zero") }
        return .frame(Frame(header: header, offset: offset, payload: payload, end: end, link: link))
    }

    /// The first whole frame of this journal behind `offset`: what a torn write cannot leave.
    func wholeFrame(behind offset: Int, of journal: JournalID) -> Frame? {
        var place = offset + Layout.sector
        while place + Layout.sector <= bytes.count {
            if bytes[place] == UInt8(truncatingIfNeeded: Magic.frame),
                case .frame(let frame) = reading(at: place), frame.header.journal == journal
            {
                return frame
            }
            place += Layout.sector
        }
        return nil
    }

    /// One behind the last byte from `offset` on that is not zero; `offset` if all are.
    func usedEnd(from offset: Int) -> Int {
        var end = bytes.count
        while end > offset && bytes[end - 1] == 0 { end -= 1 }
        return end
    }
}

extension Storage {
    /// A segment's bytes.
    func segment(_ number: UInt64) throws(JournalError) -> SegmentBytes {
        let name = Files.segment(number)
        let bytes = try onStorage { () throws(StorageError) in
            try read(name, at: 0, count: try size(of: name))
        }
        return SegmentBytes(name: name, bytes: bytes)
    }

    func corruption(_ name: String, _ offset: Int, _ reason: String) -> JournalError {
        .corrupt(.init(path: "\(place)/\(name)", offset: offset, reason: reason))
    }
}
