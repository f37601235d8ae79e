import BinanceDialect
import ExchangeCore
import NIOCore
import Synchronization

/// Who listens to what, and how each wants it wrapped.
final class Subscribers: Sendable {
    private struct Listener {
        var connection: WebSocketConnection
        /// The name that combined messages carry; nil for plain ones.
        var wrapping: String?
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

    func add(_ account: AccountID, _ connection: WebSocketConnection, wrapping: String?) -> Change {
        state.withLock { state in
            let isFirst = state.accounts[account]?.isEmpty ?? true
            state.accounts[account, default: [:]][connection.id] = Listener(
                connection: connection,
                wrapping: wrapping
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

/// Keys of user data streams: an hour each, and longer if it is asked for.
final class ListenKeys: Sendable {
    private struct Entry {
        var account: AccountID
        var expires: Int64
    }
    private let state = Mutex<(keys: [String: Entry], names: [AccountID: String])>(([:], [:]))
    /// ms that a key is good for.
    static let validity: Int64 = 3_600_000

    /// The account's key, the one it has or a new one, good for an hour from now.
    func start(_ account: AccountID, now: Int64) -> String {
        state.withLock { state in
            if let name = state.names[account], let entry = state.keys[name], entry.expires > now {
                state.keys[name]?.expires = now + ListenKeys.validity
                return name
            }
            let name = APIKey.token()
            state.keys[name] = Entry(account: account, expires: now + ListenKeys.validity)
            state.names[account] = name
            return name
        }
    }

    /// Makes the account's key good for an hour from now; nil if it has none.
    func keep(_ account: AccountID, now: Int64) -> String? {
        state.withLock { state in
            guard let name = state.names[account], let entry = state.keys[name], entry.expires > now else {
                return nil
            }
            state.keys[name]?.expires = now + ListenKeys.validity
            return name
        }
    }

    /// Takes the account's key away.
    func close(_ account: AccountID) {
        state.withLock { state in
            if let name = state.names.removeValue(forKey: account) { state.keys[name] = nil }
        }
    }

    /// Whose key it is; nil if it is nobody's any more.
    func account(of name: String, now: Int64) -> AccountID? {
        state.withLock { state in
            guard let entry = state.keys[name], entry.expires > now else { return nil }
            return entry.account
        }
    }

    /// Takes away what has run out, and says whose it was.
    func expire(now: Int64) -> [(name: String, account: AccountID)] {
        state.withLock { state in
            let gone = state.keys.filter { $0.value.expires <= now }
            for (name, entry) in gone {
                state.keys[name] = nil
                if state.names[entry.account] == name { state.names[entry.account] = nil }
            }
            return gone.map { ($0.key, $0.value.account) }
        }
    }
}
