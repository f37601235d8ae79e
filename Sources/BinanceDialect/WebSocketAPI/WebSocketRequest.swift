public import ExchangeText

/// A request of the WS-API (WIRE-26).
public struct WebSocketRequest: Sendable {
    /// Its number or name, as JSON, to be echoed as it was.
    public var id: JSONValue
    /// The method's name.
    public var method: String
    /// The members of `params` as they came, for the signature.
    public var members: [JSONMember]
    /// The same as parameters.
    public var parameters: WireParameters

    /// What a frame says.
    ///
    /// - Throws: what is to be answered, with the frame's id as far as it could be read.
    public init(_ bytes: [UInt8]) throws(WebSocketError) {
        if bytes.count > WireParameters.sizeLimit { throw WebSocketError(.tooLarge, id: .null) }
        guard
            let frame = try? JSONParser.parse(bytes[...], stringLimit: WireParameters.stringLimit),
            case .object = frame
        else { throw WebSocketError(.invalidJSON("request"), id: .null) }
        switch frame["id"] {
        case .number(let text)?:
            if WireParameters.integer(text) == nil { throw WebSocketError(.invalid("id"), id: .null) }
            id = .number(text)
        case .string(let text)?:
            if text.utf8.count > 64 { throw WebSocketError(.invalid("id"), id: .null) }
            id = .string(text)
        case .null?, nil: id = .null
        default: throw WebSocketError(.invalid("id"), id: .null)
        }
        guard case .string(let method)? = frame["method"] else {
            throw WebSocketError(.mandatory("method"), id: id)
        }
        self.method = method
        switch frame["params"] {
        case .object(let members)?: self.members = members
        case .null?, nil: members = []
        default: throw WebSocketError(.invalid("params"), id: id)
        }
        do {
            parameters = try WireParameters(members: members)
        } catch {
            throw WebSocketError(error, id: id)
        }
    }

    /// The method's row.
    ///
    /// - Throws: what is to be answered if there is no such method.
    public func endpoint() throws(WebSocketError) -> Endpoint {
        guard let endpoint = Endpoint.find(webSocketMethod: method) else {
            throw WebSocketError(BinanceError(-1020, "This operation is not supported."), id: id)
        }
        return endpoint
    }
}

/// What the server counted of a client, for the replies that show it.
public struct RateCounts: Sendable {
    /// Weight used in this minute.
    public var weight = 0
    /// Orders in these ten seconds.
    public var tenSeconds = 0
    /// Orders in this minute.
    public var minute = 0
    /// Nothing counted.
    public init() {}
}

/// Replies of the WS-API: `{"id":…,"status":…,"result":…,"rateLimits":[…]}`.
public enum WebSocketReply {
    /// Wraps the body of a reply, of whatever status.
    ///
    /// - Parameter counts: what is to be shown as used; nil leaves `rateLimits` out, as a client may ask.
    public static func wrap(
        _ reply: Reply,
        id: JSONValue,
        counts: RateCounts?,
        options: DialectOptions = DialectOptions()
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.value(id)
        writer.field("status", reply.httpStatus)
        writer.key(reply.httpStatus == 200 ? "result" : "error")
        writer.raw(reply.body)
        if let counts {
            writer.key("rateLimits")
            writer.beginArray()
            Answers.usedLimits(counts, options, &writer)
            writer.endArray()
        }
        writer.endObject()
        return writer.bytes
    }

    /// The result of `session.logon` and `session.status`; a session without a key shows nulls.
    public static func session(
        apiKey: String?,
        authorizedSince: Int64?,
        connectedSince: Int64,
        serverTime: Int64
    ) -> Reply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("apiKey")
        if let apiKey { writer.string(apiKey) } else { writer.null() }
        writer.key("authorizedSince")
        if let authorizedSince { writer.integer(Int128(authorizedSince)) } else { writer.null() }
        writer.field("connectedSince", connectedSince)
        writer.field("returnRateLimits", true)
        writer.field("serverTime", serverTime)
        writer.endObject()
        return Reply(body: writer.bytes)
    }
}

/// A request of the WS-API that cannot be followed.
public struct WebSocketError: Error, Sendable {
    /// What is wrong.
    public var error: BinanceError
    /// The frame's id, null if it could not be read.
    public var id: JSONValue

    init(_ error: BinanceError, id: JSONValue) {
        self.error = error
        self.id = id
    }

    /// The reply.
    public var bytes: [UInt8] { WebSocketReply.wrap(Reply(error), id: id, counts: nil) }
}
