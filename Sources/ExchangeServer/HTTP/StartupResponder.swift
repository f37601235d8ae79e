import BinanceDialect
import ExchangeEdge
import NIOCore
import NIOHTTP1
import Synchronization

/// What listens from the first moment on: while the log is recovered it says so, and then it hands every
/// request on (API-10).
final class StartupResponder: HTTPResponder {
    private let inside = Mutex<Gateway?>(nil)
    let unreadLimit: Int
    let sockets = OpenSockets()

    init(unreadLimit: Int) { self.unreadLimit = unreadLimit }

    /// The log is recovered.
    func open(_ gateway: Gateway) { inside.withLock { $0 = gateway } }

    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void) {
        if let gateway = inside.withLock({ $0 }) { return gateway.respond(to: request, reply: reply) }
        switch request.path {
        case "/health": reply(.text("ok\n"))
        case "/ready": reply(.text("starting\n", status: 503))
        default:
            let isOwn = request.path.hasPrefix("/zerosum/v1")
            let body = isOwn ? VenueAPIError.busy.body : BinanceError.overloaded.body
            reply(HTTPReply(status: 503, body: body, headers: HTTPReply.wait(503)))
        }
    }

    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)? {
        inside.withLock { $0 }?.session(for: head, channel)
    }
}
