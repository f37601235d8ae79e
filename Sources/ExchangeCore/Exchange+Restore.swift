/// Building an exchange from a snapshot (DET-2, DET-5). Whatever the bytes are, the answer is a
/// consistent exchange or the rule that does not hold: every reference and value is checked before it is
/// used, and all of `checkInvariants` at the end.
extension Exchange {
    /// Reads a state that `snapshot(into:)` wrote.
    ///
    /// - Parameters:
    ///   - reader: the bytes of the state.
    ///   - format, rules: those that the state was written in; older ones when a log is upgraded.
    /// - Throws: which rule of a state does not hold of which record, if the bytes hold anything else.
    /// - Complexity: O(state).
    public init(
        restoring reader: inout ByteReader,
        format: Int32 = Exchange.format,
        rules: Int32 = Exchange.rules
    ) throws(StateFault) {
        self.init()
        let start = reader.position
        reader.format = format
        try restore(&reader, rules: rules)
        // A state of an older program held what this one has no place for.
        if rules < Exchange.rules || format < Exchange.format { return }
        let isCanonical = reader.isReading(from: start) { self.encode(into: &$0) }
        try StateCheck(.header)(isCanonical, "state", .canonical)
    }

    private mutating func restoreVersions(_ reader: inout ByteReader, rules expected: Int32)
        throws(StateFault)
    {
        var magic: UInt64 = 0
        var format: Int32 = 0
        var rules: Int32 = 0
        let check = StateCheck(.header)
        reader.visit("magic", &magic)
        try check(magic == Exchange.magic, "magic", .version)
        reader.visit("format", &format)
        try check(format == reader.format, "format", .version)
        reader.visit("rules", &rules)
        try check(rules == expected, "rules", .version)
        reader.rules = rules
        limits.fields(&reader)
        try self.check(reader, .limits)
        try checkLimits(limits)
    }

    private mutating func restore(_ reader: inout ByteReader, rules: Int32) throws(StateFault) {
        try restoreVersions(&reader, rules: rules)
        var header = StateHeader()
        header.fields(&reader)
        try check(reader, .header)
        try checkHeader(header, limits)
        take(header)
        try restoreLedger(header, &reader)
        try restoreMarkets(header, &reader)
        try restoreOrders(header, &reader)
        try restoreWaterfall(header, &reader, rules: rules)
        try StateCheck(.header)(reader.isAtEnd, "state", .isWhole)
        try finishRestore(header)
    }

    /// Whether a record was there and every code in it one of its set.
    private func check(_ reader: borrowing ByteReader, _ record: StateRecord) throws(StateFault) {
        if !reader.failed { return }
        let rule: StateRule = reader.isShort ? .isWhole : .isKnown
        throw StateFault(record: record, field: reader.failedField, rule: rule)
    }

    private mutating func take(_ header: StateHeader) {
        lastSequence = header.sequence
        clock = header.clock
        totalDeposits = header.deposits
        totalWithdrawals = header.withdrawals
        debtRule = header.debtRule
        vault = header.vault
        lastOrder = header.lastOrder
        lastOffer = header.lastOffer
        lastEpisode = header.lastEpisode
    }

    // MARK: Ledger

    private mutating func restoreLedger(_ header: StateHeader, _ reader: inout ByteReader) throws(StateFault)
    {
        accounts.truncate(to: 0)
        margins = Pool()
        for number in 0..<header.accounts {
            var account = Account()
            var cash = Amount.zero
            account.fields(&reader, &cash)
            try check(reader, .account(number))
            try checkAccount(account, number)
            accounts.append(account)
            openCross(number)
            linkOwner(number)
            if reader.format < 2 {
                try restoreCash(cash, of: accounts[number].margin, .account(number), "cash")
            }
        }
        for number in 0..<header.positions { try restorePosition(number, header, &reader) }
        if reader.format >= 2 { try restoreMargins(header, &reader) }
        for number in 0..<Int(header.holdings) {
            var holding = VaultHolding()
            holding.fields(&reader)
            try check(reader, .holding(number))
            try checkHolding(holding, number)
            let key = UInt64(UInt32(bitPattern: holding.account))
            try StateCheck(.holding(number))(holdingTable.find(key) < 0, "account", .holding)
            holdings.append(holding)
            holdingTable.insert(key, Int32(truncatingIfNeeded: number))
        }
        for number in 0..<Int(header.inLiquidation) {
            let margin = try readMargin(.inLiquidation(number), &reader)
            let check = StateCheck(.inLiquidation(number))
            try check(!margins[margin].isInLiquidation, "account", .inLiquidation)
            try check(margins[margin].account >= AccountID.vault.raw, "account", .venueAccount)
            setInLiquidation(margin, true)
        }
        for number in 0..<Int(header.requests) {
            var request = Request()
            request.fields(&reader)
            try check(reader, .request(number))
            let check = StateCheck(.request(number))
            try check(request.account == nowhere || hasAccount(request.account), "account", .reference)
            try check(request.key != .none, "key", .request)
            try check(remembered(request.key, of: request.account) == nil, "key", .request)
            attach(request)
        }
    }

    /// A cross or isolated margin account that exists.
    private func readMargin(_ record: StateRecord, _ reader: inout ByteReader) throws(StateFault)
        -> MarginAccount.Index
    {
        var saved = SavedMargin()
        saved.fields(&reader)
        try check(reader, record)
        let check = StateCheck(record)
        try check(hasAccount(saved.account), "account", .reference)
        if saved.position == nowhere { return accounts[saved.account].margin }
        try check(saved.position >= 0 && Int(saved.position) < positions.count, "position", .reference)
        let isIts = positions[saved.position].isIsolated && positions[saved.position].account == saved.account
        try check(isIts, "position", .reference)
        return positions[saved.position].margin
    }

    /// The cash of every margin account, in the order in which a state has them.
    private mutating func restoreMargins(_ header: StateHeader, _ reader: inout ByteReader) throws(StateFault)
    {
        try StateCheck(.header)(Int(header.margins) == margins.live, "margins", .counts)
        var isolated = nowhere
        for number in 0..<header.margins {
            var expected = SavedMargin(account: number)
            if number >= header.accounts {
                repeat { isolated += 1 } while !positions[isolated].isIsolated
                expected = SavedMargin(account: positions[isolated].account, position: isolated)
            }
            let record = StateRecord.marginAccount(number)
            let margin = try readMargin(record, &reader)
            let found = SavedMargin(of: margin, in: self)
            try StateCheck(record)(found.account == expected.account, "account", .marginAccount)
            try StateCheck(record)(found == expected, "position", .marginAccount)
            var cash = Amount.zero
            reader.visit("cash", &cash)
            try check(reader, record)
            try restoreCash(cash, of: margin, record, "cash")
        }
    }

    private mutating func restoreCash(
        _ cash: Amount,
        of margin: MarginAccount.Index,
        _ record: StateRecord,
        _ field: StaticString
    ) throws(StateFault) {
        try StateCheck(record)(cash.isBounded, field, .cash)
        margins[margin].cash = cash
    }

    private mutating func restorePosition(_ number: Int32, _ header: StateHeader, _ reader: inout ByteReader)
        throws(StateFault)
    {
        var position = Position()
        var cash = Amount.zero
        position.fields(&reader, &cash)
        try check(reader, .position(number))
        try checkPosition(position, number, markets: header.markets)
        let check = StateCheck(.position(number))
        try check(findPosition(position.account, position.market, position.side) < 0, "side", .oncePosition)
        try check(
            accounts[position.account].positionCount < limits.positionsPerAccount,
            "account",
            .accountPositions
        )
        if position.countdown >= 0 {
            let number = Int64(position.account) << 32 | Int64(position.market)
            position.countdown = restoreDeadline(.countdown, number, &reader)
        }
        var group: Int32 = 0
        reader.visit("hedge", &group)
        try self.check(reader, .position(number))
        try check(group >= 0 && group <= 1_000, "hedge", .hedge)
        positions.append(position)
        attach(number)
        putIntoHedge(number, group)
        if position.isIsolated {
            try restoreCash(cash, of: positions[number].margin, .position(number), "isolatedCash")
        } else {
            try check(cash == .zero, "isolatedCash", .marginAccount)
        }
    }

    // MARK: Markets

    private mutating func restoreMarkets(_ header: StateHeader, _ reader: inout ByteReader) throws(StateFault)
    {
        for number in 0..<header.markets {
            var market = Market()
            market.fields(&reader)
            try check(reader, .market(number))
            try checkMarket(market, number)
            let isNew = marketID(of: market.specification.symbol) == nil
            try StateCheck(.market(number))(isNew, "symbol", .symbol)
            market.derive()
            if market.funding >= 0 { market.funding = restoreDeadline(.funding, Int64(number), &reader) }
            if market.staleness >= 0 {
                market.staleness = restoreDeadline(.staleness, Int64(number), &reader)
            }
            let positions = market.positions
            let sells = market.sellOfferCount
            let buys = market.buyOfferCount
            market.positions = 0
            market.sellOfferCount = 0
            market.buyOfferCount = 0
            markets.append(market)
            enterSymbol(number)
            try restoreMemory(number, &reader)
            try restorePositions(number, positions, &reader)
            try restoreOffers(number, .sell, sells, &reader)
            try restoreOffers(number, .buy, buys, &reader)
        }
    }

    private mutating func restoreMemory(_ market: Int32, _ reader: inout ByteReader) throws(StateFault) {
        addMemory(market)
        if markets[market].memory < 0 { return }
        var memory = MarkMemory()
        memory.fields(&reader)
        try check(reader, .market(market))
        try checkMemory(memory, market)
        memories[markets[market].memory] = memory
    }

    private mutating func restoreDeadline(
        _ kind: DeadlineKind,
        _ number: Int64,
        _ reader: inout ByteReader
    ) -> Int32 {
        var deadline = Timestamp(0)
        reader.visit("deadline", &deadline)
        return deadlines.add(deadline, kind, number)
    }

    private mutating func restorePositions(_ market: Int32, _ count: Int32, _ reader: inout ByteReader)
        throws(StateFault)
    {
        try StateCheck(.market(market))(count >= 0, "positions", .counts)
        for _ in 0..<count {
            var position = nowhere
            reader.visit("position", &position)
            try check(reader, .market(market))
            let check = StateCheck(.market(market))
            try check(position >= 0 && Int(position) < positions.count, "position", .reference)
            try check(
                positions[position].market == market && positions[position].isOpen,
                "position",
                .marketPositions
            )
            let isListed =
                positions[position].previousPosition >= 0 || markets[market].firstPosition == position
            try check(!isListed, "position", .marketPositions)
            appendPosition(position)
        }
    }

    private mutating func restoreOffers(
        _ market: Int32,
        _ side: Side,
        _ count: Int32,
        _ reader: inout ByteReader
    ) throws(StateFault) {
        let field: StaticString = side == .sell ? "sellOfferCount" : "buyOfferCount"
        let isBounded = count >= 0 && count <= limits.offersPerSide
        try StateCheck(.market(market))(isBounded, field, .counts)
        for _ in 0..<count {
            var offer = StandingOffer()
            offer.fields(&reader)
            try check(reader, .offer(offer.number))
            try checkOffer(offer)
            insertOffer(market, side, offer)
        }
    }

    // MARK: Orders

    private mutating func restoreOrders(_ header: StateHeader, _ reader: inout ByteReader) throws(StateFault)
    {
        for _ in 0..<header.orders {
            var saved = SavedOrder()
            saved.fields(&reader)
            let record = StateRecord.order(saved.order.id)
            try check(reader, record)
            try checkOrder(saved)
            let check = StateCheck(record)
            try check(book.find(saved.order.id) < 0, "id", .orderNumber)
            let account = positions[saved.position].account
            let isNamed = saved.clientID.isEmpty || findOrder(account, saved.clientID) < 0
            try check(isNamed, "clientID", .name)
            try check(
                positions[saved.position].orderCount < limits.ordersPerPosition,
                "position",
                .orderLimit
            )
            restoreOrder(saved)
            try checkPosition(positions[saved.position], saved.position, markets: header.markets)
        }
        for _ in 0..<header.resting { try restoreResting(&reader) }
    }

    private mutating func restoreResting(_ reader: inout ByteReader) throws(StateFault) {
        var id = OrderID.none
        reader.visit("order", &id)
        try check(reader, .order(id))
        let check = StateCheck(.order(id))
        let order = book.find(id)
        try check(order >= 0, "order", .reference)
        let it = book.orders[order]
        try check(it.isResting && it.level < 0, "order", .resting)
        let u = markets[positions[it.position].market].u
        let worth = Int128(it.quantity.lots) * Int128(it.price.ticks) * u
        try check(worth <= Int128(Amount.pileLimit.units), "price", .order)
        let isOut = isOutOfRange(it.position, it.side, it.price.ticks, it.remaining, counts: !it.reduceOnly)
        try check(!isOut, "quantity", .orderLimit)
        let since = restedAt(order)
        rest(order)
        setRestedAt(order, since)
    }

    private mutating func restoreOrder(_ saved: SavedOrder) {
        var order = saved.order
        order.position = saved.position
        order.price = saved.price
        let index = book.insert(order)
        setRestedAt(index, saved.restedAt)
        enter(index, saved.clientID, goodTill: saved.goodTill)
        if saved.isConditional {
            book.orders[index].condition = conditions.insert(saved.condition)
            if order.type == .trailingStopMarket { enterTrailing(index) }
            if saved.condition.trigger.ticks > 0 { watch(index) }
        }
    }

    // MARK: Waterfall

    private mutating func restoreWaterfall(
        _ header: StateHeader,
        _ reader: inout ByteReader,
        rules: Int32
    ) throws(StateFault) {
        if !header.isPending { return }
        waterfall.fields(&reader)
        waterfall.isPending = true
        if rules >= 2 { heldMark.fields(&reader) }
        try check(reader, .waterfall)
        try StateCheck(.waterfall)(waterfall.cursor <= header.queue, "cursor", .pending)
        for number in 0..<Int(header.queue) {
            let margin = try readMargin(.queued(number), &reader)
            try StateCheck(.queued(number))(!margins[margin].isQueued, "account", .queued)
            enqueue(margin, health(margin))
        }
        for number in 0..<Int(header.affected) {
            markAffected(try readMargin(.affected(number), &reader))
            try StateCheck(.affected(number))(affected.count == number + 1, "account", .affected)
        }
        for number in 0..<Int(header.active) {
            var market = nowhere
            reader.visit("active", &market)
            let check = StateCheck(.active(number))
            try self.check(reader, .active(number))
            try check(market >= 0 && Int(market) < markets.count, "active", .reference)
            activate(market)
            try check(activeMarkets.count == number + 1, "active", .active)
        }
        try checkPending()
    }

    /// Arms all triggers, once sums and worth are in range, and looks at the whole.
    private mutating func finishRestore(_ header: StateHeader) throws(StateFault) {
        try checkLedgerSums()
        for market in 0..<header.markets {
            try checkOpenInterest(market)
            var position = markets[market].firstPosition
            while position >= 0 {
                markForRearm(positions[position].margin)
                position = positions[position].nextPosition
            }
        }
        rearmMarked()
        if let fault = checkInvariants() { throw fault }
    }
}

extension Amount {
    /// Whether the amount lies within ±2⁶² (LED-1).
    var isBounded: Bool { isWithin(1 << 62) }

    /// Whether the amount lies within ± a bound.
    func isWithin(_ bound: Int64) -> Bool { units >= -bound && units <= bound }
}

extension Quantity {
    /// Whether the quantity lies within ±2⁶².
    var isBounded: Bool { lots >= -(1 << 62) && lots <= 1 << 62 }
}
