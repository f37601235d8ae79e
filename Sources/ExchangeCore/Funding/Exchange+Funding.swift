/// Premium, rate and payment (funding.md).
extension Exchange {
    /// Ends the sample of the premium that stands and, with a valid price, takes the next one: each weighs
    /// the time for which it stands (FUND-1).
    mutating func samplePremium(_ market: Int32) {
        assert(markets[market].lastSample <= clock, "a sample stands since a time that has been")
        let weight = standingWeight(market)
        markets[market].premiumSum += Int128(markets[market].lastPremium) * Int128(weight)
        markets[market].premiumWeight += weight
        assert(weight >= 0 && markets[market].premiumWeight >= weight, "time only adds weight")
        markets[market].lastSample = clock
        markets[market].isSampling = markets[market].validity == .valid
        markets[market].lastPremium = 0
        if !markets[market].isSampling { return }
        markets[market].hasSample = true
        assert(markets[market].hasMark, "a valid price has made a mark")
        markets[market].lastPremium = clampedToRange(premium(market))
    }

    /// For how long the last sample has stood, in µs; 0 if none does.
    private func standingWeight(_ market: Int32) -> Int64 {
        markets[market].isSampling ? clock.microseconds - markets[market].lastSample.microseconds : 0
    }

    /// ((impactBid − index)⁺ − (index − impactAsk)⁺)/index in 10⁻⁸, rounded toward zero.
    private func premium(_ market: Int32) -> Int128 {
        let index = Int128(markets[market].index.ticks)
        assert(index >= 0 && index <= Int128(Price.highest.ticks), "an index is a price")
        if index <= 0 { return 0 }
        let above = impact(market, .sell, index)
        let below = impact(market, .buy, index)
        return Funding.premium(bidAbove: above, askBelow: below)
    }

    /// The most levels that are walked for an impact price (FUND-1).
    static var impactLevels: Int { 1_000 }

    /// How far the average price of trading the impact notional lies beyond the index, in 10⁻⁸ of it:
    /// for a sell above it, for a buy below it; 0 if the side is too thin.
    private func impact(_ market: Int32, _ side: Side, _ index: Int128) -> Int128 {
        let u = markets[market].u
        var left = impactNotional(market)
        assert(index > 0 && left >= 0, "an impact price has an index and a notional")
        var lots: Int128 = 0
        var worth: Int128 = 0
        var level = side == .buy ? markets[market].roots.bestAsk : markets[market].roots.bestBid
        var walked = 0
        while left > 0 {
            if level < 0 || walked == Exchange.impactLevels { return 0 }
            walked += 1
            let price = Int128(book.levels[level].price)
            assert(price > 0 && book.levels[level].first >= 0, "a level has a price and orders")
            let whole = standingLots(level, markets[market].specification.impactAge)
            let taken = min(whole, quotient(left, price * u, .up))
            lots += taken
            worth += taken * price
            left -= taken * price * u
            level =
                side == .buy
                ? book.prices.above(markets[market].roots.asks, book.levels[level].price)
                : book.prices.below(markets[market].roots.bids, book.levels[level].price)
        }
        assert(left <= 0 || lots == 0, "the notional is reached, or nothing is taken")
        return Funding.beyond(index: index, worth: worth, lots: lots, side)
    }

    private func impactNotional(_ market: Int32) -> Int128 {
        let interest = Int128(markets[market].openInterest.lots) * Int128(markets[market].mark.ticks)
        assert(interest >= 0, "open interest and mark are not negative")
        return Funding.impactNotional(
            least: Int128(markets[market].specification.impactNotional.units),
            share: Int128(markets[market].specification.impactShare.units),
            openInterest: interest * markets[market].u
        )
    }

    /// So many younger orders of a level are looked at for its impact price; with more it counts nothing.
    static var impactOrders: Int { 1_000 }

    /// Lots at a level that have stood there for at least `age` µs: a queue is in order of time, so the
    /// younger ones are at its end. O(1) where there are none.
    private func standingLots(_ level: Int32, _ age: Int64) -> Int128 {
        var lots = Int128(book.levels[level].quantity.lots)
        assert(lots > 0 && age >= 0, "a level holds lots")
        var order = book.levels[level].last
        var walked = 0
        while order >= 0 && restedAt(order).microseconds > clock.microseconds - age {
            if walked == Exchange.impactOrders { return 0 }
            walked += 1
            lots -= Int128(book.orders[order].remaining.lots)
            assert(lots >= 0, "younger orders are a part of their level")
            order = book.orders[order].previous
        }
        return lots
    }

    /// The rate that follows from the samples (FUND-2).
    func fundingRate(_ market: Int32) -> Int128 {
        let specification = markets[market].specification
        let interval = Int128(specification.fundingInterval)
        let scale = interval == 0 ? 28_800_000_000 : interval
        let standing = Int128(standingWeight(market))
        let weight = Int128(markets[market].premiumWeight) + standing
        assert(standing >= 0 && weight >= standing, "time only adds weight")
        let sum = markets[market].premiumSum + Int128(markets[market].lastPremium) * standing
        let tier = markets[market].firstTier
        let room = Funding.marginRoom(leverage: tier.leverage, maintenance: tier.maintenance)
        assert(tier.leverage >= 1 && tier.maintenance.units >= 1, "the first bracket is one that is accepted")
        return Funding.rate(
            average: weight == 0 ? 0 : quotient(sum, weight, .towardZero),
            interest: Funding.over(scale, specification.interest),
            bound: min(Funding.over(scale, specification.fundingCap), room)
        )
    }

    mutating func payFundingOnCommand(_ command: FundingUpdate, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.rate > .one || command.rate.units < -Rate.one.units { return .invalidRate }
        if !command.hasRate && command.rate != .zero { return .invalidField }
        if markets[market].state == .settled { return .marketSettled }
        if markets[market].validity != .valid { return .noPrice }
        assert(markets[market].hasMark, "a valid price has made a mark")
        if !canPayFunding(market, command.hasRate ? Int128(command.rate.units) : fundingRate(market)) {
            return .priceOverflow
        }
        payFunding(market, command.hasRate ? Int128(command.rate.units) : fundingRate(market), &events)
        forgetPayments()
        return .ok
    }

    /// Ends what counts as paid in this command, unless its waterfall is still to go on. Not done by the
    /// waterfall itself: in a tick the payments of earlier deadlines count for the later ones (MG-6).
    mutating func forgetPayments() {
        assert(waterfall.isPending || queue.count == 0, "a waterfall that has ended has no queue")
        if waterfall.isPending { return }
        assert(affected.count == 0, "a waterfall that has ended looks at nobody")
        for market in 0..<markets.count { markets[market].fundingPaid = .zero }
    }

    /// The deadline of an interval: pays and sets the next one, if there is a valid price; otherwise the
    /// next valid price sets it (FUND-4).
    mutating func fundingIsDue(_ market: Int32, _ events: inout EventBuffer) {
        assert(markets[market].funding >= 0, "a payment that is due has a deadline")
        assert(deadlines.time(of: markets[market].funding) <= clock, "no payment comes before its time")
        if markets[market].validity == .valid && canPayFunding(market, fundingRate(market)) {
            armFunding(market)
            payFunding(market, fundingRate(market), &events)
        } else {
            deadlines.remove(markets[market].funding)
            markets[market].funding = nowhere
            startSamplesOver(market)
        }
    }

    private mutating func startSamplesOver(_ market: Int32) {
        assert(markets[market].premiumWeight >= 0, "a sum of times is not negative")
        assert(markets[market].lastSample <= clock, "a sample stands since a time that has been")
        markets[market].premiumSum = 0
        markets[market].premiumWeight = 0
        markets[market].lastSample = clock
    }

    /// Sets the deadline at the next multiple of the interval since 1970.
    mutating func armFunding(_ market: Int32) {
        if markets[market].funding >= 0 { deadlines.remove(markets[market].funding) }
        markets[market].funding = nowhere
        let interval = markets[market].specification.fundingInterval
        if interval == 0 || markets[market].state == .settled { return }
        let after = max(clock, tickEnd)
        assert(interval > 0 && after >= clock, "the next payment lies ahead")
        let periods = quotient(Int128(after.microseconds), Int128(interval), .down) + 1
        assert(periods * Int128(interval) > Int128(after.microseconds), "the next multiple lies behind now")
        markets[market].funding = deadlines.add(
            Timestamp(Int64(periods * Int128(interval))),
            .funding,
            Int64(market)
        )
    }

    /// Whether all cash stays within its range with a payment (LED-1). O(positions of the market).
    private func canPayFunding(_ market: Int32, _ rate: Int128) -> Bool {
        assert(absolute(rate) <= unit, "a rate is at most one")
        var position = markets[market].firstPosition
        while position >= 0 {
            let payment = absolute(fundingPayment(position, rate))
            assert(
                positions[position].market == market && positions[position].isOpen,
                "a position is in its market's list"
            )
            if absolute(Int128(margins[positions[position].margin].cash.units)) + payment >= Amount.cashLimit
            {
                return false
            }
            position = positions[position].nextPosition
        }
        return true
    }

    /// Pays between longs and shorts at the mark: payers first, rounded up; receivers rounded down;
    /// the difference to the insurance fund (FUND-3).
    private mutating func payFunding(_ market: Int32, _ rate: Int128, _ events: inout EventBuffer) {
        assert(
            absolute(rate) <= unit && markets[market].validity == .valid,
            "a payment has a rate and a price"
        )
        startSamplesOver(market)
        markets[market].fundingPaid = Rate(Int64(rate))
        markets[market].lastFunding = Rate(Int64(rate))
        var settled = FundingSettled(market: MarketID(market), rate: Rate(Int64(rate)))
        var paid: Int128 = 0
        var received: Int128 = 0
        for pass in 0..<2 {
            let payersTurn = pass == 0
            var position = markets[market].firstPosition
            while position >= 0 {
                let payment = fundingPayment(position, rate)
                if payersTurn && payment > 0 { paid += payment }
                if !payersTurn && payment < 0 { received -= payment }
                if payersTurn ? payment > 0 : payment < 0 {
                    credit(positions[position].margin, -payment, .funding, AccountID.fund.raw, &events)
                }
                position = positions[position].nextPosition
            }
        }
        precondition(received >= 0 && paid >= received, "what is received was paid")
        assert(paid - received <= Int128(2 * markets[market].positions), "a unit a position is rounded")
        // The fund is the counterparty of both sides, and keeps the difference.
        credit(venue(.fund), paid - received, .funding, AccountID.none.raw, &events)
        settled.paid = Amount(reporting: paid)
        settled.received = Amount(reporting: received)
        settled.rounding = Amount(Int64(paid - received))
        events.append(.fundingSettled, settled)
        beginWaterfall(at: market)
        requeueWaiting(market)
        lookAtAll(market)
        runWaterfall(&events)
    }
}
