import ExchangeEdge
import ExchangeHistory
import ExchangeRuntime
import NIOCore
import NIOWebSocket
import ReadModel
import Synchronization

/// Connections that get every fill of the waterfall.
final class FillListeners: Sendable {
    private let connections = Mutex<[ObjectIdentifier: WebSocketConnection]>([:])

    /// One that is gone already is not kept: nobody would take it out.
    func add(_ connection: WebSocketConnection) {
        connections.withLock { if !connection.isGone { $0[connection.id] = connection } }
    }
    func remove(_ connection: WebSocketConnection) { connections.withLock { $0[connection.id] = nil } }
    var count: Int { connections.withLock { $0.count } }

    func send(_ fills: [VenueRecord.ForcedFill]) {
        if fills.isEmpty { return }
        let all = connections.withLock { Array($0.values) }
        if all.isEmpty { return }
        let buffers = fills.map { ByteBuffer(bytes: $0.bytes) }
        for connection in all { connection.send(buffers) }
    }
}

/// A connection to the stream of liquidation and deleveraging fills: gapless numbers, resumed from any of
/// them (API-4): the newest 20,000 are in memory, all others in the history.
final class FillSession: WebSocketSession {
    private let venue: Venue
    private let from: UInt64?
    private let isUnreadable: Bool

    init(_ venue: Venue, from: UInt64?, isUnreadable: Bool = false) {
        self.venue = venue
        self.from = from
        self.isUnreadable = isUnreadable
    }

    func opened(_ connection: WebSocketConnection) {
        if isUnreadable { return connection.close(.policyViolation, "from: a number is expected") }
        FillSession.resume(venue, from: from, connection)
    }

    /// What was missed goes out in portions, the next when the one before is out: a client that reads may
    /// have missed any number.
    private static func resume(_ venue: Venue, from: UInt64?, _ connection: WebSocketConnection) {
        do throws(Refusal) {
            try venue.onPublishingThread {
                switch venue.publisher.resumeFills(from: from, limit: connection.portion, connection) {
                case .some(let fills):
                    let next = (fills.last?.number ?? 0) + 1
                    connection.send(buffers(fills)) { resume(venue, from: next, connection) }
                case .last(let fills): connection.send(buffers(fills))
                case .gone(let oldest, let sequence):
                    older(venue, from: from ?? 0, oldest, sequence, connection)
                }
            }
        } catch {
            connection.close(.unknown(1013), "the venue is busy: resume again")
        }
    }

    /// A portion of those that are no longer in memory, out of the history.
    private static func older(
        _ venue: Venue,
        from: UInt64,
        _ oldest: UInt64,
        _ sequence: UInt64,
        _ connection: WebSocketConnection
    ) {
        guard let history = venue.history else { return tooLow(oldest, connection) }
        let wanted = max(1, Int64(clamping: from))
        var question = HistoryQuestion(.fills, owner: 0, limit: 500)
        question.from = wanted
        question.before = Int64(clamping: oldest)
        history.read([question], upTo: sequence) { found in
            guard let rows = found?.first else {
                return connection.close(.unknown(1013), "the history is being made anew: resume again")
            }
            guard let first = rows.first, first.place <= wanted else {
                return tooLow(rows.first.map { UInt64($0.place) } ?? oldest, connection)
            }
            var size = 0
            var portion: [ByteBuffer] = []
            for row in rows where portion.isEmpty || size + row.bytes.count <= connection.portion {
                size += row.bytes.count
                portion.append(ByteBuffer(bytes: row.bytes))
            }
            let next = UInt64(wanted) + UInt64(portion.count)
            connection.send(portion) { resume(venue, from: next, connection) }
        }
    }

    private static func tooLow(_ oldest: UInt64, _ connection: WebSocketConnection) {
        connection.close(.policyViolation, "too low: the oldest number kept is \(oldest)")
    }

    private static func buffers(_ fills: [VenueRecord.ForcedFill]) -> [ByteBuffer] {
        fills.map { ByteBuffer(bytes: $0.bytes) }
    }

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        connection.close(.policyViolation, "nothing is asked for on this stream")
    }

    func closed(_ connection: WebSocketConnection) { venue.publisher.forgetFills(connection) }
}
