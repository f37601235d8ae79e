import NIOCore
import NIOHTTP1

/// A request, whole.
struct HTTPRequest: Sendable {
    var method: String
    /// Path and query exactly as they came: signatures are over these bytes.
    let uri: String
    /// What stands before the question mark.
    let path: String
    /// What stands behind the question mark.
    let query: [UInt8]
    var headers: HTTPHeaders
    var body: [UInt8]
    /// The other end's address.
    var address: String

    init(method: String, uri: String, headers: HTTPHeaders, body: [UInt8], address: String) {
        self.method = method
        self.uri = uri
        let bytes = uri.utf8
        let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
        path = mark.map { String(uri[..<$0]) } ?? uri
        query = mark.map { Array(bytes[bytes.index(after: $0)...]) } ?? []
        self.headers = headers
        self.body = body
        self.address = address
    }

    /// A header's first value.
    func header(_ name: String) -> String? { headers.first(name: name) }
}

/// A reply.
struct HTTPReply: Sendable {
    var status: Int
    var body: [UInt8]
    var contentType = "application/json"
    var headers: [(String, String)] = []
    /// Whether whoever asked is too much: then the next request of the connection is looked at a little
    /// later.
    var isTooMuch = false

    /// Says when to come again, to whoever was too much.
    static func wait(_ status: Int) -> [(String, String)] {
        status == 429 || status == 503 ? [("retry-after", "1")] : []
    }

    /// JSON.
    static func json(_ body: [UInt8], status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, body: body)
    }

    /// Plain text.
    static func text(_ text: String, status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, body: Array(text.utf8), contentType: "text/plain; charset=utf-8")
    }
}

/// Whoever answers requests. `reply` may be called later, from any thread, once.
protocol HTTPResponder: Sendable {
    /// Bytes that may wait for a client of a WebSocket to read them.
    var unreadLimit: Int { get }
    /// Where WebSockets are noted while they are open.
    var sockets: OpenSockets { get }
    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void)
    /// Who speaks on a WebSocket that a request asks for; nil if there is none there.
    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)?
}

extension HTTPResponder {
    var unreadLimit: Int { WebSocketConnection.usualLimit }
}
