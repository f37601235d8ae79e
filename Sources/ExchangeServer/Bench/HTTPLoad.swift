import NIOCore
import NIOPosix
import Synchronization

/// Sends requests over connections that stay open, and notes how long each took to be answered.
final class HTTPLoad: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let port: Int
    private let connections: Int

    init(port: Int, connections: Int) {
        self.port = port
        self.connections = connections
    }

    /// What a run found: µs of each answer, in the order of arrival, and how long all took.
    struct Outcome {
        var latencies: [Int64] = []
        var elapsed: Int64 = 0
        var refused = 0
    }

    /// Sends all requests; `rate` a second by the clock, whatever is still unanswered, or, without one, a new
    /// one on a connection as soon as the one before it is answered.
    func run(_ requests: [[UInt8]], rate: Int?) async throws -> Outcome {
        let tally = Tally(count: requests.count)
        var channels: [any Channel] = []
        for _ in 0..<connections {
            let channel = try await ClientBootstrap(group: group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(ByteToMessageHandler(AnswerDecoder()))
                        try pipeline.addHandler(AnswerCounter(tally))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            channels.append(channel)
        }
        let start = NIODeadline.now()
        if let rate {
            send(requests, rate, channels, tally)
        } else {
            sendInTurn(requests, channels, tally)
        }
        try await tally.wait(group.next())
        let elapsed = (NIODeadline.now() - start).nanoseconds / 1_000
        for channel in channels { try? await channel.close().get() }
        let (latencies, refused) = tally.result
        return Outcome(latencies: latencies, elapsed: elapsed, refused: refused)
    }

    func stop() async { try? await group.shutdownGracefully() }

    private func sendInTurn(_ requests: [[UInt8]], _ channels: [any Channel], _ tally: Tally) {
        let next = Atomic<Int>(0)
        let shared = Shared(next)
        for channel in channels {
            tally.onAnswer(of: channel) { [weak channel] in
                guard let channel else { return nil }
                let index = shared.next.add(1, ordering: .relaxed).oldValue
                if index >= requests.count { return nil }
                channel.writeAndFlush(ByteBuffer(bytes: requests[index]), promise: nil)
                return NIODeadline.now()
            }
            tally.begin(channel)
        }
    }

    private final class Shared: Sendable {
        let next: Atomic<Int>
        init(_ next: consuming Atomic<Int>) { self.next = next }
    }

    /// Everything that is due is sent once a millisecond; its planned moment is what counts.
    private func send(_ requests: [[UInt8]], _ rate: Int, _ channels: [any Channel], _ tally: Tally) {
        let start = NIODeadline.now()
        let sent = Mutex(0)
        let box = SharedCount(sent)
        group.next().scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
            let due = Int((NIODeadline.now() - start).nanoseconds / 1_000 * Int64(rate) / 1_000_000) + 1
            box.count.withLock { sent in
                while sent < min(due, requests.count) {
                    let channel = channels[sent % channels.count]
                    let planned = start + .nanoseconds(Int64(sent) * 1_000_000_000 / Int64(rate))
                    tally.expect(channel, from: planned)
                    channel.writeAndFlush(ByteBuffer(bytes: requests[sent]), promise: nil)
                    sent += 1
                }
                if sent == requests.count { task.cancel() }
            }
        }
    }

    private final class SharedCount: Sendable {
        let count: Mutex<Int>
        init(_ count: consuming Mutex<Int>) { self.count = count }
    }
}

/// Which answers are awaited, and how long each took.
final class Tally: Sendable {
    private struct State {
        var waiting: [ObjectIdentifier: [NIODeadline]] = [:]
        var next: [ObjectIdentifier: @Sendable () -> NIODeadline?] = [:]
        var latencies: [Int64] = []
        var refused = 0
    }
    private let state = Mutex(State())
    private let count: Int

    init(count: Int) { self.count = count }

    func onAnswer(of channel: any Channel, _ next: @escaping @Sendable () -> NIODeadline?) {
        state.withLock { $0.next[ObjectIdentifier(channel)] = next }
    }

    func expect(_ channel: any Channel, from moment: NIODeadline) {
        state.withLock { $0.waiting[ObjectIdentifier(channel), default: []].append(moment) }
    }

    /// Sends the first request of a connection.
    func begin(_ channel: any Channel) {
        let next = state.withLock { $0.next[ObjectIdentifier(channel)] }
        if let moment = next?() { expect(channel, from: moment) }
    }

    func answered(_ channel: any Channel, isGood: Bool) {
        let id = ObjectIdentifier(channel)
        let next = state.withLock { state in
            if let moment = state.waiting[id]?.first {
                state.waiting[id]?.removeFirst()
                state.latencies.append((NIODeadline.now() - moment).nanoseconds / 1_000)
            }
            if !isGood { state.refused += 1 }
            return state.next[id]
        }
        if let moment = next?() { expect(channel, from: moment) }
    }

    /// Returns once all are answered.
    func wait(_ loop: any EventLoop) async throws {
        while state.withLock({ $0.latencies.count }) < count {
            try await loop.scheduleTask(in: .milliseconds(2)) {}.futureResult.get()
        }
    }

    var result: (latencies: [Int64], refused: Int) { state.withLock { ($0.latencies, $0.refused) } }
}

/// Finds whole answers in what arrives: requests are written as bytes, which the library's own decoder of
/// answers does not let through.
private struct AnswerDecoder: ByteToMessageDecoder {
    typealias InboundOut = Bool
    private static let blank = Array("\r\n\r\n".utf8)
    private static let length = Array("content-length: ".utf8)

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) -> DecodingState {
        let view = buffer.readableBytesView
        guard let head = view.firstRange(of: AnswerDecoder.blank),
            let field = view[..<head.lowerBound].firstRange(of: AnswerDecoder.length)
        else { return .needMoreData }
        let digits = view[field.upperBound...].prefix { $0 >= 48 && $0 <= 57 }
        let size = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        if view.endIndex - head.upperBound < size { return .needMoreData }
        let isGood = view.dropFirst(9).starts(with: Array("200".utf8))
        buffer.moveReaderIndex(to: head.upperBound + size)
        context.fireChannelRead(wrapInboundOut(isGood))
        return .continue
    }
}

/// Counts the answers of a connection.
private final class AnswerCounter: ChannelInboundHandler {
    typealias InboundIn = Bool
    private let tally: Tally

    init(_ tally: Tally) { self.tally = tally }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tally.answered(context.channel, isGood: unwrapInboundIn(data))
    }
}
