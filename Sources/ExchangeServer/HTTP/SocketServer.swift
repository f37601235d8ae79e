import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Listens on an address, speaks HTTP/1.1 and WebSocket, and knows nothing of what is said.
final class SocketServer: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    /// Where it listens; the port is the system's choice if 0 was asked for.
    let address: String
    let port: Int

    /// - Parameters:
    ///   - upgrade: whether a request may become a WebSocket, and who speaks on it then.
    /// - Throws: if the address cannot be had.
    init(
        host: String,
        port: Int,
        tls: NIOSSLContext?,
        group: MultiThreadedEventLoopGroup,
        responder: any HTTPResponder,
        upgrade: @escaping @Sendable (HTTPRequestHead, any Channel) -> (any WebSocketSession)?
    ) async throws {
        self.group = group
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 18, high: 1 << 20))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    let handler = HTTPHandler(responder)
                    let upgrader = SocketServer.upgrader(upgrade)
                    let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: true,
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: { context in
                                context.pipeline.syncOperations.removeHandler(bound.value, promise: nil)
                            }
                        ),
                        withErrorHandling: true
                    )
                    try pipeline.addHandler(handler)
                }
            }
        channel = try await bootstrap.bind(host: host, port: port).get()
        address = channel.localAddress?.ipAddress ?? host
        self.port = channel.localAddress?.port ?? port
    }

    private static func upgrader(
        _ upgrade: @escaping @Sendable (HTTPRequestHead, any Channel) -> (any WebSocketSession)?
    ) -> any (HTTPServerProtocolUpgrader & Sendable) {
        // A head is asked about once, and then upgraded on the same connection.
        NIOWebSocketServerUpgrader(
            maxFrameSize: WebSocketHandler.frameLimit,
            automaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                channel.eventLoop.makeSucceededFuture(upgrade(head, channel) == nil ? nil : HTTPHeaders())
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    guard let session = upgrade(head, channel) else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    try channel.pipeline.syncOperations.addHandler(WebSocketHandler(session))
                }
            }
        )
    }

    /// Takes no new connections.
    func close() async { try? await channel.close().get() }
}
