import ExchangeCore
import Synchronization

/// Keys of user data streams: one for each key of the interface, an hour each, and longer if it is asked for.
///
/// Each ends with the key that it was made with, and whatever was opened with it ends with it (API-16).
final class ListenKeys: Sendable {
    private struct Entry {
        var holder: APIKey
        var expires: Int64
        var pass: Doors.Pass?
    }
    /// What there is, and the name that each key of the interface has.
    private struct State {
        var keys: [String: Entry] = [:]
        var names: [String: String] = [:]

        func name(of holder: APIKey, now: Int64) -> String? {
            guard let name = names[holder.name], let entry = keys[name], entry.expires > now else {
                return nil
            }
            return name
        }

        mutating func remove(_ name: String) -> Entry? {
            guard let entry = keys.removeValue(forKey: name) else { return nil }
            if names[entry.holder.name] == name { names[entry.holder.name] = nil }
            return entry
        }
    }
    private let state = Mutex(State())
    private let store: KeyStore
    /// ms that a key is good for.
    static let validity: Int64 = 3_600_000

    init(_ store: KeyStore) { self.store = store }

    /// The listen key of a key, the one it has or a new one, good for an hour from now; nil if the key was
    /// taken away.
    func start(_ holder: APIKey, now: Int64) -> String? {
        let (name, isNew) = state.withLock { state in
            let known = state.name(of: holder, now: now)
            let name = known ?? APIKey.token()
            state.keys[name, default: Entry(holder: holder, expires: 0)].expires = now + ListenKeys.validity
            state.names[holder.name] = name
            return (name, known == nil)
        }
        if !isNew { return name }
        let pass = store.open(.listenKey, with: holder.name) { [weak self] why in self?.end(name, why) }
        guard let pass else {
            end(name, .takenAway)
            return nil
        }
        state.withLock { $0.keys[name]?.pass = pass }
        return name
    }

    /// Makes the listen key of a key good for an hour from now; nil if it has none.
    func keep(_ holder: APIKey, now: Int64) -> String? {
        state.withLock { state in
            guard let name = state.name(of: holder, now: now) else { return nil }
            state.keys[name]?.expires = now + ListenKeys.validity
            return name
        }
    }

    /// Takes the listen key of a key back.
    func close(_ holder: APIKey) {
        if let name = state.withLock({ $0.names[holder.name] }) { end(name, .closed) }
    }

    /// Opens a user data stream until its listen key ends.
    ///
    /// - Parameter address: where it is opened from: a key that only some may use opens nothing elsewhere.
    /// - Returns: whose data it is; nil if the listen key is nobody's any more.
    func open(
        _ name: String,
        from address: String,
        now: Int64,
        shut: @escaping @Sendable (RightEnd) -> Void
    ) -> (account: AccountID, pass: Doors.Pass)? {
        guard let holder = holder(of: name, now: now), holder.mayComeFrom(address) else { return nil }
        let pass = store.doors.open(
            .userStream,
            with: .listenKey(name),
            while: { self.holder(of: name, now: now) != nil },
            shut: shut
        )
        return pass.map { (holder.accountID, $0) }
    }

    /// A user data stream ended by itself.
    func leave(_ pass: Doors.Pass) { store.doors.leave(pass) }

    private func holder(of name: String, now: Int64) -> APIKey? {
        state.withLock { state in
            guard let entry = state.keys[name], entry.expires > now else { return nil }
            return entry.holder
        }
    }

    /// Ends a listen key and all that was opened with it.
    private func end(_ name: String, _ why: RightEnd) {
        guard let entry = state.withLock({ $0.remove(name) }) else { return }
        store.doors.leave(entry.pass)
        store.doors.end(.listenKey(name), why)
    }

    /// Ends those whose hour is over; `last` makes what their streams are told.
    func expire(now: Int64, last: (String) -> [UInt8]) {
        let gone = state.withLock { state in
            state.keys.filter { $0.value.expires <= now }.map(\.key)
        }
        for name in gone { end(name, .expired(last: last(name))) }
    }
}
