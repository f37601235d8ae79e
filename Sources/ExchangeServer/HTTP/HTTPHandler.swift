import NIOCore
import NIOHTTP1

/// Bounds on what a connection may send (LIM-1).
enum HTTPLimits {
    /// Bytes of a body.
    static let body = 1 << 16
    /// Bytes of all headers together, with the request's first line.
    static let headers = 1 << 13
    /// How long a request may take to arrive, and a connection may be idle.
    static let idle = TimeAmount.seconds(75)
    static let arrival = TimeAmount.seconds(10)
}

/// Answers the requests of a connection, one at a time: whoever pipelines is served in order.
final class HTTPHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let responder: any HTTPResponder
    private let stage: HTTPStage
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isRefused = false
    private var timer: Scheduled<Void>?

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
        arm(context, HTTPLimits.arrival)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    /// Closes the connection unless something whole arrives in time.
    private func arm(_ context: ChannelHandlerContext, _ time: TimeAmount) {
        timer?.cancel()
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            arm(context, HTTPLimits.arrival)
            self.head = head
            body.removeAll(keepingCapacity: true)
            isRefused = false
            let size =
                head.uri.utf8.count + head.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            if size > HTTPLimits.headers {
                refuse(context, 431, "the headers have more than \(HTTPLimits.headers) bytes")
            }
        case .body(let part):
            if isRefused { return }
            if body.count + part.readableBytes > HTTPLimits.body {
                refuse(context, 413, "the body has more than \(HTTPLimits.body) bytes")
                return
            }
            body.append(contentsOf: part.readableBytesView)
        case .end:
            timer?.cancel()
            if isRefused { return }
            answer(context)
        }
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
            address: context.remoteAddress?.ipAddress ?? ""
        )
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (loop, version, isKept) = (context.eventLoop, head.version, head.isKeepAlive)
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
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenSuccess {
            let (handler, stage, session) = bound.value
            stage.become(session, handler, channel.pipeline.syncOperations)
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: Int, _ reason: String) {
        isRefused = true
        let body = Array("{\"code\":-1000,\"msg\":\"\(reason)\"}".utf8)
        write(context, HTTPReply(status: status, body: body), .http1_1, isKept: false)
    }

    private func write(
        _ context: ChannelHandlerContext,
        _ reply: HTTPReply,
        _ version: HTTPVersion,
        isKept: Bool
    ) {
        if !context.channel.isActive { return }
        var headers = HTTPHeaders()
        headers.add(name: "content-type", value: reply.contentType)
        headers.add(name: "content-length", value: String(reply.body.count))
        headers.add(name: "x-content-type-options", value: "nosniff")
        for (name, value) in reply.headers { headers.add(name: name, value: value) }
        if !isKept { headers.add(name: "connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        let head = HTTPResponseHead(version: version, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
        let done = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if isKept {
            arm(context, HTTPLimits.idle)
        } else {
            let channel = context.channel
            done.whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
