import ExchangeCore

// Values and margin (MG-5 to MG-12), each worked out from scratch whenever it is asked for (MG-3).

/// An order that is tried at the gate although it is not in the book.
struct Tentative {
    var side: PositionSide
    var buy: Bool
    var price: Whole
    var quantity: Whole
}

extension Auditor {
    // MARK: prices and legs

    /// The price at which a leg counts; nil before the first valid mark. For liquidation it is the mark, for
    /// new risk, withdrawals and shares (`cautious`) the worse of the last valid and the latest one (PX-4).
    func valuation(_ market: Int, long: Bool, cautious: Bool) -> Whole? {
        let m = s.markets[market]
        if m.mark <= 0 { return nil }
        if !cautious { return m.mark }
        return long ? min(m.mark, m.latest) : max(m.mark, m.latest)
    }

    func unrealized(_ leg: AuditedLeg, cautious: Bool = false) -> Whole {
        if leg.size == 0 { return 0 }
        guard let v = valuation(leg.market, long: leg.size > 0, cautious: cautious) else { return 0 }
        return leg.size * v * s.markets[leg.market].u + leg.quote
    }

    func notional(_ leg: AuditedLeg, cautious: Bool = false) -> Whole {
        if leg.size == 0 { return 0 }
        guard let v = valuation(leg.market, long: leg.size > 0, cautious: cautious) else {
            return abs(leg.quote)
        }
        return abs(leg.size) * v * s.markets[leg.market].u
    }

    func setting(_ account: AuditedAccount, _ market: Int) -> AuditedSetting {
        if let everywhere = account.everywhere { return AuditedSetting(market: market, leverage: everywhere) }
        for setting in account.settings where setting.market == market { return setting }
        let most = s.markets[market].tiers[0].leverage
        return AuditedSetting(market: market, leverage: min(20, most))
    }

    /// The leg, made if it is not there; what the account did not choose is fixed with it.
    func touch(_ a: inout AuditedAccount, _ market: Int, _ side: PositionSide) -> Int {
        choice(&a, market)
        return a.touch(market, side)
    }

    /// Fixes what the account did not choose for a market.
    func choice(_ a: inout AuditedAccount, _ market: Int) {
        if !a.settings.contains(where: { $0.market == market }) { a.settings.append(setting(a, market)) }
    }

    func touch(_ account: Int, _ market: Int, _ side: PositionSide) -> Int {
        var a = s.accounts[account]
        defer { s.accounts[account] = a }
        return touch(&a, market, side)
    }

    /// Whether an account has a leg or may get another one (LIM-1).
    func mayTouch(_ account: Int, _ market: Int, _ side: PositionSide) -> Bool {
        let a = s.accounts[account]
        return a.leg(market, side) != nil || a.legs.count < limits.positionsPerAccount
    }

    /// A choice for a market where the account has no leg touches `BOTH`, or `LONG`; false at the limit.
    func touchSome(_ account: Int, _ market: Int) -> Bool {
        if s.accounts[account].legs.contains(where: { $0.market == market }) { return true }
        let side: PositionSide = s.accounts[account].hedge ? .long : .both
        if !mayTouch(account, market, side) { return false }
        _ = touch(account, market, side)
        return true
    }

    func isIsolated(_ account: AuditedAccount, _ leg: AuditedLeg) -> Bool {
        setting(account, leg.market).isolated
    }

    // MARK: brackets (MG-5)

    func bracket(_ market: Int, _ notional: Whole) -> AuditedTier {
        let tiers = s.markets[market].tiers
        for tier in tiers where notional <= tier.upTo { return tier }
        return tiers[tiers.count - 1]
    }

    func maintenance(_ market: Int, _ notional: Whole) -> Whole {
        if notional == 0 { return 0 }
        var deduction: Whole = 0
        var floor: Whole = 0
        var below: Whole = 0
        var rate: Whole = 0
        for (index, tier) in s.markets[market].tiers.enumerated() {
            if index > 0 { deduction += floor * (tier.rate - below) }
            rate = tier.rate
            below = tier.rate
            floor = tier.upTo
            if notional <= tier.upTo { break }
        }
        return ceilingOf(notional * rate - deduction, over: one)
    }

    func maintenance(_ leg: AuditedLeg, cautious: Bool = false) -> Whole {
        maintenance(leg.market, notional(leg, cautious: cautious))
    }

    func effectiveLeverage(_ account: AuditedAccount, _ market: Int, _ notional: Whole) -> Whole {
        max(1, min(setting(account, market).leverage, bracket(market, notional).leverage))
    }

    /// Of a leg as the gates count it (PX-4).
    func initialMargin(_ account: AuditedAccount, _ leg: AuditedLeg) -> Whole {
        let n = notional(leg, cautious: true)
        return ceilingOf(n, over: effectiveLeverage(account, leg.market, n))
    }

    // MARK: buckets

    /// Legs of a bucket that hold a position.
    func positions(_ account: AuditedAccount, _ leg: Int?) -> [Int] {
        if let leg { return account.legs[leg].size == 0 ? [] : [leg] }
        return account.legs.indices.filter {
            account.legs[$0].size != 0 && !isIsolated(account, account.legs[$0])
        }
    }

    func cash(_ account: AuditedAccount, _ leg: Int?) -> Whole {
        if let leg { return account.legs[leg].isolatedCash }
        return account.cash
    }

    func equity(_ account: AuditedAccount, _ leg: Int?, cautious: Bool = false) -> Whole {
        var sum = cash(account, leg)
        for index in positions(account, leg) { sum += unrealized(account.legs[index], cautious: cautious) }
        return sum
    }

    func maintenance(_ account: AuditedAccount, _ leg: Int?, cautious: Bool = false) -> Whole {
        var sum: Whole = 0
        for index in positions(account, leg) { sum += maintenance(account.legs[index], cautious: cautious) }
        return sum
    }

    func initialMargins(_ account: AuditedAccount, _ leg: Int?) -> Whole {
        var sum: Whole = 0
        for index in positions(account, leg) { sum += initialMargin(account, account.legs[index]) }
        return sum
    }

    func positions(_ b: Bucket) -> [Int] { positions(s.accounts[b.account], b.leg) }
    func equity(_ b: Bucket) -> Whole { equity(s.accounts[b.account], b.leg) }
    func maintenance(_ b: Bucket) -> Whole { maintenance(s.accounts[b.account], b.leg) }
    func cash(_ b: Bucket) -> Whole { cash(s.accounts[b.account], b.leg) }

    func bucket(of account: Int, leg: Int) -> Bucket {
        let a = s.accounts[account]
        return Bucket(account: account, leg: isIsolated(a, a.legs[leg]) ? leg : nil)
    }

    func isFlagged(_ b: Bucket) -> Bool {
        let account = s.accounts[b.account]
        if let leg = b.leg { return account.legs[leg].inLiquidation }
        return account.inLiquidation
    }

    func flag(_ b: Bucket, _ on: Bool) {
        if let leg = b.leg {
            s.accounts[b.account].legs[leg].inLiquidation = on
        } else {
            s.accounts[b.account].inLiquidation = on
        }
    }

    func addCash(_ b: Bucket, _ amount: Whole) {
        if let leg = b.leg {
            s.accounts[b.account].legs[leg].isolatedCash += amount
        } else {
            s.accounts[b.account].cash += amount
        }
    }

    /// Whether positions of the market may be closed by the waterfall (WF).
    func isClosable(_ market: Int) -> Bool {
        let m = s.markets[market]
        return (m.state == .open || m.state == .reduceOnly) && m.validity == .valid
    }

    /// MG-5: under maintenance, and something can be closed.
    func isLiquidatable(_ b: Bucket) -> Bool {
        let legs = positions(b)
        if !legs.contains(where: { isClosable(s.accounts[b.account].legs[$0].market) }) { return false }
        return equity(b) < maintenance(b)
    }

    // MARK: requirement

    /// N of MG-5 for one leg, and what its orders add: loss at mark and both sums.
    func exposure(
        _ account: Int,
        _ a: AuditedAccount,
        _ market: Int,
        _ side: PositionSide,
        adding: Tentative? = nil,
        without: Int64 = 0
    ) -> (n: Whole, loss: Whole, sums: Whole) {
        let m = s.markets[market]
        var position: Whole = 0
        if let index = a.leg(market, side) {
            let leg = a.legs[index]
            position = notional(leg, cautious: true) * (leg.size < 0 ? -1 : 1)
        }
        var buys: Whole = 0
        var sells: Whole = 0
        var loss: Whole = 0
        func count(_ buy: Bool, _ price: Whole, _ quantity: Whole) {
            if buy {
                buys += quantity * max(price, m.mark) * m.u
                if m.mark > 0 { loss += positivePart(price - m.mark) * quantity * m.u }
            } else {
                sells += quantity * price * m.u
                if m.mark > 0 { loss += positivePart(m.mark - price) * quantity * m.u }
            }
        }
        for order in s.orders
        where order.account == account && order.market == market && order.side == side
            && order.resting && !order.onlyReduces && order.id != without
        {
            count(order.buy, order.price, order.remaining)
        }
        if let adding, adding.side == side { count(adding.buy, adding.price, adding.quantity) }
        let n: Whole
        switch side {
        case .both: n = max(abs(position + buys), abs(position - sells))
        case .long: n = position + buys
        case .short: n = abs(position) + sells
        }
        return (n, loss, buys + sells)
    }

    func requirement(
        _ account: Int,
        _ a: AuditedAccount,
        _ market: Int,
        _ side: PositionSide,
        adding: Tentative? = nil,
        without: Int64 = 0
    ) -> Whole {
        let e = exposure(account, a, market, side, adding: adding, without: without)
        let taker = Whole(s.markets[market].rules.taker.units)
        var sum = ceilingOf(e.n, over: effectiveLeverage(a, market, e.n)) + e.loss
        if taker > 0 { sum += ceilingOf(e.sums, taker, over: one) }
        if setting(a, market).isolated, let index = a.leg(market, side) {
            sum = max(0, sum - initialMargin(a, a.legs[index]))
        }
        return sum
    }

    /// Requirement of all legs of an account, with an order that may be in none of them yet.
    func requirements(
        _ account: Int,
        _ a: AuditedAccount,
        market: Int = -1,
        adding: Tentative? = nil,
        without: Int64 = 0
    ) -> Whole {
        var sum: Whole = 0
        for leg in a.legs {
            sum += requirement(
                account,
                a,
                leg.market,
                leg.side,
                adding: leg.market == market ? adding : nil,
                without: without
            )
        }
        if let adding, a.leg(market, adding.side) == nil {
            sum += requirement(account, a, market, adding.side, adding: adding, without: without)
        }
        return sum
    }

    func available(_ account: Int, _ a: AuditedAccount) -> Whole {
        equity(a, nil, cautious: true) - requirements(account, a)
    }

    // MARK: a change of a position (LED-3, LED-8)

    /// Trades `q` lots at `price` on a leg of `a`, with cash besides the price and a fee.
    /// Nothing is tested here; `a` may be a copy.
    func trade(
        _ a: inout AuditedAccount,
        _ index: Int,
        buy: Bool,
        _ q: Whole,
        price: Whole,
        besides: Whole = 0,
        fee: Whole = 0
    ) {
        var leg = a.legs[index]
        let chosen = setting(a, leg.market)
        let u = s.markets[leg.market].u
        let sign: Whole = buy ? 1 : -1
        var left = q
        if leg.size == 0 || (leg.size > 0) != (leg.size + sign * q > 0) { leg.offersBefore = s.offerCount }
        if leg.size != 0 && (leg.size > 0) != buy {
            let before = abs(leg.size)
            let r = min(left, before)
            let released = leg.quote * r / before
            let realized = released - sign * r * price * u
            leg.quote -= released
            leg.size += sign * r
            left -= r
            if !chosen.isolated {
                a.cash += realized
            } else if leg.inLiquidation {
                leg.isolatedCash += realized
            } else {
                // Its part of the margin, and what the lots realise after the fee and what they give up.
                let part = leg.size == 0 ? leg.isolatedCash : floorOf(leg.isolatedCash, r, over: before)
                let cost = left == 0 ? fee : ceilingOf(fee, r, over: q)
                let moved = positivePart(part + realized - cost + min(0, besides))
                leg.isolatedCash += realized - moved
                a.cash += moved
            }
        }
        if left > 0 {
            leg.size += sign * left
            leg.quote -= sign * left * price * u
            if chosen.isolated {
                let leverage = effectiveLeverage(a, leg.market, notional(leg, cautious: true))
                let moved = ceilingOf(left * price * u, over: leverage)
                leg.isolatedCash += moved
                a.cash -= moved
            }
        }
        if chosen.isolated { leg.isolatedCash += besides - fee } else { a.cash += besides - fee }
        a.legs[index] = leg
    }

    /// The same on the account itself.
    func tradeNow(
        _ account: Int,
        _ index: Int,
        buy: Bool,
        _ q: Whole,
        price: Whole,
        besides: Whole = 0,
        fee: Whole = 0
    ) {
        var a = s.accounts[account]
        trade(&a, index, buy: buy, q, price: price, besides: besides, fee: fee)
        s.accounts[account] = a
    }

    // MARK: MG-8

    /// Whether the fill may happen, for one of its two legs.
    func passesFill(
        _ account: Int,
        _ index: Int,
        buy: Bool,
        _ q: Whole,
        price: Whole,
        fee: Whole
    ) -> Bool {
        let before = s.accounts[account]
        var after = before
        trade(&after, index, buy: buy, q, price: price, fee: fee)
        let old = before.legs[index]
        let new = after.legs[index]
        let range = Whole(1) << 61
        if abs(new.quote) > range || notional(new, cautious: true) > range { return false }
        if abs(after.cash) > range || abs(new.isolatedCash) > range { return false }
        let m = s.markets[new.market]
        let closed = old.size == 0 || (old.size > 0) == buy ? 0 : min(q, abs(old.size))
        let opened = q - closed
        let counts = m.mark > 0 ? m.mark : price
        if opened > 0 && (openInterest(new.market) + opened) * counts * m.u > range / 4 { return false }
        let oldMaintenance = maintenance(old, cautious: true)
        let newMaintenance = maintenance(new, cautious: true)
        if !isIsolated(before, old) {
            let e = equity(after, nil, cautious: true)
            if e >= initialMargins(after, nil) { return true }
            return opened == 0 && e >= 0
                && !productBelow(
                    e,
                    maintenance(before, nil, cautious: true),
                    equity(before, nil, cautious: true),
                    maintenance(after, nil, cautious: true)
                )
        }
        let own = equity(after, index, cautious: true)
        if opened == 0 {
            let had = equity(before, index, cautious: true)
            return own >= 0
                && (own >= newMaintenance || !productBelow(own, oldMaintenance, had, newMaintenance))
        }
        let spare = equity(after, nil, cautious: true) - initialMargins(after, nil)
        return spare >= 0 && own >= newMaintenance
            && positivePart(initialMargin(after, new) - own) <= spare
    }

    /// What the lots of a leg that a trade closes realise; 0 where it closes none.
    func realizes(_ account: Int, _ index: Int, buy: Bool, _ q: Whole, price: Whole) -> Whole {
        let leg = s.accounts[account].legs[index]
        if leg.size == 0 || (leg.size > 0) == buy { return 0 }
        let r = min(q, abs(leg.size))
        return leg.quote * r / abs(leg.size) + (buy ? -1 : 1) * r * price * s.markets[leg.market].u
    }

    /// Whether a closing leaves all cash in its range (LED-1). `besides` is what the bucket gets with it.
    func fits(_ account: Int, _ index: Int, buy: Bool, _ q: Whole, price: Whole, besides: Whole) -> Bool {
        let a = s.accounts[account]
        let leg = a.legs[index]
        let isolated = isIsolated(a, leg)
        let own = isolated ? leg.isolatedCash : a.cash
        let after = abs(own + realizes(account, index, buy: buy, q, price: price) + besides)
        let limit = Whole(1) << 62
        return abs(besides) < limit && after < limit && (!isolated || abs(a.cash) + after < limit)
    }
}
