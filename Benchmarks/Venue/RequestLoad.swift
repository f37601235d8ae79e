import NIOCore
import NIOPosix
import Synchronization

/// Sends requests over connections that stay open, and notes how long each took to be answered.
///
/// It shares two cores with what it measures: all of a run belongs to one event loop, requests are laid out
/// beforehand, and of an answer no more is read than where it ends and whether it is good.
final class RequestLoad: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let port: Int
    private let connections: Int

    init(port: Int, connections: Int) {
        self.port = port
        self.connections = connections
    }

    /// What a run found: µs of each answer, in the order of arrival, and how long all took.
    struct Outcome: Sendable {
        var latencies: [Int64] = []
        var elapsed: Int64 = 0
        var refused = 0
    }

    /// Sends all requests; `rate` a second by the clock, whatever is still unanswered, or, without one, a new
    /// one on a connection as soon as the one before it is answered.
    ///
    /// - Throws: the library's error if a connection cannot be made or ends before the last answer.
    func run(_ requests: [ByteBuffer], over wire: LoadWire, rate: Int?) async throws -> Outcome {
        let run = LoadRun(requests, wire, inTurn: rate == nil, group.next())
        var channels: [any Channel] = []
        for _ in 0..<connections {
            let channel = try await bootstrap { LoadConnection(run) }.connect(host: "127.0.0.1", port: port)
                .get()
            channels.append(channel)
        }
        let outcome = try await group.next().flatSubmit { [connections] in
            run.begin(rate: rate, of: connections)
        }.get()
        for channel in channels { try? await channel.close().get() }
        return outcome
    }

    /// Opens WebSockets that only listen, and counts what comes until `stop`.
    func listen(_ paths: [String]) async throws -> StreamCount {
        let count = StreamCount()
        for path in paths {
            _ = try await bootstrap { StreamListener(path, count) }.connect(host: "127.0.0.1", port: port)
                .get()
        }
        return count
    }

    private func bootstrap(_ make: @escaping @Sendable () -> any ChannelHandler) -> ClientBootstrap {
        ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(make())
                }
            }
    }

    func stop() async { try? await group.shutdownGracefully() }
}

/// One run: what is still to be sent, and what came back. Used on its event loop alone.
private final class LoadRun: @unchecked Sendable {
    let wire: LoadWire
    private let requests: [ByteBuffer]
    private let inTurn: Bool
    private let loop: any EventLoop
    private let done: EventLoopPromise<RequestLoad.Outcome>
    private var rate: Int?
    private var expected = Int.max
    private var open: [LoadConnection] = []
    private var sent = 0
    private var outcome = RequestLoad.Outcome()
    private var start = NIODeadline.now()

    init(_ requests: [ByteBuffer], _ wire: LoadWire, inTurn: Bool, _ loop: any EventLoop) {
        self.requests = requests
        self.wire = wire
        self.inTurn = inTurn
        self.loop = loop
        done = loop.makePromise()
        outcome.latencies.reserveCapacity(requests.count)
    }

    /// Begins once so many connections are open.
    func begin(rate: Int?, of count: Int) -> EventLoopFuture<RequestLoad.Outcome> {
        self.rate = rate
        expected = count
        beginIfReady()
        return done.futureResult
    }

    /// A connection is there, and whatever it begins with is over.
    func opened(_ connection: LoadConnection) {
        open.append(connection)
        beginIfReady()
    }

    private func beginIfReady() {
        if open.count != expected { return }
        start = .now()
        if let rate {
            sendByTheClock(rate)
        } else {
            for connection in open { sendNext(on: connection) }
        }
    }

    /// Everything that is due is sent once a millisecond; its planned moment is what counts.
    private func sendByTheClock(_ rate: Int) {
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { [self] task in
            let due = Int((NIODeadline.now() - start).nanoseconds / 1_000 * Int64(rate) / 1_000_000) + 1
            while sent < min(due, requests.count) {
                let planned = start + .nanoseconds(Int64(sent) * 1_000_000_000 / Int64(rate))
                open[sent % open.count].send(requests[sent], from: planned)
                sent += 1
            }
            if sent == requests.count { task.cancel() }
        }
    }

    private func sendNext(on connection: LoadConnection) {
        if sent == requests.count { return }
        sent += 1
        connection.send(requests[sent - 1], from: .now())
    }

    func answered(_ connection: LoadConnection, from moment: NIODeadline, isGood: Bool) {
        let now = NIODeadline.now()
        outcome.latencies.append((now - moment).nanoseconds / 1_000)
        if !isGood { outcome.refused += 1 }
        if outcome.latencies.count == requests.count {
            outcome.elapsed = (now - start).nanoseconds / 1_000
            done.succeed(outcome)
        } else if inTurn {
            sendNext(on: connection)
        }
    }

    /// Of no effect behind the last answer.
    func fail(_ error: any Error) { done.fail(error) }
}

/// A connection of a run, and the moments from which its answers are counted, oldest first.
private final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let run: LoadRun
    private var context: ChannelHandlerContext?
    private var waiting = CircularBuffer<NIODeadline>()
    private var reader: LoadReader

    init(_ run: LoadRun) {
        self.run = run
        reader = LoadReader(run.wire)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if let greeting = run.wire.greeting {
            context.writeAndFlush(wrapOutboundOut(greeting), promise: nil)
        } else {
            run.opened(self)
        }
        context.fireChannelActive()
    }

    func send(_ request: ByteBuffer, from moment: NIODeadline) {
        waiting.append(moment)
        context?.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let wasOpen = reader.isOpen
        reader.takeIn(unwrapInboundIn(data))
        if !wasOpen && reader.isOpen { run.opened(self) }
        while let answer = reader.next() {
            guard let moment = waiting.popFirst() else { return run.fail(Unasked()) }
            run.answered(self, from: moment, isGood: answer.isGood)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        run.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { run.fail(error) }
}

/// An answer to a request that was not sent.
private struct Unasked: Error {}

/// What listeners got so far. Counted on one event loop, and read from any thread.
final class StreamCount: Sendable {
    private let count = Mutex((messages: 0, lost: 0))

    /// How many messages came.
    var messages: Int { count.withLock { $0.messages } }
    /// How many listeners were cut off.
    var lost: Int { count.withLock { $0.lost } }

    fileprivate func add(_ messages: Int) { count.withLock { $0.messages += messages } }
    fileprivate func lose() { count.withLock { $0.lost += 1 } }
}

/// A WebSocket that only listens.
private final class StreamListener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let count: StreamCount
    private var reader: LoadReader

    init(_ path: String, _ count: StreamCount) {
        self.count = count
        reader = LoadReader(.webSocket(path))
    }

    func channelActive(context: ChannelHandlerContext) {
        if let greeting = reader.wire.greeting {
            context.writeAndFlush(wrapOutboundOut(greeting), promise: nil)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.takeIn(unwrapInboundIn(data))
        var messages = 0
        while reader.next() != nil { messages += 1 }
        count.add(messages)
    }

    func channelInactive(context: ChannelHandlerContext) {
        count.lose()
        context.fireChannelInactive()
    }
}

/// What came over a connection and is not yet read.
struct LoadReader {
    let wire: LoadWire
    /// Whether what a connection begins with is over.
    private(set) var isOpen: Bool
    private var unread = ByteBuffer()

    init(_ wire: LoadWire) {
        self.wire = wire
        isOpen = wire.greeting == nil
    }

    mutating func takeIn(_ bytes: ByteBuffer) {
        if unread.readableBytes == 0 {
            unread = bytes
        } else {
            unread.discardReadBytes()
            unread.writeImmutableBuffer(bytes)
        }
        if !isOpen { isOpen = take(LoadAnswer.init(http:)) != nil }
    }

    /// The next whole answer; those that answer nothing are passed over.
    mutating func next() -> LoadAnswer? {
        if !isOpen { return nil }
        while let answer = take(wire.answer) { if !answer.isControl { return answer } }
        return nil
    }

    private mutating func take(_ find: (UnsafeRawBufferPointer) -> LoadAnswer?) -> LoadAnswer? {
        guard let answer = unread.readableBytesView.withUnsafeBytes(find) else { return nil }
        unread.moveReaderIndex(forwardBy: answer.size)
        return answer
    }
}
