import ExchangeCore
import ReadModel

/// Rows of accounts and markets that are no longer in memory.
extension Projection {
    func askAccount(_ beyond: inout Beyond) -> Bool {
        let id = beyond.account
        if !isUser(id) { return false }
        let account = accounts[Int(id.raw)]
        let place = Int(id.raw)
        switch beyond.query {
        case .userTrades(let market, let order, let page):
            return askTrades(market, order, page, account.trades, &beyond)
        case .income(let filter):
            let ring = account.income
            let isEnough = ring.suffices(filter.page, number: { $0.id }, time: { $0.time }) {
                (filter.market == nil || $0.market == filter.market)
                    && (filter.kind == nil || $0.kind == filter.kind)
            }
            if isEnough { return false }
            var question = HistoryQuestion(.income, owner: Int64(id.raw), before: ring.gone, filter.page)
            question.market = filter.market?.raw
            question.tags = filter.kind.map { HistoryRow.tag($0) }
            beyond.questions = [question]
            beyond.fill = { $0.accounts[place].income = ring.behind($1[0].records()) }
        case .amendments(let market, let reference, let page):
            let ring = account.amendments
            let isEnough = ring.suffices(page, number: { $0.id }, time: { $0.time }) {
                $0.market == market
                    && (reference.id != .none ? $0.order == reference.id : $0.clientID == reference.clientID)
            }
            if isEnough { return false }
            var question = HistoryQuestion(.amendments, owner: Int64(id.raw), before: ring.gone, page)
            question.market = market.raw
            if reference.id != .none {
                question.link = reference.id.raw
            } else {
                question.name = reference.clientID.bytes
            }
            beyond.questions = [question]
            beyond.fill = { $0.accounts[place].amendments = ring.behind($1[0].records()) }
        case .marginHistory(let market, let type, let page):
            let ring = account.margin
            let isEnough = ring.suffices(page, number: { $0.time }, time: { $0.time }) {
                $0.market == market && (type == nil || ($0.amount > 0) == (type == 1))
            }
            if isEnough { return false }
            var question = HistoryQuestion(.margin, owner: Int64(id.raw), before: ring.gone, page)
            question.market = market.raw
            question.tags = type.map { $0 == 1 ? 1 : 2 }
            beyond.questions = [question]
            beyond.fill = { $0.accounts[place].margin = ring.behind($1[0].records()) }
        default: return false
        }
        return true
    }

    private func askTrades(
        _ market: MarketID,
        _ order: OrderID,
        _ page: Page,
        _ ring: Ring<UserTrade>,
        _ beyond: inout Beyond
    ) -> Bool {
        let from = page.from ?? 0
        var byTime = page
        // A ring of all markets is not sorted by their numbers.
        byTime.from = nil
        if page.from != nil && byTime.span.start == nil { byTime.span.start = 0 }
        let isEnough = ring.suffices(byTime, number: { $0.id }, time: { $0.time }) {
            $0.market == market && $0.id >= from && (order == .none || $0.order == order.raw)
        }
        if isEnough { return false }
        // Numbers never fall within a market: behind one that is here, all others are.
        if let first = ring.first(where: { $0.market == market }), page.from != nil, from > first.id {
            return false
        }
        let id = beyond.account
        var question = HistoryQuestion(
            .trades,
            owner: HistoryRow.tradeOwner(Int64(id.raw), market),
            before: ring.gone,
            page
        )
        question.link = order == .none ? nil : order.raw
        beyond.questions = [question]
        let place = Int(id.raw)
        beyond.fill = { $0.accounts[place].trades = ring.behind($1[0].records()) }
        return true
    }

    // MARK: Markets

    func askMarket(_ beyond: inout Beyond) -> Bool {
        switch beyond.query {
        case .trades(let id, let page):
            guard let place = place(id) else { return false }
            let ring = markets[place].trades
            if ring.suffices(page, number: { $0.id }, time: { $0.time }) { return false }
            beyond.questions = [HistoryQuestion(.prints, owner: Int64(id.raw), before: ring.gone, page)]
            beyond.fill = { $0.markets[place].trades = ring.behind($1[0].records()) }
        case .aggregateTrades(let id, let page):
            guard let place = place(id) else { return false }
            let ring = markets[place].aggregates
            if ring.suffices(page, number: { $0.id }, time: { $0.time }) { return false }
            beyond.questions = [HistoryQuestion(.aggregates, owner: Int64(id.raw), before: ring.gone, page)]
            beyond.fill = { $0.markets[place].aggregates = ring.behind($1[0].records()) }
        case .fundingRates(let id, let page): return askFunding(id, page, &beyond)
        case .klines(let series, let id, let interval, let page):
            askBars(id, interval, page, [series], &beyond)
        case .takerRatio(let id, let interval, let page):
            askBars(id, interval, page, [.last], &beyond)
        case .basis(let id, let interval, let page):
            askBars(id, interval, page, [.last, .index], &beyond)
        case .openInterestHistory(let id, let interval, let page):
            return askInterest(id, interval, page, &beyond)
        default: return false
        }
        return !beyond.questions.isEmpty
    }

    private func askFunding(_ id: MarketID?, _ page: Page, _ beyond: inout Beyond) -> Bool {
        var rings: [(place: Int, ring: Ring<FundingRecord>)] = []
        var isEnough = true
        for place in markets.indices where id == nil || markets[place].id == id {
            let ring = markets[place].funding
            rings.append((place, ring))
            beyond.questions.append(
                HistoryQuestion(.funding, owner: Int64(markets[place].id.raw), before: ring.gone, page)
            )
            if !ring.suffices(page, number: { $0.time }, time: { $0.time }) { isEnough = false }
        }
        let found = rings
        beyond.fill = { complete, rows in
            for (entry, rows) in zip(found, rows) {
                complete.markets[entry.place].funding = entry.ring.behind(rows.records())
            }
        }
        return !isEnough
    }

    /// Bars from the one before the first that is wanted on: what did not trade shows the close before it.
    private func askBars(
        _ id: MarketID,
        _ interval: Interval,
        _ page: Page,
        _ series: [KlineSeries],
        _ beyond: inout Beyond
    ) {
        guard let place = place(id), page.limit > 0 else { return }
        let start = KlineStore.start(interval, page, now: beyond.now)
        let rings = series.map { markets[place].klines[$0.rawValue].bars(interval) }
        if rings.allSatisfy({ $0.gone == 0 || $0.isEmpty || start >= $0[0].start }) { return }
        for (series, ring) in zip(series, rings) {
            let owner = KeptBar.owner(id, series, interval.place)
            let first = ring.isEmpty ? Int64.max : ring[0].start
            var before = HistoryQuestion(.bars, owner: owner, limit: 1)
            before.before = min(start, first)
            before.isNewest = true
            var wanted = HistoryQuestion(.bars, owner: owner, limit: page.limit)
            wanted.from = start
            wanted.before = first
            beyond.questions += [before, wanted]
        }
        beyond.fill = { complete, rows in
            for (number, series) in series.enumerated() {
                let found: [Kline] = rows[2 * number].records() + rows[2 * number + 1].records()
                complete.markets[place].klines[series.rawValue].rings[interval.place] =
                    rings[number].behind(found)
            }
        }
    }

    private func askInterest(
        _ id: MarketID,
        _ interval: Interval,
        _ page: Page,
        _ beyond: inout Beyond
    ) -> Bool {
        guard let place = place(id), page.limit > 0 else { return false }
        let ring = markets[place].interest
        if ring.gone == 0 || ring.isEmpty { return false }
        let oldest = ring[0].start
        if let start = page.span.start, start > oldest { return false }
        // The newest are shown, whatever the span; of each the last five minutes, so that one which began
        // before what is here is whole.
        var spans = 0
        var last: Int64?
        for index in 0..<ring.count where page.span.contains(ring[index].start) {
            let start = interval.start(of: ring[index].start)
            if start != last { spans += 1 }
            last = start
        }
        if spans >= page.limit { return false }
        var question = HistoryQuestion(.interest, owner: Int64(id.raw), limit: 0)
        question.before = ring.gone
        question.take(page.span)
        question.isNewest = true
        // So many of five minutes in the longest there is, a month.
        let each = max(1, (interval.next(after: oldest) - oldest) / 300_000 + 1)
        question.limit = min(Int(each) * (page.limit + 1), 300_000)
        beyond.questions = [question]
        beyond.fill = { $0.markets[place].interest = ring.behind($1[0].records()) }
        return true
    }
}
