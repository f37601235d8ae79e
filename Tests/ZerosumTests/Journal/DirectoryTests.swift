import ExchangeCore
import Foundation
import Testing

@testable import ExchangeJournal

/// A directory of the file system, and what others do to it.
@Suite("The journal's directory")
struct DirectoryTests {
    private static func inDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "zerosum-directory-\(UInt64.random(in: 0...UInt64.max))"
        defer {
            for suffix in ["", "-elsewhere"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        try body(path)
    }

    private static func write(_ disk: DirectoryStorage, _ name: String, _ text: String) throws {
        let bytes = Array(text.utf8)
        try disk.write(name, at: 0, bytes.span.bytes)
    }

    @Test(
        "DUR-11 However many files were used, few stay open; what waits for a sync does, and reads as written"
    )
    func fewOpen() throws {
        try Self.inDirectory { path in
            let disk = try DirectoryStorage(path: path)
            for number in 0..<100 {
                try disk.create("f\(number)", size: 8)
                try Self.write(disk, "f\(number)", "number\(number % 10)")
                try disk.sync("f\(number)")
            }
            #expect(disk.openFiles <= DirectoryStorage.idleLimit + 1)
            for number in 0..<100 {
                let read = try disk.read("f\(number)", at: 0, count: 7)
                #expect(read == Array("number\(number % 10)".utf8))
            }
            #expect(disk.openFiles <= DirectoryStorage.idleLimit + 1)
            // What was written and not synced is not closed: an error of the disk would be told to nobody.
            for number in 0..<20 { try Self.write(disk, "f\(number)", "dirty") }
            for number in 20..<100 { _ = try disk.size(of: "f\(number)") }
            #expect(disk.openFiles <= DirectoryStorage.idleLimit + 21)
            #expect(disk.openFiles >= 20)
            for number in 0..<20 { try disk.sync("f\(number)") }
            for number in 0..<100 { _ = try disk.size(of: "f\(number)") }
            for number in 0..<40 { try disk.rename("f\(number)", to: "g\(number)") }
            for number in 0..<40 { #expect(try disk.read("g\(number)", at: 0, count: 1).count == 1) }
        }
    }

    @Test(
        "DUR-4 What is no file is refused by name, not measured, read or waited for",
        arguments: [true, false]
    )
    func notAFile(isReadOnly: Bool) throws {
        try Self.inDirectory { path in
            _ = try DirectoryStorage(path: path)
            let name = Files.segment(1)
            for (kind, found) in [(S_IFDIR, "a directory"), (S_IFIFO, "a pipe")] {
                let place = "\(path)/\(name)"
                try? FileManager.default.removeItem(atPath: place)
                #expect(kind == S_IFDIR ? mkdir(place, 0o700) == 0 : mkfifo(place, 0o600) == 0)
                let disk = try DirectoryStorage(path: path, readOnly: isReadOnly)
                let error = #expect(throws: StorageError.self) { try disk.size(of: name) }
                if isReadOnly || kind == S_IFIFO {
                    #expect(error?.reason == "it is \(found), expected a file")
                }
                #expect(throws: StorageError.self) { try disk.read(name, at: 0, count: 8) }
            }
        }
    }

    @Test("DUR-11 A log of many segments is written and read with few files open")
    func manySegments() throws {
        try Self.inDirectory { path in
            var options = JournalOptions()
            options.segmentSize = 1 << 20
            let disk = try DirectoryStorage(path: path)
            try Journal.create(
                on: disk,
                id: JournalID(low: 1, high: 2),
                exchange: Exchange(),
                options: options
            )
            let opened = try Journal.open(on: disk, options: options)
            var exchange = opened.take()
            let journal = opened.journal
            var events = EventBuffer()
            func segments() throws -> Int { try disk.names().filter { $0.hasPrefix("log-") }.count }
            // Refused orders: they take room in the log, and none in the exchange.
            let command = Command.placeOrder(PlaceOrder())
            while try segments() < 14 {
                events.removeAll()
                while !journal.isFull {
                    let at = exchange.now
                    _ = exchange.apply(command, sequence: exchange.nextSequence, at: at, into: &events)
                    journal.add(command, at: at)
                }
                try journal.commit(events)
                if journal.needsSpare {
                    try journal.makeSpare()
                    journal.takeSpare()
                }
                #expect(disk.openFiles <= DirectoryStorage.idleLimit + 4)
            }
            let reader = try DirectoryStorage(path: path, readOnly: true)
            let log = try LogReader(on: reader, from: 0)
            try log.read(upTo: journal.durable) { _, _, _, _ in }
            #expect(log.sequence == journal.durable)
            #expect(reader.openFiles <= DirectoryStorage.idleLimit + 1)
        }
    }

    @Test("RUN-4 Whoever reads a log whose directory is taken away is told so")
    func readerTakenAway() throws {
        try Self.inDirectory { path in
            let disk = try DirectoryStorage(path: path)
            try Journal.create(on: disk, id: JournalID(low: 1, high: 2), exchange: Exchange())
            let log = try LogReader(on: try DirectoryStorage(path: path, readOnly: true), from: 0)
            try FileManager.default.removeItem(atPath: path)
            #expect(throws: JournalError.self) { try log.read(upTo: 5) { _, _, _, _ in } }
        }
    }

    /// What may become of a directory while a journal is written in it.
    static let ways: [(String, @Sendable (String) throws -> Void)] = [
        ("removed", { try FileManager.default.removeItem(atPath: $0) }),
        ("moved", { try FileManager.default.moveItem(atPath: $0, toPath: $0 + "-elsewhere") }),
        (
            "replaced by a copy",
            {
                try FileManager.default.moveItem(atPath: $0, toPath: $0 + "-elsewhere")
                try FileManager.default.copyItem(atPath: $0 + "-elsewhere", toPath: $0)
            }
        ),
        ("without its log", { try FileManager.default.removeItem(atPath: $0 + "/" + Files.segment(1)) }),
        ("without its head", { try FileManager.default.removeItem(atPath: $0 + "/" + Files.head) }),
        (
            "with a copy as its log",
            {
                let log = $0 + "/" + Files.segment(1)
                try FileManager.default.copyItem(atPath: log, toPath: log + "2")
                try FileManager.default.removeItem(atPath: log)
                try FileManager.default.moveItem(atPath: log + "2", toPath: log)
            }
        ),
    ]

    @Test(
        "RUN-4, DUR-5 What is written where nobody finds it is not acknowledged: the log has failed",
        arguments: 0..<6
    )
    func takenAway(_ number: Int) throws {
        let (what, way) = Self.ways[number]
        for isIdle in [false, true] {
            try Self.inDirectory { path in
                let disk = try DirectoryStorage(path: path)
                try Journal.create(on: disk, id: JournalID(low: 1, high: 2), exchange: Exchange())
                let opened = try Journal.open(on: disk)
                var exchange = opened.take()
                var events = EventBuffer()
                func commit() throws {
                    events.removeAll()
                    let command = Command.openAccount(OpenAccount())
                    _ = exchange.apply(
                        command,
                        sequence: exchange.nextSequence,
                        at: exchange.now,
                        into: &events
                    )
                    opened.journal.add(command, at: exchange.now)
                    try opened.journal.commit(events)
                }
                try commit()
                try opened.journal.check()
                let durable = opened.journal.durable
                try way(path)
                #expect(throws: JournalError.self, "\(what)") {
                    if isIdle { try opened.journal.check() } else { try commit() }
                }
                #expect(opened.journal.durable == durable)
                #expect(throws: JournalError.self, "\(what), again") { try commit() }
            }
        }
    }
}
