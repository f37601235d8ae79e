public import ExchangeText

/// A frame that a client sends on a stream socket (WIRE-25).
public struct SubscriptionFrame: Sendable {
    /// What it asks for.
    public enum Request: Hashable, Sendable {
        case subscribe([String])
        case unsubscribe([String])
        case list
        /// `combined`, the only property there is.
        case setCombined(Bool)
        case getCombined
    }
    /// Its number or name, as JSON, to be echoed as it was.
    public var id: JSONValue
    /// What it asks for.
    public var request: Request

    /// The most bytes of a frame.
    public static let sizeLimit = 65_536
    /// The most streams of a frame, and of a connection.
    public static let streamLimit = 1_024

    /// What a frame says. Names are not looked up: listen keys are among them.
    ///
    /// - Throws: what is to be answered, with the frame's id as far as it could be read.
    public init(_ bytes: [UInt8]) throws(SubscriptionError) {
        id = .null
        if bytes.count > SubscriptionFrame.sizeLimit {
            throw SubscriptionError(3, "Invalid JSON: too large", id: .null)
        }
        let frame: JSONValue
        do {
            frame = try JSONParser.parse(bytes[...], stringLimit: WireParameters.stringLimit)
        } catch {
            throw SubscriptionError(3, "Invalid JSON: \(error.message)", id: .null)
        }
        guard case .object(let members) = frame else {
            throw SubscriptionError(3, "Invalid JSON: expected an object", id: .null)
        }
        switch frame["id"] {
        case .number, .string, .null: id = frame["id"] ?? .null
        case nil: id = .null
        default:
            throw SubscriptionError(2, "Invalid request: request ID must be an unsigned integer", id: .null)
        }
        for member in members where !["id", "method", "params"].contains(member.key) {
            throw SubscriptionError(2, "Invalid request: unknown variant \(member.key.prefix(40))", id: id)
        }
        guard case .string(let method)? = frame["method"] else {
            throw SubscriptionError(2, "Invalid request: missing field method", id: id)
        }
        request = try SubscriptionFrame.request(method, frame["params"], id)
    }

    private static func request(
        _ method: String,
        _ params: JSONValue?,
        _ id: JSONValue
    ) throws(SubscriptionError) -> Request {
        switch method {
        case "SUBSCRIBE": return .subscribe(try names(params, id))
        case "UNSUBSCRIBE": return .unsubscribe(try names(params, id))
        case "LIST_SUBSCRIPTIONS": return .list
        case "SET_PROPERTY":
            guard case .array(let parts)? = params, parts.count == 2, parts[0] == .string("combined"),
                case .bool(let isOn) = parts[1]
            else { throw SubscriptionError(0, "Unknown property", id: id) }
            return .setCombined(isOn)
        case "GET_PROPERTY":
            guard case .array(let parts)? = params, parts == [.string("combined")] else {
                throw SubscriptionError(0, "Unknown property", id: id)
            }
            return .getCombined
        default: throw SubscriptionError(2, "Invalid request: unknown variant \(method.prefix(40))", id: id)
        }
    }

    private static func names(
        _ params: JSONValue?,
        _ id: JSONValue
    ) throws(SubscriptionError) -> [String] {
        guard case .array(let elements)? = params, elements.count <= streamLimit else {
            throw SubscriptionError(2, "Invalid request: params must be a list of streams", id: id)
        }
        var names: [String] = []
        for element in elements {
            guard case .string(let name) = element else {
                throw SubscriptionError(2, "Invalid request: a stream must be a string", id: id)
            }
            names.append(name)
        }
        return names
    }

    /// `{"result":null,"id":…}`: done.
    public func done() -> [UInt8] { reply { $0.null() } }

    /// The reply to `list`.
    public func list(_ names: [String]) -> [UInt8] {
        reply { writer in
            writer.beginArray()
            for name in names { writer.string(name) }
            writer.endArray()
        }
    }

    /// The reply to `getCombined`.
    public func combined(_ isOn: Bool) -> [UInt8] { reply { $0.bool(isOn) } }

    /// The reply to a name that is no stream.
    public func unknownStream(_ name: String) -> [UInt8] {
        SubscriptionError(2, "Invalid request: unknown stream \(name.prefix(64))", id: id).bytes
    }

    private func reply(_ result: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("result")
        result(&writer)
        writer.key("id")
        writer.value(id)
        writer.endObject()
        return writer.bytes
    }

    /// The streams that a socket's path names: `/ws/a/b`, `/stream?streams=a/b`, on any prefix; and the
    /// listen keys of `/private/ws?listenKey=…`. Nil for a path that is no socket's.
    ///
    /// - Returns: the names, and whether messages are wrapped.
    public static func streams(path: String, query: [UInt8]) -> (names: [String], isCombined: Bool)? {
        var parts = path.split(separator: "/").map(String.init)
        if let first = parts.first, ["public", "market", "private"].contains(first) { parts.removeFirst() }
        guard let root = parts.first, root == "ws" || root == "stream" else { return nil }
        guard let parameters = try? WireParameters(query: query) else { return nil }
        var names: [String] = []
        if root == "ws" {
            // A lone number is a client's own name for its connection.
            names = parts.dropFirst().filter { part in !part.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }
        } else if let streams = parameters["streams"] {
            names = streams.split(separator: "/").map(String.init)
        }
        if let keys = parameters["listenKey"] {
            names += keys.split(whereSeparator: { $0 == "/" || $0 == "," }).map(String.init)
        }
        return (Array(names.prefix(streamLimit)), root == "stream")
    }
}

/// A frame that cannot be followed, as it is answered.
public struct SubscriptionError: Error, Hashable, Sendable {
    /// Binance's number: 0 unknown property, 1 invalid value, 2 invalid request, 3 invalid JSON.
    public var code: Int
    /// What is wrong.
    public var message: String
    /// The frame's id, null if it could not be read.
    public var id: JSONValue

    init(_ code: Int, _ message: String, id: JSONValue) {
        self.code = code
        self.message = message
        self.id = id
    }

    /// The reply: `{"error":{"code":…,"msg":…},"id":…}`.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.field("code", code)
        writer.field("msg", message)
        writer.endObject()
        writer.key("id")
        writer.value(id)
        writer.endObject()
        return writer.bytes
    }
}
