import BinanceDialect
import Crypto
import ExchangeCore
import ExchangeRuntime
import ExchangeText

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
        do throws(BinanceError) {
            let (route, admitted) = try question(request)
            OwnAPI.answer(route, admitted, reply)
        } catch {
            var refusal = OwnAPI.refusal(error)
            if refusal.status == 405 {
                let methods = routes.filter { "/zerosum/v1" + $0.path == path }.map(\.method)
                refusal.headers.append(("allow", methods.joined(separator: ", ")))
            }
            reply(refusal)
        }
    }

    /// The route of a request that was let in; or why not.
    func question(_ request: HTTPRequest) throws(BinanceError) -> (OwnRoute, OwnRequest) {
        let path = String(request.path.dropFirst("/zerosum/v1".count))
        let found = routes.filter { $0.path == path }
        guard let route = found.first(where: { $0.method == request.method }) else {
            throw found.isEmpty ? .notFound : .wrongMethod
        }
        return (route, try admit(request, route))
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
        .json(error.body, status: error.httpStatus)
    }

    /// Lets a request in, or says why not.
    private func admit(_ request: HTTPRequest, _ route: OwnRoute) throws(BinanceError) -> OwnRequest {
        if !venue.isReady { throw .overloaded }
        let parameters = try WireParameters(query: request.query, body: request.body)
        var admitted = OwnRequest(parameters: parameters, account: .none, venue: venue)
        switch route.access {
        case .open: break
        case .reads, .trades:
            admitted.account = try venue.authenticator.check(
                request.header("x-mbx-apikey"),
                try WireParameters.signaturePayload(query: request.query, body: request.body),
                parameters,
                for: route.access == .reads ? .read : .trade,
                from: request.address,
                now: venue.clock.now().microseconds / 1_000
            ).accountID
        case .operates:
            // Hashes are compared, so that how soon they differ says nothing of the token.
            let given = SHA256.hash(data: Array((request.header("x-zerosum-token") ?? "").utf8))
            if given != SHA256.hash(data: Array(venue.operatorToken.utf8)) { throw .unauthorized }
        }
        for parameter in route.parameters where parameter.isRequired && !parameters.has(parameter.name) {
            throw .mandatory(parameter.name)
        }
        return admitted
    }
}
