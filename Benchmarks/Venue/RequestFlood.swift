import NIOCore
import NIOPosix
import Synchronization

/// Sends requests as quickly as it can over some connections until it is told to stop, and counts answers.
///
/// It has an event loop of its own, so that only the machine is shared with who measures beside it.
final class RequestFlood: Sendable {
    /// What came back.
    struct Count: Sendable {
        /// Answered with a refusal.
        var refused = 0
        /// Not looked at (429).
        var turnedAway = 0
        /// Answered with what was asked for.
        var good = 0
        /// Connections that ended before it was told to stop.
        var lost = 0
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state = Mutex((count: Count(), isStopped: false))

    /// Opens the connections and begins; each has so many requests unanswered at any time.
    ///
    /// - Parameter requests: sent in turn, from the first again behind the last.
    func start(
        _ requests: [ByteBuffer],
        over wire: LoadWire,
        port: Int,
        connections: Int,
        unanswered: Int
    ) async throws {
        let share = requests.count / connections
        for index in 0..<connections {
            let own = Array(requests[index * share..<(index + 1) * share])
            _ = try await ClientBootstrap(group: group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            FloodConnection(self, own, wire, unanswered)
                        )
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
        }
    }

    /// Ends it.
    func stop() async -> Count {
        let count = state.withLock { state in
            state.isStopped = true
            return state.count
        }
        try? await group.shutdownGracefully()
        return count
    }

    fileprivate func note(_ answer: LoadAnswer) {
        state.withLock { state in
            if answer.isGood {
                state.count.good += 1
            } else if answer.isTurnedAway {
                state.count.turnedAway += 1
            } else {
                state.count.refused += 1
            }
        }
    }

    fileprivate func noteEnd() { state.withLock { if !$0.isStopped { $0.count.lost += 1 } } }
}

/// A connection of a flood.
private final class FloodConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let flood: RequestFlood
    private let requests: [ByteBuffer]
    private let unanswered: Int
    private var next = 0
    private var reader: LoadReader

    init(_ flood: RequestFlood, _ requests: [ByteBuffer], _ wire: LoadWire, _ unanswered: Int) {
        self.flood = flood
        self.requests = requests
        self.unanswered = unanswered
        reader = LoadReader(wire)
    }

    func channelActive(context: ChannelHandlerContext) {
        if let greeting = reader.wire.greeting {
            context.writeAndFlush(wrapOutboundOut(greeting), promise: nil)
        } else {
            send(unanswered, context)
        }
        context.fireChannelActive()
    }

    private func send(_ count: Int, _ context: ChannelHandlerContext) {
        for _ in 0..<count {
            context.write(wrapOutboundOut(requests[next]), promise: nil)
            next = (next + 1) % requests.count
        }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let wasOpen = reader.isOpen
        reader.takeIn(unwrapInboundIn(data))
        if !wasOpen && reader.isOpen { send(unanswered, context) }
        var answers = 0
        while let answer = reader.next() {
            flood.note(answer)
            answers += 1
        }
        if answers > 0 { send(answers, context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        flood.noteEnd()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
