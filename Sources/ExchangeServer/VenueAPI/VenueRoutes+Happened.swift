import ExchangeCore
import ExchangeHistory
import ExchangeText
import ReadModel

/// What happened: the newest out of memory, everything before out of the history.
extension VenueRoutes {
    /// Rows of the record, looked up on the thread that owns it.
    static func rows(
        _ request: VenueRequest,
        _ name: StaticString,
        _ pick: @escaping @Sendable (borrowing VenueRecord) -> [[UInt8]]
    ) async throws -> VenueReply {
        list(name, try await request.venue.look(pick))
    }

    private static func list(_ name: StaticString, _ rows: [[UInt8]]) -> VenueReply {
        .json { json in
            json.key(name)
            json.beginArray()
            for row in rows { json.raw(row) }
            json.endArray()
        }
    }

    private static func count(_ request: VenueRequest) throws(VenueAPIError) -> Int {
        Int(try request.integer("limit", in: 1...1_000, else: 100))
    }

    /// What memory has of a list, and what to ask the history for if it should have more.
    private struct Part<Element: Sendable>: Sendable {
        var here: [Element]
        var question: HistoryQuestion?
    }

    /// Rows that are no longer in memory; nil if the history is not that far.
    private static func older(
        _ request: VenueRequest,
        _ question: HistoryQuestion?,
        upTo sequence: UInt64
    ) async -> [HistoryRow]? {
        guard let question, let history = request.venue.history else { return [] }
        return await withCheckedContinuation { continuation in
            history.read([question], upTo: sequence) { continuation.resume(returning: $0?.first) }
        }
    }

    /// The last rows of a list of which so many are gone from memory.
    private static func last<Element: Sendable>(
        _ table: HistoryTable,
        _ all: some BidirectionalCollection<Element>,
        gone: Int64,
        _ count: Int
    ) -> Part<Element> {
        var part = Part(here: Array(all.suffix(count)))
        if part.here.count < count && gone > 0 {
            var question = HistoryQuestion(table, owner: 0, limit: count - part.here.count)
            question.before = gone
            question.isNewest = true
            part.question = question
        }
        return part
    }

    static func history(_ request: VenueRequest) async throws -> VenueReply {
        let count = try count(request)
        let (part, sequence) = try await request.venue.lookWithSequence {
            last(.admin, $0.admin, gone: $0.admin.gone, count)
        }
        // Newest rows are true as far as they go.
        let older = await older(request, part.question, upTo: sequence) ?? []
        return list("commands", older.map(\.bytes) + part.here)
    }

    static func receipts(_ request: VenueRequest) async throws -> VenueReply {
        let count = try count(request)
        let episode = try request.integer("episode")
        let account = try request.integer("account").map { AccountID(Int32(clamping: $0)) }
        let (part, sequence) = try await request.venue.lookWithSequence { record in
            let here = record.receipts.reversed().lazy
                .filter { episode == nil || $0.episode == episode }
                .filter { receipt in account.map { receipt.isAbout($0) } ?? true }
                .prefix(count).map(\.bytes)
            var part = Part(here: Array(here))
            let isFound = episode != nil && !part.here.isEmpty
            if part.here.count < count && record.receipts.gone > 0 && !isFound {
                let owner = account.map { VenueRecord.owner(ofReceiptsOf: $0) } ?? 0
                var question = HistoryQuestion(.receipts, owner: owner, limit: count - part.here.count)
                question.before = record.receipts.gone
                question.isNewest = true
                question.name = episode.map { VenueRecord.name(ofEpisode: $0) }
                part.question = question
            }
            return part
        }
        var older = await older(request, part.question, upTo: sequence)
        if account != nil, let places = older { older = await receipts(request, at: places, upTo: sequence) }
        guard let older else {
            if part.here.isEmpty { throw VenueAPIError.historyPending }
            return list("receipts", part.here)
        }
        return list("receipts", part.here + older.reversed().map(\.bytes))
    }

    /// The receipts that rows of an account point to; nil if the history is not that far.
    private static func receipts(
        _ request: VenueRequest,
        at places: [HistoryRow],
        upTo sequence: UInt64
    ) async -> [HistoryRow]? {
        guard let history = request.venue.history, !places.isEmpty else { return [] }
        let questions = places.map { row in
            var question = HistoryQuestion(.receipts, owner: 0, limit: 1)
            (question.from, question.before) = (row.place, row.place + 1)
            return question
        }
        return await withCheckedContinuation { continuation in
            history.read(questions, upTo: sequence) { found in
                continuation.resume(returning: found.map { $0.flatMap { $0 } })
            }
        }
    }

    static func fills(_ request: VenueRequest) async throws -> VenueReply {
        let count = try count(request)
        let from = try request.integer("from", in: 0...Int64.max, else: 0)
        let (part, sequence) = try await request.venue.lookWithSequence { record in
            let oldest = Int64(clamping: record.fills.first?.number ?? record.nextFill)
            let here = record.fills.map(\.bytes)
            if from == 0 { return last(.fills, here, gone: oldest, count) }
            if from >= oldest {
                let wanted = record.fills.drop { $0.number < UInt64(from) }.prefix(count).map(\.bytes)
                return Part(here: Array(wanted))
            }
            var question = HistoryQuestion(.fills, owner: 0, limit: count)
            question.from = from
            question.before = oldest
            return Part(here: Array(here.prefix(count)), question: question)
        }
        guard let older = await older(request, part.question, upTo: sequence) else {
            // A list whose first rows are missing would be another one.
            if from > 0 { throw VenueAPIError.historyPending }
            return list("fills", part.here)
        }
        let all = older.map(\.bytes) + part.here
        return list("fills", from == 0 ? all.suffix(count) : Array(all.prefix(count)))
    }

    static func fund(_ request: VenueRequest) async throws -> VenueReply {
        let count = try count(request)
        let (fund, debt) = try await request.venue.perform([]) { exchange, _ in (exchange.fund, exchange.debt)
        }.answer
        let ((part, names), sequence) = try await request.venue.lookWithSequence {
            (last(.fund, $0.fund, gone: $0.fund.gone, count), $0.names)
        }
        let older = await older(request, part.question, upTo: sequence) ?? []
        return .json { json in
            json.key("balance")
            json.amount(fund)
            json.key("debt")
            json.amount(debt)
            json.key("history")
            json.beginArray()
            for move in older.map({ VenueRecord.fund($0) }) + part.here {
                json.beginObject()
                json.key("at")
                json.integer(Int128(move.at.microseconds))
                json.key("amount")
                json.amount(move.amount)
                json.key("reason")
                json.term(move.reason.term)
                json.key("counterparty")
                if move.counterparty == .none {
                    json.null()
                } else {
                    json.string(names.name(of: move.counterparty))
                }
                json.key("balance")
                json.amount(move.balance)
                json.endObject()
            }
            json.endArray()
        }
    }

    /// How far the database of histories is, or null.
    static func history(_ progress: HistoryProgress?, _ json: inout JSONWriter) {
        guard let progress else { return json.null() }
        json.beginObject()
        json.key("state")
        json.string(progress.phase.rawValue)
        for (name, value) in [("begins", progress.begins), ("completeTo", progress.completeTo)] {
            json.key(name)
            if let value { json.integer(Int128(value)) } else { json.null() }
        }
        json.key("behind")
        json.integer(Int128(progress.behind))
        json.key("rows")
        json.integer(Int128(progress.rows))
        json.key("rebuilds")
        json.integer(Int128(progress.rebuilds))
        json.key("reason")
        if let reason = progress.reason { json.string(reason) } else { json.null() }
        json.endObject()
    }
}
