import BinanceDialect
import ExchangeEdge
import ExchangeText
import NIOCore
import NIOWebSocket

/// A connection that listens to the answers of questions: `/zerosum/v1/live` (API-14).
final class LiveSession: WebSocketSession {
    /// Questions of a connection at most.
    static let limit = 40

    private let topics: LiveTopics
    private let keys: KeyStore
    private let admit: (String, String?, String) throws(LiveRefusal) -> LiveAdmission
    /// Keys of the questions by the client's names, and what they stand open with.
    private var names: [(name: String, key: String, pass: Doors.Pass?)] = []

    /// - Parameter admit: lets a path in for a key and an address, or says why not.
    init(
        _ topics: LiveTopics,
        _ keys: KeyStore,
        admit: @escaping (String, String?, String) throws(LiveRefusal) -> LiveAdmission
    ) {
        self.topics = topics
        self.keys = keys
        self.admit = admit
    }

    func opened(_ connection: WebSocketConnection) {
        if !topics.join(connection) {
            connection.close(.policyViolation, "more than \(LiveTopics.connectionLimit) live connections")
        }
    }

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        var name = ""
        do throws(LiveRefusal) {
            let frame = try LiveSession.read(text)
            guard case .string(let given)? = frame["id"], LiveSession.isName(given) else {
                throw LiveRefusal(.missing("id"))
            }
            name = given
            switch frame["method"] {
            case .string("SUBSCRIBE"): try subscribe(name, frame, connection)
            case .string("UNSUBSCRIBE"): unsubscribe(name, connection)
            default: throw LiveRefusal(.missing("method"))
            }
        } catch {
            connection.send([LiveTopics.frame(name, 0, error.status, error.body)])
        }
    }

    private static func read(_ text: [UInt8]) throws(LiveRefusal) -> JSONValue {
        do {
            let frame = try JSONParser.parse(text[...], stringLimit: WireParameters.stringLimit)
            if case .object = frame { return frame }
        } catch {
            // Said below, as for anything else that is no object.
        }
        throw LiveRefusal(.invalid("message"))
    }

    /// Names are short and of letters, figures, points and lines.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 36
            && name.utf8.allSatisfy {
                ($0 >= 48 && $0 <= 57) || ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122)
                    || [45, 46, 58, 95].contains($0)
            }
    }

    private func subscribe(
        _ name: String,
        _ frame: JSONValue,
        _ connection: WebSocketConnection
    ) throws(LiveRefusal) {
        guard case .string(let path)? = frame["path"] else { throw LiveRefusal(.missing("path")) }
        var every = LiveTopics.interval
        if case .number(let text)? = frame["every"] {
            guard let given = Int64(text), (LiveTopics.interval...60_000).contains(given) else {
                throw LiveRefusal(.invalid("every"))
            }
            every = given
        }
        var key: String?
        if case .string(let given)? = frame["key"] { key = given }
        let admission = try admit(path, key, connection.address)
        let topic = "\(every) \(admission.key)"
        unsubscribe(name, connection)
        if names.count >= LiveSession.limit {
            throw LiveRefusal(VenueAPIError(.tooMuch, "too many questions", http: 429))
        }
        var pass: Doors.Pass?
        if let holder = admission.holder {
            pass = keys.open(.question, with: holder) { [topics] _ in topics.end(topic, name, connection) }
            if pass == nil { throw .takenAway }
        }
        names.append((name, topic, pass))
        topics.add(topic, admission.question, every: every, name, connection)
        // One whose key was taken away before it was added was not there to be ended.
        if let holder = admission.holder, keys.key(named: holder) == nil {
            topics.end(topic, name, connection)
        }
    }

    private func unsubscribe(_ name: String, _ connection: WebSocketConnection) {
        guard let place = names.firstIndex(where: { $0.name == name }) else { return }
        let question = names.remove(at: place)
        keys.doors.leave(question.pass)
        topics.remove(question.key, name, connection)
    }

    func closed(_ connection: WebSocketConnection) {
        for question in names { keys.doors.leave(question.pass) }
        names = []
        topics.leave(connection)
    }
}
