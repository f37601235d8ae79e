import BinanceDialect
import ExchangeCore
import ExchangeHistory
import ExchangeJournal
import ReadModel

/// The log as the source of the history's rows: executed again from a view, or from where the venue began
/// to count (HIST-4).
struct LogSource: HistorySource {
    let directory: String
    let identity: HistoryIdentity
    let options: ClientView.Options
    let keepsAll: Bool

    private func disk() throws(HistoryError) -> DirectoryStorage {
        do throws(StorageError) {
            return try DirectoryStorage(path: directory, readOnly: true)
        } catch {
            throw HistoryError("\(error)")
        }
    }

    private func snapshots(_ disk: DirectoryStorage) throws(HistoryError) -> [UInt64] {
        do throws(JournalError) {
            return try LogReader.snapshots(on: disk)
        } catch {
            throw HistoryError("\(error)")
        }
    }

    var isWhole: Bool {
        guard keepsAll, let disk = try? disk() else { return false }
        return (try? log(disk, identity.origin)) != nil
    }

    /// Begins at the newest view behind a command or, without one, as early as the log can be read. A
    /// snapshot that is damaged is passed over for the one before it, as at the start (DUR-8).
    func reader(behind mark: HistoryMark?) throws(HistoryError) -> any HistoryReader {
        let disk = try disk()
        let snapshots = try snapshots(disk)
        let views = ViewFiles(directory: directory)
        let known = views.sequences.filter { snapshots.contains($0) }
        var failure: HistoryError?
        // A database that goes on is nearest to the newest view behind it; a new one begins as early as
        // it may.
        for sequence in mark.map({ mark in known.filter { $0 <= mark.sequence } }) ?? [] {
            if let found = fromView(sequence, disk, mark, views, snapshots, &failure) { return found }
        }
        if snapshots.contains(identity.origin), identity.origin <= mark?.sequence ?? .max {
            do throws(HistoryError) {
                return try fromOrigin(disk, mark, views, snapshots)
            } catch {
                failure = failure ?? error
            }
        }
        for sequence in mark == nil ? known.reversed() : [] {
            if let found = fromView(sequence, disk, mark, views, snapshots, &failure) { return found }
        }
        let reason = failure.map { "; \($0)" } ?? ""
        throw HistoryError(
            "the log no longer has what follows command \(mark?.sequence ?? identity.origin)\(reason)",
            needsNew: mark != nil
        )
    }

    private func fromOrigin(
        _ disk: DirectoryStorage,
        _ mark: HistoryMark?,
        _ views: ViewFiles,
        _ snapshots: [UInt64]
    ) throws(HistoryError) -> LogRows {
        var shown = ClientView(options)
        let options = options
        let reader = try log(disk, identity.origin) { shown = ClientView(of: $0, options) }
        return LogRows(reader, shown, keepsFrom: mark, earlier: ViewRows(), views, snapshots)
    }

    /// Nil if there is no view of that command, or the log cannot be read from there; `failure` says why.
    private func fromView(
        _ sequence: UInt64,
        _ disk: DirectoryStorage,
        _ mark: HistoryMark?,
        _ views: ViewFiles,
        _ snapshots: [UInt64],
        _ failure: inout HistoryError?
    ) -> LogRows? {
        guard let view = views.read(sequence), view.identity == identity,
            let shown = ClientView(view.bytes, options)
        else { return nil }
        do throws(HistoryError) {
            let reader = try log(disk, sequence)
            if reader.chain.description != view.mark.chain { return nil }
            return LogRows(reader, shown, keepsFrom: mark, earlier: shown.allKept(), views, snapshots)
        } catch {
            failure = failure ?? error
            return nil
        }
    }

    private func log(
        _ disk: DirectoryStorage,
        _ sequence: UInt64,
        _ adopt: (borrowing Exchange) -> Void = { _ in }
    ) throws(HistoryError) -> LogReader<DirectoryStorage> {
        do throws(JournalError) {
            return try LogReader(on: disk, from: sequence, adopt: adopt)
        } catch {
            throw HistoryError("\(error)")
        }
    }
}

/// Rows made of the log.
final class LogRows: HistoryReader {
    private let reader: LogReader<DirectoryStorage>
    private var shown: ClientView
    private let keepsFrom: UInt64
    private let wantedViews: Set<UInt64>
    let start: HistoryMark
    let earlier: any HistoryRows

    init(
        _ reader: LogReader<DirectoryStorage>,
        _ shown: ClientView,
        keepsFrom mark: HistoryMark?,
        earlier: ViewRows,
        _ views: ViewFiles,
        _ snapshots: [UInt64]
    ) {
        self.reader = reader
        self.shown = shown
        self.earlier = earlier
        start = HistoryMark(sequence: reader.sequence, chain: reader.chain.description)
        keepsFrom = mark?.sequence ?? 0
        // The newest snapshots get what clients see there, if they have not got it.
        wantedViews = Set(snapshots.suffix(2)).subtracting(views.sequences)
    }

    func read(
        upTo last: UInt64,
        _ body: (HistoryBatch) throws(HistoryError) -> Bool
    ) throws(HistoryError) {
        var failure: HistoryError?
        var isEnough = false
        do throws(JournalError) {
            try reader.read(upTo: last) { (commands, events, sequence, chain) throws(JournalError) in
                let first = sequence - UInt64(commands.count) + 1
                shown.isKeeping = sequence > keepsFrom
                shown.take(commands, events)
                let mark = HistoryMark(sequence: sequence, chain: chain.description)
                var batch = HistoryBatch(first: first, mark: mark, rows: shown.takeKept())
                if wantedViews.contains(sequence) {
                    let copy = shown
                    batch.view = HistoryView(mark: mark) { copy.bytes }
                }
                do throws(HistoryError) {
                    isEnough = try body(batch) == false
                } catch {
                    failure = error
                }
                if failure != nil || isEnough { throw .failed }
            }
        } catch {
            if let failure { throw failure }
            if !isEnough { throw HistoryError("\(error)") }
        }
    }
}

extension ClientView {
    /// Takes in a group: its commands, and in one buffer their events.
    mutating func take(_ commands: [Command], _ events: borrowing EventBuffer) {
        var number = 0
        var some: [Event] = []
        events.forEach { event in
            some.append(event)
            guard case .outcome(let outcome) = event, number < commands.count else { return }
            let sequence = UInt64(outcome.sequence)
            _ = take(
                AppliedCommand(command: commands[number], at: outcome.at, sequence: sequence, events: some)
            )
            number += 1
            some.removeAll(keepingCapacity: true)
        }
    }
}
