import ExchangeCore
import ExchangeJournal
import ExchangeRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

/// A directory that does not let one kind of file be written.
private final class RefusingStorage: Storage {
    private let disk: DirectoryStorage
    private let refused = Mutex<String?>(nil)

    init(_ disk: DirectoryStorage) { self.disk = disk }

    func refuse(_ prefix: String) { refused.withLock { $0 = prefix } }

    var place: String { disk.place }
    func names() throws(StorageError) -> [String] { try disk.names() }
    func size(of name: String) throws(StorageError) -> Int { try disk.size(of: name) }
    func read(_ name: String, at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        try disk.read(name, at: offset, count: count)
    }
    func create(_ name: String, size: Int) throws(StorageError) {
        if let prefix = refused.withLock({ $0 }), name.hasPrefix(prefix) {
            throw StorageError(path: name, action: "make it", reason: "No space left on device")
        }
        try disk.create(name, size: size)
    }
    func write(_ name: String, at offset: Int, _ bytes: RawSpan) throws(StorageError) {
        try disk.write(name, at: offset, bytes)
    }
    func sync(_ name: String) throws(StorageError) { try disk.sync(name) }
    func rename(_ name: String, to other: String) throws(StorageError) { try disk.rename(name, to: other) }
    func remove(_ name: String) throws(StorageError) { try disk.remove(name) }
    func syncDirectory() throws(StorageError) { try disk.syncDirectory() }
}

private final class NoSink: GroupSink {
    func publish(_ group: Group) {}
    func pulse(at: Timestamp) {}
}

@Suite("Snapshots beside the log")
struct SnapshotTests {
    private static func inDirectory(_ body: (String) throws -> Void) throws {
        let path = "\(Repository.scratch)/snapshots-\(UInt64.random(in: 0...UInt64.max))"
        defer { Repository.remove(path) }
        try body(path)
    }

    private static func start<Disk: Storage>(
        _ disk: Disk,
        keepsAll: Bool,
        _ failure: @escaping @Sendable (JournalError) -> Void = { _ in }
    ) throws -> Sequencer<Disk> {
        var journal = JournalOptions()
        journal.segmentSize = 2 << 20
        journal.keepsAll = keepsAll
        if try !Journal.exists(on: disk) {
            let id = JournalID(low: 5, high: 6)
            try Journal.create(on: disk, id: id, exchange: Exchange(), options: journal)
        }
        var options = SequencerOptions()
        options.snapshotEvery = 50
        return Sequencer(
            try Journal.open(on: disk, options: journal),
            clock: SystemClock(),
            options: options,
            sink: NoSink(),
            onFailure: failure
        )
    }

    /// Opens an account and pays into it again and again, each by itself; false once nothing is taken.
    private static func pay<Disk: Storage>(
        _ times: Int,
        on sequencer: Sequencer<Disk>,
        _ isOver: () -> Bool = { false }
    ) -> Bool {
        let done = Mutex(0)
        for number in 0..<times {
            let deposit = Deposit(account: AccountID(3), amount: Amount(Int64(number + 1)))
            let command: Command = number == 0 ? .openAccount(OpenAccount()) : .deposit(deposit)
            do throws(Refusal) {
                try sequencer.submit(
                    Job([command], read: { _, _ in true }, finish: { _ in done.withLock { $0 += 1 } })
                )
            } catch {
                return false
            }
            // In groups of their own, so that commits go on while a state is written.
            if number % 7 == 0 { usleep(300) }
        }
        while done.withLock({ $0 }) < times {
            if isOver() { return false }
            usleep(100)
        }
        return true
    }

    @Test(
        "DUR-8 They are written while commands go on, and are the state behind theirs",
        arguments: [true, false]
    )
    func beside(_ keepsAll: Bool) throws {
        try Self.inDirectory { path in
            let sequencer = try Self.start(DirectoryStorage(path: path), keepsAll: keepsAll)
            // However long one takes to be written: commands go on until there are four.
            var seen: Set<UInt64> = []
            while seen.count < 4 {
                #expect(Self.pay(50, on: sequencer))
                seen.insert(sequencer.progress.snapshot)
                if sequencer.progress.durable > 2_000_000 { break }
            }
            sequencer.stop()
            let last = sequencer.progress.durable
            #expect(sequencer.progress.snapshot == last)
            let disk = try DirectoryStorage(path: path, readOnly: true)
            let snapshots = try disk.names().count { $0.hasPrefix("snapshot-") && !$0.hasSuffix(".tmp") }
            #expect(keepsAll ? snapshots > 3 : snapshots == 2)
            // Compares the state of each with that of the commands.
            #expect(try Journal.verify(on: disk).last == last)
        }
    }

    @Test("DUR-5, DUR-8 One that cannot be written ends the venue; what was acknowledged is there")
    func refused() throws {
        try Self.inDirectory { path in
            let failed = Mutex<String?>(nil)
            var acknowledged: UInt64 = 0
            do {
                let disk = RefusingStorage(try DirectoryStorage(path: path))
                let sequencer = try Self.start(disk, keepsAll: true) { error in
                    failed.withLock { $0 = "\(error)" }
                }
                disk.refuse("snapshot-")
                // Not only when the venue stops: nothing more is taken while it still runs. That it takes
                // forever is the only thing that the bound is for.
                while Self.pay(10, on: sequencer, { failed.withLock { $0 } != nil }) {
                    if sequencer.progress.durable > 2_000_000 { break }
                }
                acknowledged = sequencer.progress.durable
                #expect(failed.withLock { $0 } != nil)
                sequencer.stop()
            }
            #expect(failed.withLock { $0 }?.contains("No space left on device") == true)
            let disk = try DirectoryStorage(path: path, readOnly: true)
            #expect(try Journal.verify(on: disk).last >= acknowledged)
        }
    }
}
