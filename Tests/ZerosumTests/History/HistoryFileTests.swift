import Foundation
import GRDB
import ReadModel
import Synchronization
import TestSupport
import Testing

@testable import ExchangeHistory
@testable import ExchangeServer

@Suite("History: the file")
struct HistoryFileTests {
    private static let identity = HistoryIdentity(journal: "a", origin: 0, format: 1)

    private struct Rows: HistoryRows {
        var rows: [HistoryRow]
        var count: Int { rows.count }
        func forEach(_ body: (HistoryRow) throws -> Void) rethrows { for row in rows { try body(row) } }
    }

    private static func row(_ place: Int64) -> HistoryRow {
        HistoryRow(
            .orders,
            owner: place % 5,
            place: place,
            number: place,
            time: place * 10,
            market: Int32(place % 3),
            tag: 1 << Int32(place % 4),
            name: place % 2 == 0 ? Array("name-\(place % 50)".utf8) : [],
            bytes: Array("record \(place)".utf8)
        )
    }

    private static func made(_ directory: String, groups: Int) throws -> HistoryDatabase {
        let database = try HistoryDatabase(
            creating: directory + "/history.sqlite",
            identity,
            from: HistoryMark(sequence: 0, chain: "")
        )
        for group in 0..<groups {
            let rows = Rows(rows: (0..<20).map { row(Int64(group * 20 + $0)) })
            let mark = HistoryMark(sequence: UInt64(group + 1), chain: "\(group + 1)")
            try database.add([rows], upTo: mark, isSynced: false)
        }
        return database
    }

    private static func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    @Test("HIST-2, HIST-6 Every question gives the rows that a search through all of them gives")
    func questions() throws {
        try Self.inDirectory { directory in
            let database = try Self.made(directory, groups: 40)
            defer { database.close() }
            let all = (0..<800).map { Self.row(Int64($0)) }
            var random = SplitMix64(seed: 1)
            for _ in 0..<600 {
                var question = HistoryQuestion(
                    .orders,
                    owner: Int64(random.below(6)),
                    limit: random.within(0...40)
                )
                if random.chance(30) { question.from = Int64(random.below(900)) }
                if random.chance(30) { question.before = Int64(random.below(900)) }
                if random.chance(30) { question.number = Int64(random.below(900)) }
                if random.chance(30) { question.since = Int64(random.below(9_000)) }
                if random.chance(30) { question.until = Int64(random.below(9_000)) }
                if random.chance(30) { question.market = Int32(random.below(4)) }
                if random.chance(30) { question.tags = Int32(random.below(16)) }
                if random.chance(20) { question.name = Array("name-\(random.below(60))".utf8) }
                question.isNewest = random.chance(50)
                let wanted = all.filter { row in
                    row.owner == question.owner && row.place >= question.from && row.place < question.before
                        && row.number >= question.number ?? 0 && row.time >= question.since ?? 0
                        && row.time <= question.until ?? .max && row.market == question.market ?? row.market
                        && row.tag & (question.tags ?? -1) != 0 && row.name == question.name ?? row.name
                }
                let expected =
                    question.isNewest
                    ? Array(wanted.suffix(question.limit)) : Array(wanted.prefix(question.limit))
                #expect(try database.read([question]).rows == [expected], "\(question)")
            }
        }
    }

    @Test("HIST-1 A database that is closed waits for those who read, and tells who comes later")
    func closing() throws {
        try Self.inDirectory { directory in
            let database = try Self.made(directory, groups: 1)
            let (isInside, mayLeave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let wasLast = Mutex(false)
            let isDone = DispatchGroup()
            DispatchQueue.global().async(group: isDone) {
                try? database.check {
                    isInside.signal()
                    // Without end only where nobody is told.
                    _ = mayLeave.wait(timeout: .now() + 20)
                    wasLast.withLock { $0 = true }
                    return false
                }
            }
            isInside.wait()
            let isClosed = Mutex(false)
            DispatchQueue.global().async(group: isDone) {
                database.close()
                isClosed.withLock { $0 = wasLast.withLock { $0 } }
            }
            // One after another until it is being closed: from then on none is let in.
            var refusal: HistoryError?
            while refusal == nil {
                do throws(HistoryError) {
                    _ = try database.read([HistoryQuestion(.orders, owner: 0, limit: 1)])
                } catch {
                    refusal = error
                }
            }
            let reason = refusal?.description ?? ""
            #expect(reason.contains("it is closed"))
            #expect(refusal?.needsNew == false)
            mayLeave.signal()
            isDone.wait()
            #expect(isClosed.withLock { $0 })
            #expect(throws: HistoryError.self) { try database.check { true } }
        }
    }

    @Test(
        "HIST-3 Rows and the place that they reach come together; a row twice is refused, and changes nothing"
    )
    func together() throws {
        try Self.inDirectory { directory in
            let database = try Self.made(directory, groups: 3)
            let again = Rows(rows: [Self.row(900), Self.row(7)])
            #expect(throws: HistoryError.self) {
                try database.add([again], upTo: HistoryMark(sequence: 4, chain: "4"), isSynced: false)
            }
            #expect(database.mark.sequence == 3)
            var question = HistoryQuestion(.orders, owner: 0, limit: 10)
            question.from = 900
            #expect(try database.read([question]).rows == [[]])
            try database.check { true }
            database.close()
            let opened = try HistoryDatabase(opening: directory + "/history.sqlite", Self.identity)
            #expect(opened.mark == HistoryMark(sequence: 3, chain: "3"))
            #expect(opened.rows == 60)
            opened.close()
        }
    }

    @Test("HIST-7 Another log's, another layout's and no database are told apart and not used")
    func others() throws {
        try Self.inDirectory { directory in
            try Self.made(directory, groups: 1).close()
            let path = directory + "/history.sqlite"
            for other in [
                HistoryIdentity(journal: "b", origin: 0, format: 1),
                HistoryIdentity(journal: "a", origin: 5, format: 1),
                HistoryIdentity(journal: "a", origin: 0, format: 2),
            ] {
                #expect(throws: HistoryError.self) { try HistoryDatabase(opening: path, other) }
            }
            #expect(throws: HistoryError.self) {
                try HistoryDatabase(opening: directory + "/nothing", Self.identity)
            }
            try HistoryDatabase(opening: path, Self.identity).close()
        }
    }

    @Test("HIST-7 Wherever bytes of the file are turned, it is found, or every row is still what it was")
    func flips() throws {
        try Self.inDirectory { directory in
            try Self.made(directory, groups: 30).close()
            let path = directory + "/history.sqlite"
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            let all = (0..<600).map { Self.row(Int64($0)) }
            var random = SplitMix64(seed: 7)
            var found = 0
            for _ in 0..<150 {
                HistoryDatabase.remove(path)
                var bytes = whole
                for _ in 0..<random.within(1...3) {
                    bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(8))
                }
                try bytes.write(to: URL(fileURLWithPath: path))
                do {
                    let database = try HistoryDatabase(opening: path, Self.identity)
                    defer { database.close() }
                    try database.check { true }
                    let rows = try (0..<5).flatMap { owner in
                        try database.read([HistoryQuestion(.orders, owner: Int64(owner), limit: 1_000)]).rows[
                            0
                        ]
                    }
                    #expect(rows.sorted { $0.place < $1.place } == all)
                } catch {
                    #expect((error as? HistoryError)?.needsNew == true, "\(error)")
                    found += 1
                }
            }
            #expect(found > 50)
        }
    }

    @Test(
        "HIST-7 A row that is missing, or another, though SQLite finds nothing wrong, is found",
        arguments: [
            "DELETE FROM orders WHERE place = 17", "UPDATE orders SET bytes = x'00' WHERE place = 0",
            "UPDATE orders SET time = time + 1 WHERE place = 0",
            "INSERT INTO orders SELECT 9, place, number, time, market, tag, link, name, bytes, digest "
                + "FROM orders WHERE place = 3",
        ]
    )
    func changed(_ sql: String) throws {
        try Self.inDirectory { directory in
            try Self.made(directory, groups: 3).close()
            let path = directory + "/history.sqlite"
            try DatabaseQueue(path: path).write { try $0.execute(sql: sql) }
            let database = try HistoryDatabase(opening: path, Self.identity)
            defer { database.close() }
            #expect(throws: HistoryError.self) { try database.check { true } }
            if sql.hasSuffix("place = 0") {
                // Whoever comes across it before that is not told it either.
                #expect(throws: HistoryError.self) {
                    try database.read([HistoryQuestion(.orders, owner: 0, limit: 5)])
                }
            }
        }
    }

    @Test("HIST-5 A view is read as it was written, or not at all; the newest three are kept")
    func views() throws {
        try Self.inDirectory { directory in
            let views = ViewFiles(directory: directory)
            for sequence in [3, 10, 7, 8] as [UInt64] {
                let mark = HistoryMark(sequence: sequence, chain: "c\(sequence)")
                try views.write(Array("bytes\n\(sequence)".utf8), Self.identity, mark)
            }
            #expect(views.sequences == [10, 8, 7])
            let path = directory + "/view-00000000000000000010"
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            let read = try #require(views.read(10))
            #expect(read.identity == Self.identity && read.mark == HistoryMark(sequence: 10, chain: "c10"))
            #expect(read.bytes == Array("bytes\n10".utf8))
            for place in 0..<whole.count {
                var bytes = whole
                bytes[place] ^= 4
                try bytes.write(to: URL(fileURLWithPath: path))
                #expect(views.read(10) == nil, "byte \(place)")
            }
            try whole.dropLast().write(to: URL(fileURLWithPath: path))
            #expect(views.read(10) == nil)
        }
    }
}
