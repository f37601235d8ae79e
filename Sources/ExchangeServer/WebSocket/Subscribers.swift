import BinanceDialect
import ExchangeCore
import ExchangeEdge
import NIOCore
import Synchronization

/// Who listens to what, and how each wants it wrapped.
final class Subscribers: Sendable {
    private struct Listener {
        var connection: WebSocketConnection
        /// The name that combined messages carry; nil for plain ones.
        var wrapping: String?
        /// Of user data, the events that are wanted; nil for all.
        var events: EventFilter?
    }
    private struct State {
        var streams: [StreamName: [ObjectIdentifier: Listener]] = [:]
        var accounts: [AccountID: [ObjectIdentifier: Listener]] = [:]
    }
    private let state = Mutex(State())

    /// What a change means for whoever makes the messages.
    enum Change { case none, first, last }

    func add(_ name: StreamName, _ connection: WebSocketConnection, wrapping: String?) -> Change {
        state.withLock { state in
            let isFirst = state.streams[name]?.isEmpty ?? true
            state.streams[name, default: [:]][connection.id] = Listener(
                connection: connection,
                wrapping: wrapping
            )
            return isFirst ? .first : .none
        }
    }

    func remove(_ name: StreamName, _ connection: WebSocketConnection) -> Change {
        state.withLock { state in
            guard state.streams[name]?.removeValue(forKey: connection.id) != nil else { return .none }
            guard state.streams[name]?.isEmpty == true else { return .none }
            state.streams[name] = nil
            return .last
        }
    }

    func add(
        _ account: AccountID,
        _ connection: WebSocketConnection,
        wrapping: String?,
        events: EventFilter? = nil
    ) -> Change {
        state.withLock { state in
            let isFirst = state.accounts[account]?.isEmpty ?? true
            state.accounts[account, default: [:]][connection.id] = Listener(
                connection: connection,
                wrapping: wrapping,
                events: events
            )
            return isFirst ? .first : .none
        }
    }

    func remove(_ account: AccountID, _ connection: WebSocketConnection) -> Change {
        state.withLock { state in
            guard state.accounts[account]?.removeValue(forKey: connection.id) != nil else { return .none }
            guard state.accounts[account]?.isEmpty == true else { return .none }
            state.accounts[account] = nil
            return .last
        }
    }

    /// How many listen, for metrics.
    var count: Int {
        state.withLock { state in
            state.streams.values.reduce(0) { $0 + $1.count }
                + state.accounts.values.reduce(0) { $0 + $1.count }
        }
    }

    /// Sends messages to all who want them: each is encoded once, plain and wrapped.
    func send(_ messages: [StreamMessage], _ directory: MarketDirectory) {
        if messages.isEmpty { return }
        var outgoing: [ObjectIdentifier: (WebSocketConnection, [ByteBuffer])] = [:]
        state.withLock { state in
            for message in messages {
                let listeners: [ObjectIdentifier: Listener]?
                switch message.audience {
                case .stream(let name): listeners = state.streams[name]
                case .account(let account): listeners = state.accounts[account]
                }
                guard let listeners else { continue }
                let plain = ByteBuffer(bytes: message.bytes)
                var wrapped: [String: ByteBuffer] = [:]
                for (id, listener) in listeners {
                    if let events = listener.events, !events.lets(message.bytes) { continue }
                    var bytes = plain
                    if let name = listener.wrapping {
                        bytes =
                            wrapped[name] ?? ByteBuffer(bytes: StreamMessage.combined(name, message.bytes))
                        wrapped[name] = bytes
                    }
                    outgoing[id, default: (listener.connection, [])].1.append(bytes)
                }
            }
        }
        for (connection, buffers) in outgoing.values { connection.send(buffers) }
    }
}
