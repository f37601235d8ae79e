import Foundation
public import ReadModel

#if canImport(Glibc)
    import Glibc
#endif

/// How far a history is, for status and metrics.
public struct HistoryProgress: Sendable {
    /// What it does.
    public enum Phase: String, Sendable {
        /// It is complete but for what was published within moments.
        case live
        /// It reads on from the log.
        case behind
        /// It does not work, and is tried again; `reason` says why.
        case failed
    }
    /// What it does.
    public var phase = Phase.behind
    /// The last command whose rows are there; nil while there is no database.
    public var completeTo: UInt64?
    /// The command behind which its rows begin.
    public var begins: UInt64?
    /// Commands that were published and are not in it.
    public var behind: UInt64 = 0
    /// How many rows it has.
    public var rows: Int64 = 0
    /// How often it was made anew since the start.
    public var rebuilds = 0
    /// Why it does not work, or was last made anew.
    public var reason: String?
}

/// How a history works.
public struct HistoryOptions: Sendable {
    /// Rows that may wait to be written; with more it falls behind and reads on from the log (HIST-4).
    public var queueLimit = 200_000
    /// ms that rows are collected before they are written together, if they do not become enough sooner.
    public var interval = 100
    /// Rows that are enough: large transactions keep those who trade waiting when they are committed.
    public var enough = 512
    /// Rows that are written in one go, and µs that the processor is given back behind them while nothing
    /// presses.
    public var stretch = 16
    /// See `stretch`.
    public var rest: UInt32 = 250
    /// Rows that are written in one transaction while it reads from the log.
    public var portion = 20_000
    /// ms that a reader waits for what was published before it.
    public var patience = 2_000
    /// ms between two looks whether its file still lies there, and after a failure.
    public var lookEvery = 1_000
    /// The usual ones.
    public init() {}
}

/// The database of a venue's histories: fed with the rows of each group, complete up to a stated command,
/// made anew from the log whenever it cannot go on (HIST-1 to HIST-7).
///
/// A thread of its own writes. Nobody ever waits for it but whoever asks it something.
public final class History: @unchecked Sendable {
    let path: String
    let identity: HistoryIdentity
    let source: any HistorySource
    let options: HistoryOptions
    let views: ViewFiles
    let note: @Sendable (String) -> Void

    /// Guards everything below, and is signalled whenever some of it changes.
    let lock = NSCondition()
    var queue: [Item] = []
    var queuedRows = 0
    /// Whether rows of the next group are wanted, and whether they are being taken.
    var isWanted = false
    var isTaking = false
    /// Whether a group is on its way whose rows are not taken.
    var isPassing = false
    var published: HistoryMark
    var phase = HistoryProgress.Phase.behind
    var reason: String?
    var rebuilds = 0
    /// How many wait for rows that are not written yet.
    var waiters = 0
    var rebuildWanted: String?
    var isStopping = false
    var isOver = false
    var database: HistoryDatabase?
    /// What the database states, for those who do not own it.
    var mark: HistoryMark?
    var rows: Int64 = 0
    var begins: UInt64?
    private var readers = 0
    private let reading = DispatchQueue(label: "history.read", attributes: .concurrent)

    enum Item {
        case batch(HistoryBatch)
        case view(HistoryView)
    }

    /// A history in a directory, of a log that is durable up to a place. Nothing is read before `start`.
    ///
    /// - Parameter note: told what an operator should know, from any thread.
    public init(
        directory: String,
        _ identity: HistoryIdentity,
        _ source: any HistorySource,
        published: HistoryMark,
        options: HistoryOptions = HistoryOptions(),
        note: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        path = "\(directory)/history.sqlite"
        self.identity = identity
        self.source = source
        self.options = options
        self.published = published
        self.note = note
        views = ViewFiles(directory: directory)
    }

    /// Begins to work, on a thread of its own.
    public func start() {
        let thread = Thread { [self] in
            #if os(Linux)
                // Of this thread alone: it yields to whoever trades.
                setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
            #endif
            work()
        }
        thread.name = "history"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Writes what it has, and ends. Nothing may be handed in any more.
    public func stop() {
        lock.lock()
        isStopping = true
        lock.broadcast()
        while !isOver { lock.wait() }
        lock.unlock()
    }

    // MARK: The publishing thread

    /// Whether the rows of the next group are taken. If so they are handed in, if not the group is passed.
    public func willTake() -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if isWanted { isTaking = true }
        isPassing = !isTaking
        return isTaking
    }

    /// Takes a group's rows. Never waits: if too many rows wait, all of them are dropped, and read from the
    /// log.
    public func take(_ batch: HistoryBatch) {
        lock.lock()
        defer { lock.unlock() }
        published = batch.mark
        if !isTaking { return }
        let wasEnough = queuedRows >= options.enough
        queuedRows += batch.rows.count
        if queuedRows > options.queueLimit { return fallBehind() }
        queue.append(.batch(batch))
        // One that sleeps until the interval is over is not woken for each group.
        let isEnough = !wasEnough && queuedRows >= options.enough
        if queue.count == 1 || isEnough { lock.broadcast() }
    }

    /// Takes what clients are shown between two groups.
    public func take(_ view: HistoryView) {
        lock.lock()
        defer { lock.unlock() }
        if isTaking { queue.append(.view(view)) }
    }

    /// Notes a group whose rows are not taken.
    public func pass(_ mark: HistoryMark) {
        lock.lock()
        published = mark
        isPassing = false
        if isWanted { lock.broadcast() }
        lock.unlock()
    }

    /// The lock must be held.
    func fallBehind() {
        queue.removeAll()
        queuedRows = 0
        isWanted = false
        isTaking = false
        if phase == .live { phase = .behind }
        lock.broadcast()
    }

    // MARK: Anybody

    /// How far it is.
    public var progress: HistoryProgress {
        lock.lock()
        defer { lock.unlock() }
        var result = HistoryProgress()
        result.phase = phase
        result.completeTo = mark?.sequence
        result.begins = begins
        let complete = mark?.sequence ?? 0
        result.behind = published.sequence > complete ? published.sequence - complete : 0
        result.rows = rows
        result.rebuilds = rebuilds
        result.reason = reason
        return result
    }

    /// Asks for the database to be made anew from the log.
    ///
    /// - Returns: false if the log no longer has all of it: then what the database has stays.
    public func rebuild() -> Bool {
        if !source.isWhole { return false }
        demand("asked for")
        return true
    }

    func demand(_ why: String) {
        lock.lock()
        rebuildWanted = why
        lock.broadcast()
        lock.unlock()
    }

    /// Looks rows up, on a thread of its own, once the database is complete up to a command.
    ///
    /// - Parameter done: called once with each question's rows, ascending by place; nil if the database
    /// is not   that far and will not soon be.
    public func read(
        _ questions: [HistoryQuestion],
        upTo sequence: UInt64,
        _ done: @escaping @Sendable ([[HistoryRow]]?) -> Void
    ) {
        lock.lock()
        let isBusy = readers >= 64
        if !isBusy { readers += 1 }
        lock.unlock()
        if isBusy { return done(nil) }
        reading.async { [self] in
            let rows = look(questions, sequence)
            lock.lock()
            readers -= 1
            lock.unlock()
            done(rows)
        }
    }

    private func look(_ questions: [HistoryQuestion], _ sequence: UInt64) -> [[HistoryRow]]? {
        guard let database = waited(for: sequence) else { return nil }
        do throws(HistoryError) {
            let found = try database.read(questions)
            return found.sequence >= sequence ? found.rows : nil
        } catch {
            // A file that was taken away gives errors of all kinds; the writer looks what is the matter.
            if error.needsNew && database.isThere { demand("\(error)") }
            return nil
        }
    }

    /// The database, once it is complete up to a command; nil if that is not soon.
    private func waited(for sequence: UInt64) -> HistoryDatabase? {
        let deadline = Date(timeIntervalSinceNow: Double(options.patience) / 1_000)
        lock.lock()
        waiters += 1
        defer {
            waiters -= 1
            lock.unlock()
        }
        if (mark?.sequence ?? 0) < sequence { lock.broadcast() }
        while phase == .live && !isStopping && (mark?.sequence ?? 0) < sequence {
            if !lock.wait(until: deadline) { return nil }
        }
        // What is behind but has this already may answer.
        return (mark?.sequence ?? 0) >= sequence ? database : nil
    }

    /// Compares all of the database with what it states, beside everything else.
    func checkInBackground(_ database: HistoryDatabase) {
        reading.async { [self] in
            do throws(HistoryError) {
                try database.check { [self] in
                    lock.lock()
                    defer { lock.unlock() }
                    return !isStopping && self.database === database
                }
            } catch {
                lock.lock()
                let isCurrent = self.database === database
                lock.unlock()
                if isCurrent && error.needsNew && database.isThere { demand("\(error)") }
            }
        }
    }
}
