/// Accounts, deposits, withdrawals, transfers, and the choices an account makes (LED-2, LED-8).
extension Exchange {
    mutating func openAccount(
        _ command: OpenAccount,
        _ events: inout EventBuffer
    ) -> (Status, result: Int64) {
        let number = Int32(truncatingIfNeeded: accounts.count)
        if number - AccountID.firstUser.raw >= limits.accounts { return (.accountLimit, 0) }
        assert(number >= AccountID.firstUser.raw, "an account of a user stands behind the venue's")
        var account = Account()
        // An owner of its own has the account's number, negated, so that it is nobody else's.
        account.owner = command.owner.raw > 0 ? command.owner : OwnerID(-number)
        accounts.append(account)
        assert(accounts.count == Int(number) + 1, "an account has the next number")
        openCross(number)
        linkOwner(number)
        events.append(.accountOpened, AccountOpened(account: AccountID(number), owner: account.owner))
        return (.ok, Int64(number))
    }

    mutating func setOwner(_ command: SetOwner, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        if command.owner.raw < 1 { return .invalidField }
        assert(command.account >= .firstUser, "an owner is one of a user")
        unlinkOwner(command.account.raw)
        accounts[command.account.raw].owner = command.owner
        assert(accounts[command.account.raw].nextOfOwner == nowhere, "an account is in one list")
        linkOwner(command.account.raw)
        events.append(.accountOpened, AccountOpened(account: command.account, owner: command.owner))
        return .ok
    }

    mutating func deposit(_ command: Deposit, _ events: inout EventBuffer) -> Status {
        if command.account != .fund, let refusal = userRefusal(command.account) { return refusal }
        if let refusal = depositRefusal(command.amount) { return refusal }
        if !hasRoom(venue(command.account), for: command.amount) { return .pileLimit }
        assert(
            command.amount.units > 0 && hasRoom(venue(command.account), for: command.amount),
            "a deposit has room"
        )
        bringIn(command.amount, to: command.account, .deposit, &events)
        healIfHealthy(accounts[command.account.raw].margin)
        finishCommand(&events)
        return .ok
    }

    /// Why cash from outside would not be taken in; nil if it would (LED-1). O(1).
    public func depositRefusal(_ amount: Amount) -> Status? {
        if amount.units < 1 { return .invalidAmount }
        let pile = Int128(totalDeposits.units) - Int128(totalWithdrawals.units) + Int128(amount.units)
        assert(pile >= Int128(amount.units), "no more went out than came in")
        if pile > Int128(Amount.pileLimit.units) { return .pileLimit }
        // The running total, which withdrawals do not lower, must stay representable as well.
        return Int128(totalDeposits.units) + Int128(amount.units) > Int128(1) << 62 ? .pileLimit : nil
    }

    /// Adds cash from outside to a cross margin account.
    mutating func bringIn(
        _ amount: Amount,
        to account: AccountID,
        _ reason: LedgerReason,
        _ events: inout EventBuffer
    ) {
        precondition(amount.units > 0, "something comes in")
        totalDeposits += amount
        assert(totalDeposits >= amount, "deposits only grow")
        credit(venue(account), Int128(amount.units), reason, AccountID.none.raw, &events)
    }

    mutating func withdraw(_ command: Withdraw, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        if command.amount.units < 1 { return .invalidAmount }
        let account = command.account.raw
        if let refusal = withdrawalRefusal(account, command.amount) { return refusal }
        if let refusal = debtRefusal(account, command.amount) { return refusal }
        // What is above this is owed by somebody who is below zero and cannot be closed yet (MG-11).
        if command.amount.units > totalDeposits.units - totalWithdrawals.units { return .debtOutstanding }
        let part = partOfDebt(command.amount)
        assert(part >= 0 && (part == 0 || fundDebt > 0), "only a debt is repaid")
        if part > 0, let refusal = withdrawalRefusal(account, command.amount + Amount(Int64(part))) {
            return refusal
        }

        // From here on the amount leaves, and before it what it owes of the debt.
        move(part, from: venue(command.account), to: venue(.fund), .debtRepayment, &events)
        precondition(
            totalDeposits.units - totalWithdrawals.units >= command.amount.units,
            "no more goes out than came in"
        )
        totalWithdrawals += command.amount
        credit(
            venue(command.account),
            -Int128(command.amount.units),
            .withdrawal,
            AccountID.none.raw,
            &events
        )
        finishCommand(&events)
        return .ok
    }

    mutating func transfer(_ command: Transfer, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.source) { return refusal }
        if let refusal = userRefusal(command.target) { return refusal }
        if command.amount.units < 1 { return .invalidAmount }
        if command.source == command.target { return .sameAccount }
        let source = command.source.raw
        if let refusal = withdrawalRefusal(source, command.amount) { return refusal }
        if let refusal = debtRefusal(source, command.amount) { return refusal }
        if !hasRoom(venue(command.target), for: command.amount) { return .pileLimit }
        assert(command.amount <= margins[venue(command.source)].cash, "a transfer is of cash that is there")
        move(
            Int128(command.amount.units),
            from: venue(command.source),
            to: venue(command.target),
            .transfer,
            &events
        )
        healIfHealthy(venue(command.target))
        finishCommand(&events)
        return .ok
    }

    // MARK: Choices

    mutating func setPositionMode(_ command: SetPositionMode, _ events: inout EventBuffer) -> Status {
        if let refusal = userRefusal(command.account) { return refusal }
        let account = command.account.raw
        if accounts[account].mode == command.mode { return .noChange }
        var position = accounts[account].firstPosition
        while position >= 0 {
            if !isFlat(position) { return .notFlat }
            position = positions[position].next
        }
        assert(accounts[account].mode != command.mode, "a choice is another than before")
        accounts[account].mode = command.mode
        report(account, nowhere, &events)
        return .ok
    }

    /// Whether a position is neither open nor has an order, nor cash of its own.
    private func isFlat(_ position: Int32) -> Bool {
        assert(positions[position].orderCount >= 0, "a count is not negative")
        assert(hasMargin(positions[position].margin), "a position counts in a margin account")
        return !positions[position].isOpen && positions[position].orderCount == 0
            && isolatedCash(position) == .zero
    }

    mutating func setMarginMode(_ command: SetMarginMode, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        let account = command.account.raw
        let market = command.market.raw
        if markets[market].state == .settled { return .marketSettled }
        let isolated = command.mode == .isolated
        let known = anyPosition(account, market)
        let present = known < 0 ? false : positions[known].isIsolated
        if present == isolated { return .noChange }
        if !isFlat(account, market) { return .notFlat }
        if known < 0 && makePosition(account, market, accounts[account].mode == .hedge ? .long : .both) < 0 {
            return .positionLimit
        }
        assert(isFlat(account, market), "nothing moves with a change of margin mode")
        setIsolated(account, market, isolated)
        report(account, market, &events)
        return .ok
    }

    /// Whether none of an account's positions in a market is open, or has an order or cash of its own.
    @inline(never)
    private func isFlat(_ account: Int32, _ market: Int32) -> Bool {
        assert(
            hasAccount(account) && Int(market) < markets.count,
            "a position is one of an account and a market"
        )
        for index in 0..<3 {
            let position = position(account, market, at: index)
            if position >= 0 && !isFlat(position) { return false }
        }
        return true
    }

    @inline(never)
    private mutating func setIsolated(_ account: Int32, _ market: Int32, _ isolated: Bool) {
        assert(account >= AccountID.firstUser.raw, "only a user isolates")
        for index in 0..<3 {
            let position = position(account, market, at: index)
            assert(
                position < 0 || (!positions[position].isOpen && isolatedCash(position) == .zero),
                "only what is flat changes"
            )
            if position >= 0 && positions[position].isIsolated != isolated {
                leaveMargin(position)
                positions[position].isIsolated = isolated
                joinMargin(position)
            }
        }
    }

    mutating func setLeverage(_ command: SetLeverage, _ events: inout EventBuffer) -> Status {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        let account = command.account.raw
        let market = command.market.raw
        let highest = markets[market].specification.table.tiers[0].leverage
        if command.leverage < 1 || command.leverage > highest { return .invalidLeverage }
        if markets[market].state == .settled { return .marketSettled }
        assert(highest >= 1, "the first bracket has a leverage")
        let known = anyPosition(account, market)
        if known < 0 {
            let position = makePosition(account, market, accounts[account].mode == .hedge ? .long : .both)
            if position < 0 { return .positionLimit }
            positions[position].leverage = command.leverage
        } else {
            if let refusal = leverageRefusal(account, market, command.leverage) { return refusal }
            for index in 0..<3 {
                let position = position(account, market, at: index)
                assert(position < 0 || positions[position].account == account, "a choice is for one account")
                if position >= 0 { positions[position].leverage = command.leverage }
            }
        }
        report(account, market, &events)
        return .ok
    }

    /// MG-12, for positions that are open or have orders.
    private func leverageRefusal(_ account: Int32, _ market: Int32, _ leverage: Int32) -> Status? {
        var isBarred = false
        var isBeyondTier = false
        var lacksMargin = false
        var more: Int128 = 0
        for index in 0..<3 {
            let position = position(account, market, at: index)
            if position < 0 || (!positions[position].isOpen && positions[position].orderCount == 0) {
                continue
            }
            if isMarginInLiquidation(position) { isBarred = true }
            let after = requirement(position, leverage: leverage)
            assert(leverage >= 1 && after.amount >= 0, "a requirement is not negative")
            if highestLeverage(market, after.notional) < leverage { isBeyondTier = true }
            more += after.amount - requirement(position).amount
            if positions[position].isIsolated && positions[position].isOpen {
                let worth = notional(position, .cautious)
                let initial = initialMargin(market, leverage, worth)
                let equity = Int128(isolatedCash(position).units) + unrealized(position, .cautious)
                if initial > initialMargin(market, positions[position].leverage, worth) && equity < initial {
                    lacksMargin = true
                }
            }
        }
        if isBarred { return .inLiquidation }
        if isBeyondTier { return .tierExceeded }
        if lacksMargin { return .insufficientMargin }
        return more > 0 && available(account) - more < 0 ? .insufficientMargin : nil
    }

    mutating func adjustIsolatedMargin(_ command: AdjustIsolatedMargin, _ events: inout EventBuffer) -> Status
    {
        if let refusal = marketUserRefusal(command.market, command.account) { return refusal }
        if command.amount == .zero || command.amount.units == Int64.min { return .invalidAmount }
        let account = command.account.raw
        let position = findPosition(account, command.market.raw, command.positionSide)
        if position < 0 || !positions[position].isIsolated || !positions[position].isOpen {
            return .notIsolated
        }
        let cross = venue(command.account)
        let own = positions[position].margin
        if command.amount.units > 0 {
            if let refusal = withdrawalRefusal(account, command.amount) { return refusal }
            if !hasRoom(own, for: command.amount) { return .pileLimit }
            assert(command.amount <= margins[cross].cash, "margin that is added is there")
            move(Int128(command.amount.units), from: cross, to: own, .isolatedMargin, &events)
            healIfHealthy(own)
        } else {
            if margins[own].isInLiquidation { return .inLiquidation }
            let health = health(own, .cautious)
            let free = min(Int128(margins[own].cash.units), health.equity) - health.initial
            assert(health.initial >= health.maintenance, "initial margin is at least maintenance")
            if free < -Int128(command.amount.units) { return .insufficientMargin }
            if !hasRoom(cross, for: -command.amount) { return .pileLimit }
            precondition(-command.amount <= margins[own].cash, "margin that is taken is there")
            move(-Int128(command.amount.units), from: own, to: cross, .isolatedMargin, &events)
            healIfHealthy(cross)
        }
        finishCommand(&events)
        return .ok
    }

    mutating func setDebtRule(_ command: SetDebtRule, _ events: inout EventBuffer) -> Status {
        assert(fundDebt >= 0, "a debt is not negative")
        debtRule = command.rule
        events.append(.rulesChanged, RulesChanged(command: .setDebtRule))
        return .ok
    }

    private func report(_ account: Int32, _ market: Int32, _ events: inout EventBuffer) {
        var changed = SettingChanged()
        assert(hasAccount(account), "a choice is one of an account")
        changed.account = AccountID(account)
        changed.positionMode = accounts[account].mode
        if market >= 0 {
            let position = anyPosition(account, market)
            changed.market = MarketID(market)
            changed.leverage = positions[position].leverage
            changed.mode = positions[position].isIsolated ? .isolated : .cross
        }
        events.append(.settingChanged, changed)
    }
}
