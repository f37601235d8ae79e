import ExchangeCore

import struct Crypto.SHA256
import struct Crypto.SHA256Digest

/// Which encoding and which rules a file was written with (DET-2).
public struct LogVersion: Sendable, Hashable, CustomStringConvertible {
    /// Of the files: raised when their layout changes, or the core's canonical encoding does.
    public var format: Int32
    /// Of the exchange: raised when the same commands would give another result.
    public var rules: Int32
    /// This program's.
    public static let current = LogVersion(state: Exchange.format, rules: Exchange.rules)

    /// The version of a file whose layout is this program's.
    public init(state: Int32, rules: Int32) {
        format = LogVersion.layout + state << 8
        self.rules = rules
    }

    /// The version that a file states.
    public init(format: Int32, rules: Int32) {
        self.format = format
        self.rules = rules
    }

    /// The layout of files: groups, seals, snapshots.
    private static let layout: Int32 = 1

    /// The format of states (DET-2), from 1 on.
    public var state: Int32 { format >> 8 }

    public var description: String {
        let layout = format & 0xFF
        return layout == LogVersion.layout
            ? "format \(state) and rules \(rules)" : "layout \(layout), format \(state) and rules \(rules)"
    }

    /// Whether an upgrade reads it: files laid out as now, a state and rules no newer than this program's.
    var isReadable: Bool {
        let isLaidOut = format & 0xFF == LogVersion.layout
        return isLaidOut && (1...Exchange.format).contains(state) && (1...Exchange.rules).contains(rules)
    }
}

/// A link of the chain: SHA-256 of a piece of the log, the link before it included.
public struct ChainHash: BitwiseCopyable, Hashable, Sendable, CustomStringConvertible {
    var words: InlineWords = InlineWords()

    struct InlineWords: Hashable, Sendable, BitwiseCopyable {
        var a: UInt64 = 0
        var b: UInt64 = 0
        var c: UInt64 = 0
        var d: UInt64 = 0
    }

    /// Nothing yet.
    public static let zero = ChainHash()

    /// Number of bytes.
    static let size = 32

    init() {}

    init(_ digest: SHA256Digest) {
        let bytes = Array(digest)
        words.a = ChainHash.word(bytes, 0)
        words.b = ChainHash.word(bytes, 8)
        words.c = ChainHash.word(bytes, 16)
        words.d = ChainHash.word(bytes, 24)
    }

    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64($1 * 8) }
    }

    /// The hash of some bytes.
    static func of(_ bytes: RawSpan) -> ChainHash {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return ChainHash(hash.finalize())
    }

    /// The hash of this one and the bytes behind it: how the running hash of events goes on.
    func extended(by bytes: RawSpan) -> ChainHash {
        var hash = SHA256()
        hash.update(data: self.bytes)
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return ChainHash(hash.finalize())
    }

    /// The bytes of the hash, in order.
    public var bytes: [UInt8] {
        [words.a, words.b, words.c, words.d].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
        }
    }

    /// In hexadecimal.
    public var description: String { Hexadecimal.text(bytes) }

    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("a", &words.a)
        visitor.visit("b", &words.b)
        visitor.visit("c", &words.c)
        visitor.visit("d", &words.d)
    }
}

/// Bytes as text.
enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension Digest {
    /// In hexadecimal, as `zerosum run --state` prints it.
    var text: String {
        Hexadecimal.text(
            [low, high].flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }
            }
        )
    }

    /// The digest that guards a header.
    static func of(_ bytes: RawSpan) -> Digest {
        var hash = Hash128()
        for index in 0..<bytes.byteCount { hash.add(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
        return hash.digest
    }
}

/// Sixteen random bytes that tell one journal's pieces from another's.
public struct JournalID: Hashable, Sendable, BitwiseCopyable {
    var low: UInt64
    var high: UInt64
    /// An identity from its two words.
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// In hexadecimal.
    public var text: String { Digest(low: low, high: high).text }
}

/// The first bytes of a piece, by which it is found.
enum Magic {
    /// "ZSUM" and what it is, lowest byte first.
    static let segment: UInt64 = 0x3147_4553_4D55_535A
    static let frame: UInt64 = 0x314D_5246_4D55_535A
    static let snapshot: UInt64 = 0x3150_4E53_4D55_535A
    static let head: UInt64 = 0x3144_4548_4D55_535A
}

/// How a record that guards itself is written: its fields, then their digest.
extension FieldRecord {
    /// Appends the fields and their digest.
    func appendGuarded(to writer: inout ByteWriter) {
        var alone = ByteWriter()
        var copy = self
        copy.fields(&alone)
        let digest = alone.withBytes { Digest.of($0) }
        alone.withBytes { writer.append(copying: $0) }
        writer.append(littleEndian: digest.low)
        writer.append(littleEndian: digest.high)
    }

    /// How many bytes that takes.
    static var guardedSize: Int {
        var writer = ByteWriter()
        Self.zero.appendGuarded(to: &writer)
        return writer.count
    }

    /// Reads one; nil if the digest is not that of the fields.
    init?(guarded bytes: RawSpan) {
        let size = Self.guardedSize
        if bytes.byteCount < size { return nil }
        var reader = ByteReader(copying: bytes.extracting(first: size))
        var record = Self.zero
        record.fields(&reader)
        var low: UInt64 = 0
        var high: UInt64 = 0
        reader.visit("low", &low)
        reader.visit("high", &high)
        let digest = Digest.of(bytes.extracting(first: size - 16))
        if reader.failed || digest != Digest(low: low, high: high) { return nil }
        self = record
    }
}

/// The first sector of a segment.
struct SegmentHeader: FieldRecord {
    var magic = Magic.segment
    var format: Int32 = 0
    var rules: Int32 = 0
    var journalLow: UInt64 = 0
    var journalHigh: UInt64 = 0
    /// From 1.
    var number: UInt64 = 0
    /// Of the first command in it.
    var firstSequence: UInt64 = 1
    /// The chain up to here.
    var previous = ChainHash.zero
    /// The running hash of the events up to here.
    var events = ChainHash.zero

    static var zero: SegmentHeader { SegmentHeader() }
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("magic", &magic)
        visitor.visit("format", &format)
        visitor.visit("rules", &rules)
        visitor.visit("journalLow", &journalLow)
        visitor.visit("journalHigh", &journalHigh)
        visitor.visit("number", &number)
        visitor.visit("firstSequence", &firstSequence)
        previous.fields(&visitor)
        events.fields(&visitor)
    }

    var journal: JournalID { JournalID(low: journalLow, high: journalHigh) }

    var version: LogVersion {
        get { LogVersion(format: format, rules: rules) }
        set { (format, rules) = (newValue.format, newValue.rules) }
    }

    /// The link that the first frame of the segment follows.
    var link: ChainHash {
        var writer = ByteWriter()
        appendGuarded(to: &writer)
        return writer.withBytes { ChainHash.of($0) }
    }
}

/// What a group of commands begins with.
struct FrameHeader: FieldRecord {
    var magic = Magic.frame
    var journalLow: UInt64 = 0
    var journalHigh: UInt64 = 0
    /// Of the segment that it belongs to.
    var segment: UInt64 = 0
    /// Of its first command.
    var firstSequence: UInt64 = 0
    /// How many commands; at least 1.
    var commands: Int32 = 0
    /// Bytes of the commands.
    var length: Int32 = 0
    /// The link before.
    var previous = ChainHash.zero
    /// The running hash of the events, this group's included.
    var events = ChainHash.zero

    static var zero: FrameHeader { FrameHeader() }
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("magic", &magic)
        visitor.visit("journalLow", &journalLow)
        visitor.visit("journalHigh", &journalHigh)
        visitor.visit("segment", &segment)
        visitor.visit("firstSequence", &firstSequence)
        visitor.visit("commands", &commands)
        visitor.visit("length", &length)
        previous.fields(&visitor)
        events.fields(&visitor)
    }

    var journal: JournalID { JournalID(low: journalLow, high: journalHigh) }
}

/// What a snapshot begins with.
struct SnapshotHeader: FieldRecord {
    var magic = Magic.snapshot
    var format: Int32 = 0
    var rules: Int32 = 0
    var journalLow: UInt64 = 0
    var journalHigh: UInt64 = 0
    /// Of the last command that it holds.
    var sequence: UInt64 = 0
    /// Bytes of the state.
    var length: Int64 = 0
    /// The chain and the running hash of the events at that command.
    var chain = ChainHash.zero
    var events = ChainHash.zero
    var stateLow: UInt64 = 0
    var stateHigh: UInt64 = 0

    var version: LogVersion {
        get { LogVersion(format: format, rules: rules) }
        set { (format, rules) = (newValue.format, newValue.rules) }
    }

    static var zero: SnapshotHeader { SnapshotHeader() }
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("magic", &magic)
        visitor.visit("format", &format)
        visitor.visit("rules", &rules)
        visitor.visit("journalLow", &journalLow)
        visitor.visit("journalHigh", &journalHigh)
        visitor.visit("sequence", &sequence)
        visitor.visit("length", &length)
        chain.fields(&visitor)
        events.fields(&visitor)
        visitor.visit("stateLow", &stateLow)
        visitor.visit("stateHigh", &stateHigh)
    }

    var journal: JournalID { JournalID(low: journalLow, high: journalHigh) }
    var state: Digest { Digest(low: stateLow, high: stateHigh) }
}

/// What was acknowledged last, as far as it reached the disk: never more than what is durable.
struct HeadRecord: FieldRecord {
    var magic = Magic.head
    var journalLow: UInt64 = 0
    var journalHigh: UInt64 = 0
    var sequence: UInt64 = 0
    var chain = ChainHash.zero

    static var zero: HeadRecord { HeadRecord() }
    mutating func fields<V: FieldVisitor & ~Copyable>(_ visitor: inout V) {
        visitor.visit("magic", &magic)
        visitor.visit("journalLow", &journalLow)
        visitor.visit("journalHigh", &journalHigh)
        visitor.visit("sequence", &sequence)
        chain.fields(&visitor)
    }

    var journal: JournalID { JournalID(low: journalLow, high: journalHigh) }
}
