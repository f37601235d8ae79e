import BinanceDialect
import ExchangeCore
import ExchangeHistory
import ExchangeJournal

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
        guard keepsAll, let disk = try? disk(), let snapshots = try? snapshots(disk) else { return false }
        return snapshots.contains(identity.origin)
    }

    func reader(behind mark: HistoryMark?) throws(HistoryError) -> any HistoryReader {
        let disk = try disk()
        let snapshots = try snapshots(disk)
        let views = ViewFiles(directory: directory)
        // A database that goes on is nearest to the newest view behind it; a new one begins as early as
        // it may.
        var candidates = views.sequences.filter { snapshots.contains($0) }
        if let mark {
            candidates = candidates.filter { $0 <= mark.sequence }
        } else {
            candidates = isWhole ? [] : candidates.reversed()
        }
        for sequence in candidates {
            guard let view = views.read(sequence), view.identity == identity,
                let shown = ClientView(view.bytes, options)
            else { continue }
            let reader = try log(disk, sequence)
            if reader.chain.description != view.mark.chain { continue }
            return LogRows(reader, shown, keepsFrom: mark, earlier: shown.allKept(), views, snapshots)
        }
        guard snapshots.contains(identity.origin), identity.origin <= mark?.sequence ?? .max else {
            throw HistoryError(
                "the log no longer has what follows command \(mark?.sequence ?? identity.origin)",
                needsNew: mark != nil
            )
        }
        var shown = ClientView(options)
        let options = options
        let reader = try log(disk, identity.origin) { shown = ClientView(of: $0, options) }
        return LogRows(reader, shown, keepsFrom: mark, earlier: ViewRows(), views, snapshots)
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
            let command = commands[number]
            _ = take(command, at: outcome.at, sequence: UInt64(outcome.sequence), some)
            number += 1
            some.removeAll(keepingCapacity: true)
        }
    }
}
