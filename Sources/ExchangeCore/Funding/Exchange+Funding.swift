/// Premium, rate and payment (funding.md).
extension Exchange {
    /// Adds a sample of the premium, weighted by the time since the one before (FUND-1).
    mutating func samplePremium(_ market: Int32) {
        let weight =
            markets[market].hasSample ? clock.microseconds - markets[market].lastSample.microseconds : 0
        markets[market].hasSample = true
        markets[market].lastSample = clock
        if weight == 0 { return }
        markets[market].premiumSum += premium(market) * Int128(weight)
        markets[market].premiumWeight += weight
    }

    /// ((impactBid − index)⁺ − (index − impactAsk)⁺)/index in 10⁻⁸, rounded toward zero.
    private func premium(_ market: Int32) -> Int128 {
        let index = Int128(markets[market].index.ticks)
        if index <= 0 { return 0 }
        let above = impact(market, .sell, index)
        let below = impact(market, .buy, index)
        return larger(0, above) - larger(0, below)
    }

    /// The most levels that are walked for an impact price (FUND-1).
    static var impactLevels: Int { 1_000 }

    /// How far the average price of trading the impact notional lies beyond the index, in 10⁻⁸ of it:
    /// for a sell above it, for a buy below it; 0 if the side is too thin.
    private func impact(_ market: Int32, _ side: Side, _ index: Int128) -> Int128 {
        let u = markets[market].u
        var left = Int128(markets[market].specification.impactNotional.units)
        var lots: Int128 = 0
        var worth: Int128 = 0
        var level = side == .buy ? markets[market].roots.bestAsk : markets[market].roots.bestBid
        var walked = 0
        while left > 0 {
            if level < 0 || walked == Exchange.impactLevels { return 0 }
            walked += 1
            let price = Int128(book.levels[level].price)
            let whole = Int128(book.levels[level].quantity.lots)
            let taken = smaller(whole, quotient(left, price * u, .up))
            lots += taken
            worth += taken * price
            left -= taken * price * u
            level =
                side == .buy
                ? book.prices.above(markets[market].roots.asks, book.levels[level].price)
                : book.prices.below(markets[market].roots.bids, book.levels[level].price)
        }
        if lots == 0 { return 0 }
        let beyond = (worth - index * lots) * Int128(side == .sell ? 1 : -1)
        return beyond <= 0 ? 0 : scaled(beyond, by: unit, over: index * lots, .towardZero)
    }

    /// The rate that follows from the samples (FUND-2).
    func fundingRate(_ market: Int32) -> Int128 {
        let interval = Int128(markets[market].specification.fundingInterval)
        let eightHours: Int128 = 28_800_000_000
        let scale = interval == 0 ? eightHours : interval
        let interest = quotient(
            Int128(markets[market].specification.interest.units) * scale,
            eightHours,
            .towardZero
        )
        let cap = quotient(
            Int128(markets[market].specification.fundingCap.units) * scale,
            eightHours,
            .towardZero
        )
        let weight = Int128(markets[market].premiumWeight)
        let average = weight == 0 ? 0 : quotient(markets[market].premiumSum, weight, .towardZero)
        let damped = smaller(larger(interest - average, -50_000), 50_000)
        let bound = smaller(cap, unit)
        return smaller(larger(average + damped, -bound), bound)
    }

    mutating func payFundingOnCommand(_ command: FundingUpdate, _ events: inout EventBuffer) -> Status {
        let market = command.market.raw
        if market < 0 || Int(market) >= markets.count { return .unknownMarket }
        if command.rate > .one || command.rate.units < -Rate.one.units { return .invalidRate }
        if !command.hasRate && command.rate != .zero { return .invalidField }
        if markets[market].state == .settled { return .marketSettled }
        if markets[market].validity != .valid { return .noPrice }
        payFunding(market, command.hasRate ? Int128(command.rate.units) : fundingRate(market), &events)
        forgetPayments()
        return .ok
    }

    /// Ends what counts as paid in this command, unless its waterfall is still to go on. Not done by the
    /// waterfall itself: in a tick the payments of earlier deadlines count for the later ones (MG-6).
    mutating func forgetPayments() {
        if waterfall.isPending { return }
        for market in 0..<markets.count { markets[market].fundingPaid = .zero }
    }

    /// The deadline of an interval: pays and sets the next one, if there is a valid price; otherwise the
    /// next valid price sets it (FUND-4).
    mutating func fundingIsDue(_ market: Int32, _ events: inout EventBuffer) {
        if markets[market].validity == .valid {
            armFunding(market)
            payFunding(market, fundingRate(market), &events)
        } else {
            deadlines.remove(markets[market].funding)
            markets[market].funding = nowhere
            startSamplesOver(market)
        }
    }

    private mutating func startSamplesOver(_ market: Int32) {
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
        let after = larger(clock, tickEnd)
        let periods = quotient(Int128(after.microseconds), Int128(interval), .down) + 1
        markets[market].funding = deadlines.add(
            Timestamp(Int64(periods * Int128(interval))),
            .funding,
            Int64(market)
        )
    }

    /// Pays between longs and shorts at the mark: payers first, rounded up; receivers rounded down;
    /// the difference to the insurance fund (FUND-3).
    private mutating func payFunding(_ market: Int32, _ rate: Int128, _ events: inout EventBuffer) {
        startSamplesOver(market)
        markets[market].fundingPaid = Rate(Int64(rate))
        markets[market].lastFunding = Rate(Int64(rate))
        var settled = FundingSettled()
        settled.market = MarketID(market)
        settled.rate = Rate(Int64(rate))
        var paid: Int128 = 0
        var received: Int128 = 0
        for pass in 0..<2 {
            let payersTurn = pass == 0
            var leg = markets[market].firstPosition
            while leg >= 0 {
                let payment = fundingPayment(leg, rate)
                if payersTurn && payment > 0 { paid += payment }
                if !payersTurn && payment < 0 { received -= payment }
                if payersTurn ? payment > 0 : payment < 0 {
                    credit(bucket(of: leg), -payment, .funding, AccountID.fund.raw, &events)
                }
                leg = legs[leg].nextPosition
            }
        }
        // The fund is the counterparty of both sides, and keeps the difference.
        credit(venue(.fund), paid - received, .funding, AccountID.none.raw, &events)
        settled.paid = Amount(Int64(paid))
        settled.received = Amount(Int64(received))
        settled.rounding = Amount(Int64(paid - received))
        events.append(.fundingSettled, settled)
        beginWaterfall(at: market)
        requeueWaiting(market)
        lookAtAll(market)
        runWaterfall(&events)
    }

    /// What a leg pays at a rate, rounded up; negative is received, and rounding up then rounds what is
    /// received down.
    func fundingPayment(_ leg: Int32, _ rate: Int128) -> Int128 {
        let market = legs[leg].market
        let worth = Int128(legs[leg].size.lots) * Int128(markets[market].mark.ticks) * markets[market].u
        let signed = rate < 0 ? -worth : worth
        return scaled(signed, by: Int128(rate.magnitude), over: unit, .up)
    }
}
