public import ExchangeCore
public import ExchangeJournal

/// A group of commands that is durable, with the events that each gave, on its way out.
public final class Group {
    /// One command's part.
    public struct Entry: Sendable {
        /// Its place in the log.
        public var sequence: UInt64
        /// Its time.
        public var at: Timestamp
        /// What was done.
        public var command: Command
        /// Where its events begin and end in `events`.
        public var range: Range<Int>
    }

    /// The commands in order, ticks and `continue` included.
    public internal(set) var entries: [Entry] = []
    /// The chain of the log behind it; meaningless if there are no commands.
    public internal(set) var chain: ChainHash?
    /// Whether the state right before it is kept as a snapshot.
    public internal(set) var followsSnapshot = false
    var buffer = EventBuffer()
    var finished: [@Sendable () -> Void] = []

    init() {}

    /// Calls `body` with each event of a command.
    public func forEachEvent(of entry: Entry, _ body: (Event) -> Void) {
        buffer.forEach(from: entry.range.lowerBound, to: entry.range.upperBound, body)
    }

    func removeAll() {
        entries.removeAll(keepingCapacity: true)
        buffer.removeAll()
        chain = nil
        followsSnapshot = false
        finished.removeAll(keepingCapacity: true)
    }
}

/// Takes what is durable, on one thread of its own: the way out of the venue.
public protocol GroupSink: AnyObject, Sendable {
    /// Takes a group; its answers are given right behind it.
    func publish(_ group: Group)
    /// Called some twenty times a second, between groups.
    func pulse(at: Timestamp)
}

/// Hands groups from the core to the sink. The core waits for it only if `capacity` groups are on their way.
final class PublishingThread: @unchecked Sendable {
    private let monitor = Monitor()
    private let capacity: Int
    private var waiting: [Group] = []
    private var spare: [Group] = []
    private var isClosed = false
    private var worker: Worker?

    init(capacity: Int) { self.capacity = capacity }

    /// Starts the thread.
    func start(_ sink: any GroupSink, _ clock: any WallClock) {
        worker = Worker { [self] in
            while let groups = next(pulseAt: SystemClock.monotonic + 50_000) {
                for group in groups {
                    sink.publish(group)
                    for finish in group.finished { finish() }
                }
                sink.pulse(at: clock.now())
                giveBack(groups)
            }
        }
    }

    private func next(pulseAt deadline: Int64) -> [Group]? {
        monitor.locked {
            if waiting.isEmpty && !isClosed { monitor.wait(until: deadline) }
            if waiting.isEmpty && isClosed { return nil }
            let groups = waiting
            waiting.removeAll(keepingCapacity: true)
            monitor.signal()
            return groups
        }
    }

    private func giveBack(_ groups: [Group]) {
        for group in groups { group.removeAll() }
        monitor.locked { if spare.count < capacity { spare += groups } }
    }

    /// An empty group.
    func empty() -> Group { monitor.locked { spare.popLast() } ?? Group() }

    /// Sends a group out; waits while too many are on their way.
    func send(_ group: Group) {
        monitor.locked {
            while waiting.count >= capacity { monitor.wait() }
            waiting.append(group)
            monitor.signal()
        }
    }

    /// Sends what is waiting, and ends.
    func close() {
        monitor.locked {
            isClosed = true
            monitor.signal()
        }
        worker?.join()
        worker = nil
    }
}
