import ExchangeCore
import ExchangeText

/// A state of the exchange as a file holds it.
struct SnapshotFile {
    var header: SnapshotHeader
    /// The whole file.
    var bytes: [UInt8]

    private static let headerSize = SnapshotHeader.guardedSize

    /// Where the state lies.
    private var state: Range<Int> {
        SnapshotFile.headerSize..<SnapshotFile.headerSize + Int(header.length)
    }

    /// Lays out a state.
    static func layOut(_ header: SnapshotHeader, state: borrowing ByteWriter) -> ByteWriter {
        var writer = ByteWriter(capacity: state.count + 512)
        header.appendGuarded(to: &writer)
        state.withBytes { writer.append(copying: $0) }
        let hash = writer.withBytes { ChainHash.of($0) }
        for byte in hash.bytes { writer.append(byte: byte) }
        return writer
    }

    /// Reads what `layOut` wrote, or says what is wrong with it.
    init(bytes: [UInt8], named sequence: UInt64) throws(Fault) {
        guard let header = SnapshotHeader(guarded: bytes.span.bytes), header.magic == Magic.snapshot else {
            throw Fault(offset: 0, reason: "no header of a snapshot")
        }
        let end = SnapshotFile.headerSize + Int(clamping: header.length)
        if header.length < 0 || bytes.count != end + ChainHash.size {
            throw Fault(offset: 0, reason: "a snapshot of \(bytes.count) bytes that states another size")
        }
        let hash = ChainHash.of(bytes.span.bytes.extracting(first: end))
        if !bytes[end...].elementsEqual(hash.bytes) {
            throw Fault(offset: end, reason: "a snapshot whose hash is not that of its bytes")
        }
        if header.sequence != sequence {
            throw Fault(offset: 0, reason: "a snapshot of command \(header.sequence) under another's name")
        }
        self.header = header
        self.bytes = bytes
    }

    struct Fault: Error {
        var offset: Int
        var reason: String
    }

    /// The exchange that the state describes.
    ///
    /// - Throws: a fault if the bytes do not describe one, or one with another hash.
    func exchange() throws(Fault) -> Exchange {
        let state = bytes.span.bytes.extracting(self.state)
        let digest = Digest.of(state)
        if digest != header.state {
            throw Fault(offset: SnapshotFile.headerSize, reason: "a state with the hash \(digest.text)")
        }
        var reader = ByteReader(copying: state)
        let exchange: Exchange
        do throws(StateFault) {
            let version = header.version
            exchange = try Exchange(restoring: &reader, format: version.state, rules: version.rules)
        } catch {
            let offset = SnapshotFile.headerSize
            throw Fault(offset: offset, reason: "a state that no exchange has: \(error.text)")
        }
        if exchange.nextSequence != header.sequence + 1 {
            throw Fault(offset: SnapshotFile.headerSize, reason: "the state of another command")
        }
        return exchange
    }
}

extension Storage {
    /// A snapshot's file.
    ///
    /// - Throws: `corrupt` if the file is not whole, `versions` if another program must read it.
    func snapshot(_ sequence: UInt64, of journal: JournalID?) throws(JournalError) -> SnapshotFile {
        let file = try anySnapshot(sequence, of: journal)
        let version = file.header.version
        if version != .current {
            throw .versions(path: "\(place)/\(Files.snapshot(sequence))", found: version)
        }
        return file
    }

    /// The same, of whatever version.
    func anySnapshot(_ sequence: UInt64, of journal: JournalID?) throws(JournalError) -> SnapshotFile {
        let name = Files.snapshot(sequence)
        let bytes = try onStorage { () throws(StorageError) in
            try read(name, at: 0, count: try size(of: name))
        }
        let file: SnapshotFile
        do throws(SnapshotFile.Fault) {
            file = try SnapshotFile(bytes: bytes, named: sequence)
        } catch {
            throw corruption(name, error.offset, error.reason)
        }
        if let journal, file.header.journal != journal {
            throw corruption(name, 0, "a snapshot of another journal")
        }
        return file
    }

    /// The exchange that a snapshot holds.
    func restore(_ file: SnapshotFile) throws(JournalError) -> Exchange {
        do throws(SnapshotFile.Fault) {
            return try file.exchange()
        } catch {
            throw corruption(Files.snapshot(file.header.sequence), error.offset, error.reason)
        }
    }
}
