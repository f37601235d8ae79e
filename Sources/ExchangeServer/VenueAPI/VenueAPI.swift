import BinanceDialect
import ExchangeCore
import ExchangeEdge
import ExchangeRuntime

/// `/zerosum/v1`: what the waterfall adds to an exchange, and what only a playground gives (API-1).
final class VenueAPI: Sendable {
    private let venue: Venue
    private let routes: [VenueRoute]
    private let document: [UInt8]

    init(_ venue: Venue) {
        self.venue = venue
        routes = VenueRoutes.open + VenueRoutes.risk + VenueRoutes.signed + VenueRoutes.operatorsRoutes
        document = OpenAPI.document(routes)
    }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        let path = request.path
        if path == "/zerosum/v1" || path == "/zerosum/v1/openapi.json" { return reply(.json(document)) }
        do throws(VenueAPIError) {
            let (route, admitted) = try question(request)
            let account = admitted.account == .none ? nil : admitted.account.raw
            let (venue, now) = (venue, now)
            if !venue.admission.begin(account) {
                throw VenueAPIError(.tooManyWaiting, used: admitted.used)
            }
            VenueAPI.answer(route, admitted) { answer in
                venue.admission.end(account, answer.status, now: now)
                var answer = answer
                answer.headers += admitted.used
                reply(answer)
            }
        } catch {
            var refusal = error.reply
            refusal.headers += error.used
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
    func question(_ request: HTTPRequest) throws(VenueAPIError) -> (VenueRoute, VenueRequest) {
        let path = String(request.path.dropFirst("/zerosum/v1".count))
        let found = routes.filter { $0.path == path }
        guard let route = found.first(where: { $0.method == request.method }) else {
            throw found.isEmpty ? .unknownPath : .wrongMethod
        }
        return (route, try admit(request, route))
    }

    /// Does what a request asks for; `reply` is called once, from any thread.
    static func answer(
        _ route: VenueRoute,
        _ admitted: VenueRequest,
        _ reply: @escaping @Sendable (HTTPReply) -> Void
    ) {
        Task {
            do {
                let answer = try await route.perform(admitted)
                reply(.json(answer.body, status: answer.status))
            } catch let error as VenueAPIError {
                reply(error.reply)
            } catch is Refusal {
                reply(VenueAPIError.busy.reply)
            } catch let error as KeyStoreError {
                reply(VenueAPIError(.invalidParameter, error.description).reply)
            } catch {
                reply(VenueAPIError(.failed, "\(error)", http: 500).reply)
            }
        }
    }

    /// Lets a request in, or says why not. What anybody may ask is not counted.
    private func admit(_ request: HTTPRequest, _ route: VenueRoute) throws(VenueAPIError) -> VenueRequest {
        if !venue.isReady { throw .busy }
        let arrival = Arrival(request) { _ in
            Terms(weight: 1, need: route.access.scope.map { .allowed($0) } ?? .none, isSigned: true)
        }
        var admitted = VenueRequest(parameters: WireParameters(), account: .none, venue: venue)
        if route.access.scope != nil {
            let entry = venue.admission.admit(arrival, now: now)
            admitted.used = [entry.headers[0]]
            if let refusal = entry.refusal { throw VenueAPIError(refusal, used: admitted.used) }
            admitted.account = entry.key?.accountID ?? .none
            admitted.parameters = entry.parameters
        } else {
            do throws(BinanceError) {
                admitted.parameters = try arrival.parameters.get()
            } catch {
                throw VenueAPIError(error)
            }
        }
        if route.access == .operates {
            let refused = venue.admission.refuse(
                operator: request.header("x-zerosum-token") ?? "",
                expected: venue.operatorToken,
                from: request.address,
                now: now
            )
            if let refused {
                throw VenueAPIError(refused.refusal ?? .unauthorized, used: refused.headers)
            }
        }
        for parameter in route.parameters
        where parameter.isRequired && !admitted.parameters.has(parameter.name) {
            throw VenueAPIError.missing(parameter.name)
        }
        return admitted
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
