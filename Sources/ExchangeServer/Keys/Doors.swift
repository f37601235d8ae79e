import Synchronization

/// What a key holds open beyond one request (API-16).
///
/// A new way to hold something open is a case here: the test that walks through all of them does not
/// compile until it opens it and sees it end.
enum Door: CaseIterable, Sendable {
    /// A listen key, which opens user data streams to whoever has it.
    case listenKey
    /// A connection that is sent an account's user data.
    case userStream
    /// A session of the WS-API that logged on.
    case session
    /// A live question that is asked again and again.
    case question
}

/// What a door stands open with.
enum Right: Hashable, Sendable {
    /// A key of the interface, by its name.
    case key(String)
    /// A listen key, which itself is a door of a key.
    case listenKey(String)
}

/// Why a right ends.
enum RightEnd: Sendable {
    /// The operator took the key away.
    case takenAway
    /// The client gave its listen key back.
    case closed
    /// The listen key's hour is over: `last` is said before its streams close.
    case expired(last: [UInt8])
}

/// All that is held open with some right, in one table: whatever a right opened ends in `end`, and nowhere
/// else.
final class Doors: Sendable {
    /// One that stands open.
    struct Pass: Sendable {
        fileprivate var right: Right
        fileprivate var number: UInt64
    }

    private struct Opened {
        var door: Door
        var shut: @Sendable (RightEnd) -> Void
    }
    private struct State {
        var next: UInt64 = 0
        var opened: [Right: [UInt64: Opened]] = [:]
    }
    private let state = Mutex(State())

    /// Opens a door until its right ends.
    ///
    /// - Parameters:
    ///   - isGood: whether the right is there. Asked once the door is in the table, so that a right that ends
    ///     meanwhile leaves nothing open.
    ///   - shut: ends what was opened; called once, from any thread, unless `leave` comes first.
    /// - Returns: nil if the right is no more: then nothing is open.
    func open(
        _ door: Door,
        with right: Right,
        while isGood: () -> Bool,
        shut: @escaping @Sendable (RightEnd) -> Void
    ) -> Pass? {
        let pass = state.withLock { state in
            state.next += 1
            state.opened[right, default: [:]][state.next] = Opened(door: door, shut: shut)
            return Pass(right: right, number: state.next)
        }
        if isGood() { return pass }
        leave(pass)
        return nil
    }

    /// What was opened ended by itself.
    func leave(_ pass: Pass?) {
        guard let pass else { return }
        state.withLock { state in
            state.opened[pass.right]?[pass.number] = nil
            if state.opened[pass.right]?.isEmpty == true { state.opened[pass.right] = nil }
        }
    }

    /// Ends everything that a right opened.
    func end(_ right: Right, _ why: RightEnd) {
        let ended = state.withLock { $0.opened.removeValue(forKey: right) } ?? [:]
        for opened in ended.values { opened.shut(why) }
    }

    /// How many doors of a kind stand open.
    func count(_ door: Door) -> Int {
        state.withLock { state in
            state.opened.values.reduce(0) { $0 + $1.values.count { $0.door == door } }
        }
    }
}
