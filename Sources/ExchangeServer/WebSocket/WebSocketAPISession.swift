import BinanceDialect
import ExchangeText

/// A connection to the WS-API: requests and replies in frames, with a session if it logs on (WIRE-26).
final class WebSocketAPISession: WebSocketSession {
    private let venue: Venue
    private let service: DialectService
    private let connected: Int64
    private var key: APIKey?
    private var since: Int64?

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
                let key = try authenticate(request, .userData, connection)
                if key.kind != .ed25519 { throw .onlyEd25519 }
                (self.key, since) = (key, service.now)
                return send(session, nil)
            case .sessionStatus: return send(session, nil)
            case .logout:
                (key, since) = (nil, nil)
                return send(session, nil)
            default: break
            }
            var key: APIKey?
            if endpoint.security.isSigned {
                key =
                    request.parameters.has("signature") || self.key == nil
                    ? try authenticate(request, endpoint.security, connection) : self.key
            } else if endpoint.security.needsKey {
                key = self.key
                if let name = request.parameters["apiKey"] {
                    key = try venue.authenticator.named(name, from: connection.address)
                }
                if key == nil { throw .badKeyFormat }
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
            service.perform(endpoint, request.parameters, key: key) { reply in
                connection.send(WebSocketReply.wrap(reply, id: id, counts: shown, options: options))
            }
        } catch {
            send(Reply(error), nil)
        }
    }

    private func authenticate(
        _ request: WebSocketRequest,
        _ security: Security,
        _ connection: WebSocketConnection
    ) throws(BinanceError) -> APIKey {
        try venue.authenticator.check(
            request.parameters["apiKey"],
            try WireParameters.signaturePayload(parameters: request.members),
            request.parameters,
            for: security,
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
