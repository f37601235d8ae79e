import BinanceDialect
import ExchangeCore
import ExchangeJournal
import ExchangeRuntime
import ExchangeText
import Foundation
import ReadModel
import Testing

@testable import ExchangeHistory
@testable import ExchangeServer

@Suite("History: a venue", .serialized)
struct HistoryServerTests {
    /// Memory so small that nearly everything is asked of the history.
    private static func tight(_ options: inout VenueOptions) {
        options.kept = 2
        options.limits.endedOrders = 3
        options.limits.userTrades = 2
        options.limits.income = 2
        options.limits.changes = 1
        options.limits.trades = 2
        options.history.interval = 20
        options.history.lookEvery = 50
    }

    private static func inDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private static func isComplete(_ server: ServerVenue) async throws {
        try await eventually("the history is complete") {
            guard let progress = server.venue.history?.progress else { return false }
            return progress.phase == .live && progress.behind == 0
        }
    }

    /// Everything that a history serves, as a client sees it.
    private static func told(_ server: ServerVenue, _ key: TestKey) async throws -> [String] {
        var told: [String] = []
        for path in [
            "/receipts?limit=1000", "/fills?from=1&limit=1000", "/fills?limit=7", "/fund?limit=1000",
            "/parameters/history?limit=1000",
        ] { told.append(try await server.send("GET", "/zerosum/v1" + path).text) }
        for account in 3..<14 {
            let path = "/zerosum/v1/receipts?account=\(account)&limit=1000"
            told.append(try await server.send("GET", path).text)
        }
        for query in [
            "aggTrades?symbol=TUSDT&fromId=1", "klines?symbol=TUSDT&interval=1m&startTime=0&endTime=1",
        ] { told.append(try await server.send("GET", "/fapi/v1/" + query).text) }
        for (path, query) in [
            ("allOrders", "symbol=TUSDT&orderId=1"), ("allOrders", "symbol=TUSDT&limit=20"),
            ("userTrades", "symbol=TUSDT&fromId=1"), ("income", "startTime=1&limit=1000"),
            ("forceOrders", "limit=100"), ("historicalTrades", "symbol=TUSDT&fromId=1"),
            ("order", "symbol=TUSDT&orderId=1"),
        ] { told.append(try await server.call("GET", "/fapi/v1/" + path, query, key).text) }
        return told
    }

    /// Somebody who has traded more than memory keeps.
    private static func busy(_ server: ServerVenue, cascades: Int = 3) async throws -> TestKey {
        let key = try await server.account()
        let other = try await server.account()
        try await server.price(100)
        try await server.trade(key.account, other.account, at: 100, times: 12)
        for _ in 0..<cascades { try await server.cascade() }
        return key
    }

    private static func rows(_ directory: String) throws -> (rows: [HistoryRow], mark: HistoryMark) {
        let copy = ServerVenue.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: copy) }
        for suffix in ["", "-wal"] {
            try? FileManager.default.copyItem(
                atPath: directory + "/history.sqlite" + suffix,
                toPath: copy + "/history.sqlite" + suffix
            )
        }
        let database = try HistoryDatabase(unidentified: copy + "/history.sqlite")
        defer { database.close() }
        try database.check { true }
        return try database.everything()
    }

    @Test(
        "HIST-5, HIST-6 After a restart from a view all is told as by one that kept all in memory"
    )
    func restart() async throws {
        try await Self.inDirectory { directory in
            var all: [String] = []
            var key = TestKey(account: 0, name: "", secret: "")
            var last: UInt64 = 0
            try await ServerVenue.run(in: directory, { $0.keepsHistory = false }) { server in
                key = try await Self.busy(server)
                all = try await Self.told(server, key)
                last = server.venue.sequencer.progress.durable
            }
            // The first with a history makes it of the log, the others go on.
            for number in 0..<3 {
                try await ServerVenue.run(in: directory, Self.tight) { server in
                    #expect(server.venue.recovery.snapshot == (number == 0 ? 0 : last))
                    try await Self.isComplete(server)
                    #expect(try await Self.told(server, key) == all)
                    #expect(server.venue.history?.progress.rebuilds == 0)
                    let status = try await server.own("/status")["history"]
                    #expect(
                        status?["state"] == .string("live") && status?["completeTo"] == .number("\(last)")
                    )
                }
            }
        }
    }

    /// Ways in which the file is not what it should be.
    private static func damages(_ path: String, _ mark: HistoryMark) -> [(String, () throws -> Void)] {
        return [
            ("deleted", { HistoryDatabase.remove(path) }),
            (
                "cut",
                {
                    try Data(contentsOf: URL(fileURLWithPath: path)).prefix(5_000).write(
                        to: URL(fileURLWithPath: path)
                    )
                }
            ),
            (
                "turned",
                {
                    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                    for _ in 0..<400 { bytes[Int.random(in: 200..<bytes.count)] ^= 0x55 }
                    try bytes.write(to: URL(fileURLWithPath: path))
                }
            ),
            (
                "ahead",
                {
                    let identity = try HistoryDatabase.identity(path)
                    let ahead = HistoryMark(sequence: mark.sequence + 1, chain: mark.chain)
                    try HistoryDatabase(creating: path, identity, from: ahead).close()
                }
            ),
            (
                "another's",
                {
                    var identity = try HistoryDatabase.identity(path)
                    identity.journal = String(identity.journal.reversed())
                    try HistoryDatabase(creating: path, identity, from: mark).close()
                }
            ),
            (
                "of another chain",
                {
                    let identity = try HistoryDatabase.identity(path)
                    let other = HistoryMark(sequence: mark.sequence, chain: String(mark.chain.reversed()))
                    try HistoryDatabase(creating: path, identity, from: other).close()
                }
            ),
        ]
    }

    @Test(
        "HIST-7, HIST-3 Deleted, damaged, ahead, of another log: the same rows are made again"
    )
    func anew() async throws {
        try await Self.inDirectory { directory in
            var key = TestKey(account: 0, name: "", secret: "")
            var all: [String] = []
            try await ServerVenue.run(in: directory, Self.tight) { server in
                key = try await Self.busy(server)
                try await Self.isComplete(server)
                all = try await Self.told(server, key)
            }
            let path = directory + "/history.sqlite"
            let (rows, mark) = try Self.rows(directory)
            #expect(rows.count > 150)
            #expect(Set(rows.map(\.table)).count >= 9)
            for (what, spoil) in Self.damages(path, mark) {
                try spoil()
                try await ServerVenue.run(in: directory, Self.tight) { server in
                    // It is served meanwhile: an account may be opened, and what memory has is told.
                    #expect(try await server.own("/conservation")["missing"] == .string("0"))
                    try await eventually("\(what): the history is made anew") {
                        let progress = server.venue.history?.progress
                        return progress?.phase == .live && progress?.rows == Int64(rows.count)
                    }
                    try await eventually("\(what): it tells the same") {
                        try await Self.told(server, key) == all
                    }
                }
                let (again, reached) = try Self.rows(directory)
                #expect(again == rows, "\(what)")
                #expect(reached == mark, "\(what)")
            }
        }
    }

    @Test(
        "HIST-3, HIST-7 Killed while it writes, it goes on without a row twice or missing; two venues agree"
    )
    func crashes() async throws {
        try await ServerVenue.run({
            Self.tight(&$0)
            $0.history.interval = 1
        }) { server in
            let others = (0..<4).map { _ in ServerVenue.temporaryDirectory() }
            defer { for other in others { try? FileManager.default.removeItem(atPath: other) } }
            let work = Task {
                for _ in 0..<3 { _ = try await Self.busy(server, cascades: 1) }
            }
            for other in others {
                try await Task.sleep(for: .milliseconds(70))
                // What lies on the disk at this moment, the history's files first: they are behind the log.
                let names = try FileManager.default.contentsOfDirectory(atPath: server.directory)
                let first = ["history.sqlite-wal", "history.sqlite", "head"]
                for name in first + names.filter({ !first.contains($0) && !$0.hasSuffix("-shm") }).sorted() {
                    if !names.contains(name) { continue }
                    try? FileManager.default.copyItem(
                        atPath: server.directory + "/" + name,
                        toPath: other + "/" + name
                    )
                }
            }
            try await work.value
            try await Self.isComplete(server)
            let (rows, _) = try Self.rows(server.directory)
            for other in others {
                var last: UInt64 = 0
                try await ServerVenue.run(in: other, Self.tight) { copy in
                    try await Self.isComplete(copy)
                    last = copy.venue.sequencer.progress.durable
                }
                let (copied, mark) = try Self.rows(other)
                #expect(mark.sequence >= last)
                #expect(!copied.isEmpty)
                // Each of its rows is one of the original's: it only ends earlier.
                #expect(Set(copied).isSubset(of: Set(rows)))
                for table in [HistoryTable.orders, .prints, .fills, .admin] {
                    let (some, all) = (copied.filter { $0.table == table }, rows.filter { $0.table == table })
                    #expect(table == .orders || some == Array(all.prefix(some.count)), "\(table)")
                }
            }
        }
    }

    @Test(
        "HIST-4, HIST-7 Too much at once, a rebuild and a file taken away while it trades leave the same rows"
    )
    func whileTrading() async throws {
        try await Self.inDirectory { directory in
            var rows: [HistoryRow] = []
            try await ServerVenue.run(
                in: directory,
                {
                    Self.tight(&$0)
                    $0.history.queueLimit = 30
                }
            ) { server in
                for number in 0..<3 {
                    let work = Task { try await Self.busy(server, cascades: 1) }
                    if number == 1 {
                        let reply = try await server.operate("POST", "/history/rebuild")
                        #expect(reply.status == 200, "\(reply.text)")
                    }
                    if number == 2 {
                        try await Self.isComplete(server)
                        HistoryDatabase.remove(directory + "/history.sqlite")
                    }
                    _ = try await work.value
                }
                try await eventually("the file is there again") {
                    FileManager.default.fileExists(atPath: directory + "/history.sqlite")
                }
                try await Self.isComplete(server)
                // The one that was asked for: whatever overflowed was read from the log.
                #expect(server.venue.history?.progress.rebuilds == 1)
                let metrics = try await server.send("GET", "/metrics").text
                #expect(metrics.contains("zerosum_history_behind 0"))
            }
            rows = try Self.rows(directory).rows
            HistoryDatabase.remove(directory + "/history.sqlite")
            try await ServerVenue.run(in: directory, Self.tight) { try await Self.isComplete($0) }
            #expect(try Self.rows(directory).rows == rows)
        }
    }

    @Test(
        "HIST-6, HIST-1, API-4 What is not there yet is refused, not called none"
    )
    func pending() async throws {
        try await ServerVenue.run(Self.tight) { server in
            let key = try await Self.busy(server)
            try await Self.isComplete(server)
            // As if it were far behind: it does not work any more.
            server.venue.history?.stop()
            let old = try await server.call("GET", "/fapi/v1/allOrders", "symbol=TUSDT&orderId=1", key)
            #expect(old.status == 503 && old.text.contains("-1008"), "\(old.text)")
            let one = try await server.call("GET", "/fapi/v1/order", "symbol=TUSDT&orderId=1", key)
            #expect(one.status == 503, "\(one.text)")
            let newest = try await server.call("GET", "/fapi/v1/userTrades", "symbol=TUSDT&limit=9", key)
            #expect(newest.status == 200 && newest.text.contains("orderId"), "\(newest.text)")
            #expect(try await server.send("GET", "/zerosum/v1/fills?from=1").status == 503)
            #expect(try await server.send("GET", "/zerosum/v1/receipts?episode=1").status == 503)
            let path = "/zerosum/v1/stream?from=1"
            let socket = try await RawWebSocket(port: server.venue.port, path: path)
            #expect(try await socket.closing()?.code == 1013)
            // And it trades.
            try await server.cascade()
            #expect(try await server.own("/conservation")["missing"] == .string("0"))
        }
        try await ServerVenue.run({
            Self.tight(&$0)
            $0.keepsHistory = false
        }) { server in
            let key = try await Self.busy(server)
            let one = try await server.call("GET", "/fapi/v1/order", "symbol=TUSDT&orderId=1", key)
            #expect(one.text.contains("-2013"))
            #expect(try await server.own("/status")["history"] == .null)
        }
    }

    @Test("HIST-4 Enough rows are written before their time; who asks waits for no time and for no rest")
    func haste() async throws {
        func late(_ options: inout VenueOptions) {
            Self.tight(&options)
            options.history.interval = 600_000
        }
        try await ServerVenue.run({
            late(&$0)
            $0.history.enough = 8
        }) { server in
            _ = try await Self.busy(server)
            try await eventually("rows are there") { (server.venue.history?.progress.rows ?? 0) >= 8 }
        }
        try await ServerVenue.run({
            late(&$0)
            $0.history.enough = 1_000_000
            $0.history.stretch = 1
            $0.history.rest = 1_000_000
            $0.history.patience = 20_000
        }) { server in
            try await Self.isComplete(server)
            let key = try await Self.busy(server)
            // More rows than seconds of patience.
            let trades = try await server.call("GET", "/fapi/v1/userTrades", "symbol=TUSDT&fromId=1", key)
            #expect(trades.status == 200, "\(trades.text)")
            #expect((server.venue.history?.progress.rows ?? 0) > 40)
        }
    }

    @Test("HIST-4, HIST-3 What the log went on with meanwhile is read from it, each row once")
    func behind() async throws {
        try await Self.inDirectory { directory in
            try await ServerVenue.run(in: directory, Self.tight) { server in
                _ = try await Self.busy(server, cascades: 1)
                try await Self.isComplete(server)
            }
            try await ServerVenue.run(in: directory, { $0.keepsHistory = false }) { server in
                _ = try await Self.busy(server, cascades: 1)
            }
            try await ServerVenue.run(in: directory, Self.tight) { server in
                try await Self.isComplete(server)
                // It went on where it stood, and was not made anew.
                #expect(server.venue.history?.progress.rebuilds == 0)
            }
            let rows = try Self.rows(directory).rows
            HistoryDatabase.remove(directory + "/history.sqlite")
            try await ServerVenue.run(in: directory, Self.tight) { try await Self.isComplete($0) }
            #expect(try Self.rows(directory).rows == rows)
        }
    }

    @Test(
        "HIST-8 What the log forgets stays in the history, and a venue that forgot goes on with its numbers"
    )
    func forgets() async throws {
        try await Self.inDirectory { directory in
            let change: (inout VenueOptions) -> Void = {
                Self.tight(&$0)
                $0.keepsAll = false
            }
            var key = TestKey(account: 0, name: "", secret: "")
            var told: [String] = []
            for number in 0..<4 {
                try await ServerVenue.run(in: directory, change) { server in
                    if number == 0 {
                        key = try await Self.busy(server)
                    } else {
                        try await Self.isComplete(server)
                        #expect(try await Self.told(server, key) == told)
                        try await server.cascade()
                    }
                    try await Self.isComplete(server)
                    told = try await Self.told(server, key)
                    let fills = try await server.own("/fills?from=1&limit=1000")["fills"]?.elements ?? []
                    #expect(fills.map { $0["number"]?.text } == (1...fills.count).map { "\($0)" })
                    if number == 3 {
                        let reply = try await server.operate("POST", "/history/rebuild")
                        #expect(reply.status == 409, "\(reply.text)")
                    }
                }
            }
        }
    }
}
