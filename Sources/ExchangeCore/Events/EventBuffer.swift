/// The events of a batch of commands in their canonical binary form: two bytes of length, one of kind,
/// then the payload's fields.
///
/// One concrete type, reused from batch to batch, so that nothing generic crosses the module's border
/// on the way of an order and nothing is allocated once it has grown to its working size.
public struct EventBuffer: ~Copyable {
    var writer: ByteWriter

    /// An empty buffer with room for `capacity` bytes.
    public init(capacity: Int = 1 << 16) { writer = ByteWriter(capacity: capacity) }

    /// Number of bytes held.
    public var count: Int { writer.count }
    /// The byte at `index`.
    public subscript(index: Int) -> UInt8 { writer.bytes[index] }
    /// Forgets all events; keeps the storage.
    public mutating func removeAll() { writer.removeAll() }

    /// No event is longer: the largest, an episode's end, has fewer than 200 bytes.
    private static let longest = 512

    @inline(__always)
    mutating func append<R: FieldRecord>(_ kind: EventKind, _ payload: R) {
        var cursor = writer.bytes.cursor(room: EventBuffer.longest)
        cursor.append(littleEndian: UInt16(0))
        cursor.append(littleEndian: kind.rawValue)
        var record = payload
        record.fields(&cursor)
        cursor.overwrite(littleEndian: UInt16(truncatingIfNeeded: cursor.count - 2), at: 0)
        writer.bytes.append(written: cursor)
    }

    /// Forgets the events behind byte `count`: what a trial run said.
    mutating func truncate(to count: Int) { writer.bytes.truncate(to: count) }

    /// Lends the bytes of all events, in one piece.
    public func withBytes<R>(_ body: (RawSpan) -> R) -> R {
        writer.withBytes(body)
    }

    /// Calls `body` with each event between bytes `start` and `end`, in order; both must lie between events.
    public func forEach(from start: Int = 0, to end: Int = Int.max, _ body: (Event) -> Void) {
        var reader = ByteReader { nil }
        var position = start
        let end = min(end, writer.bytes.count)
        while position + 3 <= end {
            let length = Int(writer.bytes[position]) | Int(writer.bytes[position + 1]) << 8
            reader.load(from: writer.bytes, start: position + 2, count: length)
            guard let kind = EventKind(rawValue: reader.byte()),
                let event = Event(kind: kind, from: &reader)
            else { preconditionFailure("an event that the core wrote does not decode") }
            body(event)
            position += 2 + length
        }
    }

    /// What became of the last command, if its outcome is the last event.
    public var lastOutcome: Outcome? {
        let length = EventBuffer.outcomeLength
        let start = writer.bytes.count - length
        if start < 0 || writer.bytes[start + 2] != EventKind.outcome.rawValue { return nil }
        if Int(writer.bytes[start]) | Int(writer.bytes[start + 1]) << 8 != length - 2 { return nil }
        var reader = ByteReader { nil }
        reader.load(from: writer.bytes, start: start + 3, count: length - 3)
        return reader.record()
    }

    /// Bytes of an outcome: length, kind, then 8 + 8 + 1 + 1 + 8 + 1.
    private static let outcomeLength = 30

    /// Digest of all bytes held.
    public var digest: Digest {
        var hash = Hash128()
        for index in 0..<writer.bytes.count { hash.add(writer.bytes[index]) }
        return hash.digest
    }
}
