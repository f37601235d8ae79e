import JournalSupport
import TestSupport
import Testing

@testable import ExchangeCore
@testable import ExchangeJournal

@Suite("Upgrading a log")
struct UpgradeTests {
    /// A program of the rules before, and one that wrote states in the form before.
    static let versions = [
        LogVersion(state: Exchange.format, rules: Exchange.rules - 1),
        LogVersion(state: Exchange.format - 1, rules: Exchange.rules),
    ]

    private static func options(_ version: LogVersion) -> JournalOptions {
        var options = JournalOptions()
        options.segmentSize = 1 << 15
        options.version = version
        return options
    }

    /// A disk as the program of the rules before would have left it: all headers and the snapshot's state say
    /// so. `snapshotAt` groups before the end, 0 for one at the end.
    private static func written(
        _ world: JournaledWorld,
        by old: LogVersion,
        snapshotAt behind: Int = 0
    ) throws -> SimulatedStorage {
        let disk = SimulatedStorage()
        let id = JournalID(low: 1, high: 2)
        try Journal.create(on: disk, id: id, exchange: world.genesis, options: options(.current))
        // The first segment's header is a link of the chain: it is made old before anything follows it.
        var header = try #require(try disk.segment(1).header)
        header.version = old
        disk.set(Files.segment(1), nil)
        try disk.start(header, size: 1 << 15, spare: nil)
        let walk = try Walk(disk, from: try disk.snapshot(0, of: id), segments: [1])
        walk.segment = 1
        walk.chain = header.link
        let journal = Journal(disk, options(old), walk)
        var exchange = walk.takeExchange()
        let groups = Array(stride(from: 0, to: world.commands.count, by: 5))
        for (number, start) in groups.enumerated() {
            try world.commit(start..<min(world.commands.count, start + 5), on: &exchange, to: journal)
            if groups.count - 1 - number == behind { try journal.snapshot(exchange) }
        }
        for name in try disk.names() where name.hasPrefix("snapshot-") { try makeOld(name, disk, old) }
        return disk
    }

    private static func makeOld(_ name: String, _ disk: SimulatedStorage, _ old: LogVersion) throws {
        let bytes = try disk.read(name, at: 0, count: disk.size(of: name))
        guard var header = SnapshotHeader(guarded: bytes.span.bytes) else { return }
        let state = Array(bytes[SnapshotHeader.guardedSize..<bytes.count - ChainHash.size])
        var reader = ByteReader(copying: state.span.bytes)
        let exchange = try Exchange(restoring: &reader)
        // In the form of the rules before, with what they had no place for left out.
        var writer = ByteWriter()
        exchange.snapshot(into: &writer, format: old.state, rules: old.rules)
        header.version = old
        header.length = Int64(writer.count)
        var hash = Hash128()
        for index in 0..<writer.count { hash.add(writer[index]) }
        (header.stateLow, header.stateHigh) = (hash.digest.low, hash.digest.high)
        let file = SnapshotFile.layOut(header, state: writer)
        disk.set(name, (0..<file.count).map { file[$0] })
    }

    @Test(
        "DET-2, DUR-10 An older log is refused, and goes on once it is upgraded, in the same chain",
        arguments: versions
    )
    func upgrade(old: LogVersion) throws {
        let world = JournaledWorld(seed: 21, length: 120)
        let disk = try Self.written(world, by: old)
        let count = UInt64(world.commands.count)
        #expect(throws: JournalError.self) { try Journal.open(on: disk) }
        #expect(throws: JournalError.self) { try Journal.verify(on: disk) }
        let report = try Journal.upgrade(on: disk)
        #expect(report == UpgradeReport(from: old, to: .current, sequence: count))
        let opened = try Journal.open(on: disk, options: Self.options(.current))
        let journal = opened.journal
        var exchange = opened.take()
        #expect(exchange.nextSequence == count + 1)
        let open = OpenAccount(owner: OwnerID(77))
        var events = EventBuffer()
        let at = exchange.now
        _ = exchange.apply(.openAccount(open), sequence: count + 1, at: at, into: &events)
        journal.add(.openAccount(open), at: at)
        try journal.commit(events)
        let verified = try Journal.verify(on: disk)
        #expect(verified.from == count && verified.last == count + 1)
        #expect(try Journal.open(on: disk, from: .oldest).exchange.nextSequence == count + 2)
        // The link from the old rules to the new is there for everybody to see.
        let segments = try disk.names().compactMap(Files.segmentNumber)
        let last = try #require(segments.last)
        let first = try #require(try disk.segment(last).header)
        #expect(first.version == .current && first.firstSequence == count + 1)
    }

    @Test(
        "DET-2 Interrupted at any call, an upgrade is done by doing it again; done twice, it is done once",
        arguments: versions
    )
    func interrupted(old: LogVersion) throws {
        let world = JournaledWorld(seed: 22, length: 60)
        let whole = try Self.written(world, by: old)
        for call in 1...20 {
            let disk = whole.copy()
            disk.failingCall = disk.calls + call
            let first = try? Journal.upgrade(on: disk)
            disk.revive()
            let again = try Journal.upgrade(on: disk)
            #expect(try Journal.open(on: disk).exchange.nextSequence == UInt64(world.commands.count) + 1)
            if first != nil {
                #expect(again.from == again.to)
                break
            }
            #expect(call < 20)
        }
    }

    @Test("DET-2 A log that goes on behind its newest snapshot is for the program that wrote it")
    func unfinished() throws {
        let disk = try Self.written(JournaledWorld(seed: 23, length: 60), by: Self.versions[0], snapshotAt: 2)
        do throws(JournalError) {
            _ = try Journal.upgrade(on: disk)
            Issue.record("not refused")
        } catch {
            guard case .unfinished = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(try Journal.upgrade(on: Self.current()).from == .current)
    }

    private static func current() throws -> SimulatedStorage {
        let disk = SimulatedStorage()
        try Journal.create(on: disk, id: JournalID(low: 1, high: 2), exchange: Exchange())
        return disk
    }
}
