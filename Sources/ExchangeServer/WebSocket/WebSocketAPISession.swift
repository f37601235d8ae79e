import BinanceDialect
import ExchangeEdge
import ExchangeText
import Synchronization

/// How many requests wait for their answers, counted down from any thread.
private final class Unanswered: Sendable {
    let count = Atomic<Int>(0)
}

/// Whether a connection is logged on, and with which key. Ended from any thread.
private final class Logon: Sendable {
    enum Stage {
        case none
        case on(key: String, since: Int64, pass: Doors.Pass)
        /// It was on, and its key was taken away.
        case ended
    }
    private let stage = Mutex(Stage.none)

    var now: Stage { stage.withLock { $0 } }

    /// Logs on with a key, or off; what was open with the one before is closed.
    func become(_ next: Stage, _ doors: Doors) {
        let before = stage.withLock { stage in
            defer { stage = next }
            return stage
        }
        if case .on(_, _, let pass) = before { doors.leave(pass) }
    }

    /// The key was taken away.
    func end(_ name: String) {
        stage.withLock { stage in
            if case .on(name, _, _) = stage { stage = .ended }
        }
    }
}

/// A connection to the WS-API: requests and replies in frames, with a session if it logs on (WIRE-26).
final class WebSocketAPISession: WebSocketSession {
    private let venue: Venue
    private let service: DialectService
    private let connected: Int64
    private let logon = Logon()
    /// Requests that are not yet answered. One client must not fill the core's queue.
    private let unanswered = Unanswered()
    /// The most of them.
    static let unansweredLimit = 256

    /// Requests are limited by their weight, as over HTTP.
    var isQuiet: Bool { false }

    init(_ venue: Venue, _ service: DialectService) {
        self.venue = venue
        self.service = service
        connected = service.now
    }

    func opened(_ connection: WebSocketConnection) {}
    func closed(_ connection: WebSocketConnection) { logon.become(.none, venue.keys.doors) }

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        do throws(WebSocketError) {
            let request = try WebSocketRequest(text)
            let endpoint = try request.endpoint()
            answer(request, endpoint, connection)
        } catch {
            // It weighs something, whatever it is.
            let arrival = Arrival(.none, .failure(error.error), from: connection.address)
            let admitted = venue.admission.admit(arrival, now: service.now)
            if admitted.isTooMuch { connection.rest() }
            let reply = Reply(admitted.refusal ?? error.error)
            let options = venue.options.dialect
            connection.send(
                WebSocketReply.wrap(reply, id: error.id, counts: admitted.counts, options: options)
            )
        }
    }

    private func answer(
        _ request: WebSocketRequest,
        _ endpoint: Endpoint,
        _ connection: WebSocketConnection
    ) {
        let (options, id) = (venue.options.dialect, request.id)
        let arrival = Arrival(
            credentials(request, endpoint),
            .success(request.parameters),
            from: connection.address
        ) { endpoint.terms($0) }
        let admitted = venue.admission.admit(arrival, now: service.now)
        let shown = request.parameters["returnRateLimits"] == "false" ? nil : admitted.counts
        func send(_ reply: Reply) {
            connection.send(WebSocketReply.wrap(reply, id: id, counts: shown, options: options))
        }
        if let refusal = admitted.refusal {
            // Nothing more of it is read for a while: what it sends waits on its own side.
            if admitted.isTooMuch { connection.rest() }
            return send(Reply(refusal))
        }
        if let reply = session(endpoint, admitted.key) { return send(reply) }
        let account = admitted.key?.account
        if unanswered.count.load(ordering: .relaxed) >= WebSocketAPISession.unansweredLimit {
            return send(Reply(.overloaded))
        }
        if !venue.admission.begin(account) { return send(Reply(.tooManyWaiting)) }
        unanswered.count.add(1, ordering: .relaxed)
        let now = service.now
        service.perform(endpoint, request.parameters, key: admitted.key) { [unanswered, venue] reply in
            unanswered.count.subtract(1, ordering: .relaxed)
            venue.admission.end(account, reply.httpStatus, now: now)
            connection.send(WebSocketReply.wrap(reply, id: id, counts: shown, options: options))
        }
    }

    /// What a request shows of who sends it: its own signature, or that its connection is logged on.
    private func credentials(_ request: WebSocketRequest, _ endpoint: Endpoint) -> Credentials {
        let isNamed = request.parameters.has("apiKey") && !endpoint.security.isSigned
        if !isNamed && !request.parameters.has("signature") {
            switch logon.now {
            case .on(let name, _, _): return .session(name)
            // As if it still named the key that is no more.
            case .ended where !request.parameters.has("apiKey"): return .session("taken away")
            default: break
            }
        }
        let members = request.members
        return .key(request.parameters["apiKey"]) { () throws(BinanceError) in
            try WireParameters.signaturePayload(parameters: members)
        }
    }

    /// Answers what is about the session itself; nil for everything else.
    private func session(_ endpoint: Endpoint, _ key: APIKey?) -> Reply? {
        let doors = venue.keys.doors
        switch endpoint.operation {
        case .logon:
            guard let key else { return Reply(.badKey) }
            if key.kind != .ed25519 { return Reply(.onlyEd25519) }
            let pass = venue.keys.open(.session, with: key.name) { [logon] _ in logon.end(key.name) }
            guard let pass else { return Reply(.badKey) }
            logon.become(.on(key: key.name, since: service.now, pass: pass), doors)
            // It may have been taken away in between.
            if venue.keys.key(named: key.name) == nil { logon.end(key.name) }
        case .sessionStatus: break
        case .logout: logon.become(.none, doors)
        default: return nil
        }
        var shown: (name: String?, since: Int64?) = (nil, nil)
        if case .on(let name, let since, _) = logon.now { shown = (name, since) }
        return WebSocketReply.session(
            apiKey: shown.name,
            authorizedSince: shown.since,
            connectedSince: connected,
            serverTime: service.now
        )
    }
}

extension BinanceError {
    /// -4056: sessions are for keys of one kind.
    static let onlyEd25519 = BinanceError(-4056, "Only Ed25519 keys can log on to a session.", http: 401)
}
