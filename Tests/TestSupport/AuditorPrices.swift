import ExchangeCore

// Markets, sources, index, mark (PX) and funding (FUND).

extension Auditor {
    // MARK: markets

    func createMarket(_ c: MarketSpecification) -> Status {
        if !c.symbol.isValid { return .invalidSymbol }
        if c.tickSize < 1 || c.lotSize < 1 { return .invalidTick }
        let worth = Whole(c.tickSize) * Whole(c.lotSize)
        if worth % one != 0 || worth / one < 1 || worth / one > Whole(1) << 40 { return .invalidTick }
        guard let tiers = brackets(c.table) else { return .invalidTiers }
        if let status = outOfRange(c) { return status }
        if s.markets.contains(where: { $0.rules.symbol == c.symbol }) { return .symbolExists }
        if s.markets.count >= limits.markets { return .marketLimit }
        let market = AuditedMarket(rules: c, tiers: tiers, u: worth / one)
        result = Int64(s.markets.count)
        s.markets.append(market)
        return .ok
    }

    /// The ranges of commands.md, *Shapes*.
    private func outOfRange(_ c: MarketSpecification) -> Status? {
        let tenth = one / 10
        let rates: [(Rate, ClosedRange<Whole>)] = [
            (c.maker, -tenth...tenth), (c.taker, 0...tenth), (c.liquidationFee, 0...tenth),
            (c.priceBand, 0...(one - 1)), (c.triggerProtect, 0...one), (c.deviationLimit, 0...one),
            (c.fundingCap, 0...one), (c.buffer, 0...one), (c.fundShare, 0...one), (c.interest, -one...one),
            (c.bidLimit, -Whole(Int64.max) - 1...one), (c.impactShare, 0...one),
        ]
        for (rate, range) in rates where !range.contains(Whole(rate.units)) { return .invalidRate }
        if c.maker.units + c.taker.units < 0 { return .invalidRate }
        if c.sizing == .justEnough && 2 * c.liquidationFee.units > c.table.tiers[0].maintenance.units {
            return .invalidRate
        }
        if c.quorum < 1 || c.quorum > 16 || c.workOff < 0 || c.takeoverDenominator < 1
            || c.takeoverNumerator < 0 || c.takeoverNumerator > c.takeoverDenominator
        {
            return .invalidField
        }
        for time in [c.staleAfter, c.fundingInterval] where time < 0 || Whole(time) > Whole(1) << 56 {
            return .invalidTime
        }
        if c.impactAge < 0 || Whole(c.impactAge) > 604_800_000_000 { return .invalidTime }
        for amount in [c.impactNotional, c.fundPerEvent, c.fundPerMarket] where amount.units < 0 {
            return .invalidAmount
        }
        return nil
    }

    /// The brackets, or nil where MG-5 does not allow them.
    private func brackets(_ table: TierTable) -> [AuditedTier]? {
        let count = Int(table.count)
        if count < 1 || count > 10 { return nil }
        var tiers: [AuditedTier] = []
        for index in 0..<count {
            let tier = AuditedTier(
                upTo: Whole(table.tiers[index].upTo.units),
                rate: Whole(table.tiers[index].maintenance.units),
                leverage: Whole(table.tiers[index].leverage)
            )
            if tier.rate < 1 || tier.leverage < 1 || tier.upTo < 1 || tier.rate * tier.leverage > one {
                return nil
            }
            if (index == count - 1) != (tier.upTo == noLimit) { return nil }
            if let below = tiers.last {
                if tier.upTo <= below.upTo || tier.rate < below.rate || tier.leverage > below.leverage {
                    return nil
                }
            }
            tiers.append(tier)
        }
        return tiers
    }

    func setTiers(_ c: SetTiers) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        let market = Int(c.market.raw)
        guard let tiers = brackets(c.table) else { return .invalidTiers }
        if s.markets[market].state == .settled { return .marketSettled }
        let rules = s.markets[market].rules
        if rules.sizing == .justEnough && 2 * Whole(rules.liquidationFee.units) > tiers[0].rate {
            return .invalidRate
        }
        s.markets[market].tiers = tiers
        lookAt(market)
        return .ok
    }

    func configureSource(_ c: ConfigureSource) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        if c.source < 0 || c.source > 15 { return .sourceLimit }
        if c.weight < 0 || c.weight > 1_000 { return .invalidField }
        let market = Int(c.market.raw)
        if c.kind == .perp && s.markets[market].rules.mark != .hyperliquid { return .invalidCombination }
        s.markets[market].sources[Int(c.source)].weight = Whole(c.weight)
        s.markets[market].sources[Int(c.source)].perp = c.kind == .perp
        // What went stale without weight has no deadline any more.
        let source = s.markets[market].sources[Int(c.source)]
        if source.known && isStale(source, s.markets[market], at: now) {
            s.markets[market].sources[Int(c.source)].wentStale = true
        }
        return .ok
    }

    // MARK: index (PX-1, PX-2)

    private func isStale(_ source: AuditedSource, _ m: AuditedMarket, at time: Whole) -> Bool {
        time - source.at > Whole(m.rules.staleAfter)
    }

    /// Weighted median of the sources: sorted by price, then number.
    func median(_ m: AuditedMarket, _ numbers: [Int]) -> Whole {
        let sorted = numbers.sorted { (m.sources[$0].price, $0) < (m.sources[$1].price, $1) }
        var all: Whole = 0
        for number in sorted { all += m.sources[number].weight }
        var sum: Whole = 0
        for (place, number) in sorted.enumerated() {
            sum += m.sources[number].weight
            if 2 * sum > all { return m.sources[number].price }
            // The two in the middle weigh the same: their mean.
            if 2 * sum == all && place + 1 < sorted.count {
                return floorOf(m.sources[number].price + m.sources[sorted[place + 1]].price, 1, over: 2)
            }
        }
        return 0
    }

    /// What the sources say at `time`: the median of those left, and what it is worth.
    private func judge(_ m: AuditedMarket, at time: Whole) -> (index: Whole?, validity: PriceValidity) {
        var fresh: [Int] = []
        var stale = 0
        var wrong = 0
        var any = false
        for number in m.sources.indices where m.sources[number].known {
            let source = m.sources[number]
            if source.weight == 0 || source.perp { continue }
            any = true
            if source.price <= 0 {
                wrong += 1
            } else if isStale(source, m, at: time) {
                stale += 1
            } else {
                fresh.append(number)
            }
        }
        if !any { return (nil, .none) }
        var left = fresh
        let limit = Whole(m.rules.deviationLimit.units)
        if limit > 0 && !fresh.isEmpty {
            let middle = median(m, fresh)
            let isPair = fresh.count == 2 && m.sources[fresh[0]].weight == m.sources[fresh[1]].weight
            if isPair {
                let apart = abs(m.sources[fresh[0]].price - m.sources[fresh[1]].price)
                // Both are looked at by themselves: an odd distance leaves half a tick to one of them.
                left = fresh.filter { 2 * abs(m.sources[$0].price - middle) * one <= limit * middle }
                if left.count == 1 { marks.append("of two sources one within the limit, at \(apart)") }
            } else {
                left = fresh.filter { abs(m.sources[$0].price - middle) * one <= limit * middle }
            }
        }
        let index = left.isEmpty ? nil : median(m, left)
        let quorum = Int(m.rules.quorum)
        var count = left.count
        if count >= quorum { return (index, .valid) }
        count = fresh.count
        if count >= quorum { return (index, .tooFar) }
        count += stale
        if count >= quorum { return (index, .stale) }
        count += wrong
        return (index, count >= quorum ? .notPositive : .tooFew)
    }

    /// When a source of the market goes stale next (DET-4).
    func staleAt(_ market: Int) -> Whole? {
        let m = s.markets[market]
        if m.state == .settled { return nil }
        var first: Whole?
        for source in m.sources
        where source.known && source.price > 0 && source.weight > 0 && !source.wentStale && !source.perp {
            let at = source.at + Whole(m.rules.staleAfter) + 1
            first = min(first ?? at, at)
        }
        return first
    }

    func goStale(_ market: Int, at time: Whole) {
        let after = Whole(s.markets[market].rules.staleAfter)
        for number in s.markets[market].sources.indices
        where s.markets[market].sources[number].at + after + 1 <= time {
            s.markets[market].sources[number].wentStale = true
        }
        let before = s.markets[market].validity
        if s.markets[market].rules.mark == .last {
            let m = s.markets[market]
            if !m.sources.contains(where: { $0.known && $0.price > 0 && $0.weight > 0 && !$0.wentStale }) {
                s.markets[market].validity = .stale
            }
        } else {
            s.markets[market].validity = judge(s.markets[market], at: time).validity
        }
        // What is not valid ends the sample that stands (FUND-1).
        if s.markets[market].validity != before {
            var m = s.markets[market]
            sample(market, &m, at: time)
            s.markets[market] = m
            if m.validity == .valid { lookAt(market) }
        }
    }

    // MARK: a price (PX-3, PX-4, PX-6)

    func price(_ c: PriceUpdate) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        let market = Int(c.market.raw)
        if c.source < 0 || c.source > 15 { return .sourceLimit }
        let ticks = Whole(c.price.ticks)
        if ticks > Whole(1) << 30 - 1 { return .invalidPrice }
        if s.markets[market].state == .settled { return .marketSettled }
        var m = s.markets[market]
        m.sources[Int(c.source)].price = ticks
        m.sources[Int(c.source)].at = now
        m.sources[Int(c.source)].known = true
        m.sources[Int(c.source)].wentStale = false
        let said = judge(m, at: now)
        var mark = makeMark(market, &m, said.index, valid: said.validity == .valid)
        m.validity = said.validity
        m.index = said.index ?? m.index
        if m.rules.mark == .last {
            mark = ticks > 0 ? ticks : nil
            m.validity = ticks > 0 ? .valid : .notPositive
        }
        if m.validity == .valid, let mark {
            m.previous = m.mark
            m.mark = held(mark, market)
            m.latest = m.mark
            turns[m.mark] = m.previous
            m.stirred = true
            workOff = market
            if m.nextFunding == nil { m.nextFunding = multiple(of: m) }
        } else if m.mark > 0 && m.rules.mark != .last {
            marks.append("latest mark without a valid price")
            if let mark { m.latest = held(mark, market) }
        }
        sample(market, &m, at: now)
        s.markets[market] = m
        lookAt(market)
        if m.validity == .valid, let mark { heldMark = (market, mark, 0) }
        goOnHeld()
        return .ok
    }

    /// A price as far as the open interest allows (PX-6).
    func held(_ price: Whole, _ market: Int) -> Whole {
        let interest = openInterest(market) * s.markets[market].u
        if interest * price <= Whole(1) << 61 { return price }
        marks.append("a mark held back")
        return max(1, (Whole(1) << 61) / interest)
    }

    /// Where a mark was held and somebody was closed at it, it goes on (PX-6).
    func goOnHeld() {
        while let (market, mark, done) = heldMark, waterfall == nil {
            let next = held(mark, market)
            if next == s.markets[market].mark || done == 8 {
                heldMark = nil
                return
            }
            heldMark = (market, mark, done + 1)
            finishCommand()
            steps = 0
            activations = 0
            s.markets[market].previous = s.markets[market].mark
            s.markets[market].markBefore = s.markets[market].mark
            s.markets[market].mark = next
            s.markets[market].latest = next
            turns[next] = s.markets[market].previous
            s.markets[market].stirred = true
            s.markets[market].vaultTook = false
            workOff = market
            lookAt(market)
        }
    }

    // MARK: funding (FUND)

    /// Average price of trading the impact notional into one side, as a fraction of ticks.
    private func impact(_ market: Int, mark: Whole, bids: Bool) -> Fraction? {
        let u = s.markets[market].u
        let m = s.markets[market]
        var left = Whole(m.rules.impactNotional.units)
        let share = Whole(m.rules.impactShare.units)
        if share > 0 { left = max(left, ceilingOf(openInterest(market) * mark * u, share, over: one)) }
        var levels: [(price: Whole, quantity: Whole)] = []
        for order in s.orders where order.market == market && order.resting && order.buy == bids {
            // What has not stood long enough counts nothing, but for the place of its level.
            let stands = order.restedAt + Whole(m.rules.impactAge) <= now ? order.remaining : 0
            if let at = levels.firstIndex(where: { $0.price == order.price }) {
                levels[at].quantity += stands
            } else {
                levels.append((order.price, stands))
            }
        }
        levels.sort { bids ? $0.price > $1.price : $0.price < $1.price }
        var spent: Whole = 0
        var lots: Whole = 0
        for level in levels.prefix(1_000) {
            if left <= 0 { break }
            let whole = level.price * level.quantity * u
            let q = whole <= left ? level.quantity : ceilingOf(left, over: level.price * u)
            spent += level.price * q
            lots += q
            left -= level.price * q * u
        }
        return left > 0 || lots == 0 ? nil : Fraction(part: spent, whole: lots)
    }

    /// FUND-1: the sample that stands ends; with a valid price the next one begins.
    func sample(_ market: Int, _ m: inout AuditedMarket, at time: Whole) {
        if let premium = m.premium, let since = m.lastSample {
            m.premiumSum += premium * (time - since)
            m.premiumWeight += time - since
        }
        m.lastSample = time
        m.premium = nil
        if m.validity != .valid { return }
        var premium: Whole = 0
        if m.index > 0 {
            if let bid = impact(market, mark: m.mark, bids: true), bid.part > m.index * bid.whole {
                premium += floorOf(bid.part - m.index * bid.whole, one, over: m.index * bid.whole)
            } else if let ask = impact(market, mark: m.mark, bids: false), ask.part < m.index * ask.whole {
                premium -= floorOf(m.index * ask.whole - ask.part, one, over: m.index * ask.whole)
            }
        }
        m.premium = premium
    }

    /// FUND-2.
    private func fundingRate(_ m: AuditedMarket, at time: Whole) -> Whole {
        var (sum, weight) = (m.premiumSum, m.premiumWeight)
        if let premium = m.premium, let since = m.lastSample {
            sum += premium * (time - since)
            weight += time - since
        }
        let average = weight > 0 ? sum / weight : 0
        let day: Whole = 28_800_000_000
        let interval = Whole(m.rules.fundingInterval)
        var interest = Whole(m.rules.interest.units)
        var cap = Whole(m.rules.fundingCap.units)
        if interval > 0 {
            interest = interest * interval / day
            cap = cap * interval / day
        }
        let pull = max(-50_000, min(50_000, interest - average))
        // What 1/leverage leaves above maintenance where leverage is highest.
        cap = min(cap, positivePart(one / m.tiers[0].leverage - m.tiers[0].rate))
        return max(-cap, min(cap, average + pull))
    }

    /// The first multiple of the funding interval behind the present moment (FUND-4).
    private func multiple(of m: AuditedMarket) -> Whole? {
        let interval = Whole(m.rules.fundingInterval)
        return interval > 0 ? (now / interval + 1) * interval : nil
    }

    func fundingAt(_ market: Int) -> Whole? {
        let m = s.markets[market]
        if m.state == .settled || m.rules.fundingInterval <= 0 { return nil }
        return m.nextFunding
    }

    func dueFunding(_ market: Int, at time: Whole) {
        s.markets[market].nextFunding = nil
        let valid = s.markets[market].validity == .valid
        if valid && mayPay(market, fundingRate(s.markets[market], at: time)) {
            s.markets[market].nextFunding = multiple(of: s.markets[market])
            pay(market, fundingRate(s.markets[market], at: time), at: time)
        } else {
            startSamplesOver(market, at: time)
        }
    }

    private func startSamplesOver(_ market: Int, at time: Whole) {
        s.markets[market].premiumSum = 0
        s.markets[market].premiumWeight = 0
        s.markets[market].lastSample = time
    }

    func funding(_ c: FundingUpdate) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        if abs(Whole(c.rate.units)) > one { return .invalidRate }
        if !c.hasRate && c.rate != .zero { return .invalidField }
        let market = Int(c.market.raw)
        if s.markets[market].state == .settled { return .marketSettled }
        if s.markets[market].validity != .valid { return .noPrice }
        let rate = c.hasRate ? Whole(c.rate.units) : fundingRate(s.markets[market], at: now)
        if !mayPay(market, rate) { return .priceOverflow }
        pay(market, rate, at: now)
        return .ok
    }

    /// LED-1: all cash stays in its range with a payment.
    private func mayPay(_ market: Int, _ rate: Whole) -> Bool {
        let m = s.markets[market]
        for account in s.accounts.indices {
            for (index, leg) in s.accounts[account].legs.enumerated() where leg.market == market {
                let amount = abs(ceilingOf(leg.size * m.mark * m.u, rate, over: one))
                if abs(cash(bucket(of: account, leg: index))) + amount >= Whole(1) << 62 {
                    return false
                }
            }
        }
        return true
    }

    /// FUND-3.
    private func pay(_ market: Int, _ rate: Whole, at time: Whole) {
        startSamplesOver(market, at: time)
        s.markets[market].lastFunding = rate
        s.markets[market].ratePaid = rate
        let m = s.markets[market]
        var paid: Whole = 0
        var received: Whole = 0
        for account in s.accounts.indices {
            for index in s.accounts[account].legs.indices {
                let leg = s.accounts[account].legs[index]
                if leg.market != market || leg.size == 0 { continue }
                let amount = ceilingOf(leg.size * m.mark * m.u, rate, over: one)
                let b = bucket(of: account, leg: index)
                addCash(b, -amount)
                paid += positivePart(amount)
                received += positivePart(-amount)
            }
        }
        s.accounts[0].cash += paid - received
        told.fundings.append(AuditedFunding(market: market, rate: rate, paid: paid, received: received))
        lookAt(market)
    }
}
