import ExchangeCore

/// Orders that the venue makes: liquidations, deleveraging, volunteers, settlement (WIRE-19).
extension Projection {
    /// A liquidation has been in the book: now its order is known, and its fills are told.
    mutating func liquidationOrder(_ event: LiquidationOrder) {
        let fills = work.liquidation
        work.liquidation = []
        guard let first = fills.first, let entry = directory[event.market] else { return }
        var record = forcedOrder(.liquidation, first.change, event.quantity)
        record.price = event.limit
        announce(record)
        for fill in fills {
            var own = UserTrade()
            own.id = fill.number
            own.price = entry.units(fill.trade.price)
            own.quantity = fill.trade.quantity
            own.quote = entry.worth(fill.trade.quantity, fill.trade.price)
            own.realized = Int128(fill.change.event.realized.units)
            // The liquidation fee goes to the fund: it is no commission, and has its own row of income.
            self.fill(&record, own)
        }
        if record.filled < record.quantity {
            record.status = .expired
            record.expiryReason = 2
            keep(&record)
            orderUpdate(record, .expired)
        }
        forceOrder(record, entry)
    }

    /// A closing outside of the book: one order for each side.
    mutating func closed(_ closing: Closing, own: LegChange, other: LegChange) {
        guard let place = place(closing.market), let entry = directory[closing.market] else { return }
        markets[place].lastTrade += 1
        let number = markets[place].lastTrade
        let given = Int128(closing.adjustment.units)
        if closing.kind == .deleveraging { markets[place].deleveraged = work.time }

        // What one side gave the other besides the mark is in the price, to the tick, and in the profit, to
        // the unit. What the fund added for a volunteer is income of its own.
        force(.takeover, own, closing, extra: -given, number, entry)
        switch closing.kind {
        case .netting: force(.takeover, other, closing, extra: given, number, entry)
        case .volunteer: force(.volunteer, other, closing, extra: given, number, entry)
        case .vault, .deleveraging, .residual, .settlement:
            force(.deleveraging, other, closing, extra: given, number, entry)
        }
    }

    /// One side of a closing: its order, its trade, and its row of income.
    private mutating func force(
        _ kind: ForcedKind,
        _ change: LegChange,
        _ closing: Closing,
        extra: Int128,
        _ number: Int64,
        _ entry: MarketEntry
    ) {
        let realized = Int128(change.event.realized.units) + extra
        force(kind, change, at: closing.paid, realized, number, entry)
        if realized == 0 || !isUser(change.event.account) { return }
        var row = IncomeRow()
        row.kind = .realizedPnL
        row.market = closing.market
        row.amount = realized
        row.trade = number
        row.reason = closing.kind.reason
        addIncome(row, of: change.event.account)
    }

    /// A position that was closed by the end of its market, at the mark.
    mutating func settledPosition(_ change: LegChange) {
        guard let place = place(change.event.market), let entry = directory[change.event.market],
            change.lots != .zero
        else { return }
        markets[place].lastTrade += 1
        let realized = Int128(change.event.realized.units)
        force(.settlement, change, at: markets[place].mark, realized, markets[place].lastTrade, entry)
    }

    /// One order, filled at once.
    private mutating func force(
        _ kind: ForcedKind,
        _ change: LegChange,
        at price: Price,
        _ realized: Int128,
        _ number: Int64,
        _ entry: MarketEntry
    ) {
        var record = forcedOrder(kind, change, change.lots)
        record.forcedPrice = entry.units(price)
        if kind == .deleveraging && isUser(record.account) {
            let place = work.touch(record.account, .order)
            work.changes[place].isDeleveraged = true
        }
        announce(record)
        var own = UserTrade()
        own.id = number
        own.price = entry.units(price)
        own.quantity = change.lots
        own.quote = entry.worth(change.lots, price)
        own.realized = realized
        own.isMaker = kind == .volunteer
        fill(&record, own)
        if kind == .takeover { forceOrder(record, entry) }
    }

    private mutating func forcedOrder(
        _ kind: ForcedKind,
        _ change: LegChange,
        _ quantity: Quantity
    ) -> OrderRecord {
        lastForced += 1
        // By the nanosecond, as the real ones are, and never twice.
        let (nanoseconds, overflow) = work.at.microseconds.multipliedReportingOverflow(by: 1_000)
        lastForcedName = max(lastForcedName + 1, overflow ? 0 : nanoseconds)
        var record = OrderRecord()
        record.id = OrderID(lastForced)
        record.account = change.event.account
        record.market = change.event.market
        record.positionSide = change.event.positionSide
        record.side = change.side
        record.type = kind == .settlement ? .market : .limit
        record.originalType = record.type
        record.timeInForce = .ioc
        record.quantity = quantity
        record.created = work.time
        record.updated = work.time
        record.forced = kind
        record.forcedName = lastForcedName
        return record
    }

    /// Tells of a new order, and enters it.
    private mutating func announce(_ record: OrderRecord) {
        guard isUser(record.account) else { return }
        orders[record.id.raw] = record
        orderUpdate(record, .new)
    }

    private mutating func fill(_ record: inout OrderRecord, _ trade: UserTrade) {
        record.filled += trade.quantity
        record.quote += trade.quote
        let isDone = record.filled >= record.quantity
        record.status = isDone ? .filled : .partiallyFilled
        if isDone { keep(&record) }
        var own = trade
        own.market = record.market
        own.order = record.id.raw
        own.side = record.side
        own.positionSide = record.positionSide
        own.time = work.time
        addTrade(own, record)
    }

    /// Keeps an order that is over.
    private mutating func keep(_ record: inout OrderRecord) {
        if isUser(record.account) { end(&record) }
    }

    private mutating func forceOrder(_ record: OrderRecord, _ entry: MarketEntry) {
        var shown = ForceOrder(record: record, time: work.time)
        shown.price = record.priceUnits(entry)
        interest.noteForceOrder(shown)
    }
}

extension TransferKind {
    /// Why cash moved in such a closing.
    fileprivate var reason: LedgerReason {
        switch self {
        case .netting: .netting
        case .volunteer: .volunteer
        case .vault: .takeover
        case .deleveraging: .deleveraging
        case .residual: .residual
        case .settlement: .settlement
        }
    }
}

/// A liquidation as the public is told of it.
struct ForceOrder: Sendable {
    var record: OrderRecord
    var time: Int64
    /// In 10⁻⁸.
    var price: Int128 = 0

    init(record: OrderRecord, time: Int64) {
        self.record = record
        self.time = time
    }
}
