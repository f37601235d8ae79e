public import ExchangeCore
import ExchangeText
public import ReadModel

/// A query that asks for more than memory has: what to look up, and how the reply is made of it (HIST-6).
public struct Beyond: Sendable {
    /// What to look up, all of it at one moment of the history.
    public var questions: [HistoryQuestion] = []
    /// The answer of memory alone, where it is true as far as it goes: the newest rows. Nil where rows
    /// that are missing would make it wrong.
    public var partial: Reply?

    let query: Query
    let account: AccountID
    let now: Int64
    let directory: MarketDirectory
    let options: DialectOptions
    /// Puts what memory has behind the rows that were found.
    var fill: @Sendable (inout Projection, [[HistoryRow]]) -> Void = { _, _ in }

    /// The reply, made exactly as memory without bounds would make it; without rows what memory has, or
    /// that it will be there.
    ///
    /// - Parameter rows: for each question its rows, ascending by place; nil if the history is not that far.
    public func reply(_ rows: [[HistoryRow]]?) -> Reply {
        guard let rows else { return partial ?? Reply(.historyPending) }
        var complete = Projection(options: options, limits: .none)
        complete.directory = directory
        complete.markets = directory.markets.map { MarketRecord(id: $0.id, .none) }
        complete.growAccounts(to: account.raw)
        fill(&complete, rows)
        var writer = JSONWriter()
        do throws(BinanceError) {
            try complete.answer(query, account, .nothing, now, &writer)
        } catch {
            return Reply(error)
        }
        return Reply(body: writer.bytes)
    }
}

extension BinanceError {
    /// -1008: what is asked for is in the history, which is being made anew.
    public static let historyPending = BinanceError(
        -1008,
        "The history is being made anew and is not there yet. Please try again.",
        http: 503
    )
}

extension Ring {
    /// Whether a page's answer is the same as if nothing were ever dropped.
    func suffices(
        _ page: Page,
        number: (Element) -> Int64,
        time: (Element) -> Int64,
        where isWanted: (Element) -> Bool = { _ in true }
    ) -> Bool {
        if gone == 0 || page.limit <= 0 || count == 0 { return true }
        if let from = page.from, from > number(self[0]) { return true }
        if let start = page.span.start, start > time(self[0]) { return true }
        if page.from != nil || page.span.start != nil { return false }
        return rows(page, number: number, time: time, where: isWanted).count == page.limit
    }
}

extension Page {
    /// Whether the first rows are wanted, not the last.
    var isFromStart: Bool { from != nil || span.start != nil }
}

extension HistoryQuestion {
    /// The rows of a page that come before what a ring has.
    init(_ table: HistoryTable, owner: Int64, before: Int64, _ page: Page) {
        self.init(table, owner: owner, limit: page.reach)
        self.before = before
        number = page.from
        take(page.span)
        isNewest = !page.isFromStart
    }

    /// Asks for a span of time.
    mutating func take(_ span: TimeSpan) { (since, until) = (span.start, span.end) }
}

extension [HistoryRow] {
    /// The records; whatever is none is left out, and was refused by who keeps them.
    func records<Record: KeptRecord>(_ type: Record.Type = Record.self) -> [Record] {
        compactMap { Record(bytes: $0.bytes) }
    }
}

extension Projection {
    /// What an intent asks for beyond memory; nil if memory has all that the reply shows.
    ///
    /// - Complexity: O(rows of the account or market in memory).
    public func beyond(_ intent: Intent, at now: Timestamp) -> Beyond? {
        guard case .query(let query) = intent.form else { return nil }
        var beyond = Beyond(
            query: query,
            account: intent.account,
            now: now.microseconds / 1_000,
            directory: directory,
            options: options
        )
        let isAsked: Bool
        switch query {
        case .order, .algoOrder, .allOrders, .allAlgoOrders, .forceOrders:
            isAsked = askOrders(&beyond)
        case .userTrades, .income, .amendments, .marginHistory: isAsked = askAccount(&beyond)
        default: isAsked = askMarket(&beyond)
        }
        if !isAsked { return nil }
        beyond.partial = partial(beyond)
        return beyond
    }

    /// Newest rows as far as memory goes are true; an empty list might not be, and neither is a list whose
    /// first rows are missing, or one with gaps: orders end in another order than that of their numbers,
    /// and markets forget at different times.
    private func partial(_ beyond: Beyond) -> Reply? {
        guard let page = beyond.query.page, !page.isFromStart else { return nil }
        switch beyond.query {
        case .allOrders, .allAlgoOrders, .forceOrders, .fundingRates(nil, _), .basis: return nil
        default: break
        }
        var writer = JSONWriter()
        do throws(BinanceError) {
            try answer(beyond.query, beyond.account, .nothing, beyond.now, &writer)
        } catch {
            return nil
        }
        return writer.bytes.count > 2 ? Reply(body: writer.bytes) : nil
    }

    // MARK: Orders

    private func askOrders(_ beyond: inout Beyond) -> Bool {
        let account = beyond.account
        if !isUser(account) || accounts[Int(account.raw)].ended.gone == 0 { return false }
        switch beyond.query {
        case .order(_, let reference, let isOpen):
            if isOpen || find(account, reference) != nil { return false }
            return askOrder(reference, &beyond)
        case .algoOrder(let reference):
            return find(account, reference) == nil && askOrder(reference, &beyond)
        case .allOrders(let market, let page):
            let tags = options.legacyConditionalOrders ? nil : HistoryRow.shown
            return askOrders(market, page, tags, &beyond) { isShown($0) }
        case .allAlgoOrders(let market, let page):
            return askOrders(market, page, HistoryRow.conditional, &beyond) { $0.isConditional }
        case .forceOrders(let market, let kind, let page):
            let tags =
                kind == .liquidation
                ? HistoryRow.liquidation
                : kind == .deleveraging
                    ? HistoryRow.deleveraging : HistoryRow.liquidation | HistoryRow.deleveraging
            return askOrders(market, page, tags, &beyond) { Projection.isForced($0, kind) }
        default: return false
        }
    }

    private func askOrder(_ reference: OrderReference, _ beyond: inout Beyond) -> Bool {
        var question = HistoryQuestion(.orders, owner: Int64(beyond.account.raw), limit: 1)
        question.isNewest = true
        if reference.id != .none {
            question.from = reference.id.raw
            question.before = reference.id.raw == .max ? .max : reference.id.raw + 1
        } else if reference.clientID.isEmpty {
            return false
        } else {
            question.name = reference.clientID.bytes
        }
        beyond.questions = [question]
        let account = beyond.account
        beyond.fill = { complete, rows in complete.enter(rows[0].records(), of: account) }
        return true
    }

    private func askOrders(
        _ market: MarketID?,
        _ page: Page,
        _ tags: Int32?,
        _ beyond: inout Beyond,
        where isWanted: (OrderRecord) -> Bool
    ) -> Bool {
        let account = beyond.account
        let it = accounts[Int(account.raw)]
        if page.limit <= 0 { return false }
        if let from = page.from, from > it.goneOrder { return false }
        if let start = page.span.start, start > it.goneCreated { return false }
        let here = orders(of: account) { isWanted($0) && (market == nil || $0.market == market) }
        let shown = select(here, page)
        if !page.isFromStart, shown.count == page.limit, shown[0].id.raw > it.goneOrder { return false }
        // The venue's own orders have numbers far behind all others: within each kind times never fall.
        for isForced in [false, true] {
            var question = HistoryQuestion(.orders, owner: Int64(account.raw), before: .max, page)
            // None that is newer than what memory had when it was asked.
            if isForced {
                question.from = Projection.firstForced
                question.before = lastForced + 1
            } else {
                question.before = lastOrder + 1
            }
            question.market = market?.raw
            question.tags = tags
            beyond.questions.append(question)
        }
        beyond.fill = { complete, rows in
            complete.enter(rows.flatMap { $0.records() } + here, of: account)
        }
        return true
    }

    /// Enters orders, each once.
    private mutating func enter(_ records: [OrderRecord], of account: AccountID) {
        for record in records where orders.updateValue(record, forKey: record.id.raw) == nil {
            accounts[Int(account.raw)].ended.append(record.id.raw)
            if !record.clientID.isEmpty {
                names[OrderName(account: account, clientID: record.clientID)] = record.id
            }
        }
    }
}

extension Query {
    /// The page that it asks for, if it asks for one.
    var page: Page? {
        switch self {
        case .trades(_, let page), .aggregateTrades(_, let page), .klines(_, _, _, let page),
            .fundingRates(_, let page), .openInterestHistory(_, _, let page), .takerRatio(_, _, let page),
            .basis(_, _, let page), .allOrders(_, let page), .allAlgoOrders(_, let page),
            .userTrades(_, _, let page), .forceOrders(_, _, let page), .amendments(_, _, let page),
            .marginHistory(_, _, let page):
            page
        case .income(let filter): filter.page
        default: nil
        }
    }
}
