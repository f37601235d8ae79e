import BinanceDialect
import Crypto
import ExchangeCore
import ExchangeEdge
import ExchangeRuntime

/// `/zerosum/v1`: what the waterfall adds to an exchange, and what only a playground gives (API-1).
final class OwnAPI: Sendable {
    private let venue: Venue
    private let routes: [OwnRoute]
    private let document: [UInt8]

    init(_ venue: Venue) {
        self.venue = venue
        routes = OwnRoutes.open + OwnRoutes.risk + OwnRoutes.signed + OwnRoutes.operatorsRoutes
        document = OpenAPI.document(routes)
    }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        let path = request.path
        if path == "/zerosum/v1" || path == "/zerosum/v1/openapi.json" { return reply(.json(document)) }
        var headers: [(String, String)] = []
        do throws(BinanceError) {
            let (route, admitted) = try question(request, &headers)
            let account = admitted.account == .none ? nil : admitted.account.raw
            let (venue, sent, now) = (venue, headers, now)
            if !venue.admission.begin(account) { throw .tooManyWaiting }
            OwnAPI.answer(route, admitted) { answer in
                venue.admission.end(account, answer.status, now: now)
                var answer = answer
                answer.headers += sent
                reply(answer)
            }
        } catch {
            var refusal = OwnAPI.refusal(error)
            refusal.headers += headers
            refusal.isTooMuch = error.httpStatus == 429
            if refusal.status == 405 {
                let methods = routes.filter { "/zerosum/v1" + $0.path == path }.map(\.method)
                refusal.headers.append(("allow", methods.joined(separator: ", ")))
            }
            reply(refusal)
        }
    }

    private var now: Int64 { venue.clock.now().microseconds / 1_000 }

    /// The route of a request that was let in; or why not.
    ///
    /// - Parameter headers: what its sender is told of what it used, if it was counted.
    func question(
        _ request: HTTPRequest,
        _ headers: inout [(String, String)]
    ) throws(BinanceError) -> (OwnRoute, OwnRequest) {
        let path = String(request.path.dropFirst("/zerosum/v1".count))
        let found = routes.filter { $0.path == path }
        guard let route = found.first(where: { $0.method == request.method }) else {
            throw found.isEmpty ? .notFound : .wrongMethod
        }
        return (route, try admit(request, route, &headers))
    }

    /// Does what a request asks for; `reply` is called once, from any thread.
    static func answer(
        _ route: OwnRoute,
        _ admitted: OwnRequest,
        _ reply: @escaping @Sendable (HTTPReply) -> Void
    ) {
        Task {
            do {
                let answer = try await route.perform(admitted)
                reply(.json(answer.body, status: answer.status))
            } catch let error as BinanceError {
                reply(OwnAPI.refusal(error))
            } catch is Refusal {
                reply(OwnAPI.refusal(.overloaded))
            } catch let error as KeyStoreError {
                reply(OwnAPI.refusal(BinanceError(-1000, error.description)))
            } catch {
                reply(OwnAPI.refusal(BinanceError(-1000, "\(error)", http: 500)))
            }
        }
    }

    private static func refusal(_ error: BinanceError) -> HTTPReply {
        var reply = HTTPReply.json(error.body, status: error.httpStatus)
        reply.headers = HTTPReply.wait(error.httpStatus)
        return reply
    }

    /// Lets a request in, or says why not.
    private func admit(
        _ request: HTTPRequest,
        _ route: OwnRoute,
        _ headers: inout [(String, String)]
    ) throws(BinanceError) -> OwnRequest {
        if !venue.isReady { throw .overloaded }
        var refusal: BinanceError?
        var parameters = WireParameters()
        do throws(BinanceError) {
            parameters = try WireParameters(query: request.query, body: request.body)
        } catch {
            refusal = error
        }
        var admitted = OwnRequest(parameters: parameters, account: .none, venue: venue)
        if let scope = route.access.scope {
            let terms = Terms(weight: 1, need: .allowed(scope), isSigned: true)
            let entry =
                refusal == nil
                ? venue.admission.admit(
                    terms,
                    request.credentials,
                    parameters,
                    from: request.address,
                    now: now
                )
                : venue.admission.count(from: request.address, now: now)
            headers = [entry.headers[0]]
            refusal = entry.refusal ?? refusal
            admitted.account = entry.key?.accountID ?? .none
        }
        if let refusal { throw refusal }
        if route.access == .operates { try admitOperator(request, &headers) }
        for parameter in route.parameters where parameter.isRequired && !parameters.has(parameter.name) {
            throw .mandatory(parameter.name)
        }
        return admitted
    }

    /// Whoever has not got the token is counted like whoever has no key.
    private func admitOperator(
        _ request: HTTPRequest,
        _ headers: inout [(String, String)]
    ) throws(BinanceError) {
        // Hashes are compared, so that how soon they differ says nothing of the token.
        let given = SHA256.hash(data: Array((request.header("x-zerosum-token") ?? "").utf8))
        if given == SHA256.hash(data: Array(venue.operatorToken.utf8)) { return }
        let entry = venue.admission.count(from: request.address, now: now)
        headers = entry.headers
        throw entry.refusal ?? .unauthorized
    }
}

extension Access {
    /// What the key of a signed request must be allowed; nil for others.
    fileprivate var scope: KeyScope? {
        switch self {
        case .reads: .read
        case .trades: .trade
        case .open, .operates: nil
        }
    }
}
