public import ExchangeJournal
import Synchronization

/// How a sequencer works.
public struct SequencerOptions: Sendable {
    /// Jobs that may wait, in each of the two queues.
    public var queueCapacity = 8_192
    /// Jobs of a group at most.
    public var groupSize = 1_024
    /// Commands between two snapshots.
    public var snapshotEvery: UInt64 = 200_000
    /// Whether the state is kept when the venue stops, so that the next start is quick.
    public var snapshotAtStop = true
    /// The usual ones.
    public init() {}
}

/// What a sequencer did so far, for metrics.
public struct SequencerCounts: Sendable {
    /// Commands applied.
    public var commands: UInt64 = 0
    /// Groups committed.
    public var groups: UInt64 = 0
    /// Jobs refused because too many waited.
    public var overloaded: UInt64 = 0
    /// Commands that the exchange refused.
    public var rejected: UInt64 = 0
    /// µs that the last commit took.
    public var commitLast: Int64 = 0
    /// µs of the longest.
    public var commitLongest: Int64 = 0
    /// µs of all together.
    public var commitTotal: Int64 = 0
    /// Jobs that wait now.
    public var waiting = 0
    /// The last command that is durable.
    public var durable: UInt64 = 0
    /// The chain there, as text.
    public var chain = ""
    /// The command of the last snapshot.
    public var snapshot: UInt64 = 0
}

/// The one thread that owns the exchange: takes jobs in, stamps, applies, makes durable, and only then
/// lets anything out.
///
/// Ticks that are due and `continue` are put into the log before anything else (DET-4, WF-11). Whatever
/// fails in the log ends it: no job is answered after that (DUR-5).
public final class Sequencer<Disk: Storage>: @unchecked Sendable {
    private let options: SequencerOptions
    private let clock: any WallClock
    private let inbox: Inbox
    private let publishing = PublishingThread(capacity: 64)
    private let onFailure: @Sendable (JournalError) -> Void
    private let counts = Mutex(SequencerCounts())
    private let started = Monitor()
    private var worker: Worker?
    /// How long the newest commits took.
    public let commits = RecentTimes()

    /// Starts with an exchange as its journal left it.
    ///
    /// - Parameters:
    ///   - opened: what `Journal.open` gave.
    ///   - sink: takes what is durable, on a thread of its own.
    ///   - onFailure: called on the core's thread when the log failed; usually ends the process.
    public init(
        _ opened: Opened<Disk>,
        clock: any WallClock,
        options: SequencerOptions = SequencerOptions(),
        sink: any GroupSink,
        onFailure: @escaping @Sendable (JournalError) -> Void
    ) {
        self.options = options
        self.clock = clock
        self.onFailure = onFailure
        inbox = Inbox(capacity: options.queueCapacity)
        publishing.start(sink, clock)
        let core = CoreLoop(opened, options, clock, publishing, commits)
        worker = Worker { [self] in run(core) }
    }

    /// Hands a job in. An answer comes through its `finish`, unless it is refused right away.
    ///
    /// - Throws: `overloaded` if too many wait, `stopped` once the venue stops.
    public func submit(_ job: Job) throws(Refusal) {
        if let refusal = inbox.put(job) {
            if refusal == .overloaded { counts.withLock { $0.overloaded += 1 } }
            throw refusal
        }
    }

    /// What was done so far.
    public var progress: SequencerCounts {
        var result = counts.withLock { $0 }
        result.waiting = inbox.depth
        return result
    }

    /// Takes nothing more in, finishes what is in, makes it durable and published, and ends.
    public func stop() {
        inbox.close()
        worker?.join()
        worker = nil
        publishing.close()
    }

    private func run(_ core: CoreLoop<Disk>) {
        do throws(JournalError) {
            while let jobs = inbox.take(atMost: options.groupSize, until: core.wakeAt) {
                try core.perform(jobs)
                counts.withLock { core.report(into: &$0) }
            }
            try core.end()
            counts.withLock { core.report(into: &$0) }
        } catch {
            inbox.close()
            onFailure(error)
        }
    }
}
