import NIOCore
import NIOWebSocket
import Synchronization

/// Whoever speaks on a WebSocket. Called on the connection's event loop.
protocol WebSocketSession: AnyObject {
    /// The connection is there.
    func opened(_ connection: WebSocketConnection)
    /// A whole text message came.
    func received(_ text: [UInt8], on connection: WebSocketConnection)
    /// The connection is gone.
    func closed(_ connection: WebSocketConnection)
}

/// The sending end of a WebSocket, for any thread.
///
/// What a client has not read yet is bounded: one that reads too slowly is cut off with a reason, and
/// nobody waits for it (SEQ-2).
final class WebSocketConnection: Sendable {
    /// Bytes that may wait for a client to read them.
    static let waitingLimit = 1 << 20

    private let channel: any Channel
    private let waiting = Atomic<Int>(0)
    private let isCut = Atomic<Bool>(false)
    /// A number of its own, for tables.
    let id: ObjectIdentifier
    /// The other end's address.
    let address: String

    init(_ channel: any Channel) {
        self.channel = channel
        id = ObjectIdentifier(channel)
        address = channel.remoteAddress?.ipAddress ?? ""
    }

    /// Sends text messages, in order.
    func send(_ messages: [ByteBuffer]) {
        if messages.isEmpty || isCut.load(ordering: .relaxed) { return }
        let size = messages.reduce(0) { $0 + $1.readableBytes }
        let now = waiting.add(size, ordering: .relaxed).newValue
        if now > WebSocketConnection.waitingLimit {
            close(
                .policyViolation,
                "slow consumer: more than \(WebSocketConnection.waitingLimit) bytes unread"
            )
            return
        }
        channel.eventLoop.execute { [self] in
            for message in messages.dropLast() { channel.write(frame(.text, message), promise: nil) }
            let done = channel.writeAndFlush(frame(.text, messages[messages.count - 1]))
            done.whenComplete { [self] _ in waiting.subtract(size, ordering: .relaxed) }
        }
    }

    /// Sends one text message.
    func send(_ bytes: [UInt8]) { send([ByteBuffer(bytes: bytes)]) }

    /// Says why, and closes.
    func close(_ code: WebSocketErrorCode, _ reason: String) {
        if isCut.exchange(true, ordering: .relaxed) { return }
        channel.eventLoop.execute { [self] in
            var data = ByteBuffer()
            data.write(webSocketErrorCode: code)
            data.writeString(reason)
            channel.writeAndFlush(frame(.connectionClose, data), promise: nil)
            // A client that does not read never sees the reason; the connection goes all the same.
            let channel = channel
            channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
        }
    }

    /// Asks whether the other end is there.
    func ping() {
        channel.eventLoop.execute { [self] in
            channel.writeAndFlush(frame(.ping, ByteBuffer()), promise: nil)
        }
    }

    func pong(_ data: ByteBuffer) { channel.writeAndFlush(frame(.pong, data), promise: nil) }

    private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, data: data)
    }
}
