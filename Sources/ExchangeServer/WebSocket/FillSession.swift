import ExchangeRuntime
import NIOCore
import NIOWebSocket
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
/// the newest 20,000 (API-4).
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
            try venue.onPublisher {
                switch venue.hub.resumeFills(from: from, limit: connection.portion, connection) {
                case .some(let fills):
                    let next = (fills.last?.number ?? 0) + 1
                    connection.send(buffers(fills)) { resume(venue, from: next, connection) }
                case .last(let fills): connection.send(buffers(fills))
                case .gone(let oldest):
                    connection.close(.policyViolation, "too low: the oldest number kept is \(oldest)")
                }
            }
        } catch {
            connection.close(.unknown(1013), "the venue is busy: resume again")
        }
    }

    private static func buffers(_ fills: [VenueRecord.ForcedFill]) -> [ByteBuffer] {
        fills.map { ByteBuffer(bytes: $0.bytes) }
    }

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        connection.close(.policyViolation, "nothing is asked for on this stream")
    }

    func closed(_ connection: WebSocketConnection) { venue.hub.forgetFills(connection) }
}
