import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// How long a stream of prices may take (RUN-10).
struct StreamTiming: Sendable {
    /// Without a price for so long, a connection counts as lost.
    var silence = TimeAmount.seconds(30)
    /// Before the second attempt, twice that before the third, and so on.
    var firstPause = TimeAmount.seconds(1)
    /// Between two attempts at most.
    var longestPause = TimeAmount.seconds(30)
}

/// Where a stream is, in parts.
struct StreamAddress: Sendable {
    var host: String
    var port: Int
    /// Path and query.
    var path: String
    var isEncrypted: Bool

    /// Nil if it is no address of a WebSocket.
    init?(_ text: String) {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty,
            let scheme = url.scheme, ["ws", "wss"].contains(scheme)
        else { return nil }
        isEncrypted = scheme == "wss"
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = url.port ?? (isEncrypted ? 443 : 80)
        let path = url.percentEncodedPath.isEmpty ? "/" : url.percentEncodedPath
        self.path = path + (url.percentEncodedQuery.map { "?" + $0 } ?? "")
    }
}

/// Listens to a WebSocket for prices, and connects again whenever it is lost. Used on its event loop.
final class StreamFeed: @unchecked Sendable {
    private let address: StreamAddress
    private let path: String
    private let subscribe: String?
    private let target: FeedTarget
    private let timing: StreamTiming
    private let loop: any EventLoop
    private let tls: NIOSSLContext?
    private var channel: (any Channel)?
    private var watch: Scheduled<Void>?
    private var pause: TimeAmount
    private var isStopped = false

    /// - Throws: if there is no way to encrypt.
    init(
        _ address: StreamAddress,
        path: String,
        subscribe: String?,
        _ target: FeedTarget,
        _ timing: StreamTiming,
        on loop: any EventLoop
    ) throws {
        self.address = address
        self.path = path
        self.subscribe = subscribe
        self.target = target
        self.timing = timing
        self.loop = loop
        pause = timing.firstPause
        tls = address.isEncrypted ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
    }

    func start() { loop.execute { [self] in connect() } }

    func stop() {
        loop.execute { [self] in
            isStopped = true
            watch?.cancel()
            channel?.close(promise: nil)
        }
    }

    private func connect() {
        if isStopped { return }
        ClientBootstrap(group: loop).connectTimeout(.seconds(5)).channelInitializer { [self] channel in
            channel.eventLoop.makeCompletedFuture { try build(channel.pipeline.syncOperations) }
        }.connect(host: address.host, port: address.port).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .failure(let error): lost("no connection: \(error)")
            case .success(let made):
                channel = made
                if isStopped { return made.close(promise: nil) }
                listen()
                made.closeFuture.assumeIsolated().whenComplete { [self] _ in
                    channel = nil
                    watch?.cancel()
                    lost("the stream was lost")
                }
            }
        }
    }

    private func build(_ pipeline: ChannelPipeline.SynchronousOperations) throws {
        if let tls {
            // A number is no name: the certificate must hold it.
            let isNumber = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
            let name = isNumber ? nil : address.host
            try pipeline.addHandler(try NIOSSLClientHandler(context: tls, serverHostname: name))
        }
        let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: PriceFeed.answerLimit) { [self] channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let gatherer = NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 0,
                    maxAccumulatedFrameCount: 1_024,
                    maxAccumulatedFrameSize: PriceFeed.answerLimit
                )
                try channel.pipeline.syncOperations.addHandler(gatherer)
                try channel.pipeline.syncOperations.addHandler(StreamHandler(self, subscribe))
            }
        }
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: { $0.pipeline.syncOperations.removeHandler(name: "asking", promise: nil) }
            )
        )
        let standard = address.port == (address.isEncrypted ? 443 : 80)
        let host = address.host.contains(":") ? "[\(address.host)]" : address.host
        let asking = AskingHandler(path: address.path, host: standard ? host : "\(host):\(address.port)")
        try pipeline.addHandler(asking, name: "asking")
    }

    /// From now on a price must come in time.
    private func listen() {
        watch?.cancel()
        watch = loop.assumeIsolated().scheduleTask(in: timing.silence) { [self] in
            channel?.close(promise: nil)
        }
    }

    private func lost(_ fault: String) {
        if isStopped { return }
        target.tell(fault)
        loop.assumeIsolated().scheduleTask(in: pause) { [self] in connect() }
        pause = min(timing.longestPause, pause * 2)
    }

    /// A whole message came. Those without a price are about something else.
    fileprivate func received(_ bytes: [UInt8]) {
        guard let units = PriceFeed.price(bytes, at: path) else { return }
        pause = timing.firstPause
        listen()
        target.tell(target.hand(units))
    }
}

/// Asks for a WebSocket; another answer than yes ends the connection.
private final class AskingHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let path: String
    private let host: String

    init(path: String, host: String) {
        self.path = path
        self.host = host
    }

    func channelActive(context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
        head.headers.add(name: "host", value: host)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.close(promise: nil) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Hands whole messages on, and answers pings.
private final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let feed: StreamFeed
    private let subscribe: String?

    init(_ feed: StreamFeed, _ subscribe: String?) {
        self.feed = feed
        self.subscribe = subscribe
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if let subscribe { send(context, .text, ByteBuffer(string: subscribe)) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary: feed.received(Array(frame.unmaskedData.readableBytesView))
        case .ping: send(context, .pong, frame.unmaskedData)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    /// What is too long, or no frame, ends the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
