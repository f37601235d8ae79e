import NIOCore
public import NIOPosix
public import NIOSSL

/// Listens on an address, speaks HTTP/1.1 and WebSocket, and knows nothing of what is said.
public final class SocketServer: Sendable {
    private let channel: any Channel

    /// The address that it listens on.
    public let address: String
    /// The port; the system's choice if 0 was asked for.
    public let port: Int

    /// Listens.
    ///
    /// - Throws: if the address cannot be had.
    public init(
        host: String,
        port: Int,
        tls: NIOSSLContext?,
        group: MultiThreadedEventLoopGroup,
        responder: any HTTPResponder
    ) async throws {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // Whoever has asked may say that nothing more comes, and is answered.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 18, high: 1 << 20))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try HTTPHandler.addAll(to: pipeline, responder)
                }
            }
        channel = try await bootstrap.bind(host: host, port: port).get()
        address = channel.localAddress?.ipAddress ?? host
        self.port = channel.localAddress?.port ?? port
    }

    /// Takes no new connections.
    public func close() async { try? await channel.close().get() }
}

/// Looks away for a second when a connection cannot be accepted, as without files for more sockets: those
/// that wait would be asked for again and again, and take a processor. Those that are there go on.
private final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Channel

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let channel = context.channel
        channel.setOption(.autoRead, value: false).whenSuccess {
            channel.eventLoop.scheduleTask(in: .seconds(1)) {
                _ = channel.setOption(.autoRead, value: true)
            }
        }
    }
}
