import BinanceDialect
import ExchangeCore
import ExchangeEdge
import ExchangeRuntime
import NIOCore
import NIOHTTP1

/// Where requests come in: tells the Binance wire, the venue's own interface and the operator's pages apart.
final class Gateway: HTTPResponder {
    private let venue: Venue
    private let service: DialectService
    private let own: VenueAPI
    private let topics: LiveTopics
    private let page: PageFiles

    init(_ venue: Venue) {
        self.venue = venue
        service = DialectService(venue)
        own = VenueAPI(venue)
        topics = LiveTopics(venue, service)
        page = PageFiles(venue.options)
    }

    var unreadLimit: Int { venue.options.unreadLimit }
    var sockets: OpenSockets { venue.sockets }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        let path = request.path
        let isOwn = path == "/zerosum/v1" || path.hasPrefix("/zerosum/v1/")
        if let refusal = refusal(host: request.header("host"), origin: request.header("origin")) {
            let body =
                isOwn
                ? VenueAPIError(.notAllowed, refusal).body : BinanceError(-1002, refusal, http: 403).body
            return reply(.json(body, status: 403))
        }
        switch path {
        case "/health": return reply(.text("ok\n"))
        case "/ready":
            return reply(
                venue.isReady ? .text("ready\n" + venue.complaints) : .text("starting\n", status: 503)
            )
        case "/metrics": return reply(.text(Metrics.text(venue)))
        default: break
        }
        if let file = page.file(path) {
            return reply(request.method == "GET" || request.method == "HEAD" ? file : Gateway.onlyRead)
        }
        if isOwn { return own.respond(to: request, reply: reply) }
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
        let (endpoint, admitted) = admit(request, now)
        let sent = admitted.headers
        guard let endpoint, admitted.refusal == nil else {
            return reply(Gateway.refuse(admitted.refusal ?? .notFound, sent, admitted.isTooMuch))
        }
        let account = admitted.key?.account
        if !venue.admission.begin(account) { return reply(Gateway.refuse(.tooManyWaiting, sent, false)) }
        let (times, start) = (venue.requests, SystemClock.monotonic)
        service.perform(endpoint, admitted.parameters, key: admitted.key) { [venue] answer in
            times.note(SystemClock.monotonic - start)
            venue.admission.end(account, answer.httpStatus, now: now)
            let wait = HTTPReply.wait(answer.httpStatus)
            reply(HTTPReply(status: answer.httpStatus, body: answer.body, headers: sent + wait))
        }
    }

    private static func refuse(
        _ error: BinanceError,
        _ headers: [(String, String)],
        _ isTooMuch: Bool
    ) -> HTTPReply {
        var reply = HTTPReply(status: error.httpStatus, body: error.body)
        reply.headers = headers + HTTPReply.wait(error.httpStatus)
        reply.isTooMuch = isTooMuch
        return reply
    }

    /// Lets a request of the wire in, or says why not.
    private func admit(_ request: HTTPRequest, _ now: Int64) -> (Endpoint?, Admitted) {
        let found = Result { () throws(BinanceError) in try find(request) }
        let arrival: Arrival
        switch found {
        case .success(let endpoint): arrival = Arrival(request) { endpoint.terms($0) }
        case .failure(let error): arrival = Arrival(.none, .failure(error), from: request.address)
        }
        return (try? found.get(), venue.admission.admit(arrival, now: now))
    }

    /// The endpoint of a request.
    private func find(_ request: HTTPRequest) throws(BinanceError) -> Endpoint {
        switch Endpoint.find(request.method, request.path) {
        case .found(let found):
            if !venue.isReady { throw .overloaded }
            return found
        case .wrongMethod: throw .wrongMethod
        case .notFound: throw .notFound
        }
    }

    // MARK: Questions

    /// Lets a question in that is to be asked again and again (API-14): a GET, checked once.
    private func question(
        _ uri: String,
        _ key: String?,
        _ address: String
    ) throws(LiveRefusal) -> LiveAdmission {
        var headers = HTTPHeaders()
        if let key { headers.add(name: "x-mbx-apikey", value: key) }
        let request = HTTPRequest(method: "GET", uri: uri, headers: headers, body: [], address: address)
        if request.path.hasPrefix("/zerosum/v1/") {
            let route: VenueRoute
            let admitted: VenueRequest
            do throws(VenueAPIError) {
                (route, admitted) = try own.question(request)
                if route.access != .open && route.access != .reads { throw .notAskedAgain }
            } catch {
                throw LiveRefusal(error)
            }
            return LiveAdmission(
                key: "\(admitted.account.raw) \(uri)",
                question: .own(route, admitted),
                holder: route.access == .open ? nil : key
            )
        }
        let (endpoint, admitted) = admit(request, service.now)
        guard let endpoint, admitted.refusal == nil else {
            let error = admitted.refusal ?? .notFound
            throw LiveRefusal(status: error.httpStatus, body: error.body)
        }
        return LiveAdmission(
            key: "\(admitted.key?.account ?? 0) \(uri)",
            question: .wire(endpoint, admitted.parameters, admitted.key),
            holder: admitted.key?.name
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
        guard let kind = SocketKind(path: request.path) else { return nil }
        switch kind {
        case .requests: return WebSocketAPISession(venue, service)
        case .questions:
            return LiveSession(topics, venue.keys) { [self] (uri, key, address) throws(LiveRefusal) in
                try question(uri, key, address)
            }
        case .fills:
            let from = (try? WireParameters(query: request.query))?["from"]
            // A number that cannot be read is refused: whoever resumes must not believe to have got all.
            let number = from.flatMap { UInt64($0) }
            return FillSession(venue, from: number, isUnreadable: from != nil && number == nil)
        case .streams:
            guard
                let (names, isCombined) = SubscriptionFrame.streams(path: request.path, query: request.query)
            else { return nil }
            return StreamSession(
                venue.publisher,
                venue.listenKeys,
                names: names,
                isCombined: isCombined,
                events: EventFilter((try? WireParameters(query: request.query))?["events"]),
                clock: { [service] in service.now }
            )
        }
    }
}

/// The WebSockets that there are.
enum SocketKind: CaseIterable {
    /// Requests and answers in frames: the WS-API.
    case requests
    /// Live questions.
    case questions
    /// The waterfall's fills, which anybody may hear.
    case fills
    /// Streams of markets and of user data.
    case streams

    /// The kind at a path; nil if there is none.
    init?(path: String) {
        switch path {
        case "/ws-fapi/v1": self = .requests
        case "/zerosum/v1/live": self = .questions
        case "/zerosum/v1/stream": self = .fills
        default:
            if SubscriptionFrame.streams(path: path, query: []) == nil { return nil }
            self = .streams
        }
    }

    /// What a key may hold open on one. A listen key is held open by none: it is asked for.
    var doors: Set<Door> {
        switch self {
        case .requests: [.session]
        case .questions: [.question]
        case .fills: []
        case .streams: [.userStream]
        }
    }
}
