import ExchangeCore
import ExchangeJournal

/// What the core's thread does with the jobs of a round. Used on that thread alone.
final class CoreLoop<Disk: Storage>: @unchecked Sendable {
    private let options: SequencerOptions
    private let clock: any WallClock
    private let publishing: PublishingThread
    private let journal: Journal<Disk>
    private let commits: RecentTimes
    private var exchange: Exchange
    private var group: Group
    /// The command of the newest snapshot, and of the newest one that is on the disk.
    private var snapshot: UInt64
    private var written: UInt64
    private var spare: Worker?
    private let spareDone = BackgroundJob()
    private var keeping: Worker?
    private let keptDone = BackgroundJob()
    private var counts = SequencerCounts()

    init(
        _ opened: Opened<Disk>,
        _ options: SequencerOptions,
        _ clock: any WallClock,
        _ publishing: PublishingThread,
        _ commits: RecentTimes
    ) {
        self.options = options
        self.clock = clock
        self.publishing = publishing
        self.commits = commits
        journal = opened.journal
        snapshot = opened.report.snapshot
        written = snapshot
        exchange = opened.take()
        group = publishing.empty()
    }

    /// When something is due without a job: µs of the clock that nobody sets.
    var wakeAt: Int64 {
        if exchange.nextDeadline == .never || exchange.nextDeadline > .latest { return .max }
        return SystemClock.monotonic + max(0, exchange.nextDeadline.microseconds - clock.now().microseconds)
    }

    /// Does the jobs, makes everything durable and sends it out.
    func perform(_ jobs: [Job]) throws(JournalError) {
        try settle()
        // A log may end inside of a waterfall: it goes on before anything else (WF-11).
        finishWaterfall()
        advance(to: now())
        for job in jobs {
            perform(job)
            if journal.isFull { try commit() }
        }
        try commit()
        maintain()
    }

    private func now() -> Timestamp { max(clock.now(), exchange.now) }

    private func perform(_ job: Job) {
        var applied: [Applied] = []
        applied.reserveCapacity(job.commands.count)
        for command in job.commands { applied.append(perform(command)) }
        while let command = job.plan?(exchange, applied) { applied.append(perform(command)) }
        let answer = job.read(exchange, applied)
        let finish = job.finish
        group.finished.append { [applied] in finish(.success((applied, answer))) }
    }

    private func perform(_ command: Command) -> Applied {
        let at = now()
        advance(to: at)
        defer { finishWaterfall() }
        return apply(command, at: at)
    }

    /// Does what is due (DET-4).
    private func advance(to at: Timestamp) {
        while exchange.nextDeadline <= at && exchange.nextDeadline <= .latest {
            _ = apply(.tick(Tick()), at: max(exchange.nextDeadline, exchange.now))
            finishWaterfall()
        }
    }

    private func finishWaterfall() {
        while exchange.isWaterfallPending { _ = apply(.continue(Continue()), at: exchange.now) }
    }

    private func apply(_ command: Command, at: Timestamp) -> Applied {
        let sequence = exchange.nextSequence
        let start = group.buffer.count
        let status = exchange.apply(command, sequence: sequence, at: at, into: &group.buffer)
        // Everything that could take its place away was done before it.
        precondition(status.consumesSequence, "a command was refused by its envelope")
        journal.add(command, at: at)
        let end = group.buffer.count
        group.entries.append(
            Group.Entry(sequence: sequence, at: at, command: command, range: start..<end)
        )
        counts.commands += 1
        if status != .ok { counts.rejected += 1 }
        var applied = Applied(sequence: sequence, at: at, status: status, result: 0, isRepeated: false)
        if let outcome = group.buffer.lastOutcome {
            applied.result = outcome.result
            applied.isRepeated = outcome.repeated
        }
        return applied
    }

    private func commit() throws(JournalError) {
        if group.entries.isEmpty && group.finished.isEmpty { return }
        if !journal.isEmpty {
            let start = SystemClock.monotonic
            try journal.commit(group.buffer)
            let took = SystemClock.monotonic - start
            counts.groups += 1
            counts.commitLast = took
            counts.commitLongest = max(counts.commitLongest, took)
            counts.commitTotal += took
            commits.note(took)
            group.chain = journal.chain
        } else {
            // What is only looked at rests on the log as well.
            try journal.check()
        }
        publishing.send(group)
        group = publishing.empty()
    }

    /// Snapshots, and a file for the next segment.
    private func maintain() {
        if keeping == nil && journal.durable - snapshot >= options.snapshotEvery { keepState() }
        if spare != nil && journal.isSpareUrgent { spareDone.hurry() }
        if spare == nil && journal.needsSpare {
            let (journal, done) = (Unchecked(journal), spareDone)
            spare = Worker {
                done.run { () throws(JournalError) in
                    try journal.value.makeSpare {
                        if !done.isUrgent { SystemClock.pause(microseconds: 1_000) }
                    }
                }
            }
        }
    }

    /// Copies the state here and lets another thread write it: of a million accounts that takes long.
    private func keepState() {
        let copy = journal.copyState(of: exchange)
        snapshot = journal.durable
        group.followsSnapshot = true
        let (journal, done) = (Unchecked(journal), keptDone)
        keeping = Worker { done.run { () throws(JournalError) in try journal.value.keep(copy) } }
    }

    /// Learns what became of work on other threads: once the disk has failed, nothing more is taken (DUR-5).
    private func settle() throws(JournalError) {
        if let result = keptDone.take() {
            keeping?.join()
            keeping = nil
            if let error = result { throw error }
            written = snapshot
        }
        if let result = spareDone.take() {
            spare?.join()
            spare = nil
            if let error = result { throw error }
            journal.takeSpare()
        }
    }

    /// The last thing that is done.
    func end() throws(JournalError) {
        spareDone.hurry()
        spare?.join()
        keeping?.join()
        spare = nil
        keeping = nil
        try settle()
        if options.snapshotAtStop && journal.durable > snapshot {
            try journal.snapshot(exchange)
            snapshot = journal.durable
            written = snapshot
            group.followsSnapshot = true
        }
        // Whoever keeps what clients saw there is told, though nothing follows.
        if group.followsSnapshot { publishing.send(group) }
    }

    func report(into result: inout SequencerCounts) {
        counts.overloaded = result.overloaded
        counts.durable = journal.durable
        counts.chain = journal.chain.description
        counts.snapshot = written
        result = counts
    }
}

/// A value that its owner knows to be used by one thread at a time.
struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Whether another thread has done what it was made for, and how that went.
private final class BackgroundJob: @unchecked Sendable {
    private let monitor = Monitor()
    private var result: JournalError??
    private var isWanted = false

    /// Whether it is soon needed, so that nothing may be waited for.
    var isUrgent: Bool { monitor.locked { isWanted } }

    func hurry() { monitor.locked { isWanted = true } }

    /// Does it, on the calling thread.
    func run(_ body: () throws(JournalError) -> Void) {
        var failure: JournalError?
        do throws(JournalError) {
            try body()
        } catch {
            failure = error
        }
        monitor.locked { result = .some(failure) }
    }

    /// How it went; nil while it is not done.
    func take() -> JournalError?? {
        monitor.locked {
            guard let known = result else { return nil }
            result = nil
            isWanted = false
            return .some(known)
        }
    }
}
