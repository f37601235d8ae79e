import BinanceDialect
import ExchangeText
import Synchronization

/// How many requests wait for their answers, counted down from any thread.
private final class Unanswered: Sendable {
    let count = Atomic<Int>(0)
}

/// A connection to the WS-API: requests and replies in frames, with a session if it logs on (WIRE-26).
final class WebSocketAPISession: WebSocketSession {
    private let venue: Venue
    private let service: DialectService
    private let connected: Int64
    private var key: APIKey?
    private var since: Int64?
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
    func closed(_ connection: WebSocketConnection) {}

    func received(_ text: [UInt8], on connection: WebSocketConnection) {
        do throws(WebSocketError) {
            let request = try WebSocketRequest(text)
            let endpoint = try request.endpoint()
            try answer(request, endpoint, connection)
        } catch {
            connection.send(error.bytes)
        }
    }

    private func answer(
        _ request: WebSocketRequest,
        _ endpoint: Endpoint,
        _ connection: WebSocketConnection
    ) throws(WebSocketError) {
        let options = venue.options.dialect
        let id = request.id
        func send(_ reply: Reply, _ counts: RateCounts?) {
            connection.send(WebSocketReply.wrap(reply, id: id, counts: counts, options: options))
        }
        do throws(BinanceError) {
            switch endpoint.operation {
            case .logon:
                let key = try authenticate(request, .read, connection)
                if key.kind != .ed25519 { throw .onlyEd25519 }
                (self.key, since) = (key, service.now)
                return send(session, nil)
            case .sessionStatus:
                // A key that was taken away since is no longer logged on.
                if let name = key?.name, venue.keys.key(named: name) == nil { (key, since) = (nil, nil) }
                return send(session, nil)
            case .logout:
                (key, since) = (nil, nil)
                return send(session, nil)
            default: break
            }
            var key: APIKey?
            if endpoint.security.isSigned {
                if let name = self.key?.name, !request.parameters.has("signature") {
                    key = try venue.authenticator.check(
                        session: name,
                        for: endpoint.scope,
                        from: connection.address
                    )
                } else {
                    key = try authenticate(request, endpoint.scope, connection)
                }
            } else if endpoint.security.needsKey {
                key = try venue.authenticator.named(
                    request.parameters["apiKey"] ?? self.key?.name,
                    from: connection.address
                )
            }
            let (counts, refusal) = venue.limiter.count(
                weight: endpoint.weight(of: request.parameters),
                from: connection.address,
                orders: endpoint.orders,
                account: key?.account,
                now: service.now
            )
            if let refusal { throw refusal }
            let shown = request.parameters["returnRateLimits"] == "false" ? nil : counts
            if unanswered.count.load(ordering: .relaxed) >= WebSocketAPISession.unansweredLimit {
                throw .overloaded
            }
            unanswered.count.add(1, ordering: .relaxed)
            service.perform(endpoint, request.parameters, key: key) { [unanswered] reply in
                unanswered.count.subtract(1, ordering: .relaxed)
                connection.send(WebSocketReply.wrap(reply, id: id, counts: shown, options: options))
            }
        } catch {
            send(Reply(error), nil)
        }
    }

    private func authenticate(
        _ request: WebSocketRequest,
        _ scope: KeyScope,
        _ connection: WebSocketConnection
    ) throws(BinanceError) -> APIKey {
        try venue.authenticator.check(
            request.parameters["apiKey"],
            try WireParameters.signaturePayload(parameters: request.members),
            request.parameters,
            for: scope,
            from: connection.address,
            now: service.now
        )
    }

    private var session: Reply {
        WebSocketReply.session(
            apiKey: key?.name,
            authorizedSince: since,
            connectedSince: connected,
            serverTime: service.now
        )
    }
}

extension BinanceError {
    /// -4056: sessions are for keys of one kind.
    static let onlyEd25519 = BinanceError(-4056, "Only Ed25519 keys can log on to a session.", http: 401)
}
