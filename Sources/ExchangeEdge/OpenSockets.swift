import NIOCore
import NIOWebSocket
import Synchronization

/// The WebSockets that are open, so that a venue that stops can say so to each.
public final class OpenSockets: Sendable {
    /// How long those that were told have to go by themselves.
    static let patience = TimeAmount.seconds(1)

    private struct State {
        var open: [ObjectIdentifier: WebSocketConnection] = [:]
        var isClosing = false
        var whenEmpty: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    /// None is open.
    public init() {}

    /// Notes one that was opened.
    func add(_ connection: WebSocketConnection) {
        let isLate = state.withLock { state in
            state.open[connection.id] = connection
            return state.isClosing
        }
        if isLate { OpenSockets.close(connection) }
    }

    /// Notes that one is gone.
    func remove(_ connection: WebSocketConnection) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.open[connection.id] = nil
            if !state.open.isEmpty { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiting?.resume()
    }

    private static func close(_ connection: WebSocketConnection) {
        connection.close(.goingAway, "the venue stops", within: patience)
        // One that was being closed already may have had more time than is left.
        connection.tearDown(in: patience)
    }

    /// Says to all that the venue stops, and returns when they are gone, which takes no longer than their
    /// patience.
    public func close() async {
        let all = state.withLock { state in
            state.isClosing = true
            return Array(state.open.values)
        }
        for connection in all { OpenSockets.close(connection) }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.open.isEmpty { state.whenEmpty = continuation }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
