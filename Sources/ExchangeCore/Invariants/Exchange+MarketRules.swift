/// What holds of markets, their prices, positions and samples.
extension Exchange {
    func checkMarkets() throws(StateFault) {
        for number in 0..<count(of: markets) {
            try checkMarket(markets[number], number)
            try checkMemory(number)
            try checkMarketPositions(number)
            try checkOffers(number)
            let check = StateCheck(.market(number))
            try check(marketID(of: markets[number].specification.symbol)?.raw == number, "symbol", .symbol)
            try check(!markets[number].isMoved || waterfall.isPending, "isMoved", .scratch)
        }
        try checkListed()
    }

    /// Every position is in its market's list: else it would neither be paid, liquidated nor settled.
    private func checkListed() throws(StateFault) {
        var (held, listed) = (0, 0)
        for position in 0..<count(of: positions) where positions[position].isOpen {
            held += 1
            let isFirst = markets[positions[position].market].firstPosition == position
            let check = StateCheck(.position(position))
            try check(isFirst || positions[position].previousPosition >= 0, "size", .marketPositions)
        }
        for market in 0..<count(of: markets) { listed += Int(markets[market].positions) }
        try StateCheck(.header)(held == listed, "positions", .marketPositions)
    }

    /// A market's own fields.
    func checkMarket(_ market: Market, _ number: Int32) throws(StateFault) {
        let check = StateCheck(.market(number))
        try check(market.specification.symbol.isValid, "symbol", .symbol)
        do throws(SpecificationFault) {
            try market.specification.check()
        } catch {
            try check(false, error.field, .specification)
        }
        try checkPrices(market, check)
        for source in 0..<16 { try checkSource(market.sources[source], market, check) }
        try checkSamples(market, check)
        let fund = market.fundDrawn
        try check(market.positionCap.lots >= 0, "positionCap", .caps)
        try check(market.openInterestCap.lots >= 0, "openInterestCap", .caps)
        try check(market.backstopRate.units >= 0, "backstopRate", .caps)
        try check(market.vaultCap.units >= 0, "vaultCap", .caps)
        try check(market.vaultEdge.units >= 0 && market.vaultEdge <= .one, "vaultEdge", .caps)
        try check(fund.units >= 0 && fund.isBounded, "fundDrawn", .caps)
        try check(market.trades >= 0 && market.trades < 1 << 62, "trades", .trades)
        try check(market.openInterest.isBounded, "openInterest", .openInterest)
    }

    private func checkPrices(_ market: Market, _ check: StateCheck) throws(StateFault) {
        let range = 0...Price.highest.ticks
        try check(range.contains(market.mark.ticks), "mark", .prices)
        try check(range.contains(market.latestMark.ticks), "latestMark", .prices)
        try check(range.contains(market.previousMark.ticks), "previousMark", .prices)
        try check(range.contains(market.markBefore.ticks), "markBefore", .prices)
        try check(range.contains(market.lastPrice.ticks), "lastPrice", .prices)
        try check(range.contains(market.lastOrderPrice.ticks), "lastOrderPrice", .prices)
        try check(range.contains(market.index.ticks), "index", .prices)
        try check((market.mark.ticks == 0) == (market.latestMark.ticks == 0), "latestMark", .marks)
        try check((0...16).contains(market.validSources), "validSources", .validity)
    }

    private func checkSource(_ it: Source, _ market: Market, _ check: StateCheck) throws(StateFault) {
        try check(it.price <= .highest, "price", .source)
        try check(it.weight >= 0 && it.weight <= 1_000, "weight", .source)
        try check(it.at.microseconds >= 0 && it.at <= clock, "at", .source)
        try check(it.kind != .perp || market.specification.mark == .hyperliquid, "kind", .source)
        try check(it.isKnown || (it.price == .none && it.at.microseconds == 0), "isKnown", .source)
    }

    private func checkSamples(_ it: Market, _ check: StateCheck) throws(StateFault) {
        // Weights are times between samples, and the last of them ends there.
        try check(it.lastSample.microseconds >= 0 && it.lastSample <= clock, "lastSample", .samples)
        let weight = it.premiumWeight
        try check(weight >= 0 && weight <= it.lastSample.microseconds, "premiumWeight", .samples)
        let isEmpty = it.premiumWeight == 0 && it.premiumSum == 0
        try check(it.hasSample || isEmpty, "hasSample", .samples)
        let most = Int128(it.premiumWeight) * Int128(Price.highest.ticks) * unit
        try check(it.premiumSum <= most && it.premiumSum >= -most, "premiumSum", .samples)
        let highest = Price.highest.ticks * Rate.one.units
        try check(it.lastPremium <= highest && it.lastPremium >= -highest, "lastPremium", .samples)
        try check(it.lastFunding <= .one && it.lastFunding.units >= -Rate.one.units, "lastFunding", .payment)
        try check(it.fundingPaid <= .one && it.fundingPaid.units >= -Rate.one.units, "fundingPaid", .payment)
    }

    private func checkMemory(_ number: Int32) throws(StateFault) {
        let memory = markets[number].memory
        if memory < 0 { return }
        try checkMemory(memories[memory], number)
    }

    /// What a market's mark remembers.
    func checkMemory(_ memory: MarkMemory, _ number: Int32) throws(StateFault) {
        let time = markets[number].specification.averageTime
        let field = memory.unmadeField(averageTime: time, now: clock)
        try StateCheck(.market(number))(field == nil, field ?? "memory", .memory)
    }

    // MARK: Positions

    /// The list both ways, and what it adds up to (LED-4, PX-6).
    private func checkMarketPositions(_ number: Int32) throws(StateFault) {
        let check = StateCheck(.market(number))
        var previous = nowhere
        var found: Int32 = 0
        var position = markets[number].firstPosition
        while position >= 0 {
            let it = positions[position]
            let isIts = it.market == number && it.isOpen && it.previousPosition == previous
            try StateCheck(.position(position))(isIts, "previousPosition", .marketPositions)
            found += 1
            previous = position
            position = it.nextPosition
        }
        try check(previous == markets[number].lastPosition, "lastPosition", .marketPositions)
        try check(found == markets[number].positions, "positions", .marketPositions)
        try checkOpenInterest(number)
    }

    /// The sums over a market's positions.
    func checkOpenInterest(_ number: Int32) throws(StateFault) {
        let check = StateCheck(.market(number))
        var size: Int128 = 0
        var long: Int128 = 0
        var position = markets[number].firstPosition
        while position >= 0 {
            size += Int128(positions[position].size.lots)
            long += Int128(max(0, positions[position].size.lots))
            position = positions[position].nextPosition
        }
        let isBalanced = size == 0 && long == Int128(markets[number].openInterest.lots)
        try check(isBalanced, "openInterest", .openInterest)
        let highest = max(markets[number].mark.ticks, markets[number].latestMark.ticks)
        let worth = long * Int128(highest) * markets[number].u
        try check(worth <= Int128(1) << 61, "openInterest", .openWorth)
    }

    // MARK: Offers

    private func checkOffers(_ number: Int32) throws(StateFault) {
        let it = markets[number]
        try checkOffers(number, from: it.sellOffers, count: it.sellOfferCount)
        try checkOffers(number, from: it.buyOffers, count: it.buyOfferCount)
    }

    private func checkOffers(_ number: Int32, from first: Int32, count: Int32) throws(StateFault) {
        let check = StateCheck(.market(number))
        try check(count <= max(0, limits.offersPerSide), "offers", .offer)
        var found: Int32 = 0
        var offer = first
        var before = StandingOffer()
        while offer >= 0 && found < count {
            let it = offers[offer]
            try checkOffer(it)
            let isBehind = found == 0 || (before.edge, before.number) < (it.edge, it.number)
            try StateCheck(.offer(it.number))(isBehind, "edge", .offer)
            before = it
            found += 1
            offer = it.next
        }
        try check(offer < 0 && found == count, "offers", .offer)
    }
}
