public import ExchangeCore

/// Beginning in the middle: after a recovery from a snapshot, whose earlier log is gone (WIRE-17).
extension Projection {
    /// A projection of an exchange as it stands: markets, books, balances, positions and open orders.
    ///
    /// What an exchange does not remember is empty: histories, trades, klines, and of conditional orders
    /// what only their commands said. Numbers that projections count themselves go on from the time, so
    /// that none is given twice.
    ///
    /// - Parameter at: the time of the last command, in µs.
    public init(
        of exchange: borrowing Exchange,
        at: Timestamp,
        options: DialectOptions = DialectOptions(),
        limits: ProjectionLimits = ProjectionLimits()
    ) {
        self.init(options: options, limits: limits)
        // Below 2⁵³ together with the first number of a forced order, for thousands of years' worth of µs.
        let start = min(max(0, at.microseconds), 1 << 52)
        lastForced += start
        lastForcedName = start
        lastIncome = start
        lastAmendment = start
        origin = exchange.nextSequence - 1
        work.time = at.microseconds / 1_000
        directory = exchange.marketDirectory(asset: options.asset, onboarded: work.time)
        for number in 0..<max(0, exchange.marketCount) { adoptMarket(MarketID(number), exchange, start) }
        growAccounts(to: exchange.accountCount - 1)
        for number in 0..<max(0, exchange.accountCount) { adoptAccount(AccountID(number), exchange) }
        work = CommandWork()
    }

    private mutating func adoptMarket(_ id: MarketID, _ exchange: borrowing Exchange, _ start: Int64) {
        var market = MarketRecord(id: id, limits)
        if let view = exchange.marketView(id) {
            market.mark = view.mark
            market.index = view.index
            market.lastPrice = view.lastPrice
            market.openInterest = view.openInterest.lots
        }
        market.lastTrade = start
        market.lastAggregate = start
        market.updateID = start
        market.bookTime = work.time
        market.lastTime = work.time
        market.markTime = work.time
        exchange.forEachLevel(id, .buy, count: Int.max) { market.bids.add($1.lots, at: $0.ticks) }
        exchange.forEachLevel(id, .sell, count: Int.max) { market.asks.add($1.lots, at: $0.ticks) }
        markets.append(market)
    }

    private mutating func adoptAccount(_ id: AccountID, _ exchange: borrowing Exchange) {
        let number = Int(id.raw)
        guard number < accounts.count, let view = exchange.accountView(id) else { return }
        var account = AccountRecord(limits)
        account.cash = view.cash
        account.updated = work.time
        let time = work.time
        exchange.forEachPosition(of: id) { position in
            let place = account.place(position.market, position.positionSide)
            account.legs[place].size = position.size
            account.legs[place].entryNotional = position.entryNotional
            account.legs[place].isolatedCash = position.isolatedCash
            account.legs[place].cost = Int128(position.entryNotional.units)
            account.legs[place].updated = time
            if position.mode == .isolated { account.isolated.insert(position.market) }
        }
        if id >= .firstUser {
            var found: [OrderRecord] = []
            exchange.forEachOrder(of: id) { found.append(OrderRecord(adopted: $0, of: id, time)) }
            for record in found.sorted(by: { $0.id < $1.id }) {
                account.open.append(record.id.raw)
                lastOrder = max(lastOrder, record.id.raw)
                orders[record.id.raw] = record
                if !record.clientID.isEmpty {
                    names[OrderName(account: id, clientID: record.clientID)] = record.id
                }
            }
        }
        accounts[number] = account
    }
}

extension OrderRecord {
    /// An open order as the core shows it.
    fileprivate init(adopted view: OrderView, of account: AccountID, _ time: Int64) {
        self.init()
        id = view.id
        self.account = account
        market = view.market
        positionSide = view.positionSide
        side = view.side
        originalType = view.type
        // A conditional order that rests has fired.
        let hasFired = view.isResting && view.type.isConditional
        type = hasFired ? (view.type.hasLimit ? .limit : .market) : view.type
        algoStatus = hasFired ? .triggered : .new
        triggered = hasFired ? time : 0
        timeInForce = view.timeInForce
        price = view.price
        quantity = view.quantity
        filled = view.filled
        triggerPrice = view.triggerPrice
        reduceOnly = view.reduceOnly
        clientID = view.clientID
        status = view.filled == .zero ? .new : .partiallyFilled
        created = time
        updated = time
        if view.isResting { resting = remaining.lots }
    }
}
