import BinanceDialect
import ExchangeCore
import ExchangeEdge
import NIOWebSocket

/// A connection that listens to market and user data streams.
final class StreamSession: WebSocketSession {
    private let publisher: Publisher
    private let listenKeys: ListenKeys
    private let clock: @Sendable () -> Int64
    private var isCombined: Bool
    private let initial: [String]
    private let events: EventFilter?
    /// Names as the client gave them, in order, and what each is.
    private var names: [(text: String, target: Target)] = []

    private enum Target {
        case stream(StreamName)
        case account(AccountID, Doors.Pass)
    }

    /// - Parameter events: the events of user data that are wanted; nil for all.
    init(
        _ publisher: Publisher,
        _ listenKeys: ListenKeys,
        names: [String],
        isCombined: Bool,
        events: EventFilter? = nil,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.publisher = publisher
        self.listenKeys = listenKeys
        initial = names
        self.events = events
        self.isCombined = isCombined
        self.clock = clock
    }

    func opened(_ connection: WebSocketConnection) {
        // A name in the path that is no stream is passed over, as on the real venue.
        for name in initial { _ = subscribe(name, connection) }
    }

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        let frame: SubscriptionFrame
        do throws(SubscriptionError) {
            frame = try SubscriptionFrame(text)
        } catch {
            connection.send(error.bytes)
            return
        }
        switch frame.request {
        case .subscribe(let wanted):
            if names.count + wanted.count > SubscriptionFrame.streamLimit {
                return connection.close(
                    .policyViolation,
                    "more than \(SubscriptionFrame.streamLimit) streams"
                )
            }
            for name in wanted where !subscribe(name, connection) {
                connection.send(frame.unknownStream(name))
                return
            }
            connection.send(frame.done())
        case .unsubscribe(let unwanted):
            for name in unwanted { unsubscribe(name, connection) }
            connection.send(frame.done())
        case .list: connection.send(frame.list(names.map(\.text)))
        case .setCombined(let isOn):
            isCombined = isOn
            let all = names
            for (text, _) in all { unsubscribe(text, connection) }
            for (text, _) in all { _ = subscribe(text, connection) }
            connection.send(frame.done())
        case .getCombined: connection.send(frame.combined(isCombined))
        }
    }

    /// Whether there is such a stream.
    private func subscribe(_ text: String, _ connection: WebSocketConnection) -> Bool {
        if names.contains(where: { $0.text == text }) { return true }
        let wrapping = isCombined ? text : nil
        if let name = StreamName(text, publisher.directory) {
            names.append((text, .stream(name)))
            publisher.listen(name, connection, wrapping: wrapping)
            return true
        }
        let events = events
        let opened = listenKeys.open(text, from: connection.address, now: clock()) { why in
            StreamSession.shut(connection, why, wrapping: wrapping, events)
        }
        guard let (account, pass) = opened else { return false }
        names.append((text, .account(account, pass)))
        publisher.listen(account, connection, wrapping: wrapping, events: events)
        return true
    }

    /// The right to a user data stream ended: nothing more is said, and the connection closes, because
    /// whoever listens to it must learn that it does not hear everything any more.
    private static func shut(
        _ connection: WebSocketConnection,
        _ why: RightEnd,
        wrapping: String?,
        _ events: EventFilter?
    ) {
        switch why {
        case .takenAway: connection.close(.policyViolation, "the key was taken away")
        case .closed: connection.close(.normalClosure, "the listen key was closed")
        case .expired(let last):
            if events?.lets(last) ?? true {
                connection.send(wrapping.map { StreamMessage.combined($0, last) } ?? last)
            }
            connection.close(.normalClosure, "the listen key has expired")
        }
    }

    private func unsubscribe(_ text: String, _ connection: WebSocketConnection) {
        guard let place = names.firstIndex(where: { $0.text == text }) else { return }
        drop(names.remove(at: place).target, connection)
    }

    private func drop(_ target: Target, _ connection: WebSocketConnection) {
        switch target {
        case .stream(let name): publisher.forget(name, connection)
        case .account(let account, let pass):
            listenKeys.leave(pass)
            publisher.forget(account, connection)
        }
    }

    func closed(_ connection: WebSocketConnection) {
        for (_, target) in names { drop(target, connection) }
        names = []
    }
}
