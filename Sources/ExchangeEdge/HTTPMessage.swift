public import NIOCore
public import NIOHTTP1

/// A request, whole.
public struct HTTPRequest: Sendable {
    /// Its method.
    public var method: String
    /// Path and query exactly as they came: signatures are over these bytes.
    public let uri: String
    /// What stands before the question mark.
    public let path: String
    /// What stands behind the question mark.
    public let query: [UInt8]
    /// Its headers.
    public var headers: HTTPHeaders
    /// Its body.
    public var body: [UInt8]
    /// The other end's address.
    public var address: String

    /// A request, as a connection puts it together.
    public init(method: String, uri: String, headers: HTTPHeaders, body: [UInt8], address: String) {
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
    public func header(_ name: String) -> String? { headers.first(name: name) }
}

/// A reply.
public struct HTTPReply: Sendable {
    /// Its status.
    public var status: Int
    /// Its body.
    public var body: [UInt8]
    /// What its body is.
    public var contentType: String
    /// Headers beside those that every reply has.
    public var headers: [(String, String)]
    /// Whether whoever asked is too much: then the next request of the connection is looked at a little
    /// later.
    public var isTooMuch = false

    /// A reply, JSON unless it says otherwise.
    public init(
        status: Int,
        body: [UInt8],
        contentType: String = "application/json",
        headers: [(String, String)] = []
    ) {
        self.status = status
        self.body = body
        self.contentType = contentType
        self.headers = headers
    }

    /// Says when to come again, to whoever was too much.
    public static func wait(_ status: Int) -> [(String, String)] {
        status == 429 || status == 503 ? [("retry-after", "1")] : []
    }

    /// JSON.
    public static func json(_ body: [UInt8], status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, body: body)
    }

    /// Plain text.
    public static func text(_ text: String, status: Int = 200) -> HTTPReply {
        HTTPReply(status: status, body: Array(text.utf8), contentType: "text/plain; charset=utf-8")
    }
}

/// Whoever answers requests. `reply` may be called later, from any thread, once.
public protocol HTTPResponder: Sendable {
    /// Bytes that may wait for a client of a WebSocket to read them.
    var unreadLimit: Int { get }
    /// Where WebSockets are noted while they are open.
    var sockets: OpenSockets { get }
    /// Answers a request.
    func respond(to request: HTTPRequest, reply: @escaping @Sendable (HTTPReply) -> Void)
    /// Who speaks on a WebSocket that a request asks for; nil if there is none there.
    func session(for head: HTTPRequestHead, _ channel: any Channel) -> (any WebSocketSession)?
}

extension HTTPResponder {
    /// As much as is usual.
    public var unreadLimit: Int { WebSocketConnection.usualLimit }
}
