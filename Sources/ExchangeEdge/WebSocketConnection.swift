public import NIOCore
public import NIOWebSocket
public import Synchronization

/// Whoever speaks on a WebSocket. Called on the connection's event loop.
public protocol WebSocketSession: AnyObject {
    /// Whether whoever speaks here sends few messages: then more than a few a second end the connection.
    var isQuiet: Bool { get }
    /// The connection is there.
    func opened(_ connection: WebSocketConnection)
    /// A whole text message came.
    func received(_ text: [UInt8], on connection: WebSocketConnection)
    /// The connection is gone.
    func closed(_ connection: WebSocketConnection)
}

extension WebSocketSession {
    /// Few messages come.
    public var isQuiet: Bool { true }
}

/// The sending end of a WebSocket, for any thread.
///
/// What a client has not read yet is bounded: one that reads too slowly is cut off with a reason, and
/// nobody waits for it (API-9).
public final class WebSocketConnection: Sendable {
    /// Bytes that may wait for a client to read them.
    public static let usualLimit = 1 << 20
    /// How long a client that was cut off has to read what waits for it and, behind that, the reason.
    static let patience = TimeAmount.seconds(10)
    private let limit: Int
    /// How many clients of this process were cut off because they read too slowly.
    public static let slow = Atomic<Int>(0)

    private let channel: any Channel
    private let waiting = Atomic<Int>(0)
    private let cut = Atomic<Bool>(false)
    private let gone = Atomic<Bool>(false)
    /// A number of its own, for tables.
    public let id: ObjectIdentifier
    /// The other end's address.
    public let address: String

    /// The sending end of a channel.
    public init(_ channel: any Channel, unreadLimit: Int = WebSocketConnection.usualLimit) {
        self.channel = channel
        limit = unreadLimit
        id = ObjectIdentifier(channel)
        address = channel.remoteAddress?.ipAddress ?? ""
    }

    /// Whether it is being closed: nothing that comes is listened to.
    public var isCut: Bool { cut.load(ordering: .relaxed) }
    /// Whether it is gone.
    public var isGone: Bool { gone.load(ordering: .acquiring) }
    /// Notes that it is gone.
    func end() { gone.store(true, ordering: .releasing) }
    /// Bytes that wait for the client to read them.
    public var unread: Int { waiting.load(ordering: .relaxed) }
    /// As much as is sent at once to a client that asks for much: it is sent more when it has read that.
    public var portion: Int { limit / 4 }

    /// Sends text messages, in order; `then` is called once the last is out.
    public func send(_ messages: [ByteBuffer], then: (@Sendable () -> Void)? = nil) {
        if messages.isEmpty || isCut { return }
        let size = messages.reduce(0) { $0 + $1.readableBytes }
        let now = waiting.add(size, ordering: .relaxed).newValue
        if now > limit {
            waiting.subtract(size, ordering: .relaxed)
            return cutOff()
        }
        channel.eventLoop.execute { [self] in
            for message in messages.dropLast() { channel.write(frame(.text, message), promise: nil) }
            let done = channel.writeAndFlush(frame(.text, messages[messages.count - 1]))
            done.whenComplete { [self] result in
                waiting.subtract(size, ordering: .relaxed)
                if case .success = result { then?() }
            }
        }
    }

    /// Sends one text message.
    public func send(_ bytes: [UInt8]) { send([ByteBuffer(bytes: bytes)]) }

    /// It reads too slowly.
    private func cutOff() {
        if isCut { return }
        WebSocketConnection.slow.add(1, ordering: .relaxed)
        let reason = "slow consumer: more than \(limit) bytes unread"
        close(.policyViolation, reason, within: WebSocketConnection.patience)
    }

    /// Says why, and closes.
    public func close(_ code: WebSocketErrorCode, _ reason: String, within time: TimeAmount = .seconds(2)) {
        if cut.exchange(true, ordering: .relaxed) { return }
        channel.eventLoop.execute { [self] in
            var data = ByteBuffer()
            data.write(webSocketErrorCode: code)
            data.writeString(reason)
            let channel = channel
            // A client that does not read never sees the reason; the connection goes all the same.
            let end = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
            channel.writeAndFlush(frame(.connectionClose, data)).whenSuccess {
                if time <= .seconds(2) { return }
                end.cancel()
                channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            }
        }
    }

    /// Ends it after some time, whatever it waits for.
    func tearDown(in time: TimeAmount) {
        let channel = channel
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    /// Reads nothing of it for a while: what it sends waits on its own side.
    public func rest() {
        let channel = channel
        channel.setOption(.autoRead, value: false).whenSuccess {
            channel.eventLoop.scheduleTask(in: HTTPLimits.rest) {
                _ = channel.setOption(.autoRead, value: true)
            }
        }
    }

    /// Asks whether the other end is there.
    func ping() {
        channel.eventLoop.execute { [self] in
            channel.writeAndFlush(frame(.ping, ByteBuffer()), promise: nil)
        }
    }

    /// Answers a ping. What is not read of it counts like anything else.
    func pong(_ data: ByteBuffer) {
        let size = data.readableBytes + 2
        if waiting.add(size, ordering: .relaxed).newValue > limit {
            waiting.subtract(size, ordering: .relaxed)
            return cutOff()
        }
        channel.writeAndFlush(frame(.pong, data)).whenComplete { [self] _ in
            waiting.subtract(size, ordering: .relaxed)
        }
    }

    private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, data: data)
    }
}
