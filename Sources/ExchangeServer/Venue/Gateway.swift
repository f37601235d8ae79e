import BinanceDialect
import ExchangeCore
import ExchangeRuntime
import Foundation
import NIOCore
import NIOHTTP1

/// Where requests come in: tells the Binance wire, the venue's own interface and the operator's pages apart.
final class Gateway: HTTPResponder {
    private let venue: Venue
    private let service: DialectService
    private let own: OwnAPI
    private let topics: LiveTopics
    private let page: PageFiles

    init(_ venue: Venue) {
        self.venue = venue
        service = DialectService(venue)
        own = OwnAPI(venue)
        topics = LiveTopics(venue, service)
        page = PageFiles(venue.options)
    }

    var unreadLimit: Int { venue.options.unreadLimit }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        if let refusal = refusal(host: request.header("host"), origin: request.header("origin")) {
            return reply(.json(BinanceError(-1002, refusal, http: 403).body, status: 403))
        }
        let path = request.path
        switch path {
        case "/health": return reply(.text("ok\n"))
        case "/ready":
            return reply(.text(venue.isReady ? "ready\n" : "starting\n", status: venue.isReady ? 200 : 503))
        case "/metrics": return reply(.text(Metrics.text(venue)))
        default: break
        }
        if let file = page.file(path) {
            return reply(request.method == "GET" || request.method == "HEAD" ? file : Gateway.onlyRead)
        }
        if path == "/zerosum/v1" || path.hasPrefix("/zerosum/v1/") {
            return own.respond(to: request, reply: reply)
        }
        dialect(request, path, reply)
    }

    private static let onlyRead = HTTPReply.json(BinanceError.wrongMethod.body, status: 405)

    /// A playground is spoken to under a name of this machine alone: a page from elsewhere that a browser
    /// here has open is refused, and so is a name that was made to point here.
    private func refusal(host: String?, origin: String?) -> String? {
        guard venue.options.isPlayground else {
            guard let origin, let host else { return nil }
            return Gateway.name(of: origin) == Gateway.name(of: host)
                ? nil : "requests of other pages are refused"
        }
        if let host, !Gateway.isLocal(Gateway.name(of: host)) {
            return "this playground is not \(Gateway.name(of: host))"
        }
        if let origin, !Gateway.isLocal(Gateway.name(of: origin)) {
            return "requests of other pages are refused"
        }
        return nil
    }

    /// The name in an address such as `http://name:port`.
    static func name(of address: String) -> String {
        var rest = address.utf8[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), rest[colon...].starts(with: "://".utf8) {
            rest = rest[colon...].dropFirst(3)
        }
        if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")) {
            return String(Substring(rest[...end]))
        }
        return String(Substring(rest.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/") }))
    }

    /// Names are told apart without case, and may end with a point.
    static func isLocal(_ name: String) -> Bool {
        var name = name.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        return Venue.isLoopback(name) || name.hasSuffix(".localhost")
    }

    // MARK: The Binance wire

    private func dialect(
        _ request: HTTPRequest,
        _ path: String,
        _ reply: @escaping @Sendable (HTTPReply) -> Void
    ) {
        let now = service.now
        do throws(BinanceError) {
            let (endpoint, parameters) = try find(request)
            var headers = count(endpoint, parameters, nil, request, now)
            let key = try holder(endpoint, parameters, request, now)
            if key != nil { headers = count(endpoint, parameters, key, request, now, weight: false) }
            if let refusal = headers.refusal { throw refusal }
            let sent = headers.headers
            let (times, start) = (venue.requests, SystemClock.monotonic)
            service.perform(endpoint, parameters, key: key) { answer in
                times.note(SystemClock.monotonic - start)
                let wait = Gateway.wait(answer.httpStatus)
                reply(HTTPReply(status: answer.httpStatus, body: answer.body, headers: sent + wait))
            }
        } catch {
            let wait = Gateway.wait(error.httpStatus)
            reply(HTTPReply(status: error.httpStatus, body: error.body, headers: wait))
        }
    }

    /// The endpoint and the parameters of a request.
    private func find(_ request: HTTPRequest) throws(BinanceError) -> (Endpoint, WireParameters) {
        let endpoint: Endpoint
        switch Endpoint.find(request.method, request.path) {
        case .found(let found): endpoint = found
        case .wrongMethod: throw .wrongMethod
        case .notFound: throw .notFound
        }
        if !venue.isReady { throw .overloaded }
        return (endpoint, try WireParameters(query: request.query, body: request.body))
    }

    /// Whose request it is; nobody's where nobody has to sign.
    private func holder(
        _ endpoint: Endpoint,
        _ parameters: WireParameters,
        _ request: HTTPRequest,
        _ now: Int64
    ) throws(BinanceError) -> APIKey? {
        if endpoint.security.isSigned {
            return try venue.authenticator.check(
                request.header("x-mbx-apikey"),
                try WireParameters.signaturePayload(query: request.query, body: request.body),
                parameters,
                for: endpoint.scope,
                from: request.address,
                now: now
            )
        }
        if !endpoint.security.needsKey { return nil }
        return try venue.authenticator.named(request.header("x-mbx-apikey"), from: request.address)
    }

    /// Says when to come again, to whoever was too much.
    private static func wait(_ status: Int) -> [(String, String)] {
        status == 429 || status == 503 ? [("retry-after", "1")] : []
    }

    private func count(
        _ endpoint: Endpoint,
        _ parameters: WireParameters,
        _ key: APIKey?,
        _ request: HTTPRequest,
        _ now: Int64,
        weight: Bool = true
    ) -> (headers: [(String, String)], refusal: BinanceError?) {
        let (counts, refusal) = venue.limiter.count(
            weight: weight ? endpoint.weight(of: parameters) : 0,
            from: request.address,
            orders: endpoint.orders,
            account: key?.account,
            now: now
        )
        var headers = [("x-mbx-used-weight-1m", String(counts.weight))]
        if key != nil {
            headers.append(("x-mbx-order-count-10s", String(counts.tenSeconds)))
            headers.append(("x-mbx-order-count-1m", String(counts.minute)))
        }
        return (headers, refusal)
    }

    // MARK: Questions

    /// Lets a question in that is to be asked again and again (API-14): a GET, checked once.
    private func question(
        _ uri: String,
        _ key: String?,
        _ address: String
    ) throws(BinanceError) -> LiveAdmission {
        var headers = HTTPHeaders()
        if let key { headers.add(name: "x-mbx-apikey", value: key) }
        let request = HTTPRequest(method: "GET", uri: uri, headers: headers, body: [], address: address)
        if request.path.hasPrefix("/zerosum/v1/") {
            let (route, admitted) = try own.question(request)
            if route.access != .open && route.access != .reads { throw .unauthorized }
            return LiveAdmission(
                key: "\(admitted.account.raw) \(uri)",
                question: .own(route, admitted),
                holder: route.access == .open ? nil : key
            )
        }
        let (endpoint, parameters) = try find(request)
        let holder = try holder(endpoint, parameters, request, service.now)
        return LiveAdmission(
            key: "\(holder?.account ?? 0) \(uri)",
            question: .wire(endpoint, parameters, holder),
            holder: holder?.name
        )
    }

    // MARK: WebSockets

    /// Who speaks on a WebSocket with this path; nil if it is none.
    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)? {
        if refusal(host: head.headers.first(name: "host"), origin: head.headers.first(name: "origin")) != nil
        {
            return nil
        }
        if !venue.isReady { return nil }
        let request = HTTPRequest(method: "GET", uri: head.uri, headers: head.headers, body: [], address: "")
        let path = request.path
        let clock: @Sendable () -> Int64 = { [service] in service.now }
        if path == "/ws-fapi/v1" { return WebSocketAPISession(venue, service) }
        if path == "/zerosum/v1/live" {
            return LiveSession(topics) { [self] (uri, key, address) throws(BinanceError) in
                try question(uri, key, address)
            }
        }
        if path == "/zerosum/v1/stream" {
            let from = (try? WireParameters(query: request.query))?["from"]
            // A number that cannot be read is refused: whoever resumes must not believe to have got all.
            let number = from.flatMap { UInt64($0) }
            return FillSession(venue, from: number, isUnreadable: from != nil && number == nil)
        }
        guard let (names, isCombined) = SubscriptionFrame.streams(path: path, query: request.query) else {
            return nil
        }
        return StreamSession(venue.hub, venue.listenKeys, names: names, isCombined: isCombined, clock: clock)
    }
}
