import ExchangeText
import NIOCore
import NIOWebSocket
import Synchronization

/// Connections that get every fill of the waterfall.
final class FillListeners: Sendable {
    private let connections = Mutex<[ObjectIdentifier: WebSocketConnection]>([:])

    func add(_ connection: WebSocketConnection) { connections.withLock { $0[connection.id] = connection } }
    func remove(_ connection: WebSocketConnection) { connections.withLock { $0[connection.id] = nil } }
    var count: Int { connections.withLock { $0.count } }

    func send(_ fills: [VenueRecord.ForcedFill]) {
        if fills.isEmpty { return }
        let all = connections.withLock { Array($0.values) }
        if all.isEmpty { return }
        let buffers = fills.map { ByteBuffer(bytes: $0.bytes) }
        for connection in all { connection.send(buffers) }
    }

    func send(_ fills: [VenueRecord.ForcedFill], to connection: WebSocketConnection) {
        connection.send(fills.map { ByteBuffer(bytes: $0.bytes) })
    }
}

/// A connection to the stream of liquidation and deleveraging fills: gapless numbers, resumed from any of
/// the newest 20,000 (API-4).
final class FillSession: WebSocketSession {
    private let hub: Hub
    private let venue: Venue
    private let from: UInt64?

    init(_ venue: Venue, _ hub: Hub, from: UInt64?) {
        self.venue = venue
        self.hub = hub
        self.from = from
    }

    func opened(_ connection: WebSocketConnection) {
        let (hub, from) = (hub, from)
        venue.onPublisher {
            guard let oldest = hub.listenToFills(from: from, connection) else { return }
            connection.close(.policyViolation, "too low: the oldest number kept is \(oldest)")
        }
    }

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        connection.close(.policyViolation, "nothing is asked for on this stream")
    }

    func closed(_ connection: WebSocketConnection) { hub.forgetFills(connection) }
}
