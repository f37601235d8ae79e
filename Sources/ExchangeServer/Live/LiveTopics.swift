import BinanceDialect
import ExchangeCore
import ExchangeEdge
import ExchangeRuntime
import ExchangeText
import NIOCore
import Synchronization

/// A question that is asked again and again: a GET of the wire or of the venue's own interface, let in once.
enum LiveQuestion: Sendable {
    case own(VenueRoute, VenueRequest)
    case wire(Endpoint, WireParameters, APIKey?)
}

/// A question that was let in.
struct LiveAdmission: Sendable {
    /// The same for questions that have the same answer.
    var key: String
    var question: LiveQuestion
    /// The name of the key that let it in; nil where nobody needs one.
    var holder: String?
}

/// Why a question is not let in, as the interface says it that it is for.
struct LiveRefusal: Error {
    var status: Int
    var body: [UInt8]

    init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }

    init(_ error: VenueAPIError) { self.init(status: error.httpStatus, body: error.body) }

    /// The key that it came with is no more.
    static let takenAway = LiveRefusal(VenueAPIError(.badKey, "The key was taken away.", http: 401))
}

/// Answers questions whenever their answers change, at most four times a second, each once for all who
/// asked it (API-14).
final class LiveTopics: @unchecked Sendable {
    /// ms between two askings.
    static let interval: Int64 = 250
    /// Connections that may listen at a time.
    static let connectionLimit = 200
    /// With so many jobs waiting for the exchange nothing is asked: orders go first.
    private static let patience = 256

    private struct Listener {
        var connection: WebSocketConnection
        /// What the client calls the question.
        var name: String
        /// The version of the answer that it has.
        var seen: UInt64 = 0
    }

    private struct Topic {
        var question: LiveQuestion
        var listeners: [Listener] = []
        var isAsked = false
        /// It is asked in every so many rounds.
        var every: UInt64 = 1
        /// Moves by one with every answer that differs from the one before; 0 before the first.
        var version: UInt64 = 0
        var status = 0
        var body: [UInt8] = []
        /// When that answer was given, in µs.
        var at: Int64 = 0
    }

    private struct State {
        var topics: [String: Topic] = [:]
        var connections: [ObjectIdentifier: WebSocketConnection] = [:]
        var timer: RepeatedTask?
        var rounds: UInt64 = 0

        /// Ends a question for some of those who asked it; one that nobody asks any more is forgotten.
        mutating func end(_ key: String, for isOne: (Listener) -> Bool) {
            topics[key]?.listeners.removeAll(where: isOne)
            if topics[key]?.listeners.isEmpty == true { topics[key] = nil }
        }
    }

    private let venue: Venue
    private let service: DialectService
    private let state = Mutex(State())

    init(_ venue: Venue, _ service: DialectService) {
        self.venue = venue
        self.service = service
    }

    /// Takes a connection in; false if there are too many.
    func join(_ connection: WebSocketConnection) -> Bool {
        state.withLock { state in
            if state.connections.count >= LiveTopics.connectionLimit { return false }
            state.connections[connection.id] = connection
            if state.timer == nil {
                state.timer = venue.loop.scheduleRepeatedTask(
                    initialDelay: .milliseconds(0),
                    delay: .milliseconds(LiveTopics.interval)
                ) { [weak self] _ in self?.round() }
            }
            return true
        }
    }

    func leave(_ connection: WebSocketConnection) {
        state.withLock { state in
            state.connections[connection.id] = nil
            for key in Array(state.topics.keys) {
                state.end(key) { $0.connection.id == connection.id }
            }
            if state.connections.isEmpty {
                state.timer?.cancel()
                state.timer = nil
            }
        }
    }

    /// - Parameters:
    ///   - key: the same for questions that have the same answer.
    ///   - every: ms between two askings.
    func add(
        _ key: String,
        _ question: LiveQuestion,
        every: Int64,
        _ name: String,
        _ connection: WebSocketConnection
    ) {
        let rounds = UInt64(max(1, every / LiveTopics.interval))
        state.withLock { state in
            var topic = state.topics[key] ?? Topic(question: question, every: rounds)
            topic.listeners.append(Listener(connection: connection, name: name, seen: topic.version))
            state.topics[key] = topic
            // Whoever comes later gets the answer that the others have, at once and before any newer one.
            if topic.version > 0 {
                connection.send([LiveTopics.frame(name, topic.at, topic.status, topic.body)])
            }
        }
    }

    func remove(_ key: String, _ name: String, _ connection: WebSocketConnection) {
        state.withLock { state in
            state.end(key) { $0.connection.id == connection.id && $0.name == name }
        }
    }

    // MARK: Rounds

    /// Tells the time, hands out what changed, and asks again.
    private func round() {
        let progress = venue.sequencer.progress
        let now = venue.clock.now().microseconds
        var asked: [(String, LiveQuestion)] = []
        var pulses: [WebSocketConnection] = []
        state.withLock { state in
            state.rounds += 1
            if state.rounds % 4 == 1 { pulses = Array(state.connections.values) }
            if progress.waiting > LiveTopics.patience { return }
            let rounds = state.rounds
            for (key, topic) in state.topics
            where !topic.isAsked && (topic.version == 0 || rounds % topic.every == 0) {
                state.topics[key]?.isAsked = true
                asked.append((key, topic.question))
            }
        }
        if !pulses.isEmpty {
            var json = JSONWriter()
            json.beginObject()
            json.key("at")
            json.integer(Int128(now))
            json.key("sequence")
            json.integer(Int128(progress.durable))
            json.key("waiting")
            json.integer(Int128(progress.waiting))
            json.endObject()
            let bytes = ByteBuffer(bytes: json.bytes)
            for connection in pulses where connection.unread < connection.portion {
                connection.send([bytes])
            }
        }
        for (key, question) in asked {
            ask(question) { [weak self] status, body in self?.answered(key, status, body) }
        }
    }

    /// Ends a question whose key was taken away, and says so.
    func end(_ key: String, _ name: String, _ connection: WebSocketConnection) {
        remove(key, name, connection)
        let refusal = LiveRefusal.takenAway
        connection.send([LiveTopics.frame(name, 0, refusal.status, refusal.body)])
    }

    private func ask(_ question: LiveQuestion, _ done: @escaping @Sendable (Int, [UInt8]) -> Void) {
        switch question {
        case .own(let route, let request):
            VenueAPI.answer(route, request) { done($0.status, $0.body) }
        case .wire(let endpoint, let parameters, let key):
            service.perform(endpoint, parameters, key: key) { done($0.httpStatus, $0.body) }
        }
    }

    private func answered(_ key: String, _ status: Int, _ body: [UInt8]) {
        let now = venue.clock.now().microseconds
        var frames: [(WebSocketConnection, ByteBuffer)] = []
        var made: [String: ByteBuffer] = [:]
        state.withLock { state in
            guard var topic = state.topics[key] else { return }
            topic.isAsked = false
            topic.at = now
            if topic.version == 0 || topic.status != status || topic.body != body {
                topic.version += 1
                topic.status = status
                topic.body = body
            }
            for (place, listener) in topic.listeners.enumerated() where listener.seen != topic.version {
                // One that reads slowly gets the newest answer later, and none of those between.
                if listener.connection.unread >= listener.connection.portion { continue }
                topic.listeners[place].seen = topic.version
                // Encoded once for all who call it the same.
                let frame = made[listener.name] ?? LiveTopics.frame(listener.name, topic.at, status, body)
                made[listener.name] = frame
                frames.append((listener.connection, frame))
            }
            state.topics[key] = topic
        }
        for (connection, frame) in frames { connection.send([frame]) }
    }

    /// `{"id":…,"at":…,"status":…,"data":…}`
    static func frame(_ name: String, _ at: Int64, _ status: Int, _ body: [UInt8]) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.key("id")
        json.string(name)
        json.key("at")
        json.integer(Int128(at))
        json.key("status")
        json.integer(Int128(status))
        json.key("data")
        json.raw(body)
        json.endObject()
        return ByteBuffer(bytes: json.bytes)
    }
}
