import NIOCore
import NIOHTTP1

/// Bounds on what a connection may send (API-9).
enum HTTPLimits {
    /// Bytes of a body.
    static let body = 1 << 16
    /// Bytes of all headers together, with the request's first line.
    static let headers = 1 << 13
    /// How long a request may take to arrive, and a connection may be idle.
    static let idle = TimeAmount.seconds(75)
    static let arrival = TimeAmount.seconds(10)
    /// How long a client may take to read a reply: the next request waits for that.
    static let reading = TimeAmount.seconds(20)
    /// How long a connection is not looked at whose client is too much.
    static let rest = TimeAmount.seconds(1)
    /// How long a client that was refused may go on sending before the connection is torn down.
    static let linger = TimeAmount.seconds(2)
}

/// Answers the requests of a connection, one at a time: whoever pipelines is served in order.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let responder: any HTTPResponder
    private let stage: HTTPStage
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isHead = false
    private var isClosing = false
    /// Whether a request waits for its answer, or the answer for being read.
    private var isAnswering = false
    /// Whether the other end sends nothing more.
    private var isInputClosed = false
    /// When the connection is closed unless something happens before; nil while the venue is to act.
    private var deadline: NIODeadline?
    private var timer: (task: Scheduled<Void>, at: NIODeadline)?
    /// The other end's address.
    private var address = ""

    private init(_ responder: any HTTPResponder, _ stage: HTTPStage) {
        self.responder = responder
        self.stage = stage
    }

    /// Adds everything that a connection needs to speak HTTP.
    static func addAll(
        to pipeline: ChannelPipeline.SynchronousOperations,
        _ responder: any HTTPResponder
    ) throws {
        let stage = HTTPStage(
            encoder: HTTPResponseEncoder(),
            decoder: ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            pipelining: HTTPServerPipelineHandler(),
            errors: HTTPServerProtocolErrorHandler()
        )
        try pipeline.addHandler(stage.encoder)
        try pipeline.addHandler(stage.decoder)
        try pipeline.addHandler(stage.pipelining)
        try pipeline.addHandler(stage.errors)
        try pipeline.addHandler(HTTPHandler(responder, stage))
    }

    func channelActive(context: ChannelHandlerContext) {
        address = context.remoteAddress?.ipAddress ?? ""
        arm(context, HTTPLimits.arrival)
        context.fireChannelActive()
    }

    /// Nothing more comes. What was asked is answered, and then the connection ends; of half a request
    /// nothing is waited for. What is being closed takes its own time.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .some(.inputClosed) = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        isInputClosed = true
        if !isAnswering && !isClosing { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.task.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.task.cancel()
        context.fireChannelInactive()
    }

    /// Closes the connection unless something happens in time.
    ///
    /// A deadline that moves away costs nothing: the timer of the earlier one looks again when it fires.
    private func arm(_ context: ChannelHandlerContext, _ time: TimeAmount) {
        let wanted = NIODeadline.now() + time
        deadline = wanted
        if let timer {
            if timer.at <= wanted { return }
            timer.task.cancel()
        }
        setTimer(context, wanted)
    }

    private func setTimer(_ context: ChannelHandlerContext, _ moment: NIODeadline) {
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) { [self] in
            timer = nil
            guard let deadline else { return }
            if deadline > .now() { setTimer(context, deadline) } else { context.close(promise: nil) }
        }
        timer = (task, moment)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isClosing { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            arm(context, HTTPLimits.arrival)
            self.head = head
            isHead = head.method == .HEAD
            body.removeAll(keepingCapacity: true)
            begin(context, head)
        case .body(let part):
            if body.count + part.readableBytes > HTTPLimits.body {
                refuse(context, 413, "the body has more than \(HTTPLimits.body) bytes")
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            deadline = nil
            isAnswering = true
            answer(context)
        }
    }

    /// Looks at a request's head before its body comes.
    private func begin(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        let size =
            head.uri.utf8.count + head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        if size > HTTPLimits.headers {
            return refuse(context, 431, "the headers have more than \(HTTPLimits.headers) bytes")
        }
        // Of two names it could be checked under one and served under the other (RFC 9112, 3.2).
        let hosts = head.headers["host"].count
        if hosts > 1 || (hosts == 0 && head.version != .http1_0) {
            return refuse(context, 400, "one Host is expected")
        }
        if let length = head.headers.first(name: "content-length"), Int(length) ?? .max > HTTPLimits.body {
            return refuse(context, 413, "the body has more than \(HTTPLimits.body) bytes")
        }
        let expected = head.headers[canonicalForm: "expect"].map { $0.lowercased() }
        if expected.isEmpty { return }
        if expected != ["100-continue"] { return refuse(context, 417, "only 100-continue can be expected") }
        let go = HTTPResponseHead(version: head.version, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        self.head = nil
        if let key = HTTPStage.key(of: head), let session = responder.session(for: head, context.channel) {
            return upgrade(context, key, session)
        }
        let request = HTTPRequest(
            method: head.method.rawValue,
            uri: head.uri,
            headers: head.headers,
            body: body,
            address: address
        )
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // Behind a request to become something else the decoder reads nothing more.
        let isLast = head.method == .CONNECT || head.headers.contains(name: "upgrade")
        let (loop, version, isKept) = (context.eventLoop, head.version, head.isKeepAlive && !isLast)
        responder.respond(to: request) { reply in
            loop.execute {
                let (handler, context) = bound.value
                handler.write(context, reply, version, isKept: isKept)
            }
        }
    }

    /// Becomes a WebSocket once the reply is on its way.
    private func upgrade(_ context: ChannelHandlerContext, _ key: String, _ session: any WebSocketSession) {
        context.write(wrapOutboundOut(.head(HTTPStage.acceptance(of: key))), promise: nil)
        let bound = NIOLoopBound((self, stage, session), eventLoop: context.eventLoop)
        let (channel, limit, sockets) = (context.channel, responder.unreadLimit, responder.sockets)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenSuccess {
            let (handler, stage, session) = bound.value
            stage.become(session, handler, channel.pipeline.syncOperations, unreadLimit: limit, sockets)
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: Int, _ reason: String) {
        let body = Array("{\"code\":-1000,\"msg\":\"\(reason)\"}".utf8)
        write(context, HTTPReply(status: status, body: body), .http1_1, isKept: false)
    }

    private func write(
        _ context: ChannelHandlerContext,
        _ reply: HTTPReply,
        _ version: HTTPVersion,
        isKept: Bool
    ) {
        if !context.channel.isActive || isClosing { return }
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: reply.contentType)
        headers.add(name: "content-length", value: String(reply.body.count))
        headers.add(name: "x-content-type-options", value: "nosniff")
        for (name, value) in reply.headers { headers.add(name: name, value: value) }
        if !isKept { headers.add(name: "connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        let head = HTTPResponseHead(version: version, status: status, headers: headers)
        // A reply to HEAD ends with its headers: what came behind would be taken for the next reply.
        let body = isHead || reply.body.isEmpty ? nil : ByteBuffer(bytes: reply.body)
        if let body {
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let written = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(body))))
            finish(context, written, isKept: isKept, rest: reply.isTooMuch)
        } else {
            let written = context.writeAndFlush(wrapOutboundOut(.head(head)))
            finish(context, written, isKept: isKept, rest: reply.isTooMuch)
        }
    }

    /// Ends a reply whose bytes are `written` or wait for the client to read.
    ///
    /// The next request of the connection is looked at when they are gone: whoever sends requests and reads
    /// no replies fills the memory of one reply. Of one who is too much it is looked at after a rest.
    private func finish(
        _ context: ChannelHandlerContext,
        _ written: EventLoopFuture<Void>,
        isKept: Bool,
        rest: Bool
    ) {
        if !isKept || isInputClosed {
            return end(context, after: context.writeAndFlush(wrapOutboundOut(.end(nil))))
        }
        arm(context, HTTPLimits.reading)
        written.assumeIsolated().whenSuccess { [self] in
            if isClosing { return }
            if isInputClosed {
                return end(context, after: context.writeAndFlush(wrapOutboundOut(.end(nil))))
            }
            isAnswering = false
            arm(context, HTTPLimits.idle)
            // Of no bytes itself: it needs no flush.
            if !rest { return context.write(wrapOutboundOut(.end(nil)), promise: nil) }
            context.eventLoop.assumeIsolated().scheduleTask(in: HTTPLimits.rest) { [self] in
                if !isClosing { context.write(wrapOutboundOut(.end(nil)), promise: nil) }
            }
        }
    }

    /// Says no more, and lets what the client is still sending pass for a moment: closed at once, the
    /// connection would be reset, and with it the reply be lost.
    private func end(_ context: ChannelHandlerContext, after written: EventLoopFuture<Void>) {
        isClosing = true
        arm(context, HTTPLimits.linger)
        let channel = context.channel
        written.whenComplete { _ in
            channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isClosing { return }
        // What could not be read was answered with 400 by the handler before this one.
        guard error is HTTPParserError else { return context.close(promise: nil) }
        end(context, after: context.eventLoop.makeSucceededVoidFuture())
    }
}
