import ExchangeCore
import ExchangeJournal
import JournalSupport
import TestSupport
import Testing

@Suite("The journal")
struct JournalTests {
    private static let id = JournalID(low: 3, high: 4)

    private static func options(_ segment: Int, keepsAll: Bool = true) -> JournalOptions {
        var options = JournalOptions()
        options.segmentSize = segment
        options.keepsAll = keepsAll
        return options
    }

    /// A disk with the world's commands in groups of `group`, a snapshot at each of `snapshots`.
    private static func written(
        _ world: JournaledWorld,
        group: Int,
        snapshots: Set<Int> = [],
        options: JournalOptions = options(1 << 16)
    ) throws -> SimulatedStorage {
        let disk = SimulatedStorage()
        try Journal.create(on: disk, id: id, exchange: world.genesis, options: options)
        let opened = try Journal.open(on: disk, options: options)
        let journal = opened.journal
        var exchange = opened.take()
        for start in stride(from: 0, to: world.commands.count, by: group) {
            let end = min(world.commands.count, start + group)
            try world.commit(start..<end, on: &exchange, to: journal)
            if snapshots.contains(start / group) { try journal.snapshot(exchange) }
        }
        return disk
    }

    /// What opening says: how many commands there are, or the error.
    private static func opening(_ disk: SimulatedStorage) -> (count: Int?, error: JournalError?) {
        do throws(JournalError) {
            let opened = try Journal.open(on: disk, options: options(1 << 16))
            return (Int(opened.exchange.nextSequence) - 1, nil)
        } catch {
            return (nil, error)
        }
    }

    @Test("DUR-3 What was committed is there again, with the same state")
    func opensAgain() throws {
        let world = JournaledWorld(seed: 11, length: 150)
        let disk = try Self.written(world, group: 7, snapshots: [3, 9])
        let opened = try Journal.open(on: disk)
        #expect(Int(opened.exchange.nextSequence) - 1 == world.commands.count)
        #expect(opened.exchange.stateHash() == world.stateHash(behind: world.commands.count))
        #expect(opened.report.snapshot == 70)
        #expect(opened.report.executed == world.commands.count - 70)
        #expect(opened.report.torn == 0)
    }

    @Test(
        "DUR-1, DUR-6 Power lost at any call: what was acknowledged is there, and only whole groups",
        arguments: 0..<60
    )
    func powerLoss(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let result = JournaledWorld(seed: seed, length: 120).run(&random)
        #expect(result.fault == nil, "seed \(seed)")
        #expect(result.losses > 0)
    }

    @Test("DUR-4 Sectors in wrong places and turned bits: refused, or as it was", arguments: 100..<130)
    func hostilePowerLoss(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var damage = SimulatedStorage.Damage()
        damage.misplaced = 15
        damage.turned = 15
        let result = JournaledWorld(seed: seed, length: 120).run(&random, damage: damage, mayRefuse: true)
        #expect(result.fault == nil, "seed \(seed)")
    }

    @Test("DUR-5 A call that fails once: nothing more is taken, and what was acknowledged is there")
    func everyFailingCall() throws {
        let world = JournaledWorld(seed: 5, length: 40)
        var call = 1
        var failures = 0
        while true {
            let disk = SimulatedStorage()
            let options = Self.options(1 << 13)
            try Journal.create(on: disk, id: Self.id, exchange: world.genesis, options: options)
            let opened = try Journal.open(on: disk, options: options)
            let journal = opened.journal
            var exchange = opened.take()
            disk.failingCall = disk.calls + call
            var acknowledged = 0
            var failed = false
            for start in stride(from: 0, to: world.commands.count, by: 3) {
                let end = min(world.commands.count, start + 3)
                do throws(JournalError) {
                    try world.commit(start..<end, on: &exchange, to: journal)
                    acknowledged = end
                    if start % 12 == 0 { try journal.snapshot(exchange) }
                } catch {
                    if !failed {
                        guard case .storage = error else {
                            Issue.record("call \(call): \(error)")
                            return
                        }
                    } else {
                        guard case .failed = error else {
                            Issue.record("call \(call): taken up again after a failure")
                            return
                        }
                    }
                    failed = true
                }
            }
            if !failed { break }
            failures += 1
            disk.revive()
            let found = Self.opening(disk)
            #expect(found.error == nil, "call \(call)")
            #expect(found.count ?? 0 >= acknowledged, "call \(call)")
            call += 1
        }
        #expect(failures > 30)
    }

    @Test("DUR-4 The last group cut at any byte is cut off if it was not acknowledged")
    func cutAnywhere() throws {
        let world = JournaledWorld(seed: 8, length: 60)
        let last = world.commands.count / 10 * 10 - (world.commands.count % 10 == 0 ? 10 : 0)
        let whole = try Self.written(world, group: 10)
        let name = "log-00000000000000000001"
        let bytes = try whole.read(name, at: 0, count: whole.size(of: name))
        let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
        // The last group begins at the last sector that begins with its magic number.
        let start = try #require(
            stride(from: 512, to: end, by: 512)
                .filter { bytes[$0...].starts(with: Array("ZSUMFRM1".utf8)) }.last
        )
        for length in start..<end {
            let disk = whole.copy()
            disk.set(name, Array(bytes[..<length]) + [UInt8](repeating: 0, count: bytes.count - length))
            // Without the note of what was acknowledged: as if power was lost during the group.
            disk.set("head", nil)
            let found = Self.opening(disk)
            // A hash may end with zeros: then cutting them off changes nothing.
            let isSame = bytes[length..<end].allSatisfy { $0 == 0 }
            #expect(found.count == (isSame ? world.commands.count : last), "cut at \(length)")
            let strict = whole.copy()
            strict.set(name, Array(bytes[..<length]) + [UInt8](repeating: 0, count: bytes.count - length))
            if !isSame, case .corrupt(let fault) = Self.opening(strict).error {
                #expect(fault.reason.contains("acknowledged"))
            } else {
                #expect(isSame, "an acknowledged group that was cut at \(length) is missed")
            }
        }
    }

    @Test("DUR-4 A bit turned anywhere in the log is found, and its place is named")
    func everyByteTurned() throws {
        let world = JournaledWorld(seed: 12, length: 30)
        let whole = try Self.written(world, group: 4, options: Self.options(1 << 14))
        let name = "log-00000000000000000001"
        let used = try whole.read(name, at: 0, count: whole.size(of: name)).lastIndex { $0 != 0 } ?? 0
        for byte in 0...used {
            let disk = whole.copy()
            disk.turn(name, byte: byte, by: UInt8(1 << (byte % 8)))
            let error = Self.opening(disk).error
            guard case .corrupt(let fault)? = error else {
                Issue.record("byte \(byte): \(error.map(String.init(describing:)) ?? "not found")")
                continue
            }
            #expect(fault.path == "simulated/\(name)")
            #expect(fault.offset <= byte && fault.offset + 4_096 > byte, "byte \(byte): \(fault.offset)")
        }
    }

    @Test("DUR-8 A damaged snapshot is passed over, and the one before it and more of the log will do")
    func damagedSnapshot() throws {
        let world = JournaledWorld(seed: 13, length: 60)
        let whole = try Self.written(world, group: 5, snapshots: [2, 6])
        let name = "snapshot-00000000000000000035"
        let size = try whole.size(of: name)
        for byte in 0..<size {
            let disk = whole.copy()
            disk.turn(name, byte: byte, by: UInt8(1 << (byte % 8)))
            let opened = try Journal.open(on: disk)
            #expect(opened.report.passedOver.count == 1, "byte \(byte)")
            #expect(opened.report.snapshot == 15)
            if byte % 97 == 0 {
                #expect(opened.exchange.stateHash() == world.stateHash(behind: world.commands.count))
            }
        }
    }

    @Test("DUR-4, DUR-7 Groups exchanged, repeated, or of another journal are refused")
    func misplaced() throws {
        let world = JournaledWorld(seed: 14, length: 60)
        let whole = try Self.written(world, group: 2)
        let name = "log-00000000000000000001"
        let bytes = try whole.read(name, at: 0, count: whole.size(of: name))
        let starts = stride(from: 512, to: bytes.count, by: 512)
            .filter { bytes[$0...].starts(with: Array("ZSUMFRM1".utf8)) }
        func refused(_ changed: [UInt8], _ words: String) {
            let disk = whole.copy()
            disk.set(name, changed)
            guard case .corrupt(let fault)? = Self.opening(disk).error else {
                Issue.record("not refused: \(words)")
                return
            }
            #expect(fault.reason.contains(words), "\(fault.reason)")
        }
        let (a, b, c) = (starts[3], starts[4], starts[5])
        var exchanged = bytes
        exchanged.replaceSubrange(a..<c, with: bytes[b..<c] + bytes[a..<b])
        refused(exchanged, "belongs")
        var repeated = bytes
        let end = (bytes.lastIndex { $0 != 0 }! / 512 + 1) * 512
        repeated.replaceSubrange(end..<end + (b - a), with: bytes[a..<b])
        refused(repeated, "belongs")
        var missing = bytes
        missing.replaceSubrange(a..<b, with: [UInt8](repeating: 0, count: b - a))
        refused(missing, "follows at byte")
        let foreign = SimulatedStorage()
        try Journal.create(on: foreign, id: JournalID(low: 9, high: 9), exchange: world.genesis)
        whole.set(
            "snapshot-00000000000000000000",
            try foreign.read("snapshot-00000000000000000000", at: 0, count: 9_999)
        )
        #expect(Self.opening(whole).error != nil)
    }

    @Test("DUR-9 Verifying executes everything again and compares every snapshot")
    func verify() throws {
        let world = JournaledWorld(seed: 15, length: 150)
        let disk = try Self.written(world, group: 3, snapshots: [4, 20], options: Self.options(1 << 14))
        let result = try Journal.verify(on: disk)
        #expect(try Journal.verify(on: disk, isDeep: true) == result)
        #expect(result.from == 0 && Int(result.last) == world.commands.count)
        #expect(result.executed == world.commands.count)
        #expect(result.snapshots == [0, 15, 63])
        #expect(result.missing == 0)
        #expect(try disk.names().count { $0.hasPrefix("log-") } > 1)
    }

    @Test("DUR-9 Verifying says what was acknowledged, or that `head` is missing, damaged or another's")
    func heads() throws {
        let world = JournaledWorld(seed: 18, length: 30)
        let disk = try Self.written(world, group: 3)
        let head = try disk.read("head", at: 0, count: 1_024)
        let whole = try Journal.verify(on: disk)
        #expect(whole.head == .acknowledged(whole.last))
        func note(_ bytes: [UInt8]?) throws -> HeadNote {
            disk.set("head", bytes)
            var result = try Journal.verify(on: disk)
            let note = result.head
            result.head = whole.head
            #expect(result == whole)
            return note
        }
        #expect(try note(nil) == .missing)
        #expect(try note([UInt8](repeating: 0, count: 1_024)) == .empty)
        #expect(try note([]) == .damaged(offset: 0))
        #expect(try note(Array(head.dropLast())) == .damaged(offset: 1_023))
        for byte in [3, 512 + 20] {
            var damaged = head
            damaged[byte] ^= 1
            #expect(try note(damaged) == .damaged(offset: byte / 512 * 512))
        }
        let other = SimulatedStorage()
        try Journal.create(on: other, id: JournalID(low: 9, high: 9), exchange: world.genesis)
        let opened = try Journal.open(on: other)
        let journal = opened.journal
        var exchange = opened.take()
        try world.commit(0..<3, on: &exchange, to: journal)
        #expect(try note(try other.read("head", at: 0, count: 1_024)) == .foreign)
        for note in [HeadNote.missing, .damaged(offset: 512), .foreign] {
            #expect("\(note)".contains("; expected what was acknowledged last"))
        }
    }

    @Test("DUR-8 What start-up no longer needs goes; its last links stay and must be followed")
    func retention() throws {
        let world = JournaledWorld(seed: 16, length: 250)
        let options = Self.options(1 << 13, keepsAll: false)
        let disk = try Self.written(world, group: 2, snapshots: [10, 30, 50, 70], options: options)
        let names = try disk.names()
        #expect(names.count { $0.hasPrefix("snapshot-") } == 2)
        #expect(!names.contains("log-00000000000000000001"))
        let result = try Journal.verify(on: disk)
        #expect(result.from == 102)
        #expect(!result.seals.isEmpty)
        #expect(Int(result.last) == world.commands.count)
        var text = String(decoding: try disk.read("seals", at: 0, count: 1 << 16), as: UTF8.self)
        text = String(text.dropLast(9)) + "00000000\n"
        disk.set("seals", Array(text.utf8))
        #expect(throws: JournalError.self) { try Journal.verify(on: disk) }
    }

    @Test("DUR-2 A directory of the file system: one process at a time, and the same journal")
    func directory() throws {
        let path = "\(Repository.scratch)/journal-\(UInt64.random(in: 0...UInt64.max))"
        defer { Repository.remove(path) }
        let world = JournaledWorld(seed: 17, length: 240)
        var spares = 0
        do {
            let disk = try DirectoryStorage(path: path)
            #expect(throws: StorageError.self) { try DirectoryStorage(path: path) }
            let options = Self.options(40 << 10)
            try Journal.create(on: disk, id: Self.id, exchange: world.genesis, options: options)
            let opened = try Journal.open(on: disk, options: options)
            let journal = opened.journal
            var exchange = opened.take()
            for start in stride(from: 0, to: world.commands.count, by: 4) {
                try world.commit(start..<min(world.commands.count, start + 4), on: &exchange, to: journal)
                if journal.needsSpare {
                    // 40 KiB in pieces of 16, with a pause between them.
                    var pauses = 0
                    try journal.makeSpare { pauses += 1 }
                    #expect(pauses == 2)
                    let made = try disk.read("spare", at: 0, count: options.segmentSize + 1)
                    #expect(made.count == options.segmentSize && made.allSatisfy { $0 == 0 })
                    journal.takeSpare()
                    spares += 1
                }
                if start == 40 { try journal.snapshot(exchange) }
            }
        }
        #expect(spares > 0)
        let disk = try DirectoryStorage(path: path)
        #expect(Int(try Journal.verify(on: disk).last) == world.commands.count)
        let opened = try Journal.open(on: disk)
        #expect(opened.exchange.stateHash() == world.stateHash(behind: world.commands.count))
    }
}
