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
        routes = OwnRoutes.open + OwnRoutes.signed + OwnRoutes.operatorsRoutes
        document = OpenAPI.document(routes)
    }

    /// What `/` says.
    var welcome: String {
        """
        Zerosum: a perpetual-futures exchange whose risk waterfall is open, exact and provable.

        Binance USD-M clients   /fapi/v1 …, /ws, /stream, /ws-fapi/v1
        the venue's own         /zerosum/v1 (an OpenAPI document)
        fills of the waterfall  /zerosum/v1/stream (WebSocket)
        health                  /health, /ready, /metrics

        """
    }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        let path = String(request.path.dropFirst("/zerosum/v1".count))
        if path.isEmpty || path == "/openapi.json" { return reply(.json(document)) }
        let found = routes.filter { $0.path == path }
        guard let route = found.first(where: { $0.method == request.method }) else {
            var refusal = OwnAPI.refusal(found.isEmpty ? .notFound : .wrongMethod)
            if !found.isEmpty {
                refusal.headers.append(("allow", found.map(\.method).joined(separator: ", ")))
            }
            return reply(refusal)
        }
        let admitted: OwnRequest
        do throws(BinanceError) {
            admitted = try admit(request, route)
        } catch {
            return reply(OwnAPI.refusal(error))
        }
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
