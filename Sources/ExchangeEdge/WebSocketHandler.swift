import NIOCore
import NIOWebSocket

/// Puts messages together out of frames, strictly by RFC 6455, and hands them to a session.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// Bytes of a frame, and of a message.
    static let frameLimit = 1 << 16
    /// Frames a second that a client may send, with room for a burst. Where it trades, only control frames
    /// and pieces of messages count.
    static let rate = 10
    static let burst = 100

    private let session: any WebSocketSession
    private var connection: WebSocketConnection?
    private var message: [UInt8] = []
    private var isFragmented = false
    private var allowance = WebSocketHandler.burst
    private var refilled = NIODeadline.now()
    private var heard = NIODeadline.now()
    private var pinger: RepeatedTask?

    private let unreadLimit: Int
    private let sockets: OpenSockets

    init(_ session: any WebSocketSession, unreadLimit: Int, _ sockets: OpenSockets) {
        self.session = session
        self.unreadLimit = unreadLimit
        self.sockets = sockets
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let connection = WebSocketConnection(context.channel, unreadLimit: unreadLimit)
        self.connection = connection
        sockets.add(connection)
        session.opened(connection)
        // As Binance: a ping every three minutes, and the end after ten without an answer.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        pinger = context.eventLoop.scheduleRepeatedTask(initialDelay: .minutes(3), delay: .minutes(3)) { _ in
            if NIODeadline.now() - bound.value.heard > .minutes(10) {
                connection.close(.goingAway, "no answer to pings for ten minutes")
            } else {
                connection.ping()
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Whoever sends nothing more cannot answer, neither a ping nor the frame that closes.
        if case .some(.inputClosed) = event as? ChannelEvent { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func end() {
        pinger?.cancel()
        pinger = nil
        connection?.end()
        if let connection {
            session.closed(connection)
            sockets.remove(connection)
        }
        connection = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Behind what closes a connection nothing counts: an order there would be done, and not answered.
        guard let connection else { return }
        let frame = unwrapInboundIn(data)
        if connection.isCut {
            // The other end has seen it: nothing is waited for.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        heard = .now()
        if frame.maskKey == nil || frame.rsv1 || frame.rsv2 || frame.rsv3 {
            return connection.close(.protocolError, "frames of a client are masked and use no extension")
        }
        let isRequest = frame.opcode == .text && frame.fin && !session.isQuiet
        if !isRequest && !mayGoOn() { return connection.close(.policyViolation, "too many messages") }
        let isControl = frame.opcode == .ping || frame.opcode == .pong || frame.opcode == .connectionClose
        if isControl && (!frame.fin || frame.length > 125) {
            return connection.close(.protocolError, "a control frame is whole and has at most 125 bytes")
        }
        switch frame.opcode {
        case .ping: connection.pong(frame.unmaskedData)
        case .pong: break
        case .connectionClose: connection.close(.normalClosure, "")
        case .text:
            if isFragmented { return connection.close(.protocolError, "a message inside of another") }
            message.removeAll(keepingCapacity: true)
            take(frame, connection)
        case .continuation:
            if !isFragmented { return connection.close(.protocolError, "a continuation of nothing") }
            take(frame, connection)
        case .binary: connection.close(.unacceptableData, "messages are text")
        default: connection.close(.protocolError, "an unknown kind of frame")
        }
    }

    private func take(_ frame: WebSocketFrame, _ connection: WebSocketConnection) {
        let data = frame.unmaskedData
        if message.count + data.readableBytes > WebSocketHandler.frameLimit {
            return connection.close(.messageTooLarge, "more than \(WebSocketHandler.frameLimit) bytes")
        }
        message.append(contentsOf: data.readableBytesView)
        isFragmented = !frame.fin
        if isFragmented { return }
        if String(validating: message, as: UTF8.self) == nil {
            return connection.close(.dataInconsistentWithMessage, "text that is not UTF-8")
        }
        session.received(message, on: connection)
    }

    /// A bucket of tokens, filled at the rate.
    private func mayGoOn() -> Bool {
        let seconds = (NIODeadline.now() - refilled).nanoseconds / 1_000_000_000
        if seconds > 0 {
            allowance = min(
                WebSocketHandler.burst,
                allowance + WebSocketHandler.rate * Int(min(seconds, 1_000))
            )
            refilled = .now()
        }
        allowance -= 1
        return allowance >= 0
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let connection else { return context.close(promise: nil) }
        // The rest of what was refused: closed now, the connection would be reset and the reason lost.
        if connection.isCut { return }
        if let error = error as? NIOWebSocketError {
            connection.close(WebSocketErrorCode(error), "a frame that is not allowed")
        } else {
            context.close(promise: nil)
        }
    }
}

extension WebSocketErrorCode {
    fileprivate init(_ error: NIOWebSocketError) {
        switch error {
        case .invalidFrameLength: self = .messageTooLarge
        default: self = .protocolError
        }
    }
}
