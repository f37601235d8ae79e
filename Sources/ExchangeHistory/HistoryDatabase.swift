import ExchangeCore
import Foundation
import GRDB
import GRDBSQLite
import ReadModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The file: tables of rows, and one row that says of which log and how far (HIST-1, HIST-3). One thread
/// writes; any may read.
final class HistoryDatabase: @unchecked Sendable {
    /// Raised when the tables change.
    static let schema = 1

    let path: String
    private let pool: DatabasePool
    private let inode: UInt64
    private var state: State
    private let gate = ReaderGate()

    /// What the one row says.
    private struct State: Sendable {
        var identity: HistoryIdentity
        /// The command behind which the rows begin.
        var begins: UInt64
        var mark: HistoryMark
        /// How many rows there are, and the sum of their digests.
        var rows: Int64 = 0
        var sum: UInt64 = 0

        /// What guards it.
        var digest: UInt64 {
            var hash = Hash128()
            for text in [identity.journal, mark.chain] { hash.add(all: Array(text.utf8)) }
            for value in [
                identity.origin, UInt64(identity.format), begins, mark.sequence, UInt64(bitPattern: rows),
                sum,
            ] { hash.add(littleEndian: value) }
            return hash.digest.low
        }
    }

    /// Up to where it is complete.
    var mark: HistoryMark { state.mark }
    /// The command behind which it begins.
    var begins: UInt64 { state.begins }
    /// How many rows it has.
    var rows: Int64 { state.rows }

    // MARK: Opening

    /// Opens a database that is there.
    ///
    /// - Throws: `HistoryError` that says why it cannot be used: there is none, it is damaged, of another
    /// log or   layout.
    init(opening path: String, _ identity: HistoryIdentity) throws(HistoryError) {
        self.path = path
        guard let inode = HistoryDatabase.inode(of: path) else {
            throw HistoryError("there is none", needsNew: true)
        }
        self.inode = inode
        do {
            pool = try HistoryDatabase.pool(path)
            state = try pool.read { try HistoryDatabase.readState($0) }
        } catch let error as HistoryError {
            throw error
        } catch {
            throw HistoryError("damaged: \(error)", needsNew: true)
        }
        if state.identity != identity {
            let isOther = state.identity.journal != identity.journal
            throw HistoryError(
                isOther ? "of another log" : "of another layout, or counted from another command",
                needsNew: true
            )
        }
    }

    /// Opens a database of whatever log.
    convenience init(unidentified path: String) throws(HistoryError) {
        try self.init(opening: path, try HistoryDatabase.identity(path))
    }

    /// Of what log a database is.
    static func identity(_ path: String) throws(HistoryError) -> HistoryIdentity {
        do {
            return try pool(path).read { try readState($0).identity }
        } catch {
            throw HistoryError("\(error)")
        }
    }

    /// Makes an empty one that begins behind a command.
    init(creating path: String, _ identity: HistoryIdentity, from mark: HistoryMark) throws(HistoryError) {
        self.path = path
        HistoryDatabase.remove(path)
        state = State(identity: identity, begins: mark.sequence, mark: mark)
        do {
            pool = try HistoryDatabase.pool(path)
            let first = state
            try pool.write { db in
                for table in HistoryTable.allCases { try HistoryDatabase.create(table, db) }
                try db.execute(
                    sql: """
                        CREATE TABLE state (id INTEGER PRIMARY KEY, schema INTEGER NOT NULL,
                        journal TEXT NOT NULL, origin INTEGER NOT NULL, format INTEGER NOT NULL,
                        begins INTEGER NOT NULL, sequence INTEGER NOT NULL, chain TEXT NOT NULL,
                        rows INTEGER NOT NULL, sum INTEGER NOT NULL, digest INTEGER NOT NULL)
                        """
                )
                try HistoryDatabase.write(first, db)
            }
        } catch {
            throw HistoryError("cannot make \(path): \(error)")
        }
        inode = HistoryDatabase.inode(of: path) ?? 0
    }

    private static func pool(_ path: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.maximumReaderCount = 4
        configuration.busyMode = .timeout(5)
        // The log is the source: a loss of power may take the last transactions, never a part of one.
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA cache_size = -16384")
        }
        // Its companions get the same rights as the file itself.
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if file >= 0 { try? FileHandle(fileDescriptor: file, closeOnDealloc: true).close() }
        return try DatabasePool(path: path, configuration: configuration)
    }

    private static func create(_ table: HistoryTable, _ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE "\(table.rawValue)" (owner INTEGER NOT NULL, place INTEGER NOT NULL,
                number INTEGER NOT NULL, time INTEGER NOT NULL, market INTEGER NOT NULL, tag INTEGER NOT NULL,
                link INTEGER NOT NULL, name BLOB, bytes BLOB NOT NULL, digest INTEGER NOT NULL,
                PRIMARY KEY (owner, place)) WITHOUT ROWID
                """
        )
        if table == .orders {
            try db.execute(
                sql: "CREATE INDEX ordersByName ON orders (owner, name, place) WHERE name IS NOT NULL"
            )
        }
    }

    private static func readState(_ db: Database) throws -> State {
        let sql = """
            SELECT schema, journal, origin, format, begins, sequence, chain, rows, sum, digest
            FROM state WHERE id = 1
            """
        guard let row = try Row.fetchOne(db, sql: sql) else {
            throw HistoryError("damaged: it does not say of what it is", needsNew: true)
        }
        let schema = try row.integer(0)
        if schema != Int64(HistoryDatabase.schema) {
            throw HistoryError("of schema \(schema), not \(HistoryDatabase.schema)", needsNew: true)
        }
        var state = State(
            identity: HistoryIdentity(
                journal: try row.text(1),
                origin: UInt64(bitPattern: try row.integer(2)),
                format: Int(try row.integer(3))
            ),
            begins: UInt64(bitPattern: try row.integer(4)),
            mark: HistoryMark(sequence: UInt64(bitPattern: try row.integer(5)), chain: try row.text(6))
        )
        state.rows = try row.integer(7)
        state.sum = UInt64(bitPattern: try row.integer(8))
        if UInt64(bitPattern: try row.integer(9)) != state.digest {
            throw HistoryError("damaged: its digest is another", needsNew: true)
        }
        return state
    }

    private static func write(_ state: State, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                schema, state.identity.journal, Int64(bitPattern: state.identity.origin),
                state.identity.format, Int64(bitPattern: state.begins),
                Int64(bitPattern: state.mark.sequence), state.mark.chain, state.rows,
                Int64(bitPattern: state.sum), Int64(bitPattern: state.digest),
            ]
        )
    }

    // MARK: The file

    private static func inode(of path: String) -> UInt64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
    }

    /// Whether the file still lies where it was opened.
    var isThere: Bool { HistoryDatabase.inode(of: path) == inode }

    /// Takes a database's files away.
    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    /// Copies all of it into a new file, also if its own was deleted.
    func copy(to other: String) throws(HistoryError) {
        HistoryDatabase.remove(other)
        do {
            try pool.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [other]) }
        } catch {
            throw HistoryError("cannot copy it: \(error)")
        }
    }

    /// Closes it when those who read are done; who comes later is told so.
    func close() {
        gate.shut()
        try? pool.close()
    }

    // MARK: Writing

    /// Adds rows and the place up to which it is complete then: both or neither.
    ///
    /// - Parameters:
    ///   - isSynced: whether it survives a loss of power right away.
    ///   - pause: called after every row.
    func add(
        _ batches: [any HistoryRows],
        upTo mark: HistoryMark,
        isSynced: Bool,
        pause: () -> Void = {}
    ) throws(HistoryError) {
        var next = state
        next.mark = mark
        do {
            try pool.writeWithoutTransaction { db in
                if isSynced { try db.execute(sql: "PRAGMA synchronous = FULL") }
                try db.inTransaction {
                    var statements: [HistoryTable: Statement] = [:]
                    for batch in batches {
                        try batch.forEach {
                            try HistoryDatabase.insert($0, &next, &statements, db)
                            pause()
                        }
                    }
                    try HistoryDatabase.write(next, db)
                    return .commit
                }
                if isSynced { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
            }
        } catch {
            throw HistoryError("cannot write: \(error)", needsNew: HistoryDatabase.isDamage(error))
        }
        state = next
    }

    /// Whether an error says that the file does not hold what was written, rather than that the disk is
    /// full.
    private static func isDamage(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_ERROR]
            .contains(error.resultCode)
    }

    private static func insert(
        _ row: HistoryRow,
        _ state: inout State,
        _ statements: inout [HistoryTable: Statement],
        _ db: Database
    ) throws {
        let statement: Statement
        if let known = statements[row.table] {
            statement = known
        } else {
            statement = try db.cachedStatement(
                sql: "INSERT INTO \"\(row.table.rawValue)\" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            )
            statements[row.table] = statement
        }
        let digest = row.digest
        // Bound by hand: this is done for each row of a venue, and arguments as values cost more than the
        // row.
        let handle = statement.sqliteStatement
        for (index, value) in [
            row.owner, row.place, row.number, row.time, Int64(row.market), Int64(row.tag), row.link,
        ].enumerated() { sqlite3_bind_int64(handle, Int32(index + 1), value) }
        sqlite3_bind_int64(handle, 10, Int64(bitPattern: digest))
        let code = row.name.withUnsafeBytes { name in
            row.bytes.withUnsafeBytes { bytes in
                if name.isEmpty {
                    sqlite3_bind_null(handle, 8)
                } else {
                    sqlite3_bind_blob(handle, 8, name.baseAddress, Int32(name.count), nil)
                }
                if bytes.isEmpty {
                    sqlite3_bind_zeroblob(handle, 9, 0)
                } else {
                    sqlite3_bind_blob(handle, 9, bytes.baseAddress, Int32(bytes.count), nil)
                }
                let code = sqlite3_step(handle)
                sqlite3_reset(handle)
                sqlite3_clear_bindings(handle)
                return code
            }
        }
        if code != SQLITE_DONE {
            throw DatabaseError(
                resultCode: ResultCode(rawValue: code),
                message: "row \(row.place) of \(row.owner) in \(row.table.rawValue)"
            )
        }
        state.rows += 1
        state.sum &+= digest
    }

    // MARK: Reading

    /// Reads at one moment. The pool itself hands a closed connection to whoever waits while it is closed.
    private func reading<R>(_ body: (Database) throws -> R) throws -> R {
        guard gate.enter() else { throw HistoryError("it is closed") }
        defer { gate.leave() }
        return try pool.read(body)
    }

    /// The rows of questions, at one moment, and up to where the database is complete then.
    ///
    /// - Throws: `needsNew` if what is found is not what was written.
    func read(
        _ questions: [HistoryQuestion]
    ) throws(HistoryError) -> (rows: [[HistoryRow]], sequence: UInt64) {
        do {
            return try reading { db in
                let state = try HistoryDatabase.readState(db)
                let rows = try questions.map { try HistoryDatabase.rows($0, db) }
                return (rows, state.mark.sequence)
            }
        } catch let error as HistoryError {
            throw error
        } catch {
            throw HistoryError("cannot read: \(error)", needsNew: HistoryDatabase.isDamage(error))
        }
    }

    private static func rows(_ question: HistoryQuestion, _ db: Database) throws -> [HistoryRow] {
        // Far beyond every place there is, and near enough that differences can be had.
        var from = max(question.from, -(1 << 61))
        var before = min(question.before, 1 << 62)
        if question.name == nil {
            // Places, numbers and times rise together, so that bounds on them are bounds on the place.
            if let number = question.number {
                from = try firstPlace(question, from, before, db) { try $0.integer(1) >= number }
            }
            if let since = question.since {
                from = try firstPlace(question, from, before, db) { try $0.integer(2) >= since }
            }
            if let until = question.until {
                before = try firstPlace(question, from, before, db) { try $0.integer(2) > until }
            }
        }
        var sql = "SELECT \(columns) FROM \"\(question.table.rawValue)\""
        sql += " WHERE owner = ? AND place >= ? AND place < ?"
        var arguments: [(any DatabaseValueConvertible)?] = [question.owner, from, before]
        func narrow(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            sql += " AND " + condition
            arguments.append(value)
        }
        narrow("number >= ?", question.number)
        narrow("time >= ?", question.since)
        narrow("time <= ?", question.until)
        narrow("market = ?", question.market)
        narrow("(tag & ?) != 0", question.tags)
        narrow("link = ?", question.link)
        if let name = question.name {
            if name.isEmpty { sql += " AND name IS NULL" } else { narrow("name = ?", Data(name)) }
        }
        sql += " ORDER BY place \(question.isNewest ? "DESC" : "ASC") LIMIT ?"
        arguments.append(question.limit)
        var found: [HistoryRow] = []
        let cursor = try Row.fetchCursor(db, sql: sql, arguments: StatementArguments(arguments))
        while let row = try cursor.next() { found.append(try checked(row, question.table)) }
        return question.isNewest ? found.reversed() : found
    }

    /// The first place of an owner within bounds whose row is reached, by bisection; `before` if none is.
    private static func firstPlace(
        _ question: HistoryQuestion,
        _ from: Int64,
        _ before: Int64,
        _ db: Database,
        _ isReached: (Row) throws -> Bool
    ) throws -> Int64 {
        let statement = try db.cachedStatement(
            sql: """
                SELECT place, number, time FROM "\(question.table.rawValue)"
                WHERE owner = ? AND place >= ? AND place < ? ORDER BY place LIMIT 1
                """
        )
        var low = from
        var high = before
        while low < high {
            let middle = low + Int64(low.distance(to: high) / 2)
            let row = try Row.fetchOne(statement, arguments: [question.owner, middle, high])
            guard let row, try isReached(row) == false else {
                high = middle
                continue
            }
            low = try row.integer(0) + 1
        }
        return low
    }

    private static let columns = "owner, place, number, time, market, tag, link, name, bytes, digest"

    private static func checked(_ row: Row, _ table: HistoryTable) throws -> HistoryRow {
        let found = HistoryRow(
            table,
            owner: try row.integer(0),
            place: try row.integer(1),
            number: try row.integer(2),
            time: try row.integer(3),
            market: Int32(truncatingIfNeeded: try row.integer(4)),
            tag: Int32(truncatingIfNeeded: try row.integer(5)),
            link: try row.integer(6),
            name: try row.blob(7),
            bytes: try row.blob(8)
        )
        if found.digest != UInt64(bitPattern: try row.integer(9)) {
            throw HistoryError("damaged: a row whose digest is another", needsNew: true)
        }
        return found
    }

    /// Calls `body` with each row, by table and in order, until it returns false; returns whether it
    /// never did.
    private static func forEachRow(_ db: Database, _ body: (HistoryRow) -> Bool) throws -> Bool {
        for table in HistoryTable.allCases {
            let sql = "SELECT \(columns) FROM \"\(table.rawValue)\" ORDER BY owner, place"
            let cursor = try Row.fetchCursor(db, sql: sql)
            while let row = try cursor.next() {
                if !body(try checked(row, table)) { return false }
            }
        }
        return true
    }

    /// All rows, by table, owner and place, and up to where they are complete: for whoever compares two.
    func everything() throws -> (rows: [HistoryRow], mark: HistoryMark) {
        try reading { db in
            var rows: [HistoryRow] = []
            _ = try HistoryDatabase.forEachRow(db) { row in
                rows.append(row)
                return true
            }
            return (rows, try HistoryDatabase.readState(db).mark)
        }
    }

    /// Reads all of it and compares: each row's digest, their sum, and SQLite's own structure.
    ///
    /// - Complexity: O(rows); others read and write meanwhile.
    func check(while goesOn: () -> Bool) throws(HistoryError) {
        do {
            try reading { db in
                let state = try HistoryDatabase.readState(db)
                let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
                if verdict != "ok" {
                    throw HistoryError("damaged: \(verdict ?? "no verdict")", needsNew: true)
                }
                var (count, sum) = (Int64(0), UInt64(0))
                let isWhole = try HistoryDatabase.forEachRow(db) { row in
                    count += 1
                    sum &+= row.digest
                    return goesOn()
                }
                if !isWhole { return }
                if count != state.rows || sum != state.sum {
                    throw HistoryError("damaged: rows are missing or others", needsNew: true)
                }
            }
        } catch let error as HistoryError {
            throw error
        } catch {
            throw HistoryError("cannot read: \(error)", needsNew: HistoryDatabase.isDamage(error))
        }
    }
}

/// Values as they are stored: in a damaged file a column may hold anything.
extension Row {
    fileprivate func integer(_ index: Int) throws -> Int64 {
        if case .int64(let value) = (self[index] as DatabaseValue).storage { return value }
        throw HistoryError("damaged: no number where one belongs", needsNew: true)
    }

    fileprivate func text(_ index: Int) throws -> String {
        if case .string(let value) = (self[index] as DatabaseValue).storage { return value }
        throw HistoryError("damaged: no text where one belongs", needsNew: true)
    }

    fileprivate func blob(_ index: Int) throws -> [UInt8] {
        switch (self[index] as DatabaseValue).storage {
        case .blob(let value): return Array(value)
        case .null: return []
        default: throw HistoryError("damaged: no bytes where some belong", needsNew: true)
        }
    }
}
