import ExchangeCore

// Commands about accounts and cash (LED, MG-11, MG-12).

extension Auditor {
    func openAccount(_ c: OpenAccount) -> Status {
        if s.accounts.count - 3 >= limits.accounts { return .accountLimit }
        let number = s.accounts.count
        s.accounts.append(AuditedAccount(owner: c.owner.raw > 0 ? Int(c.owner.raw) : -number))
        result = Int64(number)
        return .ok
    }

    func setOwner(_ c: SetOwner) -> Status {
        if let status = refusal(c.account) { return status }
        if c.owner.raw < 1 { return .invalidField }
        s.accounts[Int(c.account.raw)].owner = Int(c.owner.raw)
        return .ok
    }

    // MARK: cash from and to outside

    func deposit(_ c: Deposit) -> Status {
        if unknownAccount(c.account) { return .unknownAccount }
        if c.account == .fees || c.account == .vault { return .venueAccount }
        let amount = Whole(c.amount.units)
        if amount < 1 { return .invalidAmount }
        if s.deposits - s.withdrawals + amount > Whole(1) << 60 { return .pileLimit }
        if !hasRoom(Bucket(account: Int(c.account.raw), leg: nil), amount) { return .pileLimit }
        s.deposits += amount
        paidIn(Bucket(account: Int(c.account.raw), leg: nil), amount)
        return .ok
    }

    /// Cash that comes in ends a liquidation at once where it suffices (MG-5).
    func paidIn(_ bucket: Bucket, _ amount: Whole) {
        addCash(bucket, amount)
        if isFlagged(bucket) && equity(bucket) >= maintenance(bucket) {
            marks.append("cash ends a liquidation")
            flag(bucket, false)
        }
    }

    /// Whether a bucket's cash stays in its range with an amount more (LED-1).
    func hasRoom(_ bucket: Bucket, _ amount: Whole) -> Bool { abs(cash(bucket)) + amount < Whole(1) << 62 }

    /// The gate of a withdrawal (MG-11, WF-8a); nil: it passes.
    func cashGate(_ account: Int, _ amount: Whole, leaves: Bool = true) -> Status? {
        let a = s.accounts[account]
        if a.inLiquidation { return .inLiquidation }
        if amount > a.cash { return .insufficientCash }
        let own = min(a.cash, equity(a, nil, cautious: true))
        if own - amount < requirements(account, a) { return .insufficientMargin }
        if debt > 0 && leaves {
            if s.debtRule == .refuse { return .debtOutstanding }
            let all = allCash
            if all > 0 && amount > floorOf(positivePart(a.cash), positivePart(all - debt), over: all) {
                return .haircut
            }
        }
        return nil
    }

    /// C of WF-8a.
    private var allCash: Whole {
        var all: Whole = 0
        for index in s.accounts.indices where index >= 2 {
            all += positivePart(s.accounts[index].cash)
            for leg in s.accounts[index].legs { all += positivePart(leg.isolatedCash) }
        }
        return all
    }

    func withdraw(_ c: Withdraw) -> Status {
        if let status = refusal(c.account) { return status }
        let amount = Whole(c.amount.units)
        if amount < 1 { return .invalidAmount }
        let account = Int(c.account.raw)
        if let status = cashGate(account, amount) { return status }
        if amount > s.deposits - s.withdrawals { return .debtOutstanding }
        if debt > 0 {
            let part = ceilingOf(amount, debt, over: allCash - debt)
            if let status = cashGate(account, amount + part, leaves: false) { return status }
            s.accounts[account].cash -= part
            s.accounts[0].cash += part
            marks.append("a withdrawal pays of the debt")
        }
        s.withdrawals += amount
        s.accounts[account].cash -= amount
        return .ok
    }

    func transfer(_ c: Transfer) -> Status {
        if let status = refusal(c.source) { return status }
        if let status = refusal(c.target) { return status }
        let amount = Whole(c.amount.units)
        if amount < 1 { return .invalidAmount }
        if c.source == c.target { return .sameAccount }
        if let status = cashGate(Int(c.source.raw), amount) { return status }
        if !hasRoom(Bucket(account: Int(c.target.raw), leg: nil), amount) { return .pileLimit }
        s.accounts[Int(c.source.raw)].cash -= amount
        paidIn(Bucket(account: Int(c.target.raw), leg: nil), amount)
        return .ok
    }

    // MARK: choices

    func setLeverage(_ c: SetLeverage) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        let leverage = Whole(c.leverage)
        if leverage < 1 || leverage > s.markets[market].tiers[0].leverage { return .invalidLeverage }
        if s.markets[market].state == .settled { return .marketSettled }
        if !touchSome(account, market) { return .positionLimit }
        let before = s.accounts[account]
        if isBusy(account, market)
            && (before.inLiquidation
                || before.legs.contains(where: { $0.market == market && $0.inLiquidation }))
        {
            return .inLiquidation
        }
        var after = before
        choose(&after, market) { $0.leverage = leverage }
        for leg in after.legs where leg.market == market {
            let n = exposure(account, after, market, leg.side).n
            if n > 0 && bracket(market, n).leverage < leverage { return .tierExceeded }
        }
        let left = available(account, after)
        if left < 0 && left < available(account, before) { return .insufficientMargin }
        for (index, leg) in after.legs.enumerated()
        where leg.market == market && leg.size != 0 && isIsolated(after, leg) {
            let new = initialMargin(after, leg)
            if new > initialMargin(before, leg) && equity(after, index, cautious: true) < new {
                return .insufficientMargin
            }
        }
        s.accounts[account] = after
        return .ok
    }

    private func choose(_ a: inout AuditedAccount, _ market: Int, _ change: (inout AuditedSetting) -> Void) {
        var found = setting(a, market)
        change(&found)
        a.settings.removeAll { $0.market == market }
        a.settings.append(found)
    }

    /// Whether the account has a position or an order, in one market or in any.
    private func isBusy(_ account: Int, _ market: Int?) -> Bool {
        for leg in s.accounts[account].legs
        where leg.size != 0 && (market == nil || leg.market == market) { return true }
        return s.orders.contains { $0.account == account && (market == nil || $0.market == market) }
    }

    func setMarginMode(_ c: SetMarginMode) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        if s.markets[market].state == .settled { return .marketSettled }
        if setting(s.accounts[account], market).isolated == (c.mode == .isolated) { return .noChange }
        if isBusy(account, market) { return .notFlat }
        if !touchSome(account, market) { return .positionLimit }
        var a = s.accounts[account]
        choose(&a, market) { $0.isolated = c.mode == .isolated }
        s.accounts[account] = a
        return .ok
    }

    func setPositionMode(_ c: SetPositionMode) -> Status {
        if let status = refusal(c.account) { return status }
        let account = Int(c.account.raw)
        if s.accounts[account].hedge == (c.mode == .hedge) { return .noChange }
        if isBusy(account, nil) { return .notFlat }
        s.accounts[account].hedge = c.mode == .hedge
        return .ok
    }

    func adjustIsolatedMargin(_ c: AdjustIsolatedMargin) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        let amount = Whole(c.amount.units)
        if amount == 0 || c.amount.units == .min { return .invalidAmount }
        let a = s.accounts[account]
        if !setting(a, market).isolated { return .notIsolated }
        guard let index = a.leg(market, c.positionSide),
            a.legs[index].size != 0
        else { return .notIsolated }
        let bucket = Bucket(account: account, leg: index)
        if amount > 0 {
            if let status = cashGate(account, amount, leaves: false) { return status }
            if !hasRoom(bucket, amount) { return .pileLimit }
            s.accounts[account].cash -= amount
            paidIn(bucket, amount)
            return .ok
        }
        if a.legs[index].inLiquidation { return .inLiquidation }
        let least = min(a.legs[index].isolatedCash, equity(a, index, cautious: true)) + amount
        if least < initialMargin(a, a.legs[index]) { return .insufficientMargin }
        if !hasRoom(Bucket(account: account, leg: nil), -amount) { return .pileLimit }
        addCash(bucket, amount)
        paidIn(Bucket(account: account, leg: nil), -amount)
        return .ok
    }

    // MARK: offers (WF-5)

    func offer(_ c: Offer) -> Status {
        if let status = refusal(c.account, c.market) { return status }
        let quantity = Whole(c.quantity.lots)
        if quantity < 0 || quantity > Whole(1) << 50 - 1 { return .invalidQuantity }
        if c.edge.units < 0 || Whole(c.edge.units) > one { return .invalidRate }
        let market = Int(c.market.raw)
        let account = Int(c.account.raw)
        if s.markets[market].state == .settled { return .marketSettled }
        if s.accounts[account].killed { return .killed }
        if setting(s.accounts[account], market).isolated { return .invalidCombination }
        if s.accounts[account].inLiquidation { return .inLiquidation }
        let side = c.side
        let others = s.offers.filter {
            !($0.account == account && $0.market == market && $0.side == side)
        }
        if quantity > 0
            && others.filter({ $0.market == market && $0.side == side }).count >= limits.offersPerSide
        {
            return .offerLimit
        }
        let receiving: PositionSide =
            s.accounts[account].hedge ? (side == .sell ? .long : .short) : .both
        if quantity > 0 && !mayTouch(account, market, receiving) { return .positionLimit }
        s.offers = others
        if quantity > 0 {
            _ = touch(account, market, receiving)
            s.arrivals += 1
            s.offerCount += 1
            s.offers.append(
                AuditedOffer(
                    account: account,
                    market: market,
                    side: side,
                    quantity: quantity,
                    edge: Whole(c.edge.units),
                    age: s.arrivals,
                    number: s.offerCount
                )
            )
        }
        return .ok
    }

    // MARK: switches of the venue

    func kill(_ c: Kill) -> Status {
        if (c.market == .none) == (c.account == .none) { return .invalidCombination }
        if c.market != .none {
            if unknownMarket(c.market) { return .unknownMarket }
            let market = Int(c.market.raw)
            if s.markets[market].state == .settled { return .marketSettled }
            if c.on { cancelOrders(.kill) { $0.market == market } }
            change(market, to: c.on ? .halted : .open)
            return .ok
        }
        if let status = refusal(c.account) { return status }
        let account = Int(c.account.raw)
        if c.on { cancelOrders(.kill) { $0.account == account } }
        s.accounts[account].killed = c.on
        return .ok
    }

    func setMarketState(_ c: SetMarketState) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        if c.state == .settled { return .invalidField }
        if s.markets[Int(c.market.raw)].state == .settled { return .marketSettled }
        change(Int(c.market.raw), to: c.state)
        return .ok
    }

    /// A market that opens is looked at (MG-5).
    private func change(_ market: Int, to state: MarketState) {
        let wasClosable = isClosable(market)
        s.markets[market].state = state
        if wasClosable || !isClosable(market) { return }
        let before = s.nextEpisode
        lookAt(market)
        if s.nextEpisode > before { marks.append("liquidation when a market opens") }
    }

    func setCaps(_ c: SetCaps) -> Status {
        if unknownMarket(c.market) { return .unknownMarket }
        if c.openInterest.lots < 0 || c.position.lots < 0 { return .invalidQuantity }
        if c.backstopRate.units < 0 { return .invalidRate }
        let market = Int(c.market.raw)
        s.markets[market].capOpenInterest = Whole(c.openInterest.lots)
        s.markets[market].capPosition = Whole(c.position.lots)
        s.markets[market].backstopRate = Whole(c.backstopRate.units)
        return .ok
    }

    func setDebtRule(_ c: SetDebtRule) -> Status {
        s.debtRule = c.rule
        return .ok
    }
}
