/// Creating markets and changing their rules (LED-1, MG-5, MG-9, BK-18).
extension Exchange {
    mutating func createMarket(
        _ command: MarketSpecification,
        _ events: inout EventBuffer
    ) -> (Status, result: Int64) {
        if !command.symbol.isValid { return (.invalidSymbol, 0) }
        do throws(SpecificationFault) { try command.check() } catch { return (error.status, 0) }
        if marketID(of: command.symbol) != nil { return (.symbolExists, 0) }
        if markets.count >= Int(limits.markets) { return (.marketLimit, 0) }

        // From here on the market is made.
        let number = Int32(truncatingIfNeeded: markets.count)
        markets.append(Market.made(from: command))
        enterSymbol(number)
        addMemory(number)
        let created = MarketCreated(
            market: MarketID(number),
            symbol: command.symbol,
            tickSize: command.tickSize,
            lotSize: command.lotSize
        )
        events.append(.marketCreated, created)
        return (.ok, Int64(number))
    }

    /// Gives a market room for what its mark method remembers (PX-8).
    mutating func addMemory(_ market: Int32) {
        if !Self.needsMemory(markets[market].specification) { return }
        markets[market].memory = Int32(truncatingIfNeeded: memories.count)
        memories.append(MarkMemory())
    }

    mutating func enterSymbol(_ market: Int32) {
        let symbol = markets[market].specification.symbol
        var key = symbol.low ^ (symbol.high << 1 | symbol.high >> 63)
        // Two names with one key stand behind each other.
        while symbolTable.find(key) >= 0 { key = key ^ (key << 7 | 1) }
        symbolTable.insert(key, market)
    }

    /// The market with a name, or nil. O(1) expected.
    public func marketID(of symbol: Symbol) -> MarketID? {
        var key = symbol.low ^ (symbol.high << 1 | symbol.high >> 63)
        while true {
            let market = symbolTable.find(key)
            if market < 0 { return nil }
            if markets[market].specification.symbol == symbol { return MarketID(market) }
            key = key ^ (key << 7 | 1)
        }
    }

    /// Replaces the brackets, then looks at every position (MG-5).
    mutating func setTiers(_ command: SetTiers, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if !command.table.isValid { return .invalidTiers }
        if markets[market].state == .settled { return .marketSettled }
        let fee = markets[market].specification.liquidationFee.units
        if markets[market].specification.sizing == .justEnough
            && fee * 2 > command.table.tiers[0].maintenance.units
        {
            return .invalidRate
        }
        markets[market].specification.table = command.table
        markets[market].derive()
        reportRules(market, .setTiers, &events)
        beginWaterfall(at: market)
        requeueWaiting(market)
        lookAtAll(market)
        runWaterfall(&events)
        return .ok
    }

    mutating func setCaps(_ command: SetCaps, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.openInterest.lots < 0 || command.position.lots < 0 { return .invalidQuantity }
        if command.backstopRate.units < 0 { return .invalidRate }
        markets[market].openInterestCap = command.openInterest
        markets[market].positionCap = command.position
        markets[market].backstopRate = command.backstopRate
        reportRules(market, .setCaps, &events)
        return .ok
    }

    func reportRules(_ market: Int32, _ kind: CommandKind, _ events: inout EventBuffer) {
        events.append(.rulesChanged, RulesChanged(market: MarketID(market), command: kind))
    }

    mutating func setMarketState(_ command: SetMarketState, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.state == .settled { return .invalidField }
        if markets[market].state == .settled { return .marketSettled }
        let wasClosable = markets[market].isClosable
        setState(market, command.state, &events)
        if !wasClosable { lookAgain(market, &events) }
        return .ok
    }

    /// A market that opens at a valid price is looked at as after a price: what could not be closed while
    /// it was halted now can (MG-5).
    mutating func lookAgain(_ market: Int32, _ events: inout EventBuffer) {
        if !markets[market].isClosable { return }
        beginWaterfall(at: market)
        requeueWaiting(market)
        lookAtAll(market)
        runWaterfall(&events)
    }

    mutating func setState(_ market: Int32, _ state: MarketState, _ events: inout EventBuffer) {
        markets[market].state = state
        events.append(.marketStateChanged, MarketStateChanged(market: MarketID(market), state: state))
    }

    mutating func kill(_ command: Kill, _ events: inout EventBuffer) -> Status {
        if (command.account == .none) == (command.market == .none) { return .invalidCombination }
        var opens = nowhere
        if command.market != .none {
            let market = command.market.raw
            if market < 0 || Int(market) >= markets.count { return .unknownMarket }
            if markets[market].state == .settled { return .marketSettled }
            if command.on { cancelOrders(ofMarket: market, .kill, &events) }
            if !markets[market].isClosable { opens = market }
            setState(market, command.on ? .halted : .open, &events)
        } else {
            if let refusal = userRefusal(command.account) { return refusal }
            accounts[command.account.raw].isKilled = command.on
            if command.on { cancelOrders(of: command.account.raw, in: nowhere, .kill, &events) }
        }
        let switched = KillSwitched(account: command.account, market: command.market, on: command.on)
        events.append(.killSwitched, switched)
        if opens >= 0 { lookAgain(opens, &events) }
        return .ok
    }
}

extension Market {
    /// A market with a valid specification, without prices and orders.
    static func made(from specification: MarketSpecification) -> Market {
        var market = Market()
        market.specification = specification
        market.specification.key = .none
        market.derive()
        return market
    }

    /// Sets what follows from the rules, or repeats a part of them where it is quickly read.
    mutating func derive() {
        unitValue = Market.unitValue(of: specification) ?? 1
        maker = specification.maker
        taker = specification.taker
        priceBand = specification.priceBand
        let table = specification.table
        deductions = Market.deductions(of: table)
        firstTier = table.tiers[0]
        highestRate = table.tiers[Int(max(table.count, 1)) - 1].maintenance
    }

    /// u, or nil if tick and lot do not make a whole number of 10⁻⁸ between 1 and 2⁴⁰ (LED-1).
    static func unitValue(of specification: MarketSpecification) -> Int64? {
        if specification.tickSize < 1 || specification.lotSize < 1 { return nil }
        let product = Int128(specification.tickSize) * Int128(specification.lotSize)
        let value = quotient(product, unit, .down)
        if value * unit != product || value < 1 || value > Int128(1) << 40 { return nil }
        return Int64(value)
    }

    /// Deductions that make the brackets continuous, in 10⁻¹⁶ of the quote currency (MG-5).
    static func deductions(of table: TierTable) -> InlineArray<10, Int128> {
        var deductions = InlineArray<10, Int128>(repeating: 0)
        for index in 1..<TierTable.limit where index < Int(table.count) {
            let below = table.tiers[index - 1]
            let step = Int128(table.tiers[index].maintenance.units) - Int128(below.maintenance.units)
            deductions[index] = deductions[index - 1] + Int128(below.upTo.units) * step
        }
        return deductions
    }
}
